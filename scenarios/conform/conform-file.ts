/**
 * Replays the lines of one file and keeps the score.
 *
 * A file holds vectors of one kind. The first bad line (not JSON, malformed, cut off, of another
 * kind) ends the file: what stands behind it cannot be trusted. Invariant: the good lines before it
 * are counted, and a file that gives no vector at all is trouble, so that nothing reads as passed.
 */
import { performance } from 'node:perf_hooks';
import {
  type Difference,
  kindOfVector,
  replayVector,
  VECTOR_NAMES,
  type VectorKind,
} from './vector-kinds.js';
import { vectorLines } from './vector-lines.js';

export interface FailedVector {
  readonly line: number;
  readonly id: string;
  readonly differences: readonly Difference[];
}

export interface FileScore {
  readonly file: string;
  /** Of the first line; absent when there was no good one. */
  readonly kind?: VectorKind;
  readonly passed: number;
  readonly failed: number;
  /** Recorded steps replayed. */
  readonly steps: number;
  /** Time spent checking and replaying vectors. */
  readonly replayMs: number;
  /** Time from opening the file to its end: reading, unpacking and parsing as well. */
  readonly fileMs: number;
  readonly trouble?: { readonly line?: number; readonly message: string };
}

export interface ConformChoice {
  /** Replay only the vector of this id. */
  readonly only?: string;
  readonly stopAtFirst: boolean;
  readonly onFailure: (file: string, failed: FailedVector) => void;
}

/** Mutable while a file is read. */
interface Tally {
  kind?: VectorKind;
  passed: number;
  failed: number;
  steps: number;
  replayMs: number;
  fileMs: number;
}

export async function conformFile(file: string, choice: ConformChoice): Promise<FileScore> {
  const tally: Tally = { passed: 0, failed: 0, steps: 0, replayMs: 0, fileMs: 0 };
  const openedMs = performance.now();
  const score = (trouble?: FileScore['trouble']): FileScore => {
    tally.fileMs = performance.now() - openedMs;
    return trouble === undefined ? { file, ...tally } : { file, ...tally, trouble };
  };
  for await (const given of vectorLines(file)) {
    const { line } = given;
    if ('trouble' in given) return score(troubleAt(line, given.trouble));
    const message = replayLine(file, given, tally, choice);
    if (message !== undefined) return score({ line: given.line, message });
    if (choice.stopAtFirst && tally.failed > 0) break;
  }
  return tally.kind === undefined ? score({ message: 'there is no vector in this file' }) : score();
}

function troubleAt(line: number | undefined, message: string): NonNullable<FileScore['trouble']> {
  return line === undefined ? { message } : { line, message };
}

/** Counts one line; says what is wrong with it when it cannot be counted. */
function replayLine(
  file: string,
  given: { readonly line: number; readonly text: string; readonly terminated: boolean },
  tally: Tally,
  { only, onFailure }: ConformChoice,
): string | undefined {
  const parsed = parse(given.text, given.terminated);
  if ('fault' in parsed) return parsed.fault;
  const kind = kindOfVector(parsed.value);
  if (kind !== undefined) {
    tally.kind ??= kind;
    if (kind !== tally.kind) return `${VECTOR_NAMES[kind]} in a file of ${tally.kind} vectors`;
    if (only !== undefined && (parsed.value as { id?: unknown }).id !== only) return undefined;
  }
  const startedMs = performance.now();
  const replayed = replayVector(parsed.value);
  tally.replayMs += performance.now() - startedMs;
  if ('malformed' in replayed) return replayed.malformed;
  const { id, differences, steps } = replayed;
  tally.steps += steps;
  if (differences.length === 0) {
    tally.passed += 1;
  } else {
    tally.failed += 1;
    onFailure(file, { line: given.line, id, differences });
  }
  return undefined;
}

function parse(
  text: string,
  terminated: boolean,
): { readonly value: unknown } | { readonly fault: string } {
  try {
    return { value: JSON.parse(text) as unknown };
  } catch {
    if (!terminated && /^\s*[{[]/.test(text)) return { fault: 'the line is cut off' };
    return { fault: 'the line is not JSON' };
  }
}
