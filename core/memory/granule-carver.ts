/**
 * The innermost loop of the granule-aware policy, written out: `take` from a piece, and `release`.
 *
 * Both do to the byte what `ExtentCarver` does with the primitives of `extent-records`, `bin-lists`
 * and `address-index`. They are one function each because V8 inlines by a budget that counts, for
 * each callee, what the callee has had inlined before, so that what becomes a call depends on the
 * order in which things get hot; a call costs some 4 ns, an operation 50. What is called less than 0.15
 * times per call of its caller stays a call in any case, however small. So what may be one stands at
 * the end: behind one V8 looks anew for the words, whether it was made or not.
 *
 * Invariant: equal to the general way. While a mark is set everything takes the general way, so a run
 * with a mark and a run without one, compared to the byte, hold the two together; the tests do that.
 * Trade-off: the list surgery and the cuts stand here a second time.
 */
import * as addressing from './address-index.js';
import * as binLists from './bin-lists.js';
import * as levels from './bit-levels.js';
import { UNKNOWN as NOT_KNOWN } from './extent-carver.js';
import * as layout from './extent-layout.js';
import * as records from './extent-records.js';
import { FREE as NOBODY } from './extent-store.js';
import { GranuleIndex } from './granule-index.js';
import * as granuleLayout from './granule-layout.js';

const { enterAddress, joinAddresses } = addressing;
const { BIN_0, NEXT, PREVIOUS } = binLists;
const { addMember, leastFrom, removeMember } = levels;
const { LAST_GENERATION } = records;
const { ABOVE, BELOW, BINS, FRAMES, FREE_FRAMES, GENERATION, LINK, OWNER } = layout;
const { RECORD, START, VACANT, VACATED } = layout;
const { HEAD_NODE } = granuleLayout;
const FREE = NOBODY;
const UNKNOWN = NOT_KNOWN;

export class GranuleCarver extends GranuleIndex {
  override take(frames: number, align: number, owner: number): number {
    const { words, granule } = this;
    const pieces = this.pieces & BINS;
    const fresh = words[VACANT] & RECORD;
    if (align !== 1 || frames > this.maxPiece || fresh === 0 || this.logging) {
      const found = this.search(frames, align);
      return found === 0 ? 0 : this.carve(found, this.place, frames, owner);
    }
    // The smallest piece that holds it, and the newest of those.
    const wanted = frames & LINK;
    const size = leastFrom(words, pieces, wanted) | 0;
    if (size < 0) {
      const found = this.searchRuns(frames, align);
      return found === 0 ? 0 : this.carve(found, this.place, frames, owner);
    }
    const bin = (pieces - BIN_0 - size) & LINK;
    const node = words[bin] & LINK;
    const at = node & RECORD;
    const start = words[at + START];
    const run = words[at + FRAMES];
    const isRagged = run === size;
    const rest = (size - wanted) | 0;
    words[FREE_FRAMES] -= wanted;
    // The piece goes from its bin to that of the rest.
    const next = words[node + NEXT] & LINK;
    words[bin] = next;
    if (next !== 0) words[next + PREVIOUS] = bin - NEXT;
    else removeMember(words, pieces, size);
    if (rest === 0 && isRagged) {
      words[at + OWNER] = owner & LINK;
      return at;
    }
    // What is taken becomes a record of its own, below or above what is left.
    const left = (run - wanted) | 0;
    let isLow = node === at + HEAD_NODE;
    if (isRagged) {
      const under = granule - (start & (granule - 1));
      const over = size - under;
      isLow = over < wanted || (under >= wanted && under <= over);
    } else if (run === this.longest && --this.longestRuns === 0) this.longest = UNKNOWN;
    const place = (start + (isLow ? wanted : left)) | 0;
    words[VACANT] = words[fresh + ABOVE];
    words[at + FRAMES] = left;
    words[fresh + FRAMES] = wanted;
    words[fresh + OWNER] = owner & LINK;
    if (isLow) {
      const below = words[at + BELOW] & LINK;
      words[at + START] = place;
      words[at + BELOW] = fresh;
      words[fresh + START] = start;
      words[fresh + BELOW] = below;
      words[fresh + ABOVE] = at;
      if (below !== 0) words[below + ABOVE] = fresh;
    } else {
      const above = words[at + ABOVE] & LINK;
      words[at + ABOVE] = fresh;
      words[fresh + START] = place;
      words[fresh + BELOW] = at;
      words[fresh + ABOVE] = above;
      if (above !== 0) words[above + BELOW] = fresh;
    }
    // What may be a call comes last: after it the words must be found anew.
    let isFirst = false;
    if (rest !== 0) {
      const toBin = (pieces - BIN_0 - rest) & LINK;
      const first = words[toBin] & LINK;
      words[node + PREVIOUS] = toBin - NEXT;
      words[node + NEXT] = first;
      words[toBin] = node;
      isFirst = first === 0;
      if (!isFirst) words[first + PREVIOUS] = node;
    }
    const { blockShift } = this;
    const block = start >> blockShift;
    const isInside = place >> blockShift === block;
    if (isInside || isLow) words[this.entries + block] = fresh;
    if (!isInside) enterAddress(words, this.addresses, isLow ? at : fresh, place);
    if (isFirst) addMember(words, pieces, rest);
    return fresh;
  }

  override release(given: number): void {
    const { words, shift } = this;
    const pieces = this.pieces & BINS;
    const at = given & RECORD;
    const generation = words[at + GENERATION];
    if (this.logging || generation >= LAST_GENERATION) {
      super.release(given);
      return;
    }
    const start = words[at + START];
    const held = words[at + FRAMES];
    const gone = words[at + ABOVE] & LINK;
    const below = words[at + BELOW] & LINK;
    const more = gone !== 0 && words[gone + OWNER] === FREE ? words[gone + FRAMES] : 0;
    const less = below !== 0 && words[below + OWNER] === FREE ? words[below + FRAMES] : 0;
    const low = (start - less) | 0;
    const border = (start + held) | 0;
    const end = (border + more) | 0;
    words[at + GENERATION] = generation + 1;
    words[at + OWNER] = FREE;
    words[FREE_FRAMES] += held;
    if (start < this.lowestFree) this.lowestFree = start;
    let above = gone;
    if (more !== 0) {
      // The record above is taken in.
      above = words[gone + ABOVE] & LINK;
      words[gone + OWNER] = VACATED;
      words[gone + ABOVE] = words[VACANT];
      words[VACANT] = gone;
    }
    let run = at;
    if (less !== 0) {
      // The record below takes this one in.
      words[at + OWNER] = VACATED;
      words[at + ABOVE] = words[VACANT];
      words[VACANT] = at;
      run = below;
    }
    const frames = (end - low) | 0;
    if (frames !== held) {
      words[run + FRAMES] = frames;
      words[run + ABOVE] = above;
      if (above !== 0) words[above + BELOW] = run;
    }
    if (end >> shift > (low + this.granule - 1) >> shift) {
      if (more !== 0) this.remove(gone, border, more);
      this.refile(run, low, less, low, frames);
    } else {
      // All of it is one piece: what the neighbours were leaves its bin.
      if (more !== 0) {
        const previous = words[gone + (HEAD_NODE + PREVIOUS)] & LINK;
        const next = words[gone + (HEAD_NODE + NEXT)] & LINK;
        words[previous + NEXT] = next;
        if (next !== 0) words[next + PREVIOUS] = previous;
      }
      const node = run + HEAD_NODE;
      if (less !== 0) {
        const previous = words[node + PREVIOUS] & LINK;
        const next = words[node + NEXT] & LINK;
        words[previous + NEXT] = next;
        if (next !== 0) words[next + PREVIOUS] = previous;
      }
      const bin = (pieces - BIN_0 - frames) & LINK;
      const first = words[bin] & LINK;
      words[node + PREVIOUS] = bin - NEXT;
      words[node + NEXT] = first;
      words[bin] = node;
      if (first !== 0) words[first + PREVIOUS] = node;
      // What may be a call comes last: after it the words must be found anew.
      else addMember(words, pieces, frames);
      if (more !== 0 && words[(pieces - BIN_0 - more) & LINK] === 0)
        removeMember(words, pieces, more);
      if (less !== 0 && words[(pieces - BIN_0 - less) & LINK] === 0)
        removeMember(words, pieces, less);
    }
    if (frames === held) return;
    joinAddresses(words, this.addresses, run, low, start, more !== 0 ? border : start, above);
  }
}
