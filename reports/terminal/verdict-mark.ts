/**
 * The word before a verdict: OK, FAILED, or REFUSED where nothing came of all that was asked.
 *
 * Invariant: FAILED exactly where the verdict is not ok; where something was expected of the run, that
 * alone decides. Trade-off: REFUSED changes no exit code: nobody said that it should have run.
 */
import type { RunRecord } from '../record.js';
import { type Span, span } from './line.js';

export type Judged = Pick<RunRecord, 'verdict' | 'timeline' | 'expectations'>;

export function verdictMark(record: Judged): Span {
  if (!record.verdict.ok) return span('FAILED', 'bad');
  return nothingRan(record) ? span('REFUSED', 'bad') : span('OK', 'good');
}

/** No launch, and where none was asked for, no reservation or step of the platform either. */
function nothingRan({ verdict, timeline, expectations }: Judged): boolean {
  if (expectations.length > 0 || verdict.launched > 0) return false;
  if (timeline.every(({ ok }) => ok)) return false;
  const made = timeline.some(({ kind, ok }) => ok && (kind === 'reserve' || kind === 'command'));
  return verdict.launches > 0 || !made;
}
