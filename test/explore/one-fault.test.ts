/** What a self-test of one fault answers: where it looked, what it noticed, when it gave up. */
import { describe, expect, it } from 'vitest';
import type { PlantedFault } from '../../core/explore/planted-faults.js';
import { SCOPES } from '../../core/explore/scopes.js';
import { FEW, testFault } from '../../core/explore/self-test.js';
import type { Effect } from '../../core/host/effect.js';
import { faultNamed } from './fault-named.js';
import { TINY } from './tiny-scopes.js';

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

  it('gives up after so many states, which a found fault or a whole search never is', () => {
    const fault = { ...faultNamed('half-core'), effects: (effects: readonly Effect[]) => effects };
    const early = testFault(fault, scope, 3);
    expect(early).toMatchObject({ noticed: false, properties: [], gaveUp: true });
    expect(early.states).toBeLessThan(TINY[0].full.unique);
    expect(testFault(faultNamed('half-core'), scope).gaveUp).toBe(false);
  });

  it('searches a scope of Nitro as it is', () => {
    const { scope: name, trail } = testFault(faultNamed('sibling-not-offline'));
    expect(name).toBe(SCOPES.find(({ platform }) => platform === 'nitro')?.name);
    expect(trail?.commands).toHaveLength(1);
  });
});
