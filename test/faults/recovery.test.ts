/**
 * A stop of the simulator between any two journal entries, then recovery: the sound entries are read
 * back and replayed on a fresh host, the rest of the commands follow, and the end is the same.
 *
 * After every stop the state is the one the run had there; of the one run beyond LONG after every
 * STRIDE-th. To the end go all stops of a short run; of a longer one as many, spread evenly, as BUDGET
 * replays, two at least. HYPERCARVE_RUNS=21 sends all of each run up to LONG commands to the end, and 42
 * of the one beyond, whose every stop is looked at then.
 */
import { describe, expect, it } from 'vitest';
import type { Command } from '../../core/host/command.js';
import { runInPlace } from '../../core/host/step.js';
import { readJournal } from '../../core/journal/stored.js';
import { readSnapshot, writeSnapshot } from '../../core/journal/stored-snapshot.js';
import { scaledRuns } from '../seed.js';
import { haveOneState, recovered, stateOf, strayed, type Told, toldOf } from './replayed.js';
import { type Shipped, shippedRuns, watched } from './shipped-runs.js';

/** Replayed commands a push spends on one scenario, about. */
const BUDGET = 30_000;
const LONG = 2_000;
/** Stops of a run beyond that. */
const MOST = 500;
const STRIDE = 10;
const TIMEOUT_MS = 600_000;

/** By name; several tests ask for the same run. */
const TOLD = new Map<string, Told>();

function told(shipped: Shipped): Told {
  const run = TOLD.get(shipped.name) ?? toldAnew(shipped);
  TOLD.set(shipped.name, run);
  return run;
}

function toldAnew(shipped: Shipped): Told {
  const commands: Command[] = [];
  const host = watched(shipped.build(), (_at, command, decide) => {
    commands.push(command);
    return decide(command);
  });
  const { resultHash, runId } = shipped.run(host);
  const run = toldOf(shipped, commands, runId);
  expect([run.hash, run.end]).toEqual([resultHash, stateOf(host)]);
  return run;
}

function stops(length: number): number[] {
  const affordable = Math.max(2, scaledRuns(Math.floor(BUDGET / length)));
  const most = length > LONG ? Math.min(MOST, affordable) : affordable;
  if (length + 1 <= most) return Array.from({ length: length + 1 }, (_, k) => k);
  return Array.from({ length: most }, (_, i) => Math.floor((i * (length + 1)) / most));
}

describe('a stop between two journal entries', () => {
  it.each(shippedRuns())(
    'recovery ends as the run did, $name',
    (shipped) => {
      const run = told(shipped);
      for (const k of stops(run.commands.length)) {
        const text = run.head + run.lines.slice(0, k).join('');
        const { host, hash } = recovered(shipped, run, readJournal(text));
        const same = haveOneState(host, run.last);
        expect([hash, same], `stopped after ${k} entries`).toEqual([run.hash, true]);
      }
      const stride = run.commands.length > LONG ? Math.ceil(STRIDE / scaledRuns(1)) : 1;
      expect(strayed(shipped, run, stride)).toEqual([]);
    },
    Math.max(TIMEOUT_MS, scaledRuns(TIMEOUT_MS)),
  );

  it.each(shippedRuns().slice(0, 8))(
    'a torn last line loses that entry only, $name',
    (shipped) => {
      const run = told(shipped);
      for (const k of stops(run.commands.length).filter((stop) => stop < run.lines.length)) {
        const whole = run.head + run.lines.slice(0, k).join('');
        const torn = whole + run.lines[k].slice(0, Math.floor(run.lines[k].length / 2));
        const reading = readJournal(torn);
        expect(reading).toMatchObject({
          ok: false,
          problems: [{ line: k + 2, message: 'the line is cut off' }],
        });
        expect(recovered(shipped, run, reading).hash).toBe(run.hash);
      }
    },
    Math.max(TIMEOUT_MS, scaledRuns(TIMEOUT_MS)),
  );

  it('a host that strays is found at the stop where it does', () => {
    const [shipped] = shippedRuns();
    const run = told(shipped);
    const commands = run.commands.map((command, k): Command => {
      return k === 5 ? { kind: 'parent.stop' } : command;
    });
    expect(strayed(shipped, { ...run, commands }, 1)[0]).toBe(6);
  });

  it('a snapshot in the middle does as well as a replay from the start', () => {
    for (const shipped of shippedRuns().filter(({ name }) => !name.startsWith('flagship'))) {
      const run = told(shipped);
      const half = Math.floor(run.commands.length / 2);
      const first = shipped.build();
      for (const command of run.commands.slice(0, half)) runInPlace(first, command);
      const reading = readSnapshot(shipped.build(), writeSnapshot(first, half));
      if (!reading.ok) throw new Error(`${shipped.name}: ${reading.problem}`);
      for (const command of run.commands.slice(reading.entries)) runInPlace(reading.host, command);
      expect(stateOf(reading.host), shipped.name).toBe(run.end);
    }
  }, 120_000);
});
