/** No padding: each field of an enclave that varies by itself in a small scope is read by something. */
import { describe, expect, it } from 'vitest';
import { createRememberingModel } from '../../core/explore/remembering-model.js';
import { SCOPES } from '../../core/explore/scopes.js';
import { search } from '../../core/explore/search.js';
import { fieldUses } from '../../core/explore/unread-fields.js';

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
});
