/**
 * A stop of the simulator between any two journal entries, then recovery: the sound entries are read
 * back and replayed on a fresh host, the rest of the commands follow, and the end is the same.
 *
 * After every stop the state is the one the run had there; of the one run beyond LONG after every
 * STRIDE-th. To the end go all stops of a short run; of a longer one as many, spread evenly, as BUDGET
 * replays, two at least. HYPERCARVE_RUNS=21 sends all of each run up to LONG commands to the end, and 42
 * of the one beyond, whose every stop is looked at then.
 */
import { isDeepStrictEqual } from 'node:util';
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
const STRIDE = 10;
const TIMEOUT_MS = 600_000;

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

/** What `stateOf` tells, without writing it out. */
function haveOneState(one: Host, other: Host): boolean {
  const bytes = ({ memory }: Host) =>
    memory.flatMap(({ base, pools }) => [base, ...pools.map(({ store }) => store)]);
  const others = bytes(other);
  return (
    isDeepStrictEqual(one.tree, other.tree) &&
    bytes(one).every((store, i) => Buffer.compare(store.snapshot(), others[i].snapshot()) === 0)
  );
}

/** The stops after which a replay of what was read back is not where the run was. */
function strayed(shipped: Shipped, { commands, head, lines }: Told, stride: number): number[] {
  const reading = readJournal(head + lines.join(''));
  if (!reading.ok) throw new Error(`${shipped.name}: ${reading.problems[0].message}`);
  const [run, back] = [shipped.build(), shipped.build()];
  return reading.entries.flatMap((entry, k) => {
    runInPlace(run, commands[k]);
    const differs = replay(back, [entry]) !== undefined;
    const isStop = k % stride === 0 || k === lines.length - 1;
    return differs || (isStop && !haveOneState(run, back)) ? [k + 1] : [];
  });
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
        expect(readJournal(torn)).toMatchObject({
          ok: false,
          problems: [{ line: k + 2, message: 'the line is cut off' }],
        });
        expect(recovered(shipped, run, torn).hash).toBe(run.hash);
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
