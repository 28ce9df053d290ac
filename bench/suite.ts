/**
 * The whole bench at one of three sizes: races, hot path, growth, and what came out.
 *
 * `smoke` (seconds) keeps the bench from rotting, `quick` (a minute or two) is what a newcomer sees: every target, and no body that none needs;
 * `full` measures what the targets are defined on: five seeds, a million operations, all workloads;
 * `growth` only how the cost grows, `limits` besides the minute what keeps us from the targets.
 * Invariant: nothing runs at the same time; each process that measures has the machine to itself, as
 * far as the bench can help it.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { endField, startField } from './field.js';
import { type Growth, measureGrowth } from './growth.js';
import { type Body, isPrimary, type Measured } from './hot-path/measure.js';
import { measureHotPath } from './hot-path/turns.js';
import { type Limits, measureLimits } from './limits.js';
import { type Race, type RacePlan, race } from './race.js';
import type { RacerName } from './racers/racers.js';
import type { Results } from './targets.js';
import type { WorkloadName } from './workloads.js';

interface Part {
  readonly racers: readonly RacerName[];
  readonly workloads: readonly WorkloadName[];
  readonly seeds: readonly number[];
  readonly operations: number;
  readonly rounds: number;
}

interface Size {
  readonly parts: readonly Part[];
  /** Milliseconds per body of the hot path; absent = not measured. */
  readonly bodyMs?: number;
  /** Which bodies; absent = all. */
  readonly isBody?: (body: Body) => boolean;
  /** Operations and rounds of the look at what limits the speed; absent = not measured. */
  readonly limits?: { readonly operations: number; readonly rounds: number };
  /** Operations timed per point of the growth curves, and rounds; absent = not measured. */
  readonly growth?: { readonly operations: number; readonly rounds: number };
}

export type SizeName = 'smoke' | 'quick' | 'full' | 'growth' | 'limits';

const OURS: readonly RacerName[] = ['granule-aware', 'best-fit', 'first-fit', 'buddy'];
const PACKAGES: readonly RacerName[] = [
  'npm @thi.ng/malloc',
  'npm malloc',
  'npm alloc',
  'npm sorted-btree best fit',
];
const NAIVE: readonly RacerName[] = ['sorted array', 'word bitmap'];
const ALL = [...OURS, ...PACKAGES, ...NAIVE];

/** One of each kind, a process each; every body is run once in the tests. */
const SMOKE_BODIES: readonly string[] = [
  'launch + terminate, in place',
  'launch + terminate, under Immer',
  'a bare copy into fresh memory, 24 TiB',
  'snapshot, 24 TiB',
];

/**
 * What a minute measures; the page of limits tells why its targets are not met. Naive racers are left out
 * at 24 TiB, where they take a quarter of a minute and no target is of them.
 */
const MINUTE = {
  parts: [
    { racers: ALL, workloads: ['a90'], seeds: [1], operations: 200_000, rounds: 7 },
    {
      racers: [...OURS, ...PACKAGES],
      workloads: ['d24t'],
      seeds: [1],
      operations: 200_000,
      rounds: 7,
    },
    { racers: OURS, workloads: ['b_mix', 'b_rand'], seeds: [1], operations: 0, rounds: 3 },
  ],
  bodyMs: 100,
  isBody: isPrimary,
} as const satisfies Size;

export const SIZES: Readonly<Record<SizeName, Size>> = {
  smoke: {
    parts: [
      { racers: ['granule-aware'], workloads: ['a90'], seeds: [1], operations: 3000, rounds: 1 },
    ],
    bodyMs: 5,
    isBody: ({ name }) => SMOKE_BODIES.includes(name),
  },
  quick: MINUTE,
  full: {
    parts: [
      {
        racers: ALL,
        workloads: ['a70', 'a90', 'c16g', 'd24t'],
        seeds: [1, 2, 3, 4, 5],
        operations: 1_000_000,
        rounds: 7,
      },
      {
        racers: OURS,
        workloads: ['b_mix', 'b_rand', 'e1t_fine'],
        seeds: [1, 2, 3, 4, 5],
        operations: 1_000_000,
        rounds: 7,
      },
    ],
    bodyMs: 1000,
    limits: { operations: 1_000_000, rounds: 11 },
    growth: { operations: 200_000, rounds: 5 },
  },
  limits: { ...MINUTE, limits: { operations: 1_000_000, rounds: 11 } },
  growth: { parts: [], growth: { operations: 200_000, rounds: 5 } },
};

export interface BenchRun extends Results {
  readonly growth?: Growth;
  readonly limits?: Limits;
  readonly notes: readonly string[];
}

export interface Listener {
  readonly progress: (text: string) => void;
  readonly raced: (race: Race) => void;
}

export async function runBench(size: Size, listener: Listener): Promise<BenchRun> {
  const folder = mkdtempSync(join(tmpdir(), 'hypercarve-bench-'));
  try {
    const races: Race[] = [];
    const notes = new Set<string>();
    for (const part of size.parts) {
      const done = await runPart(part, folder, listener);
      races.push(...done.races);
      for (const note of done.notes) notes.add(note);
    }
    const { bodyMs, isBody } = size;
    const hotPath: readonly Measured[] =
      bodyMs === undefined ? [] : await measureHotPath(bodyMs, listener.progress, isBody);
    const limits =
      size.limits === undefined
        ? undefined
        : await measureLimits(
            size.limits.operations,
            size.limits.rounds,
            folder,
            listener.progress,
          );
    const { growth: asked } = size;
    const growth =
      asked === undefined
        ? undefined
        : await measureGrowth(
            'granule-aware',
            asked.operations,
            asked.rounds,
            folder,
            listener.progress,
          );
    return {
      races,
      hotPath,
      notes: [...notes],
      ...(limits === undefined ? {} : { limits }),
      ...(growth === undefined ? {} : { growth }),
    };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function runPart(
  part: Part,
  folder: string,
  { progress, raced }: Listener,
): Promise<{ readonly races: Race[]; readonly notes: readonly string[] }> {
  const field = await startField(part.racers);
  const races: Race[] = [];
  try {
    for (const workload of part.workloads) {
      progress(`race: ${workload}`);
      const { seeds, operations, rounds } = part;
      const plan: RacePlan = { workload, seeds, operations, rounds };
      const done = await race(field, plan, folder);
      races.push(done);
      raced(done);
    }
    return { races, notes: field.notes };
  } finally {
    endField(field);
  }
}
