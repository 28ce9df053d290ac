/**
 * A variant whose parents its platform refuses the reservation: what of it is told in place of runs.
 *
 * The answer holds for every seed of the sweep, or for none: where the memory of parents is drawn, each
 * parent of such an entry is prepared under each seed that may be run, up to the first no under it, and a
 * single no leaves the variant out, or refuses the sweep, before the first run. Invariant: so no run of a
 * variant that stays is refused its reservation, whatever the stop rule. Trade-off: it costs as much as the
 * runs themselves take to build these parents; with a stop rule, as the most runs would.
 */
import type { Refusal } from '../../core/refusal/refusal.js';
import type { LeftOutReservation } from '../../reports/sweep/left-out.js';
import { buildParents, type RefusedEntry, refusedFinding } from '../engine/build-parents.js';
import type { CheckProgress } from '../engine/check-progress.js';
import type { FleetFile } from '../engine/schema.js';
import { isMemoryDrawn } from '../engine/seed-use.js';
import type { Finding, Problem } from '../schema/problem.js';
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

export async function refusedWhereDrawn(
  fleet: FleetFile,
  { first, count }: SeedRange,
  progress: CheckProgress | undefined,
): Promise<DrawnRefusals> {
  const found = new Map<number, DrawnRefusal>();
  const drawn = fleet.fleet.find(isReservedAndDrawn);
  if (drawn === undefined) return found;
  // The others have no parents here, but a place, by which parents draw.
  const alone = fleet.fleet.map((entry) =>
    isReservedAndDrawn(entry) ? entry : { ...drawn, count: 0 },
  ) as FleetFile['fleet'];
  const checked = progress?.steps('seeds of a variant checked');
  for (let replication = 0; replication < count; replication++) {
    const seed = replicationSeed(first, replication);
    const parents = await buildParents({ ...fleet, fleet: alone, seed }, '.', {}, undefined, GO_ON);
    checked?.(replication + 1, count);
    if (parents === undefined || !('refused' in parents)) continue;
    for (const { entry, refusal } of parents.refused) {
      const known = found.get(entry);
      if (known === undefined) found.set(entry, { refusal, seed, refused: 1 });
      else known.refused++;
    }
  }
  return found;
}

function isReservedAndDrawn(entry: FleetFile['fleet'][number]): boolean {
  return isMemoryDrawn(entry) && entry.reservation !== undefined;
}

const GO_ON = async () => true;

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
