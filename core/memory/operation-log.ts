/**
 * Write-ahead notes: before an operation of the pool, while a mark is set, every word it will write.
 *
 * So the operations themselves stay free of the journal. Each function here mirrors one operation and
 * is asked before it begins; what it notes too much costs a moment and harms nothing, for undo writes
 * the oldest value last. Words beyond the live end need no note: undo moves the end back.
 *
 * Why "before" suffices although an operation changes lists as it goes: a node that gets to the front
 * of a list during the operation stood right behind one that is taken out, and taking out notes the
 * neighbours; or it belongs to one of the operation's own records, whose nodes are noted.
 * Invariant: superset of the words written. Trade-off: knows what cutting and joining write.
 */
import type { AddressIndex } from './address-index.js';
import * as addressing from './address-index.js';
import type { Arena } from './arena.js';
import * as layout from './extent-layout.js';
import { FREE } from './extent-store.js';
import type { FreeIndex } from './free-index.js';

const { keepAddress } = addressing;
const { ABOVE, BELOW, COUNTER_WORDS, COUNTERS, END, FRAMES, OWNER, START, VACANT } = layout;

/** A pool's words, their journal, its address table and its index. */
interface Carver extends Arena, Pick<FreeIndex, 'keepRefile'> {
  readonly addresses: AddressIndex;
}

/** Words of a record that cutting and joining write: all but the policy's. */
const TAG_WORDS = ABOVE + 1;

/** Carving [place, place+frames) out of the free record `at`. */
export function keepCarve(carver: Carver, at: number, place: number, frames: number): void {
  const { words } = carver;
  const start = words[at + START];
  const lower = place - start;
  const whole = words[at + FRAMES];
  const upper = whole - lower - frames;
  const held = nextRecord(words, 0);
  const rest = nextRecord(words, 1);
  keepNeighbours(carver, at);
  keepCut(carver, held);
  keepAddress(carver, carver.addresses, start);
  keepAddress(carver, carver.addresses, place);
  if (upper > 0) keepAddress(carver, carver.addresses, place + frames);
  if (lower === 0) carver.keepRefile(at, start, whole, place + frames, upper);
  else {
    carver.keepRefile(at, start, whole, start, lower);
    if (upper > 0) {
      keepCut(carver, rest);
      carver.keepRefile(rest, 0, 0, place + frames, upper);
    }
  }
}

/** Freeing the held record `at`. */
export function keepRelease(carver: Carver, at: number): void {
  const { words } = carver;
  const below = words[at + BELOW];
  const above = words[at + ABOVE];
  let start = words[at + START];
  let frames = words[at + FRAMES];
  let run = at;
  let wasFrames = 0;
  keepNeighbours(carver, at);
  if (above !== 0 && words[above + OWNER] === FREE) {
    frames += words[above + FRAMES];
    keepNeighbours(carver, above);
    keepAddress(carver, carver.addresses, words[above + START]);
    carver.keepRefile(above, words[above + START], words[above + FRAMES], 0, 0);
  }
  if (below !== 0 && words[below + OWNER] === FREE) {
    keepCut(carver, below);
    keepAddress(carver, carver.addresses, start);
    start = words[below + START];
    wasFrames = words[below + FRAMES];
    frames += wasFrames;
    run = below;
  }
  carver.keepRefile(run, start, wasFrames, start, frames);
}

/** Cutting [start, +frames) out of the held record `at`, by at most two cuts. */
export function keepCuts(carver: Carver, at: number, start: number, frames: number): void {
  keepNeighbours(carver, at);
  keepCut(carver, nextRecord(carver.words, 0));
  keepCut(carver, nextRecord(carver.words, 1));
  for (const border of [carver.words[at + START], start, start + frames]) {
    keepAddress(carver, carver.addresses, border);
  }
}

/** Putting a fresh record in the place of `at`. */
export function keepReplace(carver: Carver, at: number): void {
  keepNeighbours(carver, at);
  keepCut(carver, nextRecord(carver.words, 0));
  keepAddress(carver, carver.addresses, carver.words[at + START]);
}

/** The counters, a record's own tags, and what points to it from its neighbours. */
function keepNeighbours(carver: Carver, at: number): void {
  const below = carver.words[at + BELOW];
  const above = carver.words[at + ABOVE];
  carver.keepRun(COUNTERS, COUNTER_WORDS);
  keepCut(carver, at);
  if (below !== 0) carver.keep(below + ABOVE);
  if (above !== 0) carver.keep(above + BELOW);
}

function keepCut(carver: Carver, at: number): void {
  if (at < carver.words[END]) carver.keepRun(at, TAG_WORDS);
}

/** The record that the operation's first (0) or second (1) need will get. */
function nextRecord(words: Int32Array, needs: 0 | 1): number {
  const first = words[VACANT];
  if (needs === 0 || first === 0) return first === 0 ? words[END] : first;
  const second = words[first + ABOVE];
  return second === 0 ? words[END] : second;
}
