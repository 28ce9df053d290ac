/**
 * Every JavaScript allocator that can be raced, by name. Each is loaded on demand, so that a process
 * knows only the one it races. Invariant: `heldFrames` is what a racer withholds for a request.
 */
import type { NativePolicy } from '../native-build.js';
import { GRANULE } from '../trace-file.js';
import { type Burden, burden } from './bare/burden.js';
import type { OpenRacer } from './racer.js';

export interface RacerEntry {
  /** `program`: what `needs` was built to. */
  readonly load: (program?: string) => Promise<OpenRacer>;
  /** The policy of the C twin that it needs as a module of WebAssembly. */
  readonly needs?: NativePolicy;
  /** From npm, or the obvious ways one would write it. Ours have neither. */
  readonly peer?: 'npm' | 'naive';
  readonly heldFrames?: (frames: number, aligned: boolean) => number;
  /** Knows no alignment: aligned requests are met inside the slack that `heldFrames` includes. */
  readonly slack?: boolean;
  /** Needs a node of a power of two frames. */
  readonly powerOfTwo?: boolean;
  /** So slow on a node beyond 1 TiB that only a short window of a trace is raced there. */
  readonly slow?: boolean;
}

const roundedUp = (frames: number): number => 2 ** Math.ceil(Math.log2(frames));
const withSlack = (frames: number, aligned: boolean): number =>
  aligned ? frames + GRANULE - 1 : frames;

const pool = (policy: 'granule-aware' | 'best-fit' | 'first-fit'): RacerEntry => ({
  load: async () => (await import('./extent-pool.js')).extentPool(policy),
});

const stripped = (
  policy: 'granule-aware' | 'best-fit',
  blocks: 'as they are' | 'one',
): RacerEntry => ({
  load: async () => (await import('./stripped-pool.js')).strippedPool(policy, blocks),
});

const bare = (policy: 'granule-aware' | 'best-fit', given: Burden): RacerEntry => ({
  load: async () => {
    burden(given);
    return policy === 'best-fit'
      ? (await import('./bare/best-fit.js')).bareBestFit
      : (await import('./bare/granule-search.js')).bareGranuleSearch;
  },
});

const wasm = (needs: NativePolicy, calls: 'each' | 'once' | 'floor'): RacerEntry => ({
  load: async (program = '') => (await import('./wasm.js')).wasmTwin(program, calls),
  needs,
});

export const RACERS = {
  'granule-aware': pool('granule-aware'),
  'best-fit': pool('best-fit'),
  'first-fit': pool('first-fit'),
  'granule-aware, by records': stripped('granule-aware', 'as they are'),
  'granule-aware, by records in one block': stripped('granule-aware', 'one'),
  'best-fit, by records': stripped('best-fit', 'as they are'),
  'best-fit, by records in one block': stripped('best-fit', 'one'),
  buddy: { load: async () => (await import('./buddy.js')).buddy, heldFrames: roundedUp },
  'bare granule-aware': bare('granule-aware', {}),
  'bare granule-aware, checked': bare('granule-aware', { checked: true }),
  'bare granule-aware, in a field': bare('granule-aware', { field: true }),
  'bare granule-aware, counted in a field': bare('granule-aware', { field: true, counted: true }),
  'bare best-fit': bare('best-fit', {}),
  'bare best-fit, checked': bare('best-fit', { checked: true }),
  'bare best-fit, in a field': bare('best-fit', { field: true }),
  'bare best-fit, counted in a field': bare('best-fit', { field: true, counted: true }),
  'wasm granule-aware': wasm('granule-aware', 'each'),
  'wasm granule-aware, one call': wasm('granule-aware', 'once'),
  'wasm best-fit': wasm('best-fit', 'each'),
  'wasm best-fit, one call': wasm('best-fit', 'once'),
  'wasm floor, one call': wasm('best-fit', 'floor'),
  floor: { load: async () => (await import('./floor.js')).floor },
  'npm @thi.ng/malloc': {
    load: async () => (await import('./thing-malloc.js')).thingMalloc,
    peer: 'npm',
    heldFrames: withSlack,
    slack: true,
    slow: true,
  },
  'npm malloc': {
    load: async () => (await import('./skip-list-malloc.js')).skipListMalloc,
    peer: 'npm',
    heldFrames: withSlack,
    slack: true,
  },
  'npm alloc': {
    load: async () => (await import('./buddy-alloc.js')).buddyAlloc,
    peer: 'npm',
    heldFrames: roundedUp,
    powerOfTwo: true,
  },
  'npm sorted-btree best fit': {
    load: async () => (await import('./btree-best-fit.js')).btreeBestFit,
    peer: 'npm',
  },
  'sorted array': {
    load: async () => (await import('./sorted-array.js')).sortedArray,
    peer: 'naive',
  },
  'word bitmap': {
    load: async () => (await import('./word-bitmap.js')).wordBitmap,
    peer: 'naive',
    slow: true,
  },
} as const satisfies Readonly<Record<string, RacerEntry>>;

export type RacerName = keyof typeof RACERS;

export function isRacerName(name: string): name is RacerName {
  return Object.hasOwn(RACERS, name);
}

export function racerEntry(name: RacerName): RacerEntry {
  return RACERS[name];
}
