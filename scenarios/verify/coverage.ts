/**
 * What the scopes of a run covered of a platform's own list (its rules, its commands), and what they left.
 *
 * Invariant: only what stands in the list counts, each once and in its order, whatever number of scopes
 * covered it. Trade-off: a scope's host is built once more for the list of its platform.
 */
import type { Scope } from '../../core/explore/scope.js';
import type { PlatformId, Profile } from '../../core/platform/profile.js';

export interface Coverage<Item extends string> {
  readonly platform: PlatformId;
  readonly all: readonly Item[];
  readonly covered: readonly Item[];
  readonly left: readonly Item[];
}

/** More than that are counted, not named: what one scope alone leaves to the others. */
const NAMED = 8;

/** By platform, in the order of the runs. */
export function coverageOf<Run extends { readonly platform: PlatformId }, Item extends string>(
  runs: readonly Run[],
  scopes: readonly Scope[],
  listOf: (profile: Profile) => readonly Item[],
  coveredIn: (run: Run) => readonly Item[],
): Coverage<Item>[] {
  return [...new Set(runs.map(({ platform }) => platform))].map((platform) => {
    const seen = new Set(runs.flatMap((run) => (run.platform === platform ? coveredIn(run) : [])));
    const scope = scopes.find((one) => one.platform === platform);
    const all = scope === undefined ? [] : listOf(scope.build().profile);
    return {
      platform,
      all,
      covered: all.filter((one) => seen.has(one)),
      left: all.filter((one) => !seen.has(one)),
    };
  });
}

/** What a run left to other scopes, in words; [] = nothing. */
export function leftToOthers(left: readonly string[]): string[] {
  if (left.length === 0) return [];
  return [`left to other scopes: ${left.length > NAMED ? left.length : left.join(', ')}`];
}
