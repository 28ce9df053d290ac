/**
 * A variant whose parents its platform refuses the reservation: what of it is told in place of runs.
 *
 * The answer holds for every seed of the sweep, or for none: where the memory of parents is drawn, each
 * parent of such an entry is prepared under each seed that may be run, up to the first no under it, and a
 * single no leaves the variant out, or refuses the sweep, before the first run. Invariant: so no run of a
 * variant that stays is refused its reservation, whatever the stop rule. Variants whose parents are the same
 * are asked once. Trade-off: it costs as much as the runs of one of these themselves take to build the
 * parents; with a stop rule, as the most runs would.
 */
import type { Refusal } from '../../core/refusal/refusal.js';
import type { LeftOutReservation } from '../../reports/sweep/left-out.js';
import { type RefusedEntry, refusedFinding } from '../engine/build-parents.js';
import type { CheckProgress } from '../engine/check-progress.js';
import type { FleetFile } from '../engine/schema.js';
import { isMemoryDrawn } from '../engine/seed-use.js';
import type { Finding, Problem } from '../schema/problem.js';
import type { AskSeeds } from './ask-seeds.js';
import type { Variant } from './axes.js';
import { replicationSeed } from './plan.js';
import type { SweepFile } from './schema.js';

export interface RefusedVariant extends Variant {
  readonly fleet: FleetFile;
  /** At least one. */
  readonly reservations: readonly LeftOutReservation[];
  /** The same as what is wrong with its fleet, in the variant's own text. */
  readonly problems: readonly Problem[];
}

/** All seeds that a sweep may run. */
export interface SeedRange {
  readonly first: number;
  readonly count: number;
}

export function seedsOf({ seeds }: Pick<SweepFile, 'seeds'>): SeedRange {
  return { first: seeds.first, count: 'until' in seeds ? seeds.until.most : seeds.count };
}

/** By entry of the fleet whose parents' memory is drawn: its first no. */
export type DrawnRefusals = ReadonlyMap<number, DrawnRefusal>;

interface DrawnRefusal {
  readonly refusal: Refusal;
  /** The first seed under which it is refused. */
  readonly seed: number;
  /** Under how many seeds it is. */
  refused: number;
}

/** Who is asked, and what has been answered: by parents and reservations, as text. */
export interface Asking {
  readonly ask: AskSeeds;
  readonly known: Map<string, DrawnRefusals>;
}

export async function refusedWhereDrawn(
  fleet: FleetFile,
  { first, count }: SeedRange,
  { ask, known }: Asking,
  progress: CheckProgress | undefined,
): Promise<DrawnRefusals> {
  const drawn = fleet.fleet.find(isReservedAndDrawn);
  if (drawn === undefined) return new Map();
  // The others have no parents here, but a place, by which parents draw.
  const alone = fleet.fleet.map((entry) =>
    isReservedAndDrawn(entry) ? entry : { ...drawn, count: 0 },
  ) as FleetFile['fleet'];
  const { platform, options } = fleet;
  const key = JSON.stringify({ platform, options, alone });
  const before = known.get(key);
  if (before !== undefined) return before;
  const checked = progress?.steps('seeds of a variant checked');
  const seeds = Array.from({ length: count }, (_, i) => replicationSeed(first, i));
  const found = new Map<number, DrawnRefusal>();
  // Of the fleet only what decides: who places what on these parents is nobody's business here.
  const order = { fleet: { ...fleet, fleet: alone, parentEvents: [] }, seeds };
  for (const { seed, entry, refusal } of await ask(order, (done) => checked?.(done, count))) {
    const earlier = found.get(entry);
    if (earlier === undefined) found.set(entry, { refusal, seed, refused: 1 });
    else earlier.refused++;
  }
  known.set(key, found);
  return found;
}

function isReservedAndDrawn(entry: FleetFile['fleet'][number]): boolean {
  return isMemoryDrawn(entry) && entry.reservation !== undefined;
}

/** `always`: refused under a seed of the sweep, and under each where nothing is drawn. */
export function leftOutReservations(
  always: readonly RefusedEntry[],
  drawn: DrawnRefusals,
  seeds: SeedRange,
): readonly LeftOutReservation[] {
  const told = (entry: number, refusal: Refusal): LeftOutReservation => {
    const { layer, codes, rule, message, remedy } = refusal;
    return { entry, layer, codes, rule, message, remedy };
  };
  const some = [...drawn].map(([entry, { refusal, refused }]) => {
    return { ...told(entry, refusal), seeds: { refused, of: seeds.count } };
  });
  const all = always
    .filter(({ entry }) => !drawn.has(entry))
    .map(({ entry, refusal }) => told(entry, refusal));
  return [...all, ...some].sort((a, b) => a.entry - b.entry);
}

/** The same as something wrong with the variant's fleet. */
export function leftOutFindings(
  { platform }: FleetFile,
  reservations: readonly LeftOutReservation[],
  drawn: DrawnRefusals,
): Finding[] {
  return reservations.map(({ entry, seeds, ...refusal }) => {
    const finding = refusedFinding(platform, entry, refusal);
    const first = drawn.get(entry)?.seed;
    if (seeds === undefined || first === undefined) return finding;
    const under = `under ${seeds.refused} of ${seeds.of} seeds, the first of them ${first}`;
    return { ...finding, message: `${finding.message}; ${under}` };
  });
}

/** Where the sweep is refused for it: what else could be done about a no that not every seed has. */
export function orLeaveOut(finding: Finding, { seeds }: LeftOutReservation): Finding {
  if (seeds === undefined || seeds.refused === seeds.of) return finding;
  const { suggestion } = finding;
  return { ...finding, suggestion: [suggestion, LEAVE_OUT].filter(Boolean).join(' ') };
}

const LEAVE_OUT = 'Or leave such variants out: `onRefusedReservation: leave-out`.';
