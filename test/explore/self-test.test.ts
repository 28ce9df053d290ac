/** The faults that the scopes catch: every one is found, and its trail shows it on a real host, too. */
import { describe, expect, it } from 'vitest';
import { PLANTED_FAULTS, type PlantedFault } from '../../core/explore/planted-faults.js';
import { findScope, SCOPES } from '../../core/explore/scopes.js';
import { FEW, testFault } from '../../core/explore/self-test.js';
import type { Effect } from '../../core/host/effect.js';
import { INVARIANTS } from '../../core/invariants/check.js';
import { faultNamed } from './fault-named.js';
import { runTrail } from './run-trail.js';
import { TINY } from './tiny-scopes.js';

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
});

describe('a self-test of one fault', () => {
  const scope = TINY[0].scope;

  it('searches the first scope of the platform, whole launches among its moves', () => {
    const { scope: name, noticed, states, trail } = testFault(faultNamed('half-core'));
    expect([name, noticed, states]).toEqual([SCOPES[0].name, true, 32]);
    expect(trail?.commands.map(({ kind }) => kind)).toEqual([
      ...['qingtian.reserve', 'qingtian.launch'],
    ]);
    expect(trail).toMatchObject({ fault: 'half-core', scope: SCOPES[0].name });
  });

  it('finds nothing in a fault that changes nothing, and has then no trail', () => {
    const fault = { ...faultNamed('half-core'), effects: (effects: readonly Effect[]) => effects };
    const tested = testFault(fault, scope);
    expect(tested).toEqual({
      ...{ fault, scope: scope.name, noticed: false },
      ...{ properties: [], states: TINY[0].full.unique, gaveUp: false },
    });
  });

  it('has not noticed a fault by another property than the one meant for it', () => {
    const fault: PlantedFault = { ...faultNamed('half-core'), noticedBy: 'numa-local' };
    const { noticed, properties } = testFault(fault, scope);
    expect([noticed, properties]).toEqual([false, ['thread-one-owner', 'whole-cores']]);
  });

  it('has not noticed what takes more than a few commands', () => {
    const few = faultNamed('page-kept-by-refused-region');
    expect(testFault(few)).toMatchObject({ noticed: true, trail: { commands: { length: FEW } } });
    const late: PlantedFault = {
      ...few,
      noticedBy: 'cid-unique',
      effects: (effects) =>
        effects.map((one) =>
          one.kind === 'set-enclave' && one.field === 'cid' ? { ...one, to: 3 } : one,
        ),
    };
    const { noticed, properties, trail } = testFault(late, TINY[5].scope);
    expect([noticed, trail?.commands.length]).toEqual([false, FEW + 2]);
    expect(properties).toContain(late.noticedBy);
  });
});
