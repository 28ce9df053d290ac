/**
 * A journal as text: what a run leaves on disk so that it can be read back, replayed and resumed.
 *
 * One header line, one line per entry, one last line with the number of entries and the result hash;
 * all of them in a chain (line-chain.ts).
 *
 *   1f0c6a52 {"format":"hypercarve-journal","runId":"…","version":1}
 *   9b7711d0 {"command":{…},"facts":{…}}
 *   04aa3c1e {"entries":1,"resultHash":"…"}
 *
 * Invariant: `readJournal` gives back exactly the entries that were written, or names what is wrong
 * with a line number; nothing makes it throw, and no single changed byte is accepted. A text cut off
 * at the end of a line is a run that was stopped: `complete` is false, its entries are sound.
 * Trade-off: an entry is read by its command alone; what it says came of it, a replay judges.
 */
import { named } from '../host/asked.js';
import { readCommand } from '../host/command-fields.js';
import { isMapping, mapping, problemText, should } from '../units/field-checks.js';
import { canonicalJson } from './codec.js';
import { type JournalEntry, journalLine, resultHash } from './journal.js';
import { LineChain, mappingIn } from './line-chain.js';

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

const RUN_ID = 'a text that names the run, such as what runId() gives';
const HEADER = mapping({ runId: should(RUN_ID, (id) => typeof id === 'string' && id !== '') });

/** Writes line after line, as a run goes on; each text ends with a newline. */
export interface JournalWriter {
  readonly head: string;
  /** The line of the next entry. Throws a TypeError for what no reader would take. */
  entry(entry: JournalEntry): string;
  /** The last line. */
  end(): string;
}

/** Throws a TypeError for a header that no reader would take. */
export function journalWriter(header: JournalHeader): JournalWriter {
  const [wrong] = HEADER(header);
  if (wrong !== undefined) throw new TypeError(`the header of a journal: ${problemText(wrong)}`);
  const chain = new LineChain();
  const entries: JournalEntry[] = [];
  const start = { format: JOURNAL_FORMAT, version: JOURNAL_VERSION, runId: header.runId };
  return {
    head: chain.line(canonicalJson(start)),
    entry(entry) {
      const wrong = whyNoEntry(entry);
      if (wrong !== undefined)
        throw new TypeError(`entries[${entries.length}] of a journal: ${wrong}`);
      entries.push(entry);
      return chain.line(journalLine(entry));
    },
    end: () => chain.line(lastJson(entries)),
  };
}

/** The whole text of a finished journal. Throws a TypeError for a header or entry that no reader would take. */
export function writeJournal(header: JournalHeader, entries: Iterable<JournalEntry>): string {
  const writer = journalWriter(header);
  const lines = [writer.head];
  for (const entry of entries) lines.push(writer.entry(entry));
  lines.push(writer.end());
  return lines.join('');
}

/** Reads a journal back; the first problem ends the reading, since the chain is broken there. */
export function readJournal(text: string): JournalReading {
  const given: unknown = text;
  if (typeof given !== 'string') {
    const message = `a journal is a text, as writeJournal gives it, not ${named(given)}`;
    return { ok: false, problems: [{ line: 0, message }], sound: [] };
  }
  const lines = text.split('\n');
  const cutOff = lines.pop() !== '';
  const chain = new LineChain();
  const entries: JournalEntry[] = [];
  const broken = (line: number, message: string): JournalReading => {
    return { ok: false, problems: [{ line, message }], sound: entries };
  };
  let header: JournalHeader | undefined;
  for (const [i, line] of lines.entries()) {
    const json = chain.read(line);
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

/** What keeps a value from being an entry, in words. */
function whyNoEntry(entry: unknown): string | undefined {
  const hint = 'journalEntry(command, decision) makes one';
  if (!isMapping(entry))
    return `an entry is a mapping of command and facts, not ${named(entry)}; ${hint}`;
  if ('kind' in entry && !('command' in entry)) {
    return `this is a command alone, without what came of it; ${hint}`;
  }
  const { command, facts, refused } = entry;
  if (!isMapping(facts)) return `facts should be a mapping, not ${named(facts)}; ${hint}`;
  if (refused !== undefined && typeof refused !== 'string') {
    return `refused should be the id of a rule, not ${named(refused)}; ${hint}`;
  }
  const read = readCommand(command);
  return 'problems' in read ? `command: ${read.problems.map(problemText).join('; ')}` : undefined;
}

function lastJson(entries: readonly JournalEntry[]): string {
  return canonicalJson({ entries: entries.length, resultHash: resultHash(entries) });
}

function headerOf(json: string): JournalHeader | string {
  const value = mappingIn(json);
  if (value === undefined || value.format !== JOURNAL_FORMAT) return `this is no ${JOURNAL_FORMAT}`;
  if (value.version !== JOURNAL_VERSION) return `version ${String(value.version)} is not known`;
  const { runId } = value;
  return typeof runId === 'string' && runId !== '' ? { runId } : 'the run id is missing';
}

/** An entry whose text is canonical: what is read back is byte for byte what was written. */
function entryOf(json: string): JournalEntry | undefined {
  const value = mappingIn(json);
  if (value === undefined || !isMapping(value.command) || !isMapping(value.facts)) return undefined;
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
