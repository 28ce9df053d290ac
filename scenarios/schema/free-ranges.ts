/**
 * An explicit free list of a parent's memory: one list a node, in order, apart, within the node.
 *
 * Invariant: asked only of a parent whose shape is known and of a layout that is well formed.
 */
import { type HoleKib, holesKibOf } from '../../core/memory/holes.js';
import { counted } from '../../core/units/counted.js';
import { formatKib } from '../../core/units/size.js';
import type { ParentShape } from './parent-topology.js';
import type { Finding } from './problem.js';
import type { Scenario } from './scenario.js';

export function checkFreeRanges(
  layout: Scenario['parent']['memoryLayout'],
  shape: ParentShape,
): Finding[] {
  if (layout.kind !== 'explicit') return [];
  const { free } = layout;
  const path = ['parent', 'memoryLayout', 'free'];
  const nodes = shape.usableMibPerNode.length;
  if (free.length !== nodes) {
    const message = `${counted(free.length, 'list')} for ${counted(nodes, 'node')}`;
    return [{ path, message, suggestion: 'give one list per node; [] for none' }];
  }
  return free.flatMap((ranges, node) => {
    const holes = shape.holesKibPerNode?.[node] ?? [];
    const lineKib = shape.usableMibPerNode[node] * 1024 + holesKibOf(holes);
    const outside = rangeProblems(ranges, lineKib);
    return [...outside, ...ranges.flatMap((range, index) => inHole(range, index, holes))].map(
      ({ index, message }) => ({ path: [...path, node, index], message }),
    );
  });
}

/** A free range that reaches into a hole. */
function inHole(
  [startKib, lengthKib]: readonly [number, number],
  index: number,
  holes: readonly HoleKib[],
): { index: number; message: string }[] {
  const hole = holes.find(
    ([start, length]) => start < startKib + lengthKib && startKib < start + length,
  );
  if (hole === undefined) return [];
  const [start, length] = hole;
  const message = `reaches into the hole from ${formatKib(start)} to ${formatKib(start + length)}`;
  return [{ index, message }];
}

function rangeProblems(
  ranges: readonly (readonly [number, number])[],
  installedKib: number,
): { index: number; message: string }[] {
  let usedUpToKib = 0;
  return ranges.flatMap(([startKib, lengthKib], index) => {
    const before = usedUpToKib;
    const endKib = startKib + lengthKib;
    usedUpToKib = Math.max(usedUpToKib, endKib);
    if (lengthKib === 0) return [{ index, message: 'an empty range' }];
    if (startKib < before) {
      const start = formatKib(startKib);
      const message = `starts at ${start}, but the range before ends at ${formatKib(before)}`;
      return [{ index, message }];
    }
    if (endKib <= installedKib) return [];
    const message = `ends at ${formatKib(endKib)}, but the node has ${formatKib(installedKib)}`;
    return [{ index, message }];
  });
}
