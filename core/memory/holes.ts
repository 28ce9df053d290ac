/**
 * Holes: addresses of a node behind which there is no memory.
 *
 * Invariant: a node's address line is its installed memory and its holes together; what passes
 * `holeProblems` can be laid into the empty line, frame by frame. Trade-off: a hole is in whole
 * frames, because a frame with a gap in it can back no page; smaller gaps belong to the parent's
 * footprint.
 */
import { formatKib } from '../units/size.js';
import { HOLE, type NodeMemory } from './node-memory.js';

/** [startKib, lengthKib] from the node's first byte. */
export type HoleKib = readonly [start: number, length: number];

/** One thing wrong with a node's list; `index` says at which hole. */
export interface HoleProblem {
  readonly index: number;
  readonly message: string;
}

/** KiB of all holes together; one that is no run of whole KiB counts as none. */
export function holesKibOf(holes: readonly HoleKib[]): number {
  return holes.reduce((sum, hole) => (isRun(hole) ? sum + hole[1] : sum), 0);
}

/** Whatever keeps these holes from lying in a node with `installedMib` of memory, all at once. */
export function holeProblems(
  holes: readonly HoleKib[],
  { installedMib, frameKib }: { readonly installedMib: number; readonly frameKib: number },
): HoleProblem[] {
  const lineKib = installedMib * 1024 + holesKibOf(holes);
  return holes.flatMap((hole, index) => {
    const message = problemOf(hole, frameKib, lineKib) ?? overlapOf(holes, index);
    return message === undefined ? [] : [{ index, message }];
  });
}

function isRun(hole: HoleKib): boolean {
  return hole.every((kib) => Number.isSafeInteger(kib) && kib >= 0);
}

function problemOf(
  [start, length]: HoleKib,
  frameKib: number,
  lineKib: number,
): string | undefined {
  if (!isRun([start, length])) {
    return `hole [${start}, +${length}) is not in whole KiB`;
  }
  if (length === 0) return 'an empty hole';
  if (start % frameKib !== 0 || length % frameKib !== 0) {
    return `hole ${spanText([start, length])} is not in whole frames of ${formatKib(frameKib)}`;
  }
  if (start + length <= lineKib) return undefined;
  return (
    `hole ${spanText([start, length])} lies outside the node, whose memory and holes ` +
    `end at ${formatKib(lineKib)}`
  );
}

/** The first hole before this one in the list that shares an address with it. */
function overlapOf(holes: readonly HoleKib[], index: number): string | undefined {
  const [start, length] = holes[index];
  const other = holes
    .slice(0, index)
    .find(([from, kib]) => from < start + length && start < from + kib);
  if (other === undefined) return undefined;
  return `hole ${spanText([start, length])} overlaps the hole ${spanText(other)}`;
}

function spanText([start, length]: HoleKib): string {
  return `${formatKib(start)} to ${formatKib(start + length)}`;
}

/** Lays holes without problems into the base store of a node that has no footprint yet. */
export function layHoles({ base, frameKib }: NodeMemory, holes: readonly HoleKib[]): void {
  for (const [start, length] of holes) base.allocAt(start / frameKib, length / frameKib, HOLE);
}
