/**
 * The order of a run: timeline items and seeded churn, merged into one list of moments.
 *
 * Invariant: times never go back, ties keep the order of the file (timeline first, then churn), and
 * the same seed gives the same churn on any machine. Churn draws exponential gaps and lifetimes from
 * an integer table, since the last digits of Math.log differ between engines.
 */
import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { seededStream } from '../../core/units/seeded-stream.js';
import type { Finding } from '../schema/problem.js';
import type { LaunchRequest, Scenario, TimelineItem } from '../schema/scenario.js';
import { EXPONENTIAL_MILLI } from './exponential.js';

/** Churn names its CIDs itself, from here on, out of the way of a timeline's small ones. */
const FIRST_CID = 100_000;

/** What happens at one moment. */
export interface Moment {
  readonly at: number;
  readonly item: TimelineItem;
  /** Comes from churn: a refusal is counted, a later end of a refused launch is silent. */
  readonly churn: boolean;
  /** Where in the scenario it stands. */
  readonly path: Finding['path'];
}

const CHURN = ['workload', 'churn'] as const;

export function momentsOf(scenario: Scenario): Moment[] {
  const fixed = fixedMoments(scenario);
  const churned = churnMoments(scenario, fixed.at(-1)?.at ?? 0);
  return [...fixed, ...churned].sort((a, b) => a.at - b.at);
}

function fixedMoments({ workload }: Scenario): Moment[] {
  const moments: Moment[] = [];
  let now = 0;
  for (const [i, item] of workload.timeline.entries()) {
    now = item.at ?? now;
    const path = ['workload', 'timeline', i];
    for (const single of expanded(item))
      moments.push({ at: now, item: single, churn: false, path });
  }
  return moments;
}

/** A launch with `count` is that many launches, named name-1 … name-N. */
function expanded(item: TimelineItem): TimelineItem[] {
  if (!('launch' in item) || item.launch.count === undefined) return [item];
  const { count, ...launch } = item.launch;
  return Array.from({ length: count }, (_, i) => ({
    ...item,
    launch: { ...launch, name: `${launch.name}-${i + 1}` },
  }));
}

function churnMoments({ workload, seed }: Scenario, start: number): Moment[] {
  const { churn } = workload;
  if (churn === undefined) return [];
  const random = seededStream(seed);
  const draw = (below: number) => uniformInt(random, 0, below - 1);
  const exponential = (mean: number) => mean * EXPONENTIAL_MILLI[draw(EXPONENTIAL_MILLI.length)];
  const weights = churn.mix.map(({ weight }) => weight);
  const moments: Moment[] = [];
  let milli = start * 1000;
  for (let i = 1; i <= churn.launches; i++) {
    milli += exponential(churn.every);
    const { vcpus, memory, image } = churn.mix[pick(weights, draw)];
    const name = `churn-${i}`;
    const cid = FIRST_CID + i;
    const launch: LaunchRequest = {
      name,
      vcpus,
      memory,
      image,
      cid,
      debug: false,
      heartbeat: true,
    };
    moments.push({ at: Math.floor(milli / 1000), item: { launch }, churn: true, path: CHURN });
    const end = Math.floor((milli + exponential(churn.lifetime)) / 1000);
    moments.push({ at: end, item: { terminate: name }, churn: true, path: CHURN });
  }
  return moments;
}

function pick(weights: readonly number[], draw: (below: number) => number): number {
  let left = draw(weights.reduce((sum, weight) => sum + weight, 0));
  let i = 0;
  while (left >= weights[i]) left -= weights[i++];
  return i;
}
