/**
 * The journal: the commands a host was given, in order, with what came of each.
 *
 * Commands are the truth (a replay decides again); the outcome beside each is what a replay must
 * meet. Invariant: the same host and journal give the same outcomes and the same `resultHash` on any
 * machine and with any number of workers. Trade-off: patches are never stored; a journal is small and
 * outlives a change of the state tree.
 */
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import type { Command } from '../host/command.js';
import type { Decision, Facts } from '../host/decision.js';
import type { Host } from '../host/host.js';
import { runInPlace } from '../host/step.js';
import { canonicalJson } from './codec.js';

export interface JournalEntry {
  readonly command: Command;
  readonly facts: Facts;
  /** Rule id of the refusal, if any. */
  readonly refused?: string;
}

export function journalEntry(command: Command, decision: Decision): JournalEntry {
  const { facts, refusal } = decision;
  return refusal === undefined ? { command, facts } : { command, facts, refused: refusal.rule };
}

/** One canonical line per entry. */
export function journalLine(entry: JournalEntry): string {
  return canonicalJson(entry);
}

/** SHA-256 over the journal's canonical lines, each ended by a newline; "equal" always means this. */
export function resultHash(entries: Iterable<JournalEntry>): string {
  const hash = sha256.create();
  for (const entry of entries) hash.update(utf8ToBytes(`${journalLine(entry)}\n`));
  return bytesToHex(hash.digest());
}

/** SHA-256 over the inputs of a run: engine version, scenario, seed, trace content hash. */
export function runId(inputs: Readonly<Record<string, unknown>>): string {
  return bytesToHex(sha256(utf8ToBytes(canonicalJson(inputs))));
}

/** The first entry whose replay came out differently; undefined = the whole journal held. */
export function replay(host: Host, entries: Iterable<JournalEntry>): ReplayMismatch | undefined {
  let position = 0;
  for (const entry of entries) {
    const got = journalEntry(entry.command, runInPlace(host, entry.command));
    if (journalLine(got) !== journalLine(entry)) return { position, expected: entry, got };
    position++;
  }
  return undefined;
}

export interface ReplayMismatch {
  readonly position: number;
  readonly expected: JournalEntry;
  readonly got: JournalEntry;
}
