/**
 * What the bins of whole granules tell of aligned units of 2^order granules, of pools that keep no measures.
 *
 * Only a run of at least that many whole granules can hold such a unit, so the ragged rest of the node, most
 * of its extents, is not looked at; and what was found holds until the whole granules of some run change,
 * which few operations do. Invariant: equal to what a walk over the extents finds; reads only.
 * Trade-off: O(1) only while it holds. How many units there are asks each of those runs (a node has fewer of
 * them than units). The most in a row looks from the largest runs down, and ends at the first as good as its
 * bin can be, or at the bin that can hold no better; that all the longest runs lie askew is what it is slow on.
 */
import * as binLists from './bin-lists.js';
import * as levels from './bit-levels.js';
import { FRAMES, recordOf, START } from './extent-layout.js';
import { unitsIn } from './frame-math.js';
import { mostGranulesIn } from './granule-layout.js';

const { firstNode, nextNode } = binLists;
const { greatestTo } = levels;

/** A pool's words, and where its runs are filed by their whole granules. */
export interface WholeBins {
  readonly words: Int32Array;
  readonly wholes: number;
  readonly wholeBins: number;
  /** log2 of the frames of a granule. */
  readonly shift: number;
}

/** Orders that a node of fewer than 2^31 frames can have units of. */
const ORDERS = 31;
const UNKNOWN = -1;

/** The answers that hold, by order. */
export class FoundUnits {
  private readonly all = new Int32Array(ORDERS).fill(UNKNOWN);
  private readonly inRow = new Int32Array(ORDERS).fill(UNKNOWN);

  /** The whole granules of some run have changed. */
  forget(): void {
    this.all.fill(UNKNOWN);
    this.inRow.fill(UNKNOWN);
  }

  /** Aligned, wholly free units of 2^order granules; of an order that a node can have. */
  units(filed: WholeBins, order: number): number {
    const { all } = this;
    if (all[order] === UNKNOWN) all[order] = unitsFiled(filed, order);
    return all[order];
  }

  /** The most of them in a row, of any order. */
  mostUnits(filed: WholeBins, order: number): number {
    if (order >= ORDERS) return 0;
    const { inRow } = this;
    if (inRow[order] === UNKNOWN) inRow[order] = mostUnitsFiled(filed, order);
    return inRow[order];
  }

  /** What holds, for a check: all units and the most in a row, of each order; undefined: not known. */
  known(): { readonly all: Known; readonly inRow: Known } {
    return { all: Array.from(this.all, knownOf), inRow: Array.from(this.inRow, knownOf) };
  }
}

/** By order; undefined: not known. */
export type Known = readonly (number | undefined)[];

const knownOf = (kept: number): number | undefined => (kept === UNKNOWN ? undefined : kept);

/** Aligned, wholly free units of 2^order granules. */
function unitsFiled(filed: WholeBins, order: number): number {
  const { words, wholes, wholeBins, shift } = filed;
  const unit = 2 ** (shift + order);
  let units = 0;
  let bin = greatestTo(words, wholes, wholeBins - 1);
  while (boundOf(bin, order) > 0) {
    for (let node = firstNode(words, wholes, bin); node !== 0; node = nextNode(words, node)) {
      const at = recordOf(node);
      units += unitsIn(words[at + START], words[at + FRAMES], unit);
    }
    bin = greatestTo(words, wholes, bin - 1);
  }
  return units;
}

/** The most of them in a row. */
function mostUnitsFiled(filed: WholeBins, order: number): number {
  const { words, wholes, wholeBins, shift } = filed;
  const unit = 2 ** (shift + order);
  let most = 0;
  let bin = greatestTo(words, wholes, wholeBins - 1);
  let bound = boundOf(bin, order);
  while (bound > most) {
    for (let node = firstNode(words, wholes, bin); node !== 0; node = nextNode(words, node)) {
      const at = recordOf(node);
      most = Math.max(most, unitsIn(words[at + START], words[at + FRAMES], unit));
      if (most === bound) return most;
    }
    bin = greatestTo(words, wholes, bin - 1);
    bound = boundOf(bin, order);
  }
  return most;
}

/** Units that no run of a bin can have more of. No bin: 0. */
function boundOf(bin: number, order: number): number {
  return bin <= 0 ? 0 : Math.floor(mostGranulesIn(bin) / 2 ** order);
}
