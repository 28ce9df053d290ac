/**
 * A stop of the simulator between any two journal entries, then recovery: the sound entries are read
 * back and replayed on a fresh host, the rest of the commands follow, and the end is the same.
 *
 * All stops of a short run; of a longer one as many, spread evenly, as BUDGET replays, two at least.
 * HYPERCARVE_RUNS=21 tries all of each run up to LONG commands, and that many of the one beyond.
 */
import { describe, expect, it } from 'vitest';
import type { Command } from '../../core/host/command.js';
import type { Host } from '../../core/host/host.js';
import { runInPlace } from '../../core/host/step.js';
import { type JournalEntry, journalEntry, replay, resultHash } from '../../core/journal/journal.js';
import { journalWriter, readJournal } from '../../core/journal/stored.js';
import { readSnapshot, writeSnapshot } from '../../core/journal/stored-snapshot.js';
import { scaledRuns } from '../seed.js';
import { type Shipped, shippedRuns, watched } from './shipped-runs.js';

/** Replayed commands a push spends on one scenario, about. */
const BUDGET = 30_000;
const LONG = 2_000;
/** Stops of a run beyond that. */
const MOST = 500;

interface Told {
  readonly commands: readonly Command[];
  /** One line per entry, as they would lie on disk. */
  readonly head: string;
  readonly lines: readonly string[];
  readonly hash: string;
  readonly end: string;
}

function told(shipped: Shipped): Told {
  const commands: Command[] = [];
  const host = watched(shipped.build(), (_at, command, decide) => {
    commands.push(command);
    return decide(command);
  });
  const { resultHash: hash, runId } = shipped.run(host);
  const writer = journalWriter({ runId });
  const again = shipped.build();
  const lines = commands.map((command) =>
    writer.entry(journalEntry(command, runInPlace(again, command))),
  );
  const end = stateOf(again);
  expect(end).toBe(stateOf(host));
  return { commands, head: writer.head, lines, hash, end };
}

/** The whole state as text: equal texts make equal decisions. */
function stateOf(host: Host): string {
  return writeSnapshot(host, 0).slice(0, 64);
}

/** Reads what a stop left, replays it and goes on. */
function recovered(shipped: Shipped, run: Told, text: string): { host: Host; hash: string } {
  const reading = readJournal(text);
  const sound = reading.ok ? reading.entries : reading.sound;
  const host = shipped.build();
  expect(replay(host, sound)).toBeUndefined();
  const rest = run.commands
    .slice(sound.length)
    .map((command): JournalEntry => journalEntry(command, runInPlace(host, command)));
  return { host, hash: resultHash([...sound, ...rest]) };
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
        const { host, hash } = recovered(shipped, run, text);
        expect([hash, stateOf(host)], `stopped after ${k} entries`).toEqual([run.hash, run.end]);
      }
    },
    600_000,
  );

  it.each(shippedRuns().slice(0, 8))(
    'a torn last line loses that entry only, $name',
    (shipped) => {
      const run = told(shipped);
      for (const k of stops(run.commands.length).filter((stop) => stop < run.lines.length)) {
        const whole = run.head + run.lines.slice(0, k).join('');
        const torn = whole + run.lines[k].slice(0, Math.floor(run.lines[k].length / 2));
        expect(readJournal(torn)).toMatchObject({
          ok: false,
          problems: [{ line: k + 2, message: 'the line is cut off' }],
        });
        expect(recovered(shipped, run, torn).hash).toBe(run.hash);
      }
    },
    600_000,
  );

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
