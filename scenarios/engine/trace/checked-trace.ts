/**
 * A trace that is checked and hashed once in a process, however many runs replay it.
 *
 * A sweep runs each variant under each seed, and each run wants to know that its trace is sound and
 * that it is the one that was planned with. Invariant: what is remembered is of the very file: same
 * path, inode, length and moment of its last change, read as the same columns; a file changed less than
 * two seconds before its check is not remembered, since a later change might not show in that moment.
 * Trade-off: a trace with problems is checked again each time; a clock that is set back is not seen.
 */
import { createHash } from 'node:crypto';
import { type BigIntStats, statSync } from 'node:fs';
import type { CheckProgress } from '../check-progress.js';
import type { GroupUse, TraceColumns } from './columns.js';
import { surveyTrace, type TraceSurvey } from './read-trace.js';

/** Without problems it can be run. */
export interface CheckedTrace extends TraceSurvey {
  /** Of its content, in lower-case hex. */
  readonly sha256: string;
}

const SETTLED_MS = 2000;

const sound = new Map<string, CheckedTrace>();

/** `nowMs`: by the clock that stamps files. */
export function checkedTrace(
  file: string,
  columns: TraceColumns,
  groups: GroupUse = 'ignore',
  progress?: CheckProgress,
  nowMs = Date.now(),
): CheckedTrace {
  const stats = statSync(file, { bigint: true, throwIfNoEntry: false });
  const key = stats?.isFile() ? keyOf(file, stats, columns, groups) : undefined;
  const known = key === undefined ? undefined : sound.get(key);
  if (known !== undefined) return known;
  const checked = check(file, columns, groups, progress?.trace(file, Number(stats?.size ?? 0)));
  const isSettled = stats !== undefined && stats.ctimeMs < BigInt(nowMs - SETTLED_MS);
  if (key !== undefined && isSettled && checked.problems.length === 0) sound.set(key, checked);
  return checked;
}

function check(
  file: string,
  columns: TraceColumns,
  groups: GroupUse,
  told: ReturnType<CheckProgress['trace']> | undefined,
): CheckedTrace {
  const hash = createHash('sha256');
  const survey = surveyTrace(file, columns, groups, {
    ...told,
    onBlock: (bytes, count) => {
      hash.update(bytes);
      told?.onBlock(bytes, count);
    },
  });
  return { ...survey, sha256: hash.digest('hex') };
}

function keyOf(
  file: string,
  { dev, ino, size, ctimeNs }: BigIntStats,
  columns: TraceColumns,
  groups: GroupUse,
): string {
  const numbers = [dev, ino, size, ctimeNs].map(String);
  return JSON.stringify([file, ...numbers, columns, groups]);
}
