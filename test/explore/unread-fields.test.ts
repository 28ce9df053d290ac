/** No padding: each field of an enclave that varies by itself in a small scope is read by something. */
import { describe, expect, it } from 'vitest';
import { createRememberingModel } from '../../core/explore/remembering-model.js';
import { SCOPES } from '../../core/explore/scopes.js';
import { search } from '../../core/explore/search.js';
import { fieldUses } from '../../core/explore/unread-fields.js';
import { runScope } from '../../scenarios/verify/run-scope.js';

const NAMES = ['qingtian-2x4x2x2', 'nitro-2x4x2x2'];

describe('scopes have no padding', () => {
  it.each(NAMES)(
    '%s: every field that varies by itself is read',
    (name) => {
      const scope = SCOPES.find((one) => one.name === name);
      if (scope === undefined) throw new Error(`no scope ${name}`);
      const model = createRememberingModel(scope, { reduced: true });
      const uses = fieldUses(model.source, search(model));
      expect(uses.length).toBeGreaterThan(2);
      expect(uses.filter(({ read }) => !read)).toEqual([]);
    },
    120_000,
  );

  it('a field whose only readers are taken away is named: verify fails on it', () => {
    const whole = SCOPES.find(({ name }) => name === 'qingtian-2x4x2x2');
    if (whole === undefined) throw new Error('no such scope');
    // Debug mode matters to the console alone; without its steps the flag only pads the state.
    const moves = whole.moves.filter(({ label }) => !label.includes('console'));
    expect(moves.length).toBeLessThan(whole.moves.length);
    const { problems } = runScope({ ...whole, moves }, { clock: () => 0, reducedOnly: true });
    expect(problems).toContain('padding: nothing reads the field debug of an enclave');
  }, 120_000);
});
