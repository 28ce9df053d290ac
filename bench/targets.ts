/**
 * What the allocator and the hot path are to reach, each as a ratio to its bound.
 *
 * Times compared are net of the replay floor of their own side. Beside some targets stands what would
 * be the value of a rival that does nothing but what it must (the C build of the same algorithm, a bare
 * copy): on a machine where that one misses the bound, the bound says more of the machine than of us.
 * Invariant: a target without the measurement it needs is "not measured", never met. Trade-off: bounds
 * are fixed here; what is met depends on the machine, so only the ratios to the native baseline are
 * kept and checked.
 */

import { type Entry, netOver } from './entry.js';
import type { Measured } from './hot-path/measure.js';
import { nsOf } from './hot-path/ns-of.js';
import type { Limits } from './limits.js';
import { queryBounds } from './query-targets.js';
import type { Race } from './race.js';
import * as reasons from './reasons.js';
import { whyTimesNative } from './times-native.js';
import type { WorkloadName } from './workloads.js';

export interface Results {
  readonly races: readonly Race[];
  readonly hotPath: readonly Measured[];
  readonly limits?: Limits;
}

export interface Target {
  readonly sentence: string;
  readonly bound: number;
  /** `at-most`: met when value ≤ bound. */
  readonly sense: 'at-most' | 'at-least';
  readonly value: number | undefined;
  /** The value in our place of whom `who` names, measured in the same run. */
  readonly rival?: { readonly who: string; readonly value: number };
  /** Of one that is measured and not met: why, in figures of the same run. */
  readonly reason?: string;
}

const SEED_SLACK = 0.003;
const AWARE = 'granule-aware';
const THING = 'npm @thi.ng/malloc';
const TWIN = 'the C twin';
const UNINLINED = 'the twin without inlining';

export function targetsOf(results: Results): Target[] {
  return boundsOf(results).map(({ why, ...target }) => {
    if (target.value === undefined || isMet(target)) return target;
    return { ...target, reason: why() };
  });
}

/** `why`: the reason, asked for where it is missed. */
export interface Bound extends Target {
  readonly why: () => string;
}

function boundsOf(results: Results): Bound[] {
  const entry = (workload: WorkloadName, name: string) =>
    results.races.find((race) => race.workload === workload)?.entries.find((e) => e.name === name);
  const aware = (workload: WorkloadName) => entry(workload, AWARE);
  const micro = (name: string) => nsOf(results.hotPath, name)?.median;
  const atMost = (
    sentence: string,
    bound: number,
    value: number | undefined,
    why: () => string,
  ): Bound => ({ sentence, bound, sense: 'at-most', value, why });
  const slowdown = (sentence: string, bound: number, workload: WorkloadName, name?: string) => {
    const times = slowdownOf(entry(workload, name ?? ''), aware(workload));
    const why = () => reasons.whySlowdown(results, workload, bound, name);
    const target: Bound = { ...atMost(sentence, bound, times, why), sense: 'at-least' };
    return beside(target, TWIN, slowdownOf(entry(workload, name ?? ''), native(workload)));
  };
  const atLeast = (
    sentence: string,
    bound: number,
    value: number | undefined,
    why: () => string,
  ): Bound => ({ ...atMost(sentence, bound, value, why), sense: 'at-least' });
  const native = (workload: WorkloadName) => entry(workload, `native ${AWARE}`);
  const beside = (target: Bound, who: string, value: number | undefined): Bound =>
    value === undefined ? target : { ...target, rival: { who, value } };
  const timesNative = (sentence: string, policy: typeof AWARE | 'best-fit') => {
    const why = () => whyTimesNative(results, policy);
    const target = atMost(sentence, 1.5, nativeRatio(results, 'a90', policy), why);
    const build = `native ${policy}, without inlining`;
    const uninlined = results.limits?.times.find(({ name }) => name === build);
    return beside(target, UNINLINED, uninlined?.timesNative);
  };
  const snapshot = (size: string, bound: number) => {
    const why = () => reasons.whySnapshot(results, size);
    const target = atMost(`snapshot at ${size}, ns`, bound, micro(`snapshot, ${size}`), why);
    return beside(target, 'a bare copy', micro(`a bare copy into fresh memory, ${size}`));
  };
  const bytes = (workload: WorkloadName) => {
    const value = positive(aware(workload)?.bytesPerExtent);
    return atMost(`bytes per extent, ${workload}`, 72, value, () =>
      reasons.whyBytes(results, workload),
    );
  };
  const unusable = (workload: WorkloadName, bound: number) => {
    const value = aware(workload)?.quality?.unusable1G;
    const why = () => reasons.whyUnusable(results, workload);
    return atMost(`unusable@1G, ${workload}`, bound + SEED_SLACK, value, why);
  };
  return [
    timesNative('1G-aware: times the native build, a90', AWARE),
    timesNative('plain fit: times the native build, a90', 'best-fit'),
    beside(
      atMost('1G-aware: cost at 24 TiB / at 1 TiB', 1, ratio(aware('d24t'), aware('a90')), () =>
        reasons.whyGrowth(results),
      ),
      TWIN,
      ratio(native('d24t'), native('a90')),
    ),
    slowdown('npm packages: slowdown of the fastest, 1 TiB', 2.2, 'a90', fastestNpm(results)),
    slowdown('@thi.ng/malloc: slowdown, 1 TiB', 30, 'a90', THING),
    slowdown('@thi.ng/malloc: slowdown, 24 TiB', 3000, 'd24t', THING),
    unusable('a90', 0.06),
    unusable('d24t', 0.042),
    atMost('volume below best fit, points, a90', 1, volumeGap(results), () =>
      reasons.whyVolume(results),
    ),
    beside(
      atLeast('1G probes served, b_mix and b_rand', 0.88, probeShare(results, 'probesServed'), () =>
        reasons.whyProbes(results),
      ),
      'free memory in one piece',
      probeShare(results, 'probesBacked'),
    ),
    atMost('false refusals, all workloads', 0, falseRefusals(results), () =>
      reasons.whyFalseRefusals(results),
    ),
    atMost(
      'p99.9 of one operation (its least of 3), ns, a90',
      1000,
      aware('a90')?.singles?.p999,
      () => reasons.whySlowest(results),
    ),
    ...queryBounds(results),
    snapshot('1 TiB', 15_000),
    snapshot('24 TiB', 50_000),
    beside(
      atMost(
        'snapshot at 24 TiB into memory at hand, ns',
        50_000,
        micro('snapshot into memory at hand, 24 TiB'),
        () => reasons.whyCopy(results, '24 TiB'),
      ),
      'a bare copy',
      micro('a bare copy of as many bytes, 24 TiB'),
    ),
    bytes('a90'),
    bytes('d24t'),
    beside(
      atMost('launch + terminate in place, ns', 1000, micro('launch + terminate, in place'), () =>
        reasons.whyLaunch(results),
      ),
      'a bare loop',
      micro('launch + terminate, a bare loop'),
    ),
  ];
}

export function isMet({ value, bound, sense }: Target): boolean {
  if (value === undefined) return false;
  return sense === 'at-most' ? value <= bound : value >= bound;
}

/** Ours over the native build of the same algorithm, both net of their floors. */
export function nativeRatio(
  { races }: Results,
  workload: WorkloadName,
  policy: string,
): number | undefined {
  const entries = races.find((race) => race.workload === workload)?.entries ?? [];
  return ratio(
    entries.find(({ name }) => name === policy),
    entries.find(({ name }) => name === `native ${policy}`),
  );
}

function ratio(one: Entry | undefined, other: Entry | undefined): number | undefined {
  return one === undefined || other === undefined ? undefined : one.netNs / other.netNs;
}

/** How many times as long theirs takes, over the operations that theirs was timed on. */
function slowdownOf(theirs: Entry | undefined, ours: Entry | undefined): number | undefined {
  const own = netOver(theirs, ours);
  return theirs === undefined || own === undefined ? undefined : theirs.netNs / own;
}

/** The package from npm that takes least on a90. */
function fastestNpm({ races }: Results): string | undefined {
  const entries = races.find(({ workload }) => workload === 'a90')?.entries ?? [];
  const peers = entries.filter(({ group }) => group === 'npm');
  return peers.toSorted((a, b) => a.netNs - b.netNs)[0]?.name;
}

function volumeGap({ races }: Results): number | undefined {
  const entries = races.find(({ workload }) => workload === 'a90')?.entries ?? [];
  const share = (policy: string) => {
    const quality = entries.find(({ name }) => name === policy)?.quality;
    return quality === undefined ? undefined : quality.acceptedFrames / quality.requestedFrames;
  };
  const [best, ours] = [share('best-fit'), share('granule-aware')];
  return best === undefined || ours === undefined ? undefined : 100 * (best - ours);
}

function probeShare({ races }: Results, key: 'probesServed' | 'probesBacked'): number | undefined {
  const isRaced = (name: WorkloadName) => races.some(({ workload }) => workload === name);
  if (!reasons.PROBED.every(isRaced)) return undefined;
  const { probes, [key]: some } = reasons.probesOf(races, AWARE);
  return probes === 0 || some === null ? undefined : some / probes;
}

function falseRefusals({ races }: Results): number | undefined {
  const ours = new Set(['granule-aware', 'best-fit', 'first-fit']);
  const counts = races.flatMap(({ entries }) =>
    entries.filter(({ name }) => ours.has(name)).flatMap((e) => e.quality?.falseRefusals ?? []),
  );
  return counts.length === 0 ? undefined : counts.reduce((sum, count) => sum + count, 0);
}

function positive(value: number | undefined): number | undefined {
  return value === 0 ? undefined : value;
}
