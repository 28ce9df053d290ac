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

const { enterAddress, joinAddresses } = addressing;
const { NODE, shortestFrom } = bestFit;
const { BIN_0, NEXT, PREVIOUS } = binLists;
const { addMember, leastFrom, removeMember } = levels;
const { lengthBin, sharesBin } = lengthBins;
const { LAST_GENERATION } = records;
const { ABOVE, BELOW, BINS, FRAMES, FREE_FRAMES, FREE_GRANULES, GENERATION, LINK, OWNER } = layout;
const { RECORD, START, VACANT, VACATED } = layout;
const FREE = NOBODY;
const UNKNOWN = NOT_KNOWN;
/** From a set of bins down to where bin 0, seen as a node, begins. */
const DOWN_TO_NODE = BIN_0 + NEXT;

export class BestFitCarver extends bestFit.BestFitIndex {
  override take(frames: number, align: number, owner: number): number {
    const { words, ragged, shift } = this;
    const bins = this.bins & BINS;
    const held = words[VACANT] & RECORD;
    if (align !== 1 || held === 0 || this.logging || frames > this.frames) {
      return super.take(frames, align, owner);
    }
    const size = frames & LINK;
    const bin = leastFrom(words, bins, lengthBin(size)) | 0;
    if (bin < 0) return 0;
    const newest = words[(bins - BIN_0 - bin) & LINK] & LINK;
    let at = newest & RECORD;
    let run = words[at + FRAMES];
    if (words[newest + NEXT] !== 0 || run < size) {
      // Several share the bin, or the one there is too short.
      at = shortestFrom(words, newest, size, 1) & RECORD;
      if (at === 0) return super.take(frames, align, owner);
      run = words[at + FRAMES];
    }
    const start = words[at + START];
    const place = (start + size) | 0;
    const left = (run - size) | 0;
    const end = (start + run) >> shift;
    const granules = (end - ((start + ragged) >> shift)) | 0;
    if (granules > 0) {
      const rest = (end - ((place + ragged) >> shift)) | 0;
      words[FREE_GRANULES] += (rest > 0 ? rest : 0) - granules;
      this.most = UNKNOWN;
    }
    words[FREE_FRAMES] -= size;
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
    }
    // What is taken becomes a record of its own below what is left.
    const below = words[at + BELOW] & LINK;
    words[VACANT] = words[held + ABOVE];
    words[at + START] = place;
    words[at + FRAMES] = left;
    words[at + BELOW] = held;
    words[held + START] = start;
    words[held + FRAMES] = size;
    words[held + OWNER] = owner & LINK;
    words[held + BELOW] = below;
    words[held + ABOVE] = at;
    if (below !== 0) words[below + ABOVE] = held;
    // What may be a call comes last: after it the words must be found anew.
    let isFirst = false;
    if (to !== bin) {
      const node = at + NODE;
      const head = (bins - BIN_0 - to) & LINK;
      const first = words[head] & LINK;
      words[node + PREVIOUS] = head - NEXT;
      words[node + NEXT] = first;
      words[head] = node;
      isFirst = first === 0;
      if (!isFirst) words[first + PREVIOUS] = node;
    }
    const { blockShift } = this;
    const block = start >> blockShift;
    words[this.entries + block] = held;
    if (block !== place >> blockShift) enterAddress(words, this.addresses, at, place);
    if (isFirst) addMember(words, bins, to);
    return held;
  }

  override release(given: number): void {
    const { words, ragged, shift } = this;
    const bins = this.bins & BINS;
    const bin0 = bins - DOWN_TO_NODE;
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
    let emptied = 0;
    const above = more !== 0 ? words[gone + ABOVE] & LINK : gone;
    if (more !== 0) {
      // The record above leaves its bin and is taken in.
      const previous = words[gone + (NODE + PREVIOUS)] & LINK;
      const next = words[gone + (NODE + NEXT)] & LINK;
      words[previous + NEXT] = next;
      if (next !== 0) words[next + PREVIOUS] = previous;
      else if (previous < bins) emptied = (bin0 - previous) & LINK;
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
    if (frames > this.longest) this.longest = frames;
    const whole = ((end >> shift) - ((low + ragged) >> shift)) | 0;
    if (whole > 0) {
      const over = ((end >> shift) - ((border + ragged) >> shift)) | 0;
      const under = ((start >> shift) - ((low + ragged) >> shift)) | 0;
      const joined = (whole - (over & ~(over >> 31)) - (under & ~(under >> 31))) | 0;
      if (joined !== 0) {
        words[FREE_GRANULES] += joined;
        this.most = UNKNOWN;
      }
    }
    const to = lengthBin(frames);
    // The bin that the run above left is the one that the run goes to.
    if (emptied === to) emptied = 0;
    let emptiedToo = 0;
    if (!sharesBin(less, frames)) {
      const node = run + NODE;
      if (less !== 0) {
        const previous = words[node + PREVIOUS] & LINK;
        const next = words[node + NEXT] & LINK;
        words[previous + NEXT] = next;
        if (next !== 0) words[next + PREVIOUS] = previous;
        else if (previous < bins) emptiedToo = (bin0 - previous) & LINK;
      }
      const head = (bins - BIN_0 - to) & LINK;
      const first = words[head] & LINK;
      words[node + PREVIOUS] = head - NEXT;
      words[node + NEXT] = first;
      words[head] = node;
      if (first !== 0) words[first + PREVIOUS] = node;
      // What may be a call comes last: after it the words must be found anew.
      else addMember(words, bins, to);
    }
    if (emptiedToo !== 0) {
      if (emptied !== 0) removeMember(words, bins, emptied);
      emptied = emptiedToo;
    }
    if (emptied !== 0) removeMember(words, bins, emptied);
    if (frames === held) return;
    joinAddresses(words, this.addresses, run, low, start, more !== 0 ? border : start, above);
  }
}
