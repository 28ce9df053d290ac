/**
 * A journal as text: what a run leaves on disk so that it can be read back, replayed and resumed.
 *
 * One header line, one line per entry, one last line. Every line is "<8 hex digits> <JSON>": the
 * digits are the head of the running SHA-256 over all JSON texts up to and with this line, so a
 * changed, missing, doubled or moved line breaks the chain at that line. The last line holds the
 * number of entries and the result hash.
 *
 *   1f0c6a52 {"format":"hypercarve-journal","runId":"…","version":1}
 *   9b7711d0 {"command":{…},"facts":{…}}
 *   04aa3c1e {"entries":1,"resultHash":"…"}
 *
 * Invariant: `readJournal` gives back exactly the entries that were written, or names what is wrong
 * with a line number; no text makes it throw, and no single changed byte is accepted. A text cut off
 * at the end of a line is a run that was stopped: `complete` is false, its entries are sound.
 * Trade-off: 32 bits of chain per line keep lines readable; the full hash is in the last line.
 */
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import { readCommand } from '../host/command-fields.js';
import { canonicalJson } from './codec.js';
import { type JournalEntry, journalLine, resultHash } from './journal.js';

export const JOURNAL_FORMAT = 'hypercarve-journal';
export const JOURNAL_VERSION = 1;

export interface JournalHeader {
  readonly runId: string;
}

export interface JournalProblem {
  /** From 1; 0 = the text as a whole. */
  readonly line: number;
  readonly message: string;
}

export type JournalReading =
  | {
      readonly ok: true;
      readonly header: JournalHeader;
      readonly entries: readonly JournalEntry[];
      /** False: the text stops before its last line. */
      readonly complete: boolean;
    }
  | {
      readonly ok: false;
      readonly problems: readonly JournalProblem[];
      /** The entries before the first problem: each of them is sound. */
      readonly sound: readonly JournalEntry[];
    };

/** Writes line after line, as a run goes on; each text ends with a newline. */
export interface JournalWriter {
  readonly head: string;
  /** The line of the next entry. */
  entry(entry: JournalEntry): string;
  /** The last line. */
  end(): string;
}

export function journalWriter(header: JournalHeader): JournalWriter {
  const chain = openChain();
  const entries: JournalEntry[] = [];
  const start = { format: JOURNAL_FORMAT, version: JOURNAL_VERSION, runId: header.runId };
  return {
    head: chained(chain, canonicalJson(start)),
    entry(entry) {
      entries.push(entry);
      return chained(chain, journalLine(entry));
    },
    end: () => chained(chain, lastJson(entries)),
  };
}

/** The whole text of a finished journal. */
export function writeJournal(header: JournalHeader, entries: Iterable<JournalEntry>): string {
  const writer = journalWriter(header);
  const lines = [writer.head];
  for (const entry of entries) lines.push(writer.entry(entry));
  lines.push(writer.end());
  return lines.join('');
}

/** Reads a journal back; the first problem ends the reading, since the chain is broken there. */
export function readJournal(text: string): JournalReading {
  const lines = text.split('\n');
  const cutOff = lines.pop() !== '';
  const chain = openChain();
  const entries: JournalEntry[] = [];
  const broken = (line: number, message: string): JournalReading => {
    return { ok: false, problems: [{ line, message }], sound: entries };
  };
  let header: JournalHeader | undefined;
  for (const [i, line] of lines.entries()) {
    const json = unchained(chain, line);
    if (json === undefined) return broken(i + 1, 'the line does not match its check digits');
    if (header === undefined) {
      const found = headerOf(json);
      if (typeof found === 'string') return broken(1, found);
      header = found;
    } else if (json.startsWith('{"entries":')) {
      if (json !== lastJson(entries)) return broken(i + 1, 'the count or the result hash is wrong');
      if (cutOff || i < lines.length - 1) return broken(i + 2, 'there is text after the last line');
      return { ok: true, header, entries, complete: true };
    } else {
      const entry = entryOf(json);
      if (entry === undefined) return broken(i + 1, 'the line is no journal entry');
      entries.push(entry);
    }
  }
  if (cutOff) return broken(lines.length + 1, 'the line is cut off');
  if (header === undefined) return broken(0, 'the journal is empty');
  return { ok: true, header, entries, complete: false };
}

type Chain = ReturnType<typeof openChain>;

function openChain() {
  return sha256.create();
}

function digits(chain: Chain): string {
  return bytesToHex(chain.clone().digest()).slice(0, CHECK_DIGITS);
}

const CHECK_DIGITS = 8;

function chained(chain: Chain, json: string): string {
  chain.update(utf8ToBytes(`${json}\n`));
  return `${digits(chain)} ${json}\n`;
}

/** The JSON text of a line whose check digits are right. */
function unchained(chain: Chain, line: string): string | undefined {
  const json = line.slice(CHECK_DIGITS + 1);
  chain.update(utf8ToBytes(`${json}\n`));
  return line === `${digits(chain)} ${json}` ? json : undefined;
}

function lastJson(entries: readonly JournalEntry[]): string {
  return canonicalJson({ entries: entries.length, resultHash: resultHash(entries) });
}

function headerOf(json: string): JournalHeader | string {
  const value = parsed(json);
  if (value === undefined || value.format !== JOURNAL_FORMAT) return `this is no ${JOURNAL_FORMAT}`;
  if (value.version !== JOURNAL_VERSION) return `version ${String(value.version)} is not known`;
  return typeof value.runId === 'string' ? { runId: value.runId } : 'the run id is missing';
}

/** An entry whose text is canonical: what is read back is byte for byte what was written. */
function entryOf(json: string): JournalEntry | undefined {
  const value = parsed(json);
  if (value === undefined || !isRecord(value.command) || !isRecord(value.facts)) return undefined;
  const { refused } = value;
  if (refused !== undefined && typeof refused !== 'string') return undefined;
  const read = readCommand(value.command);
  if ('problems' in read) return undefined;
  const { command } = read;
  const facts = value.facts as JournalEntry['facts'];
  const entry = refused === undefined ? { command, facts } : { command, facts, refused };
  return lineOf(entry) === json ? entry : undefined;
}

/** Undefined for what no run writes: JSON nested so deep that it can be read but not written. */
function lineOf(entry: JournalEntry): string | undefined {
  try {
    return journalLine(entry);
  } catch {
    return undefined;
  }
}

function parsed(json: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(json);
    return isRecord(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
