/**
 * A node's memory cut into equal cells in address order, each shown as one owner.
 *
 * Invariant: the cells' frames add up to the node's, owner by owner. A cell is shown as the owner
 * of more than half of it, else as mixed; then an owner that would not be seen at all (one leaked
 * page in 128 GiB) takes the cell it has most of, unless that would hide another: then the cell is
 * mixed. Trade-off: such a cell exaggerates; the legend has the true sizes.
 */
import type { NodePicture } from '../record.js';

export interface Cell {
  /** First frame, counted from the node's start. */
  readonly startFrame: number;
  readonly frames: number;
  /** Frames of each owner in this cell. */
  readonly shares: ReadonlyMap<string, number>;
  /** The owner it is drawn as; undefined = mixed. */
  readonly shown: string | undefined;
}

/** Cells of `cellFrames` frames each; the last may be shorter. Frames no run covers are a hole. */
export function cellsOf(node: NodePicture, cellFrames: number): Cell[] {
  const count = Math.ceil(node.frames / cellFrames);
  const shares = Array.from({ length: count }, () => new Map<string, number>());
  const add = (owner: string, from: number, to: number): void => {
    for (let frame = from; frame < to; ) {
      const at = Math.floor(frame / cellFrames);
      const end = Math.min(to, (at + 1) * cellFrames);
      shares[at].set(owner, (shares[at].get(owner) ?? 0) + end - frame);
      frame = end;
    }
  };
  let covered = 0;
  for (const { owner, start, frames } of node.runs) {
    add('hole', covered, start);
    add(owner, start, start + frames);
    covered = start + frames;
  }
  add('hole', covered, node.frames);
  const shown = shares.map(ownerOfMost);
  showEveryOwner(shares, shown);
  return shares.map((share, i) => ({
    startFrame: i * cellFrames,
    frames: Math.min(cellFrames, node.frames - i * cellFrames),
    shares: share,
    shown: shown[i],
  }));
}

/** Frames of each owner in a node; a hole where no run says otherwise. */
export function framesByOwner(node: NodePicture): Map<string, number> {
  const [whole] = cellsOf(node, Math.max(1, node.frames));
  return new Map(whole?.shares);
}

/** The smallest power of two of frames that needs at most `mostCells` cells. */
export function cellSize(frames: number, mostCells: number): number {
  let size = 1;
  while (size * mostCells < frames) size *= 2;
  return size;
}

function ownerOfMost(share: ReadonlyMap<string, number>): string | undefined {
  const total = [...share.values()].reduce((sum, frames) => sum + frames, 0);
  return [...share].find(([, frames]) => frames * 2 > total)?.[0];
}

/**
 * Changes `shown` so that each owner has a cell, or is one of the owners of a mixed cell. A cell
 * made mixed here stays so: it may be the only place where several owners are seen.
 */
function showEveryOwner(
  shares: readonly ReadonlyMap<string, number>[],
  shown: (string | undefined)[],
): void {
  const cellsShown = new Map<string | undefined, number>();
  for (const owner of shown) cellsShown.set(owner, (cellsShown.get(owner) ?? 0) + 1);
  const madeMixed = new Set<number>();
  const isFree = (i: number): boolean =>
    !madeMixed.has(i) && (shown[i] === undefined || (cellsShown.get(shown[i]) ?? 0) > 1);
  const redraw = (i: number, owner: string | undefined): void => {
    cellsShown.set(shown[i], (cellsShown.get(shown[i]) ?? 0) - 1);
    cellsShown.set(owner, (cellsShown.get(owner) ?? 0) + 1);
    shown[i] = owner;
  };
  for (const owner of new Set(shares.flatMap((share) => [...share.keys()]))) {
    if (cellsShown.has(owner)) continue;
    const mine = shares.flatMap((share, i) => (share.has(owner) ? [i] : []));
    mine.sort((a, b) => (shares[b].get(owner) ?? 0) - (shares[a].get(owner) ?? 0));
    const free = mine.find(isFree);
    if (free !== undefined) redraw(free, owner);
    else if (!mine.some((i) => madeMixed.has(i))) {
      madeMixed.add(mine[0]);
      redraw(mine[0], undefined);
    }
  }
}
