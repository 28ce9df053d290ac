/**
 * Which parents of a fleet are refused their reservation under which seeds: each is built and prepared.
 *
 * Invariant: what is found under a seed depends on the fleet and that seed alone, so seeds may be asked in
 * any parts, anywhere, and the answers laid together in the order of the seeds. Trade-off: an entry is told
 * by its first parent that is refused; the others under that seed are not asked.
 */
import type { Refusal } from '../../core/refusal/refusal.js';
import { buildParents } from '../engine/build-parents.js';
import type { FleetFile } from '../engine/schema.js';

/** Plain data, so that it can be sent to a thread. */
export interface SeedsOrder {
  readonly fleet: FleetFile;
  readonly seeds: readonly number[];
}

export interface SeedNo {
  readonly seed: number;
  /** Position in the file's `fleet`. */
  readonly entry: number;
  readonly refusal: Refusal;
}

/** In the order of the seeds; `onSeeds` is told how many have been asked. */
export type AskSeeds = (
  order: SeedsOrder,
  onSeeds?: (done: number) => void,
) => Promise<readonly SeedNo[]>;

export const askSeeds: AskSeeds = async ({ fleet, seeds }, onSeeds) => {
  const found: SeedNo[] = [];
  for (const [i, seed] of seeds.entries()) {
    const parents = await buildParents({ ...fleet, seed }, '.', {}, undefined, GO_ON);
    onSeeds?.(i + 1);
    if (parents === undefined || !('refused' in parents)) continue;
    found.push(...parents.refused.map(({ entry, refusal }) => ({ seed, entry, refusal })));
  }
  return found;
};

const GO_ON = async () => true;
