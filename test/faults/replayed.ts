/**
 * A run as its journal tells it, and what becomes of one that stopped somewhere: the sound entries are
 * read back and replayed on a fresh host.
 *
 * Invariant: what is compared is the whole state, tree and stores. Trade-off: entries are written again
 * from the commands of the run, not by the run itself.
 */
import { expect } from 'vitest';
import type { Command } from '../../core/host/command.js';
import type { Host } from '../../core/host/host.js';
import { runInPlace } from '../../core/host/step.js';
import { type JournalEntry, journalEntry, replay, resultHash } from '../../core/journal/journal.js';
import { type JournalReading, journalWriter, readJournal } from '../../core/journal/stored.js';
import { writeSnapshot } from '../../core/journal/stored-snapshot.js';
import { isAlike } from '../expect-same.js';

export interface Told {
  readonly commands: readonly Command[];
  /** One line per entry, as they would lie on disk. */
  readonly head: string;
  readonly lines: readonly string[];
  readonly hash: string;
  readonly end: string;
  /** The host as the run left it. */
  readonly last: Host;
}

/** What can begin anew as the run did. */
export interface Begun {
  readonly name: string;
  readonly build: () => Host;
}

/** The journal of these commands. */
export function toldOf({ build }: Begun, commands: readonly Command[], runId: string): Told {
  const writer = journalWriter({ runId });
  const host = build();
  const entries = commands.map((command) => journalEntry(command, runInPlace(host, command)));
  const lines = entries.map((entry) => writer.entry(entry));
  const [hash, end] = [resultHash(entries), stateOf(host)];
  return { commands, head: writer.head, lines, hash, end, last: host };
}

/** The whole state as text: equal texts make equal decisions. */
export function stateOf(host: Host): string {
  const text = writeSnapshot(host, 0);
  // Its last line has the digest of all others.
  return text.slice(text.lastIndexOf('\n', text.length - 2) + 1);
}

/** Replays what was read of what a stop left, and goes on. */
export function recovered(
  { build }: Begun,
  { commands }: Told,
  reading: JournalReading,
): { host: Host; hash: string } {
  const sound = reading.ok ? reading.entries : reading.sound;
  const host = build();
  expect(replay(host, sound)).toBeUndefined();
  const rest = commands
    .slice(sound.length)
    .map((command): JournalEntry => journalEntry(command, runInPlace(host, command)));
  return { host, hash: resultHash([...sound, ...rest]) };
}

/** What `stateOf` tells, without writing it out. */
export function haveOneState(one: Host, other: Host): boolean {
  const bytes = ({ memory }: Host) =>
    memory.flatMap(({ base, pools }) => [base, ...pools.map(({ store }) => store)]);
  const others = bytes(other);
  return (
    isAlike(one.tree, other.tree) &&
    bytes(one).every((store, i) => Buffer.compare(store.snapshot(), others[i].snapshot()) === 0)
  );
}

/** The stops after which a replay of what was read back is not where the run was. */
export function strayed(begun: Begun, { commands, head, lines }: Told, stride: number): number[] {
  const reading = readJournal(head + lines.join(''));
  if (!reading.ok) throw new Error(`${begun.name}: ${reading.problems[0].message}`);
  const [run, back] = [begun.build(), begun.build()];
  return reading.entries.flatMap((entry, k) => {
    runInPlace(run, commands[k]);
    const differs = replay(back, [entry]) !== undefined;
    const isStop = k % stride === 0 || k === lines.length - 1;
    return differs || (isStop && !haveOneState(run, back)) ? [k + 1] : [];
  });
}
