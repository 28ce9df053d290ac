/**
 * `conform`: replays recorded behaviour of real systems and says where the model differs.
 *
 * Invariant: the last line on standard output is `N passed, N failed`, unless nothing was replayed; with
 * --json it is one document instead. Bad lines are told on standard error with file and line, and lead to
 * exit code 2; the last line then ends with the places, so that it reads as no success.
 */

import { counted } from '../../core/units/counted.js';
import { conformFile, type FailedVector, type FileScore } from '../conform/conform-file.js';
import type { Difference } from '../conform/vector-kinds.js';
import { formatProblem, placeOf } from '../schema/problem.js';
import { BAD_INPUT, type ExitCode, FAILED, OK } from './exit-code.js';
import type { Streams } from './streams.js';

export interface ConformOptions {
  readonly json?: boolean;
  readonly only?: string;
  readonly stopAtFirst?: boolean;
}

/** Failed vectors kept for --json, and differences shown of one vector; more are counted. */
const MOST_KEPT = 1000;
const MOST_SHOWN = 200;
/** Files named in the last line of those that ended early; more are counted. */
const MOST_NAMED = 3;
/** Characters shown of one recorded value. */
const MOST_VALUE = 400;

export async function conform(
  files: readonly string[],
  options: ConformOptions,
  streams: Streams,
): Promise<ExitCode> {
  const { json = false, only, stopAtFirst = false } = options;
  const kept: (FailedVector & { readonly file: string })[] = [];
  const onFailure = (file: string, failed: FailedVector): void => {
    if (json && kept.length < MOST_KEPT) kept.push({ file, ...failed });
    if (!json) streams.out(describeFailure(file, failed));
  };
  const choice = { stopAtFirst, onFailure, ...(only === undefined ? {} : { only }) };
  const scores: FileScore[] = [];
  for (const file of files) {
    const score = await conformFile(file, choice);
    scores.push(score);
    streams.err(describeScore(score));
    if (stopAtFirst && score.failed > 0) break;
  }
  const passed = sum(scores, (score) => score.passed);
  const failed = sum(scores, (score) => score.failed);
  if (json) {
    const files = scores.map(({ replayMs: _, fileMs: __, ...score }) => score);
    streams.out(`${toJson({ passed, failed, files, failures: kept }, 2)}\n`);
  } else if (passed + failed > 0) {
    streams.out(`${passed} passed, ${failed} failed${cutShort(scores)}\n`);
  }
  return exitCodeOf(scores, passed + failed, only, streams);
}

function exitCodeOf(
  scores: readonly FileScore[],
  replayed: number,
  only: string | undefined,
  streams: Streams,
): ExitCode {
  if (scores.some(({ trouble }) => trouble !== undefined)) return BAD_INPUT;
  if (replayed === 0 && only !== undefined) {
    streams.err(`no vector has the id ${JSON.stringify(only)}\n`);
    return BAD_INPUT;
  }
  return scores.some(({ failed }) => failed > 0) ? FAILED : OK;
}

/** The files that were not judged whole, each where that ended; '' = all were. */
function cutShort(scores: readonly FileScore[]): string {
  const places = scores.flatMap(({ file, trouble }) =>
    trouble === undefined ? [] : [placeOf({ file, ...trouble })],
  );
  if (places.length === 0) return '';
  const more = places.length - MOST_NAMED;
  const rest = more > 0 ? ` and ${counted(more, 'more file')}` : '';
  return `; not judged whole: ${places.slice(0, MOST_NAMED).join(', ')}${rest}`;
}

function sum(scores: readonly FileScore[], of: (score: FileScore) => number): number {
  return scores.reduce((total, score) => total + of(score), 0);
}

function describeScore({
  file,
  kind,
  passed,
  failed,
  steps,
  replayMs,
  fileMs,
  trouble,
}: FileScore): string {
  const lines: string[] = [];
  if (trouble !== undefined) {
    const { line, message } = trouble;
    lines.push(formatProblem({ file, path: '', message, ...(line === undefined ? {} : { line }) }));
  }
  if (kind !== undefined && passed + failed > 0) {
    const perSecond = Math.round((steps * 1000) / Math.max(replayMs, 1));
    const upTo = trouble?.line === undefined ? '' : ` before line ${trouble.line}`;
    lines.push(`${placeOf({ file })}: ${kind}, ${passed} passed, ${failed} failed${upTo}`);
    const replayed = `${counted(steps, 'step')} replayed in ${seconds(replayMs)}`;
    lines.push(`  ${replayed}, ${perSecond} steps/s; with reading ${seconds(fileMs)}`);
  }
  return lines.map((line) => `${line}\n`).join('');
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(2)} s`;
}

function describeFailure(file: string, { line, id, differences }: FailedVector): string {
  const more = differences.length - MOST_SHOWN;
  const lines = [
    formatProblem({ file, line, path: '', message: `${id} differs from the recording` }),
    ...differences.slice(0, MOST_SHOWN).flatMap(describeDifference),
    ...(more > 0 ? [`  and ${more} more differences, not shown`] : []),
  ];
  return lines.map((text) => `${text}\n`).join('');
}

function describeDifference({ step, op, expected, got }: Difference): string[] {
  const what = typeof step === 'number' ? `step ${step}` : step;
  return [
    `  ${what}${op === undefined ? '' : ` ${shown(op)}`}`,
    `    expected ${shown(expected)}`,
    `    got      ${shown(got)}`,
  ];
}

/** JSON.stringify escapes control characters, so a hostile file cannot steer the terminal. */
function shown(value: unknown): string {
  const text = toJson(value);
  return text.length > MOST_VALUE ? `${text.slice(0, MOST_VALUE)}...` : text;
}

function toJson(value: unknown, indent?: number): string {
  const plain = (_: string, part: unknown) =>
    typeof part === 'bigint' ? `0x${part.toString(16)}` : part;
  return JSON.stringify(value, plain, indent) ?? 'nothing';
}
