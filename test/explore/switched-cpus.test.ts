/**
 * The scope in which an administrator switches CPUs of a QingTian parent: each row about that refuses
 * something there, and what two of them keep out is missed without them.
 */
import { describe, expect, it } from 'vitest';
import { plant } from '../../core/explore/planted-faults.js';
import { createRememberingModel } from '../../core/explore/remembering-model.js';
import { search } from '../../core/explore/search.js';
import { CPU_ONLINE_RULES } from '../../core/platform/cpu-online.js';
import { faultNamed } from './fault-named.js';
import { wholeScope } from './tiny-scopes.js';

const scope = wholeScope('qingtian-switched');

describe('an administrator who switches CPUs of a QingTian parent', () => {
  it('is refused by each row about that, in some state', () => {
    const model = createRememberingModel(scope, { reduced: true });
    search(model);
    const rows = CPU_ONLINE_RULES.map(({ id }) => id);
    expect(rows.filter((id) => !model.refusedBy.has(id))).toEqual([]);
  });

  it.each([
    ['cpu-of-parent', 'thread-one-owner'],
    ['cpu-parent-floor', 'parent-floor'],
  ])('Q10 Q28 holds: without %s %s is broken', (rule, broken) => {
    const host = plant(scope.build(), { ...faultNamed('no-cid-free'), without: [rule] });
    const { found } = search(createRememberingModel(scope, { reduced: true, host }));
    expect(found?.breach.properties).toContain(broken);
  });
});
