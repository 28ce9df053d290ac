/** No padding: each field of a scope's state that varies by itself is read by something. */
import { describe, expect, it } from 'vitest';
import { componentFields } from '../../core/explore/component-fields.js';
import { createRememberingModel } from '../../core/explore/remembering-model.js';
import type { Scope } from '../../core/explore/scope.js';
import { SCOPES } from '../../core/explore/scopes.js';
import { search } from '../../core/explore/search.js';
import { fieldUses } from '../../core/explore/unread-fields.js';
import { runScope } from '../../scenarios/verify/run-scope.js';

const SMALL = SCOPES.filter(({ size }) => size === 'small');

function scopeNamed(name: string): Scope {
  const scope = SCOPES.find((one) => one.name === name);
  if (scope === undefined) throw new Error(`no scope ${name}`);
  return scope;
}

/** Of whom some field varies by itself in a scope, at least. */
function variedIn({ name, platform }: Scope): readonly string[] {
  if (Object.hasOwn(FEW, name)) return FEW[name];
  return platform === 'nitro' ? [...USUAL, 'a node', 'a mapping'] : USUAL;
}

const USUAL = ['the parent', 'an enclave'];
/** Scopes of few moves. */
const FEW: Readonly<Record<string, readonly string[]>> = {
  'nitro-switched': ['an enclave', 'the CPUs', 'a node'],
  'nitro-unbound': USUAL,
  'nitro-slots': ['the CPUs'],
};

describe('scopes have no padding', () => {
  it.each(SMALL)(
    '$name: every field that varies by itself is read',
    (scope) => {
      const model = createRememberingModel(scope, { reduced: true });
      const uses = fieldUses(model, search(model));
      const whose = new Set(uses.map((use) => use.whose));
      expect([...whose]).toEqual(expect.arrayContaining([...variedIn(scope)]));
      expect(uses.filter(({ read }) => !read)).toEqual([]);
      for (const { whose, size, fieldsOf } of componentFields(model.source.keys)) {
        const texts = new Set(
          Array.from({ length: size() }, (_, number) => JSON.stringify([...fieldsOf(number)])),
        );
        expect({ whose, size: texts.size }).toEqual({ whose, size: size() });
      }
    },
    240_000,
  );

  it('a field whose only readers are taken away is named: verify fails on it', () => {
    const whole = scopeNamed('qingtian-2x4x2x2');
    // Debug mode matters to the console alone; without its steps the flag only pads the state.
    const moves = whole.moves.filter(({ label }) => !label.includes('console'));
    expect(moves.length).toBeLessThan(whole.moves.length);
    const { problems } = runScope({ ...whole, moves }, { clock: () => 0, reducedOnly: true });
    expect(problems).toContain('padding: nothing reads the field debug of an enclave');
  }, 120_000);

  it('outside enclaves, too: an answer of the parent that nobody asks for any more', () => {
    const whole = scopeNamed('qingtian-2x4x2x2');
    // Whether a reservation failed or was never there is told by a refused unreserve alone.
    const moves = whole.moves.filter(({ label }) => !label.includes('unreserve'));
    expect(moves.length).toBeLessThan(whole.moves.length);
    const { problems } = runScope({ ...whole, moves }, { clock: () => 0, reducedOnly: true });
    expect(problems).toContain('padding: nothing reads the field reservation.state of the parent');
  }, 120_000);
});
