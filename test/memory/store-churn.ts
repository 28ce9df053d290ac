/**
 * Random churn on an extent store, compared with the naive twin after every step.
 *
 * A step is a number triple; what it means is read off the twin's present state, so every generated
 * sequence is legal. Compared: each answer, all extents, every count, and the handle of each claim.
 */
import type { ExtentStore, Handle, StoreMark } from '../../core/memory/extent-store.js';
import { largestAlignedRun } from '../../core/memory/fragmentation.js';
import {
  type NaiveMemory,
  naiveBestFit,
  naiveCopy,
  naiveFreeFrames,
  naiveLargestRun,
  naiveMemory,
  naivePlaces,
  naiveReown,
  naiveReturn,
  naiveRuns,
  naiveTake,
} from '../kit/naive-memory.js';

export type ChurnStep = readonly [kind: number, a: number, b: number];

/** A fixed, well mixed sequence (Murmur3's finalizer over 1, 2, 3, …). */
export function fixedSteps(count: number): ChurnStep[] {
  const mixed = (n: number) => {
    let h = Math.imul(n, 0x9e3779b1);
    h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
    h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
    return (h ^ (h >>> 16)) >>> 0;
  };
  return Array.from({ length: count }, (_, i) => {
    return [mixed(3 * i + 1) % 1200, mixed(3 * i + 2) % 10_000, mixed(3 * i + 3) % 10_000];
  });
}

interface Pair {
  readonly store: ExtentStore;
  twin: NaiveMemory;
  /** Claim → handle. */
  handles: Map<number, Handle>;
  /** Handles that were live once and are not now. */
  stale: Handle[];
}

interface Saved {
  readonly mark: StoreMark;
  readonly bytes: Uint8Array;
  readonly twin: NaiveMemory;
  readonly handles: Map<number, Handle>;
}

/** Runs the steps; throws at the first difference. Returns how often each kind of step acted. */
export function churn(
  create: (frames: number) => ExtentStore,
  frames: number,
  steps: readonly ChurnStep[],
): Record<string, number> {
  let pair = fresh(create(frames), frames);
  const marks: Saved[] = [];
  const done: Record<string, number> = {};
  for (const [kind, a, b] of steps) {
    const name = STEPS[kind % STEPS.length];
    if (name === 'mark') {
      marks.push(save(pair));
    } else if (name === 'rollback') {
      const saved = marks.splice(a % (marks.length + 1))[0];
      if (saved === undefined) continue;
      restore(pair, saved);
    } else if (name === 'fork') {
      pair = forked(pair);
      marks.length = 0;
    } else if (!act(pair, name, a, b)) {
      continue;
    }
    done[name] = (done[name] ?? 0) + 1;
    compare(pair, a);
  }
  return done;
}

const STEPS = [
  'take',
  'take',
  'takeBest',
  'takeBest',
  'free',
  'free',
  'freePart',
  'freePart',
  'reown',
  'mark',
  'rollback',
  'fork',
] as const;

/** How many weights `swarm` takes: one per entry of STEPS. */
export const STEP_WEIGHTS = STEPS.length;

/** The same steps with their kinds drawn anew by weight; a weight of 0 leaves a kind out. */
export function swarm(steps: readonly ChurnStep[], weights: readonly number[]): ChurnStep[] {
  const drawn = weights.flatMap((weight, kind) => Array<number>(weight).fill(kind));
  if (drawn.length === 0) return [...steps];
  return steps.map(([kind, a, b]) => [drawn[kind % drawn.length], a, b]);
}

function fresh(store: ExtentStore, frames: number): Pair {
  return { store, twin: naiveMemory(frames), handles: new Map(), stale: [] };
}

function act(pair: Pair, name: (typeof STEPS)[number], a: number, b: number): boolean {
  const { store, twin, handles } = pair;
  const held = naiveRuns(twin).filter((run) => run.owner !== 0);
  const owner = 1 + (b % 5);
  if (name === 'take' || name === 'takeBest') {
    const align = 2 ** (a % 4);
    const size = 1 + (b % 6);
    const best = store.find(size, align);
    const lowest = store.findLowest(size, align, b % twin.owners.length);
    const places = naivePlaces(twin, size, align);
    same('a place exists', best >= 0, places.length > 0);
    const above = places.filter((place) => place >= b % twin.owners.length);
    same('findLowest', lowest, above[0] ?? -1);
    const place = name === 'takeBest' ? best : (places[a % (places.length || 1)] ?? -1);
    if (place < 0) return false;
    same('the place is one', places.includes(place), true);
    const handle = store.allocAt(place, size, owner);
    handles.set(naiveTake(twin, place, size, owner), handle);
    return true;
  }
  const run = held[a % (held.length || 1)];
  if (run === undefined) return false;
  const handle = handleOf(pair, run.claim);
  if (name === 'reown') {
    store.setOwner(handle, owner);
    naiveReown(twin, run.claim, owner);
    return true;
  }
  const skip = name === 'free' ? 0 : b % run.frames;
  const count = name === 'free' ? run.frames : 1 + (a % (run.frames - skip));
  if (name === 'free') store.free(handle);
  else store.freeRange(run.start + skip, count);
  const upper = naiveReturn(twin, run.start + skip, count);
  if (upper > 0) handles.set(upper, store.covering(run.start + skip + count).handle);
  if (count === run.frames) {
    handles.delete(run.claim);
    pair.stale.push(handle);
  }
  return true;
}

function handleOf(pair: Pair, claim: number): Handle {
  const handle = pair.handles.get(claim);
  if (handle === undefined) throw new Error(`no handle for claim ${claim}`);
  return handle;
}

function save({ store, twin, handles }: Pair): Saved {
  const copy = new Map(handles);
  return { mark: store.mark(), bytes: store.snapshot(), twin: naiveCopy(twin), handles: copy };
}

function restore(pair: Pair, saved: Saved): void {
  pair.store.rollback(saved.mark);
  same('bytes after rollback', hex(pair.store.snapshot()), hex(saved.bytes));
  pair.twin = naiveCopy(saved.twin);
  pair.handles = new Map(saved.handles);
  // A handle taken after the mark may be issued again, so what was stale is forgotten.
  pair.stale = [];
}

/** Goes on with the fork, after the original was changed: the fork must not notice. */
function forked(pair: Pair): Pair {
  const copy = pair.store.fork();
  const before = hex(copy.snapshot());
  same('bytes of a fork', before, hex(pair.store.snapshot()));
  for (const handle of pair.handles.values()) pair.store.free(handle);
  same('bytes of the fork after the original changed', hex(copy.snapshot()), before);
  return { ...pair, store: copy };
}

function compare(pair: Pair, salt: number): void {
  const { store, twin, handles } = pair;
  const runs = naiveRuns(twin);
  const expected = runs.map(({ start, frames, owner, claim }) => {
    return { start, frames, owner, handle: owner === 0 ? 0 : (handles.get(claim) ?? -1) };
  });
  same('extents', [...store.extents()], expected);
  same('free frames', store.freeFrames, naiveFreeFrames(twin));
  same('largest free run', store.largestFreeRun(), naiveLargestRun(twin));
  same('largest granule run', store.largestGranuleRun(), naiveUnitRun(twin, store.granuleFrames));
  const order = salt % 9;
  same(
    `largest run of units of ${2 ** order}`,
    largestAlignedRun(store, 2 ** order),
    naiveUnitRun(twin, 2 ** order),
  );
  const unit = 1 + (salt % 9);
  same(`free units of ${unit}`, store.freeUnits(unit), naivePlaces(twin, unit, unit).length);
  if (store.freeBlocks !== undefined) {
    const size = 2 ** Math.ceil(Math.log2(twin.owners.length));
    same('free blocks', store.freeBlocks(), naiveBlocks(twin, 0, size));
  }
  const frame = salt % twin.owners.length;
  const covering = expected.find((e) => e.start <= frame && frame < e.start + e.frames);
  same('covering', store.covering(frame), covering);
  for (const e of expected) if (e.handle !== 0) same('at', store.at(e.handle), e);
  for (const handle of pair.stale) same('a stale handle is refused', refuses(store, handle), true);
  same('verifyIndex', store.verifyIndex(), []);
}

/** Frames of the longest row of aligned, wholly free units. */
function naiveUnitRun(twin: NaiveMemory, unit: number): number {
  const whole = new Set(naivePlaces(twin, unit, unit));
  let longest = 0;
  for (const start of whole) {
    let end = start;
    while (whole.has(end)) end += unit;
    longest = Math.max(longest, end - start);
  }
  return longest;
}

/** Buddy blocks of [start, +size), by halves until a half is wholly free or wholly held. */
function naiveBlocks(twin: NaiveMemory, start: number, size: number): number {
  let free = 0;
  for (let frame = start; frame < start + size; frame++) if (twin.owners[frame] === 0) free++;
  if (free === 0) return 0;
  if (free === size) return 1;
  const half = size / 2;
  return naiveBlocks(twin, start, half) + naiveBlocks(twin, start + half, half);
}

function refuses(store: ExtentStore, handle: Handle): boolean {
  // Where it was thrown takes longest to write down, and nobody reads it.
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  try {
    store.free(handle);
  } catch {
    return true;
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
  return false;
}

/** For stores whose `find` is best fit: the place itself, too. */
export function compareBestFit(store: ExtentStore, frames: number, align: number): void {
  const twin = naiveMemory(store.frames);
  for (const e of store.extents()) {
    if (e.owner !== 0) naiveTake(twin, e.start, e.frames, e.owner);
  }
  same('best fit', store.find(frames, align), naiveBestFit(twin, frames, align));
}

function same(what: string, got: unknown, expected: unknown): void {
  if (Object.is(got, expected)) return;
  const left = JSON.stringify(got);
  const right = JSON.stringify(expected);
  if (left !== right) throw new Error(`${what}: ${left}, expected ${right}`);
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}
