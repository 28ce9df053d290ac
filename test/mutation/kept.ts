/**
 * What is kept of the mutation runs: for each file of core/ the source it was measured on (as a hash),
 * its counts and its survivors, in reports/kept/mutation.json.
 *
 * The runs remember mutants under node_modules, which nobody commits; the kept file outlives that.
 * Invariant: a record is only taken from a run on the file as it is now, in the room that has it; an
 * older one stays, and says by its hash that the file has changed since. Trade-off: tests that changed
 * since are not noticed.
 */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { compilerOf } from './compiles.js';
import { roomOf } from './rooms.js';

const CACHE = 'node_modules/.cache/mutation';
/** Which mutants the compiler refuses, by file and source, so that no run asks the tests of them. */
const REFUSED = `${CACHE}/refused/all.json`;
export const KEPT = 'reports/kept/mutation.json';

/** The outcome of one file. */
export interface Measured {
  /** Of the source it was measured on. */
  readonly source: string;
  /** Of the statuses of its mutants: the same run gives the same record. */
  readonly run: string;
  /** Day of the run, UTC. */
  readonly day: string;
  /** Killed by a failing test, or by one that never came back. */
  readonly detected: number;
  /** Of these: noticed because the tests ran on without an end. */
  readonly timedOut: number;
  /** Survivors that the compiler refuses. */
  readonly refused: number;
  readonly survivors: readonly Survivor[];
}

/** One survivor as text: the same words in survivors.json and in the table. */
export interface Survivor {
  readonly line: number;
  readonly text: string;
  /** No test reaches it. */
  readonly uncovered?: true;
}

export type Kept = Readonly<Record<string, Measured>>;

interface Mutant {
  readonly mutatorName: string;
  readonly status: string;
  readonly replacement?: string;
  readonly location: { readonly start: Place; readonly end: Place };
}

interface Place {
  /** Both from 1. */
  readonly line: number;
  readonly column: number;
}

interface FileOfRun {
  readonly source: string;
  readonly mutants: readonly Mutant[];
}

export function readKept(): Kept {
  return existsSync(KEPT) ? JSON.parse(readFileSync(KEPT, 'utf8')) : {};
}

/**
 * The kept records with those of the runs on this machine put in. Of a file with more than `most`
 * survivors that the compiler was not asked of yet it is not asked now: all of them count as alive.
 */
export function withRuns(kept: Kept, most: number): Kept {
  const now = new Map(Object.entries(kept).filter(([file]) => existsSync(file)));
  for (const [file, run, day] of runs()) {
    if (!existsSync(file) || readFileSync(file, 'utf8') !== run.source) continue;
    const id = hashOf(JSON.stringify(run.mutants.map(({ status }) => status)));
    const known = now.get(file);
    if (known?.source === hashOf(run.source) && known.run === id) continue;
    now.set(file, measured(file, run, { id, day }, most));
  }
  return Object.fromEntries([...now].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Keys of mutants of these files, as they are now, that the compiler is known to refuse. */
export function refusedOf(files: readonly string[]): readonly string[] {
  const known = readRefused();
  return files.flatMap((file) => known[`${file} ${hashOf(readFileSync(file, 'utf8'))}`] ?? []);
}

function readRefused(): Record<string, readonly string[]> {
  return existsSync(REFUSED) ? JSON.parse(readFileSync(REFUSED, 'utf8')) : {};
}

/** Whether a file is still as it was measured. */
export function isCurrent(file: string, { source }: Measured): boolean {
  return hashOf(readFileSync(file, 'utf8')) === source;
}

function runs(): readonly (readonly [string, FileOfRun, string])[] {
  if (!existsSync(CACHE)) return [];
  return readdirSync(CACHE)
    .filter((name) => name.endsWith('.json'))
    .flatMap((name) => {
      const path = `${CACHE}/${name}`;
      const report: { files: Record<string, FileOfRun> } = JSON.parse(readFileSync(path, 'utf8'));
      const day = statSync(path).mtime.toISOString().slice(0, 10);
      // Of a file that moved to another room the old one still knows its mutants.
      const own = Object.entries(report.files).filter(
        ([file]) => `${roomOf(file)?.name}.json` === name,
      );
      return own.map(([file, run]) => [file, run, day] as const);
    });
}

function measured(
  file: string,
  { source, mutants }: FileOfRun,
  { id, day }: { readonly id: string; readonly day: string },
  most: number,
): Measured {
  const count = (status: string) => mutants.filter((mutant) => mutant.status === status).length;
  const alive = mutants.filter(({ status }) => status === 'Survived' || status === 'NoCoverage');
  const known = new Set(readRefused()[`${file} ${hashOf(source)}`]);
  const unasked = alive.filter((mutant) => !known.has(keyOf(file, mutant))).length;
  const asks = unasked <= most;
  const refused = asks ? refusedAmong(file, source, alive) : known;
  const survivors = alive.filter((mutant) => !refused.has(keyOf(file, mutant)));
  return {
    source: hashOf(source),
    run: asks ? id : `${id}, compiler not asked`,
    day,
    detected: count('Killed') + count('Timeout'),
    timedOut: count('Timeout'),
    refused: alive.length - survivors.length,
    survivors: survivors.map((mutant) => survivorOf(source, mutant)),
  };
}

/** Asks the compiler of those that it was not asked of before, and keeps what it says. */
function refusedAmong(file: string, source: string, alive: readonly Mutant[]): ReadonlySet<string> {
  const all = readRefused();
  const place = `${file} ${hashOf(source)}`;
  const known = new Set(all[place]);
  const asked = alive.filter((mutant) => !known.has(keyOf(file, mutant)));
  if (asked.length === 0) return known;
  const compiles = compilerOf(file);
  for (const mutant of asked) {
    if (!compiles(mutated(source, mutant))) known.add(keyOf(file, mutant));
  }
  mkdirSync(`${CACHE}/refused`, { recursive: true });
  writeFileSync(REFUSED, JSON.stringify({ ...all, [place]: [...known] }));
  return known;
}

/** A mutant as the runner names it too (runner.mjs). */
function keyOf(file: string, { location: { start, end }, replacement = '' }: Mutant): string {
  return `${file}:${start.line}:${start.column}:${end.line}:${end.column}:${replacement}`;
}

function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}

function offsetOf(source: string, { line, column }: Place): number {
  const lines = source.split('\n').slice(0, line - 1);
  return lines.reduce((sum, text) => sum + text.length + 1, 0) + column - 1;
}

function mutated(source: string, { location, replacement = '' }: Mutant): string {
  const [start, end] = [offsetOf(source, location.start), offsetOf(source, location.end)];
  return source.slice(0, start) + replacement + source.slice(end);
}

function survivorOf(source: string, { location, replacement = '', status }: Mutant): Survivor {
  const original = source.slice(offsetOf(source, location.start), offsetOf(source, location.end));
  const text = `${short(original)} → ${short(replacement)}`;
  return {
    line: location.start.line,
    text,
    ...(status === 'NoCoverage' ? { uncovered: true } : {}),
  };
}

function short(text: string): string {
  const line = text.replace(/\s+/g, ' ').replaceAll('|', '\\|');
  return line.length > 60 ? `${line.slice(0, 57)}…` : line;
}
