/**
 * The innermost loop of best fit, written out: `take` without alignment, and `release`.
 *
 * Both do to the byte what `ExtentCarver` does with the primitives of `extent-records`, `bin-lists` and
 * `best-fit-index`, for the reason that `granule-carver` gives: as calls, the lists alone cost a sixth of
 * an operation.
 * Invariant: equal to the general way. While a mark is set everything takes the general way, so a run
 * with a mark and a run without one, compared to the byte, hold the two together; the tests do that.
 * Trade-off: the list surgery and the cut stand here a second time.
 */
import * as addressing from './address-index.js';
import * as bestFit from './best-fit-index.js';
import * as binLists from './bin-lists.js';
import * as levels from './bit-levels.js';
import { UNKNOWN as NOT_KNOWN } from './extent-carver.js';
import * as layout from './extent-layout.js';
import * as records from './extent-records.js';
import { FREE as NOBODY } from './extent-store.js';
import * as lengthBins from './length-bins.js';

const { leaveAddress, moveAddress } = addressing;
const { NODE, shortestFrom } = bestFit;
const { BIN_0, NEXT, PREVIOUS } = binLists;
const { addMember, leastBeyond, leastFrom, removeMember } = levels;
const { EXACT, lengthBin } = lengthBins;
const { LAST_GENERATION } = records;
const { ABOVE, BELOW, FRAMES, FREE_FRAMES, FREE_GRANULES, GENERATION, LINK, OWNER } = layout;
const { RECORD, START, VACANT, VACATED } = layout;
const FREE = NOBODY;
const UNKNOWN = NOT_KNOWN;
/** From a set of bins down to where bin 0, seen as a node, begins. */
const DOWN_TO_NODE = BIN_0 + NEXT;

export class BestFitCarver extends bestFit.BestFitIndex {
  override take(frames: number, align: number, owner: number): number {
    const { words, bins, shift } = this;
    const held = words[VACANT] & RECORD;
    if (align !== 1 || held === 0 || this.logging || frames > this.frames) {
      const found = this.search(frames, align);
      return found === 0 ? 0 : this.carve(found, this.place, frames, owner);
    }
    const least = lengthBin(frames);
    const here = words[bins + (least >> 5)] & (-1 << least);
    let bin =
      here !== 0
        ? (least & -32) | (31 - Math.clz32(here & -here))
        : leastBeyond(words, bins, least);
    let at = 0;
    while (bin >= 0) {
      at = shortestFrom(words, words[bins - BIN_0 - bin] & LINK, frames, 1) & RECORD;
      if (at !== 0) break;
      bin = leastFrom(words, bins, bin + 1);
    }
    if (at === 0) return 0;
    const start = words[at + START];
    const run = words[at + FRAMES];
    const place = start + frames;
    const left = run - frames;
    const ragged = (1 << shift) - 1;
    const end = (start + run) >> shift;
    const granules = end - ((start + ragged) >> shift);
    if (granules > 0) {
      const rest = end - ((place + ragged) >> shift);
      words[FREE_GRANULES] += (rest > 0 ? rest : 0) - granules;
      this.most = UNKNOWN;
    }
    words[FREE_FRAMES] -= frames;
    if (run === this.longest) this.longest = UNKNOWN;
    const to = lengthBin(left);
    if (to !== bin) {
      // The run goes from its bin to that of what is left.
      const node = at + NODE;
      const previous = words[node + PREVIOUS] & LINK;
      const next = words[node + NEXT] & LINK;
      words[previous + NEXT] = next;
      if (next !== 0) words[next + PREVIOUS] = previous;
      else if (previous < bins) removeMember(words, bins, bin);
      if (left === 0) {
        words[at + OWNER] = owner & LINK;
        return at;
      }
      const head = bins - BIN_0 - to;
      const first = words[head] & LINK;
      words[node + PREVIOUS] = head - NEXT;
      words[node + NEXT] = first;
      words[head] = node;
      if (first === 0) addMember(words, bins, to);
      else words[first + PREVIOUS] = node;
    }
    // What is taken becomes a record of its own below what is left.
    const { addresses } = this;
    const below = words[at + BELOW] & LINK;
    words[VACANT] = words[held + ABOVE];
    words[at + START] = place;
    words[at + FRAMES] = left;
    words[at + BELOW] = held;
    words[held + START] = start;
    words[held + FRAMES] = frames;
    words[held + OWNER] = owner & LINK;
    words[held + BELOW] = below;
    words[held + ABOVE] = at;
    if (below !== 0) words[below + ABOVE] = held;
    const block = start >> addresses.shift;
    if (place >> addresses.shift === block) words[addresses.base + block] = held;
    else moveAddress(words, addresses, at, block, held);
    return held;
  }

  override release(given: number): void {
    const { words, bins, shift } = this;
    const at = given & RECORD;
    const generation = words[at + GENERATION];
    if (this.logging || generation >= LAST_GENERATION) {
      super.release(given);
      return;
    }
    const { addresses } = this;
    const start = words[at + START];
    const held = words[at + FRAMES];
    let above = words[at + ABOVE] & LINK;
    const below = words[at + BELOW] & LINK;
    const ragged = (1 << shift) - 1;
    let low = start;
    let end = start + held;
    let less = 0;
    let granules = 0;
    words[at + GENERATION] = generation + 1;
    words[at + OWNER] = FREE;
    words[FREE_FRAMES] += held;
    if (start < this.lowestFree) this.lowestFree = start;
    if (above !== 0 && words[above + OWNER] === FREE) {
      // The record above leaves its bin and is taken in.
      const gone = above;
      const first = (end + ragged) >> shift;
      const block = end >> addresses.shift;
      end += words[gone + FRAMES];
      if (end >> shift > first) granules = (end >> shift) - first;
      above = words[gone + ABOVE] & LINK;
      const previous = words[gone + (NODE + PREVIOUS)] & LINK;
      const next = words[gone + (NODE + NEXT)] & LINK;
      words[previous + NEXT] = next;
      if (next !== 0) words[next + PREVIOUS] = previous;
      else if (previous < bins) removeMember(words, bins, bins - DOWN_TO_NODE - previous);
      if (start >> addresses.shift === block) words[addresses.base + block] = at;
      else leaveAddress(words, addresses, block, above);
      words[gone + OWNER] = VACATED;
      words[gone + ABOVE] = words[VACANT];
      words[VACANT] = gone;
    }
    if (below !== 0 && words[below + OWNER] === FREE) {
      // The record below takes this one in.
      less = words[below + FRAMES];
      low = start - less;
      const first = (low + ragged) >> shift;
      if (start >> shift > first) granules += (start >> shift) - first;
      const block = start >> addresses.shift;
      if (low >> addresses.shift === block) words[addresses.base + block] = below;
      else leaveAddress(words, addresses, block, above);
      words[at + OWNER] = VACATED;
      words[at + ABOVE] = words[VACANT];
      words[VACANT] = at;
    }
    const run = less !== 0 ? below : at;
    const frames = end - low;
    if (frames !== held) {
      words[run + FRAMES] = frames;
      words[run + ABOVE] = above;
      if (above !== 0) words[above + BELOW] = run;
    }
    if (frames > this.longest) this.longest = frames;
    const whole = (end >> shift) - ((low + ragged) >> shift);
    if (whole > granules) {
      words[FREE_GRANULES] += whole - granules;
      this.most = UNKNOWN;
    }
    const to = lengthBin(frames);
    // Only bins of more than one length can hold a run before and after it has grown.
    if (less >= EXACT && lengthBin(less) === to) return;
    const node = run + NODE;
    if (less !== 0) {
      const previous = words[node + PREVIOUS] & LINK;
      const next = words[node + NEXT] & LINK;
      words[previous + NEXT] = next;
      if (next !== 0) words[next + PREVIOUS] = previous;
      else if (previous < bins) removeMember(words, bins, bins - DOWN_TO_NODE - previous);
    }
    const head = bins - BIN_0 - to;
    const first = words[head] & LINK;
    words[node + PREVIOUS] = head - NEXT;
    words[node + NEXT] = first;
    words[head] = node;
    if (first === 0) addMember(words, bins, to);
    else words[first + PREVIOUS] = node;
  }
}
