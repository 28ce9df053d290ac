/**
 * `npm run bench:engine -- [--requests N] [--rounds N] [--only NAME] [--json]`: the fleet engine on
 * the churn of bench/engine/churn.ts, in events a second of one core, beside a bare hand loop.
 *
 * An event is one accepted launch or one end; refusals are counted apart. Seconds are those of CPU,
 * garbage collection on other threads included, so that a busy machine disturbs little. Contestants
 * take turns in each round and the best round counts. Invariant: a contestant's result hash is the same in all
 * rounds. Trade-off: one process, so that all meet the same machine; the first round warms up.
 */

import { runFleet } from '../scenarios/engine/fleet-run.js';
import type { FleetRequest } from '../scenarios/engine/request.js';
import { type ChurnPlatform, churnFleet, churnRequests } from './engine/churn.js';
import { handLoop } from './engine/hand-loop.js';
import { machineNow } from './machine.js';
import { machineText } from './print.js';

interface Contestant {
  readonly name: string;
  readonly platform?: ChurnPlatform;
  readonly audit: boolean;
  /** Thousand events/s asked for. */
  readonly asked?: number;
}

interface Score {
  events: number;
  refused: number;
  best: number;
  hash: string;
}

const CONTESTANTS: readonly Contestant[] = [
  { name: 'bare hand loop', audit: false },
  { name: 'vm', platform: 'vm', audit: false, asked: 1000 },
  { name: 'vm, audited', platform: 'vm', audit: true, asked: 150 },
  { name: 'qingtian', platform: 'qingtian', audit: false, asked: 600 },
  { name: 'qingtian, audited', platform: 'qingtian', audit: true, asked: 150 },
  { name: 'nitro-cli', platform: 'nitro', audit: false, asked: 100 },
];
const SEED = 20221031;
const DEFAULTS = { requests: 30_000, rounds: 5 };

const args = process.argv.slice(2);
const requests = numberOf('--requests', DEFAULTS.requests);
const rounds = numberOf('--rounds', DEFAULTS.rounds);
const only = args.includes('--only') ? args[args.indexOf('--only') + 1] : undefined;
const chosen = CONTESTANTS.filter(({ name }) => only === undefined || name === only);
const drawn = churnRequests(requests, SEED);
const scores = new Map<string, Score>();
for (let round = 0; round <= rounds; round++) {
  for (const contestant of chosen) await take(contestant, round);
}
print();

async function take({ name, platform, audit }: Contestant, round: number): Promise<void> {
  const run = platform === undefined ? bare(drawn) : await whole(platform, drawn, audit);
  const started = process.cpuUsage();
  const { events, refused, hash } = run();
  const { user, system } = process.cpuUsage(started);
  const seconds = (user + system) / 1e6;
  const score = scores.get(name) ?? { events, refused, best: 0, hash };
  if (score.hash !== hash) throw new Error(`${name}: two rounds gave different results`);
  // Round 0 warms up.
  if (round > 0 || rounds === 0) score.best = Math.max(score.best, events / seconds);
  scores.set(name, score);
}

type Run = () => { readonly events: number; readonly refused: number; readonly hash: string };

function bare(part: readonly FleetRequest[]): Run {
  return () => {
    const events = handLoop(part);
    return { events, refused: part.length - events / 2, hash: String(events) };
  };
}

async function whole(
  platform: ChurnPlatform,
  part: readonly FleetRequest[],
  audit: boolean,
): Promise<Run> {
  const input = await churnFleet(platform, part, audit);
  return () => {
    const { accepted, ended, refused, violations, resultHash } = runFleet(input);
    if (violations.count > 0) throw new Error(violations.first.join('\n'));
    return { events: accepted + ended, refused, hash: resultHash };
  };
}

function print(): void {
  if (args.includes('--json')) {
    console.log(JSON.stringify({ machine: machineNow(), scores: Object.fromEntries(scores) }));
    return;
  }
  console.log(machineText(machineNow()));
  const loop = scores.get('bare hand loop')?.best;
  for (const { name, asked } of chosen) {
    const score = scores.get(name);
    if (score === undefined) continue;
    const thousand = score.best / 1000;
    const parts = [
      name.padEnd(18),
      `${thousand.toFixed(thousand < 100 ? 1 : 0).padStart(6)} thousand events/s`,
      `${score.events} events, ${score.refused} refused`,
    ];
    if (loop !== undefined) parts.push(`hand loop / this = ${(loop / score.best).toFixed(1)}`);
    if (asked !== undefined) parts.push(`asked ${asked}: ${thousand >= asked ? 'met' : 'not met'}`);
    console.log(parts.join(' · '));
  }
}

function numberOf(name: string, otherwise: number): number {
  const at = args.indexOf(name);
  const value = at < 0 ? otherwise : Number(args[at + 1]);
  if (!Number.isSafeInteger(value) || value < 1) {
    process.stderr.write(`bench:engine: ${name} needs a whole number from 1\n`);
    process.exit(2);
  }
  return value;
}
