/**
 * The innermost loop of the granule-aware policy, written out: `take` from a piece, and `release`.
 *
 * Both do to the byte what `ExtentCarver` does with the primitives of `extent-records`, `bin-lists`
 * and `address-index`. They are one function each because V8 inlines by a budget that counts, for
 * each callee, what the callee has had inlined before, so that what becomes a call depends on the
 * order in which things get hot; a call costs some 4 ns, an operation 50.
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

const { enterAddress, leaveAddress, moveAddress } = addressing;
const { BIN_0, NEXT, PREVIOUS } = binLists;
const { addMember, leastBeyond, removeMember } = levels;
const { LAST_GENERATION } = records;
const { ABOVE, BELOW, FRAMES, FREE_FRAMES, GENERATION, LINK, OWNER } = layout;
const { RECORD, START, VACANT, VACATED } = layout;
const { HEAD_NODE } = granuleLayout;
const FREE = NOBODY;
const UNKNOWN = NOT_KNOWN;

export class GranuleCarver extends GranuleIndex {
  override take(frames: number, align: number, owner: number): number {
    const { words, pieces, granule } = this;
    const fresh = words[VACANT] & RECORD;
    if (align !== 1 || frames > this.maxPiece || fresh === 0 || this.logging) {
      const found = this.search(frames, align);
      return found === 0 ? 0 : this.carve(found, this.place, frames, owner);
    }
    // The smallest piece that holds it, and the newest of those.
    const here = words[pieces + (frames >> 5)] & (-1 << frames);
    const size =
      here !== 0
        ? (frames & -32) | (31 - Math.clz32(here & -here))
        : leastBeyond(words, pieces, frames);
    if (size < 0) {
      const found = this.searchRuns(frames, align);
      return found === 0 ? 0 : this.carve(found, this.place, frames, owner);
    }
    const bin = pieces - BIN_0 - size;
    const node = words[bin] & LINK;
    const at = node & RECORD;
    const start = words[at + START];
    const run = words[at + FRAMES];
    const isRagged = run === size;
    const rest = size - frames;
    words[FREE_FRAMES] -= frames;
    // The piece goes from its bin to that of the rest.
    const next = words[node + NEXT] & LINK;
    words[bin] = next;
    if (next === 0) removeMember(words, pieces, size);
    else words[next + PREVIOUS] = bin - NEXT;
    if (rest !== 0) {
      const toBin = pieces - BIN_0 - rest;
      const first = words[toBin] & LINK;
      words[node + PREVIOUS] = toBin - NEXT;
      words[node + NEXT] = first;
      words[toBin] = node;
      if (first === 0) addMember(words, pieces, rest);
      else words[first + PREVIOUS] = node;
    } else if (isRagged) {
      words[at + OWNER] = owner & LINK;
      return at;
    }
    // What is taken becomes a record of its own, below or above what is left.
    const { addresses } = this;
    const left = run - frames;
    let isLow = node === at + HEAD_NODE;
    if (isRagged) {
      const under = granule - (start & (granule - 1));
      const over = size - under;
      isLow = over < frames || (under >= frames && under <= over);
    } else if (run === this.longest && --this.longestRuns === 0) this.longest = UNKNOWN;
    words[VACANT] = words[fresh + ABOVE];
    words[at + FRAMES] = left;
    words[fresh + FRAMES] = frames;
    words[fresh + OWNER] = owner & LINK;
    if (isLow) {
      const below = words[at + BELOW] & LINK;
      words[at + START] = start + frames;
      words[at + BELOW] = fresh;
      words[fresh + START] = start;
      words[fresh + BELOW] = below;
      words[fresh + ABOVE] = at;
      if (below !== 0) words[below + ABOVE] = fresh;
      const block = start >> addresses.shift;
      if ((start + frames) >> addresses.shift === block) words[addresses.base + block] = fresh;
      else moveAddress(words, addresses, at, block, fresh);
      return fresh;
    }
    const above = words[at + ABOVE] & LINK;
    const place = start + left;
    words[at + ABOVE] = fresh;
    words[fresh + START] = place;
    words[fresh + BELOW] = at;
    words[fresh + ABOVE] = above;
    if (above !== 0) words[above + BELOW] = fresh;
    const block = place >> addresses.shift;
    if (start >> addresses.shift === block) words[addresses.base + block] = fresh;
    else enterAddress(words, addresses, fresh, place);
    return fresh;
  }

  override release(given: number): void {
    const { words, shift } = this;
    const at = given & RECORD;
    const generation = words[at + GENERATION];
    if (this.logging || generation >= LAST_GENERATION) {
      super.release(given);
      return;
    }
    const held = words[at + FRAMES];
    let start = words[at + START];
    let frames = held;
    let above = words[at + ABOVE] & LINK;
    const below = words[at + BELOW] & LINK;
    const hasAbove = above !== 0 && words[above + OWNER] === FREE;
    const hasBelow = below !== 0 && words[below + OWNER] === FREE;
    const more = hasAbove ? words[above + FRAMES] : 0;
    const less = hasBelow ? words[below + FRAMES] : 0;
    frames += more + less;
    const low = start - less;
    const isWhole = (low + frames) >> shift > (low + this.granule - 1) >> shift;
    const { pieces, addresses } = this;
    words[at + GENERATION] = generation + 1;
    words[at + OWNER] = FREE;
    words[FREE_FRAMES] += held;
    if (start < this.lowestFree) this.lowestFree = start;
    let run = at;
    if (hasAbove) {
      // The record above leaves its bin and is taken in.
      const gone = above;
      above = words[gone + ABOVE] & LINK;
      if (isWhole) this.remove(gone, start + held, more);
      else {
        const previous = words[gone + (HEAD_NODE + PREVIOUS)] & LINK;
        const next = words[gone + (HEAD_NODE + NEXT)] & LINK;
        words[previous + NEXT] = next;
        if (next !== 0) words[next + PREVIOUS] = previous;
        else if (previous < pieces) removeMember(words, pieces, pieces - (BIN_0 + NEXT) - previous);
      }
      const block = (start + held) >> addresses.shift;
      if (start >> addresses.shift === block) words[addresses.base + block] = at;
      else leaveAddress(words, addresses, block, above);
      words[gone + OWNER] = VACATED;
      words[gone + ABOVE] = words[VACANT];
      words[VACANT] = gone;
    }
    if (hasBelow) {
      // The record below takes this one in.
      const block = start >> addresses.shift;
      if (low >> addresses.shift === block) words[addresses.base + block] = below;
      else leaveAddress(words, addresses, block, above);
      words[at + OWNER] = VACATED;
      words[at + ABOVE] = words[VACANT];
      words[VACANT] = at;
      run = below;
      start = low;
    }
    if (frames !== held) {
      words[run + FRAMES] = frames;
      words[run + ABOVE] = above;
      if (above !== 0) words[above + BELOW] = run;
    }
    if (isWhole) {
      this.refile(run, low, less, low, frames);
      return;
    }
    const node = run + HEAD_NODE;
    if (hasBelow) {
      const previous = words[node + PREVIOUS] & LINK;
      const next = words[node + NEXT] & LINK;
      words[previous + NEXT] = next;
      if (next !== 0) words[next + PREVIOUS] = previous;
      else if (previous < pieces) removeMember(words, pieces, pieces - (BIN_0 + NEXT) - previous);
    }
    const bin = pieces - BIN_0 - frames;
    const first = words[bin] & LINK;
    words[node + PREVIOUS] = bin - NEXT;
    words[node + NEXT] = first;
    words[bin] = node;
    if (first === 0) addMember(words, pieces, frames);
    else words[first + PREVIOUS] = node;
  }
}
