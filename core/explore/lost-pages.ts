/**
 * The effects of planted faults by which a page is lost between the parent and a pool that grows.
 *
 * Invariant: the frames leave the base store for the pool, whose own store does not get them; all others
 * arrive. Trade-off: no rule would emit such an effect, since a store itself keeps its sums.
 */
import type { Effect } from '../host/effect.js';
import type { Host } from '../host/host.js';
import { BASE } from '../host/stores.js';
import { POOL } from '../memory/node-memory.js';

/** The last page of the first run of each pool that grows does not arrive. */
export function lastPageLost(effects: readonly Effect[], host: Host): readonly Effect[] {
  return effects.flatMap((effect): Effect[] => {
    if (effect.kind !== 'resize-pages' || !effect.grow) return [effect];
    const { node, size, runs } = effect;
    const [start, frames] = runs;
    const { pageFrames } = host.memory[node].pools[size];
    const kept = frames - pageFrames;
    const lost = [start + kept, pageFrames];
    return [
      ...(kept > 0 ? [{ ...effect, runs: [start, kept, ...runs.slice(2)] }] : []),
      { kind: 'claim', node, size: BASE, runs: lost, owner: POOL + size, uid: -1 },
    ];
  });
}
