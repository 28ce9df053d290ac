/**
 * The layout of memory of one parent of a fleet's entry.
 *
 * Days of uptime scatter blocks by a seed, the fleet's or the layout's own; each parent draws by one mixed
 * from it and the parent's place. Invariant: parents of an entry never have the same seed, nor has a
 * parent under two seeds; a place is the entry and the position in it, so one more parent changes no
 * other's memory. Seeds are mixed, since the workload draws its streams from the fleet's seed itself:
 * unmixed, node 0 would have the numbers that lifetimes are drawn from. Trade-off: a scenario's parent
 * of the same seed has another layout than any here.
 */
import { mixedSeed } from '../../core/units/seeded-stream.js';
import type { Scenario } from '../schema/scenario.js';

type Parent = Scenario['parent'];

/** `entry`: its position in the file's `fleet`; `position`: of the parent in its entry. */
export function parentAt(
  parent: Parent,
  fleetSeed: number,
  entry: number,
  position: number,
): Parent {
  const { memoryLayout } = parent;
  if (memoryLayout.kind !== 'uptime') return parent;
  const seed = layoutSeed(memoryLayout.seed ?? fleetSeed, entry, position);
  return { ...parent, memoryLayout: { ...memoryLayout, seed } };
}

/** What tells a layout's seed from others that are mixed from the same: "layo". */
const LABEL = 0x6c61_796f;

export function layoutSeed(seed: number, entry: number, position: number): number {
  return mixedSeed(mixedSeed(mixedSeed(seed ^ LABEL) + entry) + position);
}
