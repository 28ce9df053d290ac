/** Policies that propose anything: what is there is the host's to judge, what is not is a fault of theirs. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkInvariants } from '../../core/invariants/check.js';
import type { FleetProposal } from '../../core/placement/fleet-view.js';
import { PolicyFault } from '../../core/placement/guarded-policy.js';
import { runFleet } from '../../scenarios/engine/fleet-run.js';
import { request, smallFleet } from '../kit/small-fleets.js';

describe('placement: a policy proposes, the host disposes', () => {
  /** The first two are there; most answers have to be, or each run would end at once. */
  const oftenThere = (some: number, other: number, ...not: readonly number[]) =>
    fc.oneof(
      { weight: 40, arbitrary: fc.constantFrom(some, other) },
      { weight: 1, arbitrary: fc.constantFrom(...not) },
    );
  const wild = fc.option(
    fc.record({
      host: oftenThere(0, 1, -1, 2, 0.5, Number.NaN),
      nodes: fc.oneof(
        {
          weight: 40,
          arbitrary: fc.uniqueArray(oftenThere(0, 1, -1, 2, 7), { minLength: 1, maxLength: 3 }),
        },
        { weight: 1, arbitrary: fc.constantFrom([], [0, 0], [1, 0, 1]) },
      ),
    }),
    { nil: undefined, freq: 8 },
  );

  const NODES = 2;
  const isThere = (answer: FleetProposal | undefined) =>
    answer === undefined ||
    ([0, 1].includes(answer.host) &&
      answer.nodes?.length !== 0 &&
      (answer.nodes ?? []).every((node) => node >= 0 && node < NODES) &&
      new Set(answer.nodes).size === (answer.nodes ?? []).length);

  it.each(['vm', 'qingtian'])('no proposal breaks an invariant of %s parents', async (platform) => {
    await fc.assert(
      fc.asyncProperty(fc.array(wild, { maxLength: 30 }), async (proposals) => {
        const small = await smallFleet(platform, 2);
        const left: (FleetProposal | undefined)[] = [...proposals];
        const answers: (FleetProposal | undefined)[] = [];
        const propose = () => {
          answers.push(left.pop());
          return answers.at(-1);
        };
        const run = () =>
          runFleet({
            ...small,
            requests: Array.from({ length: 8 }, (_, id) => {
              return request(id, { vcpus: 6, atMs: id * 200 });
            }),
            policy: { name: 'hostile', propose },
            audit: true,
          });
        try {
          const result = run();
          expect(result.violations).toEqual({ count: 0, first: [] });
          expect(result.accepted + result.refused).toBe(8);
          expect(answers.every(isThere)).toBe(true);
        } catch (error) {
          if (!(error instanceof PolicyFault)) throw error;
          expect(isThere(answers.at(-1))).toBe(false);
          expect(answers.slice(0, -1).every(isThere)).toBe(true);
        }
        expect(small.hosts.flatMap((host) => checkInvariants(host))).toEqual([]);
      }),
      { numRuns: 30 },
    );
  });
});
