/**
 * The parents that a group closes, against a naive twin that looks at every parent and every member
 * for each ask: the same parents closed, the same proposals of every policy, the same reasons.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FleetCounts } from '../../core/placement/fleet-counts.js';
import { FLEET_POLICIES } from '../../core/placement/fleet-policies.js';
import type { FleetAsk, FleetPolicy } from '../../core/placement/fleet-view.js';
import { guardedPolicy } from '../../core/placement/guarded-policy.js';
import { GroupPlaces } from '../../scenarios/engine/group-places.js';
import { GROUP_RULES, type RequestGroup } from '../../scenarios/engine/request.js';
import { smallFleet } from '../kit/small-fleets.js';
import { scaledRuns } from '../seed.js';

const PARENTS = 5;

interface Member {
  readonly group: RequestGroup;
  readonly host: number;
}

/** Says of each parent anew whether the living members forbid it. */
function forbidden(members: readonly Member[], { rule, name }: RequestGroup): boolean[] {
  const own = members.filter(({ group }) => group.rule === rule && group.name === name);
  return Array.from({ length: PARENTS }, (_, h) => {
    const here = own.some(({ host }) => host === h);
    if (rule === 'anti-affinity') return here;
    return rule === 'affinity' && own.length > 0 && !here;
  });
}

const step = fc.record({
  group: fc.record({
    name: fc.constantFrom('a', 'b'),
    rule: fc.constantFrom(...GROUP_RULES, 'affinity', 'anti-affinity'),
  } as const),
  down: fc.array(fc.boolean(), { minLength: PARENTS, maxLength: PARENTS }),
  free: fc.array(fc.nat(8), { minLength: 2 * PARENTS, maxLength: 2 * PARENTS }),
  running: fc.array(fc.nat(2), { minLength: PARENTS, maxLength: PARENTS }),
  vcpus: fc.constantFrom(1, 2, 4),
  nodes: fc.constantFrom(1, 2),
  blind: fc.boolean(),
  /** What becomes of it: a policy to place it, and members that leave afterwards. */
  by: fc.nat(FLEET_POLICIES.length - 1),
  leave: fc.oneof(fc.constant([]), fc.array(fc.nat(), { maxLength: 2 })),
});

describe('engine: the parents that a group closes', () => {
  it('are those of a naive twin, and so is every proposal', async () => {
    const { hosts } = await smallFleet('vm', PARENTS);
    let homes = 0;
    let reopened = 0;
    fc.assert(
      fc.property(fc.array(step, { minLength: 10, maxLength: 25 }), (steps) => {
        const counts = new FleetCounts(hosts);
        const places = new GroupPlaces();
        let members: (Member & { readonly number: number })[] = [];
        for (const { group, down, free, running, by, leave, ...asked } of steps) {
          counts.closed.set(down.map(Number));
          counts.freeThreads.set(free);
          counts.freeMib.set(free.map((n) => n * 64));
          counts.running.set(running);
          const ask: FleetAsk = { ...asked, memoryMib: asked.vcpus * 64, end: 1000 };
          const no = forbidden(members, group);
          const closed = Uint8Array.from(down, (is, h) => Number(is || no[h]));
          const naive = { ...counts, closed, only: undefined };

          places.shut(group, counts);
          if (counts.only !== undefined) homes++;
          expect(Array.from({ length: PARENTS }, (_, h) => counts.isShut(h))).toEqual(
            [...closed].map((is) => is === 1),
          );
          const proposals = FLEET_POLICIES.map((policy) => policy.propose(counts, ask));
          expect(proposals).toEqual(FLEET_POLICIES.map((policy) => policy.propose(naive, ask)));
          // A policy of somebody else sees it all in `closed`.
          const shown: number[][] = [];
          const other: FleetPolicy = {
            name: 'other',
            propose: (view) => {
              expect(view).not.toHaveProperty('only');
              shown.push([...view.closed]);
              return undefined;
            },
          };
          guardedPolicy(other, () => 'an ask').propose(counts, ask);
          expect(shown).toEqual([[...closed]]);
          const byGroup = Array.from({ length: PARENTS }, (_, h) => !down[h] && no[h]);
          const told = () => Array.from(byGroup, (_, h) => places.hasShut(h, counts));
          expect(told()).toEqual(byGroup);
          places.reopen(counts);
          expect([[...counts.closed], counts.only]).toEqual([down.map(Number), undefined]);
          // Why it got nowhere is asked once the parents are open again.
          expect(told()).toEqual(byGroup);
          expect([-1, PARENTS, Number.NaN].some((h) => places.hasShut(h, counts))).toBe(false);
          if (byGroup.includes(true)) reopened++;

          const host = proposals[by]?.host;
          if (host !== undefined) {
            members.push({ group, host, number: places.join(group, host) });
          }
          for (const which of leave) {
            if (members.length === 0) break;
            const gone = members[which % members.length];
            places.leave(gone.number, gone.host);
            members = members.filter((one) => one !== gone);
          }
        }
      }),
      { numRuns: scaledRuns(80) },
    );
    // Members did find their groups somewhere, and parents closed because of them.
    expect(homes).toBeGreaterThan(50);
    expect(reopened).toBeGreaterThan(50);
  });
});
