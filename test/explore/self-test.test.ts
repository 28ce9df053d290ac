/** The faults that the scopes catch: every one is found, and its trail shows it on a real host, too. */
import { describe, expect, it } from 'vitest';
import { PLANTED_FAULTS } from '../../core/explore/planted-faults.js';
import { findScope } from '../../core/explore/scopes.js';
import { FEW, testFault } from '../../core/explore/self-test.js';
import { INVARIANTS } from '../../core/invariants/check.js';
import { runTrail } from './run-trail.js';

describe('self-test: each planted fault is found by the property meant for it', () => {
  it.each(PLANTED_FAULTS)('$id: $sentence', async (fault) => {
    const { noticed, properties, trail } = testFault(fault);
    expect(properties).toContain(fault.noticedBy);
    expect(noticed).toBe(true);
    if (trail === undefined) throw new Error('a fault that is found has a trail');
    expect(trail.commands.length).toBeLessThanOrEqual(FEW);
    const met = await runTrail(trail, true);
    // Where lists may disagree, they do so on paper before anything is shared, with and without a fault.
    const listsAgree = findScope(trail.scope)?.onPaper === undefined;
    const broken = met.violations.filter(
      ({ quirk, invariant }) =>
        quirk === undefined && (listsAgree || invariant === fault.noticedBy),
    );
    const [first] = broken.map(({ afterCommand }) => afterCommand);
    expect(first).toBe(trail.commands.length);
    expect(broken.map(({ invariant }) => invariant)).toContain(fault.noticedBy);
    const sound = await runTrail(trail, false);
    const left = sound.violations.filter(({ quirk }) => listsAgree && quirk === undefined);
    expect(left).toEqual([]);
  });

  it('plants two faults at least for every invariant', () => {
    const planted = PLANTED_FAULTS.map(({ noticedBy }) => noticedBy);
    const counts = INVARIANTS.map(({ id }) => [id, planted.filter((by) => by === id).length]);
    expect(counts.filter(([, count]) => Number(count) < 2)).toEqual([]);
  });

  it.each([
    ['qingtian', 49, []],
    ['nitro', 27, []],
    // Plain VMs promise no whole cores, no node and no floor, and have neither ranges nor CIDs.
    ['vm', 17, ['whole-cores', 'numa-local', 'aligned-contiguous', 'parent-floor', 'cid-unique']],
  ] as const)(
    'plants one of %s at least, %i in all, for every invariant but %j',
    (on, all, none) => {
      const planted = PLANTED_FAULTS.filter(({ platform }) => platform === on);
      expect(planted).toHaveLength(all);
      const missing = INVARIANTS.filter(
        ({ id }) => !planted.some(({ noticedBy }) => noticedBy === id),
      );
      expect(missing.map(({ id }) => id)).toEqual(none);
    },
  );
});
