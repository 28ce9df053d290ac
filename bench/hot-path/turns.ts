/**
 * The hot path measured: each body in a process of its own, the bodies of a suite in turns.
 *
 * Invariant: in every round each body runs once, and the order rotates, so that a slow moment of the
 * machine meets all alike; nothing runs while a body is measured. Trade-off: a process a body costs
 * its start, which is made two at a time.
 */
import { Attendant } from '../contestant.js';
import { takeTurns } from '../rounds.js';
import { type Spread, steadiness } from '../statistics.js';
import type { BodyOrder } from './body-process.js';
import type { Body, Measured } from './measure.js';
import { SUITE_NAMES, SUITES, type SuiteName } from './suites.js';

const ROUNDS = 5;
/** Processes started at a time. */
const STARTS = 2;

interface Entrant {
  readonly name: string;
  readonly process: Attendant;
}

/** Each body for about `bodyMs` in all; only those that `isWanted`. */
export async function measureHotPath(
  bodyMs: number,
  log: (text: string) => void,
  isWanted: (body: Body) => boolean = () => true,
): Promise<Measured[]> {
  const measured: Measured[] = [];
  for (const suite of SUITE_NAMES) {
    const bodies = await SUITES[suite]();
    const names = bodies.filter(isWanted).map(({ name }) => name);
    if (names.length === 0) continue;
    log(`hot path: ${suite}`);
    measured.push(...(await inTurns(suite, names, bodyMs)));
  }
  return measured;
}

async function inTurns(
  suite: SuiteName,
  names: readonly string[],
  bodyMs: number,
): Promise<Measured[]> {
  const entrants: Entrant[] = [];
  try {
    for (let at = 0; at < names.length; at += STARTS) {
      const started = names.slice(at, at + STARTS).map((name) => {
        return { name, process: new Attendant('hot-path/body-process', [suite, name]) };
      });
      entrants.push(...started);
      await Promise.all(started.map(({ process }) => process.ask()));
    }
    const order = (one: Entrant, what: BodyOrder) => one.process.ask(what);
    for (const one of entrants) await order(one, { kind: 'warm-up', timeMs: bodyMs / 3 });
    await takeTurns(entrants, { warmUps: 0, counted: ROUNDS }, async (one) => {
      await order(one, { kind: 'round', timeMs: bodyMs / ROUNDS });
    });
    const measured: Measured[] = [];
    for (const { name, process } of entrants) {
      const ns = await process.ask<Spread>({ kind: 'figures' });
      measured.push({ name, ns, ...steadiness(ns) });
    }
    return measured;
  } finally {
    for (const { process } of entrants) process.end();
  }
}
