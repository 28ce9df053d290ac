/**
 * `npm run bench:engine -- [--requests N] [--rounds N] [--only NAME] [--json]`: the fleet engine on
 * the churn of bench/engine/churn.ts, in events a second of one core, beside a bare hand loop.
 *
 * An event is one accepted launch or one end; refusals are counted apart. Seconds are those of CPU,
 * garbage collection on other threads included, so that a busy machine disturbs little. Entrants
 * take turns in each round, and the best round counts. Invariant: an entrant's result hash is the
 * same in all rounds, and each has a process of its own, so that none meets code compiled for another.
 * Trade-off: the first round warms up and is not counted.
 */

import { parseArgs } from 'node:util';
import { argumentProblem, wholeNumber } from './arguments.js';
import { Attendant } from './contestant.js';
import { ENTRANTS, type Round } from './engine/entrants.js';
import { machineNow } from './machine.js';
import { machineText } from './print.js';

interface Score {
  readonly events: number;
  readonly refused: number;
  best: number;
  readonly hash: string;
}

const SEED = 20221031;
const DEFAULTS = { requests: 30_000, rounds: 15 };

const USAGE = 'npm run bench:engine -- [--requests N] [--rounds N] [--only NAME] [--json]';
const OPTIONS = {
  help: { type: 'boolean' },
  requests: { type: 'string' },
  rounds: { type: 'string' },
  only: { type: 'string' },
  json: { type: 'boolean' },
} as const;

const args = process.argv.slice(2);
const given = optionsOf();
const requests = numberOf('requests');
const rounds = numberOf('rounds');
const chosen = ENTRANTS.filter(({ name }) => given.only === undefined || name === given.only);
if (chosen.length === 0) {
  wrong(`no entrant "${given.only}"; known: ${ENTRANTS.map(({ name }) => name).join(', ')}`);
}
const scores = new Map<string, Score>();
const attendants = chosen.map(({ name }) => ({
  name,
  attendant: new Attendant('engine/entrant-process', [name, String(requests), String(SEED)]),
}));
for (let round = 0; round <= rounds; round++) {
  for (const { name, attendant } of attendants) {
    note(name, await attendant.ask<Round>({ kind: 'round' }), round);
  }
}
for (const { attendant } of attendants) attendant.end();
print();

function note(name: string, { events, refused, hash, seconds }: Round, round: number): void {
  const score = scores.get(name) ?? { events, refused, best: 0, hash };
  if (score.hash !== hash) throw new Error(`${name}: two rounds gave different results`);
  if (round > 0) score.best = Math.max(score.best, events / seconds);
  scores.set(name, score);
}

function print(): void {
  if (given.json === true) {
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

function optionsOf() {
  try {
    const { values } = parseArgs({ args, options: OPTIONS });
    if (values.help !== true) return values;
  } catch (error) {
    return wrong(`${argumentProblem(error)}\n${USAGE}`);
  }
  console.log(USAGE);
  process.exit(0);
}

function numberOf(name: keyof typeof DEFAULTS): number {
  const value = wholeNumber(given[name], DEFAULTS[name]);
  return value ?? wrong(`--${name} needs a whole number from 1`);
}

function wrong(message: string): never {
  process.stderr.write(`bench:engine: ${message}\n`);
  process.exit(2);
}
