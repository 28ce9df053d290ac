/**
 * Replaying a trace against one allocator: timed as a whole, timed one by one, and noting places.
 *
 * Invariant: the timed loop does nothing but read two words, call, and keep the handle; so what it
 * costs without an allocator ("floor") can be subtracted. A slot whose request was refused ignores its
 * free. What is read is processor time of the whole process, garbage collection and compiler threads
 * included: on an idle machine it is the time that passes, on a busy one the turns of other processes
 * are left out. Trade-off: one loop for every racer; it stays monomorphic because each racer runs in a process
 * of its own.
 */
import { beginWindow, endWindow } from './marks.js';
import type { OpenRacer, Racer } from './racers/racer.js';
import { REFUSED } from './racers/racer.js';
import { ALIGNED, FREED, GRANULE, SLOT_MASK, type Trace } from './trace-file.js';

const NS_PER_US = 1000;
/** Replays after which V8 has compiled what it will compile. */
const COMPILED_AFTER = 8;

/**
 * A shorter trace is replayed as often as it takes, so that what is timed is compiled code. A window
 * late in a trace is not: what comes before it is enough, and the slowest racers take minutes for it.
 */
const LEAST_OPERATIONS = 50_000;
/** But not more often than this: to open a node is dear beside a trace of a few operations. */
const MOST_REPLAYS = 200;

/** Nanoseconds of the operations from `from` on; those before it are replayed untimed. */
export function replayNs(trace: Trace, open: OpenRacer, from = 0): number {
  const untilCompiled = Math.ceil(LEAST_OPERATIONS / Math.max(1, trace.operations));
  const replays = from > 0 ? 1 : Math.min(untilCompiled, MOST_REPLAYS);
  let sum = 0;
  for (let replay = 0; replay < replays; replay++) sum += onceNs(trace, open, from);
  return sum / replays;
}

function onceNs(trace: Trace, open: OpenRacer, from: number): number {
  const racer = open(trace.frames);
  const whole = from === 0 ? racer.wholeReplay?.(trace) : undefined;
  if (whole !== undefined) return cpuNs(whole);
  const handles = new Float64Array(trace.slots);
  run(trace.words, 0, from, racer, handles);
  return cpuNs(() => run(trace.words, from, trace.operations, racer, handles));
}

function cpuNs(body: () => void): number {
  const before = process.cpuUsage();
  body();
  const { user, system } = process.cpuUsage(before);
  return (user + system) * NS_PER_US;
}

function run(
  words: Int32Array,
  from: number,
  end: number,
  racer: Racer,
  handles: Float64Array,
): void {
  for (let i = from; i < end; i++) {
    const word = words[2 * i];
    const slot = word & SLOT_MASK;
    if ((word & FREED) !== 0) {
      const handle = handles[slot];
      if (handle !== REFUSED) racer.free(handle);
      handles[slot] = REFUSED;
    } else {
      handles[slot] = racer.alloc(words[2 * i + 1], (word & ALIGNED) !== 0 ? GRANULE : 1);
    }
  }
}

/** Replays until the code is compiled, then up to `end`, the operations from `from` on between marks. */
export function markWindow(trace: Trace, open: OpenRacer, from: number, end: number): void {
  const { words, operations, slots, frames } = trace;
  for (let replay = 0; replay <= COMPILED_AFTER; replay++) {
    const racer = open(frames);
    const handles = new Float64Array(slots);
    run(words, 0, from, racer, handles);
    if (replay === COMPILED_AFTER) beginWindow();
    run(words, from, end, racer, handles);
    if (replay === COMPILED_AFTER) endWindow();
    run(words, end, operations, racer, handles);
  }
}

export interface Placed {
  /** Per operation the first frame of an accepted request; -1 for a refusal or a free. */
  readonly places: Int32Array;
  /** Most bytes of bookkeeping seen; 0 when the racer cannot tell. */
  readonly bytes: number;
  /**
   * `bytes` over the extents, free runs included, there were when it last grew, since it grows where there
   * are more than ever; 0 when the racer cannot tell.
   */
  readonly bytesPerExtent: number;
}

/** An untimed replay that notes every place. */
export function placesOf(trace: Trace, open: OpenRacer): Placed {
  const { words, operations } = trace;
  const racer = open(trace.frames);
  const handles = new Float64Array(trace.slots);
  const places = new Int32Array(operations).fill(-1);
  let bytes = 0;
  let grown = 0;
  for (let i = 0; i < operations; i++) {
    run(words, i, i + 1, racer, handles);
    const isFree = (words[2 * i] & FREED) !== 0;
    const handle = handles[words[2 * i] & SLOT_MASK];
    if (!isFree && handle !== REFUSED) places[i] = racer.startOf(handle);
    if (racer.bytes <= bytes) continue;
    bytes = racer.bytes;
    grown = i + 1;
  }
  const extents = racer.countExtents === undefined ? 0 : extentsAfter(trace, open, grown);
  return { places, bytes, bytesPerExtent: extents === 0 ? 0 : bytes / extents };
}

/** How many extents there are after so many operations of a trace. */
function extentsAfter(
  { words, frames, slots }: Trace,
  open: OpenRacer,
  operations: number,
): number {
  const racer = open(frames);
  run(words, 0, operations, racer, new Float64Array(slots));
  return racer.countExtents?.() ?? 0;
}

/** Replays of which an operation's single time is the least. */
const SINGLE_REPLAYS = 3;

/**
 * Nanoseconds of each single operation, the clock's own cost included: the least of a few replays,
 * which all ask the same, so that what remains slow is slow by itself and not because another process
 * had its turn just then.
 */
export function singleNs(trace: Trace, open: OpenRacer): Float64Array {
  const least = new Float64Array(trace.operations).fill(Number.POSITIVE_INFINITY);
  for (let replay = 0; replay < SINGLE_REPLAYS; replay++) {
    const racer = open(trace.frames);
    const handles = new Float64Array(trace.slots);
    let before = performance.now();
    for (let i = 0; i < trace.operations; i++) {
      run(trace.words, i, i + 1, racer, handles);
      const after = performance.now();
      least[i] = Math.min(least[i], (after - before) * 1e6);
      before = after;
    }
  }
  return least;
}
