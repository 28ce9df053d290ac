/**
 * Why a target is not met, in one line made of figures that were measured in the same run.
 *
 * Beside what we take stands what the bound would ask for, and what someone takes who does nothing but
 * what must be done: the C twin, a bare copy, a bare loop. Invariant: every figure is of this run; where
 * what is needed was not measured, the line says so. Trade-off: it tells what was counted, and leaves
 * to the reader what could be done about it.
 */
import { RECORD_WORDS } from '../core/memory/extent-layout.js';
import { type Entry, netOver } from './entry.js';
import { nsOf } from './hot-path/ns-of.js';
import type { Limits } from './limits.js';
import type { Race } from './race.js';
import type { Spread } from './statistics.js';
import type { Results } from './targets.js';
import type { WorkloadName } from './workloads.js';

export const LIMITS = 'to count why, run `npm run bench -- --limits`';
const LAUNCH_PARTS = 6;

const RECORD_BYTES = 4 * RECORD_WORDS;

/** An operation costs more on the larger node. */
export function whyGrowth(results: Results): string {
  const { limits } = results;
  const ours = limits?.growth.find(({ name }) => name === 'granule-aware');
  const twin = limits?.growth.find(({ name }) => name.startsWith('native granule-aware'));
  if (ours === undefined || twin === undefined) {
    const grown = ['granule-aware', 'native granule-aware'].map((name) =>
      [entryOf(results, 'a90', name), entryOf(results, 'd24t', name)].map(netTold).join(' to '),
    );
    return `ours goes from ${grown[0]}, the C twin from ${grown[1]}; ${LIMITS}`;
  }
  const bare = limits?.growth.find(({ name }) => name === 'bare granule-aware');
  const grown = ({ netMinimumNs: [small, large] }: typeof ours) => (large / small).toFixed(2);
  const bareGrown = bare === undefined ? '' : `, that of a bare search ${grown(bare)}`;
  const counts = ours.instructions?.map(whole).join(' to ');
  return [
    `of the minima it is ${grown(ours)}, the twin's ${grown(twin)}${bareGrown};`,
    counts === undefined
      ? 'instructions were not counted'
      : `instructions go from ${counts} an operation`,
  ].join(' ');
}

/** A peer is not slow enough: what an operation would have to take, and what the twin does. */
export function whySlowdown(
  { races, limits }: Results,
  workload: WorkloadName,
  bound: number,
  peer: string | undefined,
): string {
  const entries = races.find((race) => race.workload === workload)?.entries ?? [];
  const named = (name: string | undefined) => entries.find((entry) => entry.name === name);
  const theirs = named(peer)?.netNs;
  const [ours, twin] = ['granule-aware', 'native granule-aware'].map((name) =>
    netOver(named(peer), named(name)),
  );
  if (ours === undefined || theirs === undefined) return 'not raced';
  const reached =
    twin === undefined
      ? 'no twin was raced'
      : `the C twin takes ${twin.toFixed(1)} ns, so ${twin > theirs / bound ? 'not even it' : 'it'} meets the bound`;
  return `${peer} takes ${theirs.toFixed(0)} ns, so the bound asks for ${(theirs / bound).toFixed(1)} ns an operation; ours takes ${ours.toFixed(1)} ns, ${reached}${bareMeets(limits, workload, ours, theirs / bound)}`;
}

/** Whether a bare search would meet what is asked, if it stands to ours here as it does in the tables. */
function bareMeets(
  limits: Limits | undefined,
  workload: WorkloadName,
  ours: number,
  asked: number,
) {
  const minimum = (name: string) => {
    const [small, large] = limits?.growth.find((one) => one.name === name)?.netMinimumNs ?? [];
    return workload === 'd24t' ? large : small;
  };
  const [own, bare] = [minimum('granule-aware'), minimum('bare granule-aware')];
  if (own === undefined || bare === undefined) return '';
  const share = bare / own;
  const verdict =
    share * ours <= asked
      ? 'so it would meet the bound, which is not shown to be impossible'
      : 'so not even it would';
  return `; a bare search of the same choices takes ${share.toFixed(2)} of ours (minima of the tables), ${verdict}`;
}

export interface Probes {
  readonly probes: number;
  readonly probesServed: number;
  /** See `Verdict`; null where it bounds nothing in one of the traces. */
  readonly probesBacked: number | null;
}

/** The workloads that probe for 1G pages; the target is of both together. */
export const PROBED: readonly WorkloadName[] = ['b_mix', 'b_rand'];

/** What one allocator's probes came to, all probe workloads added up. */
export function probesOf(races: readonly Race[], name: string): Probes {
  const verdicts = races
    .filter(({ workload }) => PROBED.includes(workload))
    .flatMap(({ entries }) => entries.find((entry) => entry.name === name)?.quality ?? []);
  const sum = (key: keyof Probes) =>
    verdicts.reduce((total, verdict) => total + (verdict[key] ?? 0), 0);
  const isBounded = verdicts.every(({ probesBacked }) => probesBacked !== null);
  return {
    probes: sum('probes'),
    probesServed: sum('probesServed'),
    probesBacked: isBounded ? sum('probesBacked') : null,
  };
}

/** Too few probes are served: what the free memory would serve in one piece, and what others do. */
export function whyProbes({ races }: Results): string {
  const ours = probesOf(races, 'granule-aware');
  const others = ['best-fit', 'first-fit'].flatMap((name) => {
    const { probes, probesServed } = probesOf(races, name);
    return probes === 0 ? [] : `${name} serves ${part(probesServed, probes)}`;
  });
  const { probes, probesServed, probesBacked } = ours;
  const bound =
    probesBacked === null
      ? ['what the free memory would serve is no bound, since the probes do not come last']
      : [
          `the probes come last, and what is free before them has the volume of ${probesBacked} of ${probes}`,
          `(${part(probesBacked, probes)}), wherever it lies: more is impossible, as much is not shown to be possible;`,
          `${part(probesServed, probesBacked)} of those are served. These seeds are ours; those that the`,
          'target was measured on are not known',
        ];
  return [...bound, ...others.map((told) => `· ${told} of all`)].join(' ');
}

function part(some: number, all: number): string {
  return (some / all).toFixed(3);
}

const POLICIES = ['best-fit', 'first-fit', 'buddy'];

/** Too much of what is free is in no whole granule: what the other policies leave there. */
export function whyUnusable(results: Results, workload: WorkloadName): string {
  const others = told(results, workload, ({ quality }) => quality?.unusable1G.toFixed(3));
  return `${choicesTold(results, workload)}; of the same trace ${others}`;
}

/** Too little volume is accepted. */
export function whyVolume(results: Results): string {
  const share = ({ quality }: Entry) =>
    quality && `${((100 * quality.acceptedFrames) / quality.requestedFrames).toFixed(1)} %`;
  const ours = entryOf(results, 'a90', 'granule-aware');
  const others = told(results, 'a90', share);
  return `ours accepts ${ours === undefined ? 'unknown' : share(ours)} of what is asked, ${others}; ${choicesTold(results, 'a90')}`;
}

/** Whether what is missed is the policy's, or a fault of our code. */
function choicesTold(results: Results, workload: WorkloadName): string {
  const same = entryOf(results, workload, 'granule-aware')?.sameChoices;
  if (same === undefined) return 'no C twin was raced beside it';
  return same
    ? 'the C twin chose the very same places, so it is what the policy comes to on these seeds'
    : 'the C twin chose other places: one of the two is wrong';
}

/** Something that fits was refused: whose fault it is. */
export function whyFalseRefusals({ races }: Results): string {
  const faults = races.flatMap(({ workload, entries }) =>
    entries.flatMap(({ name, group, quality }) => {
      const count = quality?.falseRefusals ?? 0;
      return group !== 'ours' || name === 'buddy' || count === 0
        ? []
        : [`${workload} ${name} ${count}`];
    }),
  );
  return `refused although a place was free: ${faults.join(', ')}; that is a fault, whatever the machine`;
}

/** The slowest operations are slow: what the usual ones take, and other policies beside. */
export function whySlowest(results: Results): string {
  const ours = entryOf(results, 'a90', 'granule-aware')?.singles;
  const others = told(results, 'a90', ({ singles }) => singles && `${singles.p999.toFixed(0)} ns`);
  const usual =
    ours === undefined ? 'unknown' : `${ours.median.toFixed(0)} ns, p99 ${ours.p99.toFixed(0)} ns`;
  return `the median of single operations is ${usual}; p99.9 of the same trace: ${others} (single operations of the C twin are not timed)`;
}

/** An extent takes many bytes. */
export function whyBytes(results: Results, workload: WorkloadName): string {
  const others = told(results, workload, ({ bytesPerExtent }) => bytesPerExtent.toFixed(1));
  const ours = entryOf(results, workload, 'granule-aware');
  const extents = ours === undefined ? 0 : ours.bytes / ours.bytesPerExtent;
  const tables = ours === undefined || extents < 1 ? 0 : ours.bytes / extents - RECORD_BYTES;
  return `a record takes ${RECORD_BYTES}; tables, as large for few extents as for many, take ${tables.toFixed(1)} an extent where there are ${extents.toFixed(0)} of them; of the same trace ${others}`;
}

/** What each of our other policies comes to. */
function told(
  results: Results,
  workload: WorkloadName,
  of: (entry: Entry) => string | undefined,
): string {
  const each = POLICIES.flatMap((name) => {
    const entry = entryOf(results, workload, name);
    const figure = entry && of(entry);
    return figure === undefined ? [] : [`${name} ${figure}`];
  });
  return each.length === 0 ? 'no other policy was raced' : each.join(', ');
}

export function entryOf(
  { races }: Results,
  workload: WorkloadName,
  name: string,
): Entry | undefined {
  const entries = races.find((race) => race.workload === workload)?.entries ?? [];
  return entries.find((entry) => entry.name === name);
}

export function netTold(entry: Entry | undefined): string {
  if (entry === undefined) return 'unknown';
  return `${entry.netNs.toFixed(1)} ns (minimum ${entry.netMinimumNs.toFixed(1)})`;
}

/** A snapshot into memory at hand takes long: it is a copy. */
export function whyCopy({ hotPath }: Results, size: string): string {
  const ns = (name: string) => nsOf(hotPath, `${name}, ${size}`);
  const ours = ns('snapshot into memory at hand');
  const copy = ns('a bare copy of as many bytes');
  if (ours === undefined || copy === undefined) return 'no copy was measured';
  return `a bare copy of as many bytes takes ${us(copy.median)} (minimum ${us(copy.minimum)}; ours ${us(ours.minimum)}): ours is ${(ours.median / copy.median).toFixed(2)} times that`;
}

/** A fresh snapshot takes long: how much of it is copying, and how much fresh memory. */
export function whySnapshot({ hotPath }: Results, size: string): string {
  const ns = (name: string) => nsOf(hotPath, `${name}, ${size}`);
  const fresh = ns('a bare copy into fresh memory');
  const copy = ns('a bare copy of as many bytes');
  const ours = ns('snapshot');
  if (fresh === undefined || copy === undefined || ours === undefined)
    return 'no copy was measured';
  return [
    `a bare copy of as many bytes takes ${us(copy.median)} into memory at hand and`,
    `${us(fresh.median)} into fresh memory (minima ${us(copy.minimum)}, ${us(fresh.minimum)}; ours`,
    `${us(ours.minimum)}): ours is ${(ours.median / fresh.median).toFixed(2)} times the latter,`,
    `${(ours.minimum / fresh.minimum).toFixed(2)} times by the minima; ${freshTold(ours, fresh)}`,
  ].join(' ');
}

/** Beyond this a snapshot does more than copy into fresh memory, or was disturbed. */
const LIKE_FRESH = 1.25;

/** How far fresh memory accounts for a snapshot. */
function freshTold(ours: Spread, fresh: Spread): string {
  if (ours.median <= LIKE_FRESH * fresh.median) {
    return 'so what is above a copy into memory at hand is the system handing out pages';
  }
  return ours.minimum <= LIKE_FRESH * fresh.minimum
    ? 'so at its best it costs what fresh memory costs; the median was disturbed, by what was not measured'
    : 'so fresh memory does not account for all of it; what else does was not measured';
}

/** A launch and termination takes long: what bare loops take, and where the instructions are. */
export function whyLaunch({ hotPath, limits }: Results): string {
  const ns = (name: string) => nsOf(hotPath, `launch + terminate, ${name}`);
  const [ours, bare] = [ns('in place'), ns('a bare loop')];
  if (ours === undefined || bare === undefined) return 'no bare loop was measured';
  const above = (ours.median - bare.median).toFixed(0);
  const share = [
    `a bare loop that asks no rule takes ${bare.median.toFixed(0)} ns for the same CPUs and frames, so ${above} ns`,
    `of ${ours.median.toFixed(0)} (minimum ${ours.minimum.toFixed(0)}) are rules, states, counters and decisions${ruledTold(ours, ns('a bare loop with the rules'))}`,
  ].join(' ');
  const counts = limits?.launch ?? [];
  if (counts.length === 0) return `${share}; \`npm run bench:profile -- launch\` counts which`;
  const all = counts.reduce((sum, { instructions }) => sum + instructions, 0);
  const most = counts.slice(0, LAUNCH_PARTS);
  const named = most.map(({ name, instructions }) => `${name} ${whole(instructions)}`).join(', ');
  const rest = all - most.reduce((sum, { instructions }) => sum + instructions, 0);
  return `${share}; of ${whole(all)} instructions: ${named}, ${counts.length - most.length} others ${whole(rest)}`;
}

/** What the rules cost as plain functions of plain fields, where that was measured. */
function ruledTold(ours: Spread, ruled: Spread | undefined): string {
  if (ruled === undefined) return '';
  const besides = (ours.median - ruled.median).toFixed(0);
  return `; one that asks the same rules as plain functions takes ${ruled.median.toFixed(0)} (minimum ${ruled.minimum.toFixed(0)}), so ${besides} are rules, decisions, effects and records as data`;
}

function us(ns: number): string {
  return `${(ns / 1000).toFixed(1)} us`;
}

export function whole(count: number): string {
  return count.toFixed(0);
}
