/**
 * The kept results: one line per kept run, and whether a new run is slower than the last one.
 *
 * Compared are ratios to the native baseline, never times, so that lines of different machines can
 * follow each other. Invariant: lines are only added. Trade-off: TOLERANCE is wide, since two runs on a
 * busy machine differ by a tenth; quality is kept beside them and compared by nobody, and so are the ratios
 * of the probe workloads, which end after 1,400 operations: others' work doubles them.
 */
import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Growth } from './growth.js';
import { type Chart, chartsSvg } from './line-chart.js';
import type { Machine } from './machine.js';
import { isMet, nativeRatio, type Results, type Target } from './targets.js';
import { WORKLOADS } from './workloads.js';

const KEPT = fileURLToPath(new URL('../reports/kept/', import.meta.url));
const HISTORY = `${KEPT}bench-history.jsonl`;
export const TOLERANCE = 1.25;
const PROBED = new Set(
  Object.entries(WORKLOADS).flatMap(([name, { kind }]) => (kind === 'probe' ? [name] : [])),
);

export interface KeptRun {
  readonly date: string;
  readonly machine: Machine;
  readonly operations: number;
  readonly seeds: number;
  /** "workload policy" → net time over the native build's. */
  readonly ratios: Readonly<Record<string, number>>;
  readonly targets: readonly {
    readonly sentence: string;
    readonly value: number | null;
    readonly met: boolean;
    /** What the rival of the target reached in our place. */
    readonly rival?: number;
  }[];
}

export function keptRun(
  results: Results,
  targets: readonly Target[],
  machine: Machine,
  date: string,
): KeptRun {
  const ratios: Record<string, number> = {};
  for (const { workload } of results.races) {
    for (const policy of ['granule-aware', 'best-fit']) {
      const value = nativeRatio(results, workload, policy);
      if (value !== undefined) ratios[`${workload} ${policy}`] = rounded(value);
    }
  }
  return {
    date,
    machine,
    operations: Math.max(...results.races.map(({ operations }) => operations)),
    seeds: Math.max(...results.races.map(({ seeds }) => seeds.length)),
    ratios,
    targets: targets.map((target) => ({
      sentence: target.sentence,
      value: target.value === undefined ? null : rounded(target.value),
      met: isMet(target),
      ...(target.rival === undefined ? {} : { rival: rounded(target.rival.value) }),
    })),
  };
}

function rounded(value: number): number {
  return Number(value.toPrecision(4));
}

/** The kept runs, oldest first. */
export function readHistory(file = HISTORY): KeptRun[] {
  if (!existsSync(file)) return [];
  const lines = readFileSync(file, 'utf8').split('\n');
  return lines.filter((line) => line !== '').map((line) => JSON.parse(line) as KeptRun);
}

/** The last kept run on as many operations and seeds, with ratios; others say nothing of this one. */
export function lastLike(run: KeptRun, history: readonly KeptRun[]): KeptRun | undefined {
  return history.findLast(
    (kept) =>
      kept.operations === run.operations &&
      kept.seeds === run.seeds &&
      comparedRatios(kept).length > 0,
  );
}

/** The ratios that say something of the code whatever else the machine does: those of churn. */
export function comparedRatios({ ratios }: KeptRun): (readonly [name: string, ratio: number])[] {
  return Object.entries(ratios).filter(([name]) => !PROBED.has(name.split(' ')[0]));
}

/** In words, each ratio that grew by more than TOLERANCE since that run. */
export function regressions(run: KeptRun, last: KeptRun): string[] {
  return comparedRatios(run).flatMap(([name, ratio]) => {
    const before = last.ratios[name];
    if (before === undefined || ratio <= before * TOLERANCE) return [];
    return [`${name}: ${ratio.toFixed(2)} × native, was ${before.toFixed(2)} on ${last.date}`];
  });
}

/** Appends the run, draws the plots anew and writes the page of limits, as far as there is one. */
export function keep(
  run: KeptRun | undefined,
  growth: Growth | undefined,
  limits: string | undefined,
): void {
  mkdirSync(KEPT, { recursive: true });
  if (run !== undefined) {
    appendFileSync(HISTORY, `${JSON.stringify(run)}\n`);
    writeFileSync(`${KEPT}bench-history.svg`, chartsSvg([historyChart(readHistory())]));
  }
  if (growth !== undefined) {
    writeFileSync(`${KEPT}bench-growth.svg`, chartsSvg(growthCharts(growth)));
  }
  if (limits !== undefined) writeFileSync(`${KEPT}bench-limits.md`, limits);
}

function historyChart(history: readonly KeptRun[]): Chart {
  const names = [...new Set(history.flatMap(({ ratios }) => Object.keys(ratios)))].filter((name) =>
    /^(?:a90|d24t) /.test(name),
  );
  return {
    title: 'JavaScript over native C, same algorithm',
    xLabel: 'kept run',
    yLabel: 'times the native build',
    logX: false,
    tick: String,
    lines: names.map((label) => ({
      label,
      points: history.flatMap(({ ratios }, i) =>
        ratios[label] === undefined ? [] : [{ x: i + 1, y: ratios[label] }],
      ),
    })),
  };
}

function growthCharts({ byNodeGib, byExtents }: Growth): Chart[] {
  const line = (points: Growth['byExtents']) => [
    { label: 'granule-aware', points: points.map(({ x, ns }) => ({ x, y: ns })) },
  ];
  const shared = { yLabel: 'ns per operation, net', logX: true };
  return [
    {
      ...shared,
      title: 'Cost by node size',
      xLabel: 'node',
      tick: (gib) => (gib < 1024 ? `${gib} GiB` : `${gib / 1024} TiB`),
      lines: line(byNodeGib),
    },
    {
      ...shared,
      title: 'Cost by live extents, 24 TiB',
      xLabel: 'live extents',
      tick: (n) => (n < 1000 ? String(n) : n < 1e6 ? `${n / 1000}k` : `${n / 1e6}M`),
      lines: line(byExtents),
    },
  ];
}
