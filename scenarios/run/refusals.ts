/**
 * Refusals of a run grouped by rule, the one that explains others first.
 *
 * Invariant: every refused entry is counted in one group. Trade-off: what follows from what is read
 * off the order alone: a refused reservation leads as soon as a launch was refused for want of it.
 */
import type { Refusal } from '../../core/refusal/refusal.js';
import type { RefusalGroup, TimelineEntry } from '../../reports/record.js';
import { reservationsBehind } from '../../reports/reservations-behind.js';
import type { RuleText } from './surface.js';

/**
 * A refused reservation first where launches had to do without it; else most frequent first, ties
 * by rule id.
 * @param rules every rule a refusal may name: those of the platform and of its tools
 */
export function groupRefusals(
  rules: readonly RuleText[],
  timeline: readonly TimelineEntry[],
): RefusalGroup[] {
  const groups = new Map<string, RefusalGroup>();
  for (const { refusal, name } of timeline) {
    if (refusal === undefined) continue;
    const key = keyOf(refusal);
    const known = groups.get(key);
    const who = known?.who ?? [];
    const row = rules.find(({ id }) => id === refusal.rule);
    groups.set(key, {
      rule: refusal.rule,
      sentence: row?.sentence ?? refusal.message,
      source: row?.source ?? '',
      codes: refusal.codes,
      count: (known?.count ?? 0) + 1,
      example: known?.example ?? refusal,
      who: name === undefined ? who : [...who, name],
    });
  }
  const byCount = [...groups.values()].sort(
    (a, b) => b.count - a.count || (a.rule < b.rule ? -1 : 1),
  );
  const cause = groups.get(causeOf(timeline) ?? '');
  return cause === undefined ? byCount : [cause, ...byCount.filter((group) => group !== cause)];
}

/** The group of the first refused reservation that a launch had to do without, and was refused. */
function causeOf(timeline: readonly TimelineEntry[]): string | undefined {
  const behind = reservationsBehind(timeline).find((at) => at !== undefined);
  const refusal = behind === undefined ? undefined : timeline[behind].refusal;
  return refusal === undefined ? undefined : keyOf(refusal);
}

function keyOf({ codes, rule }: Refusal): string {
  return `${codes.join(' ')} ${rule}`;
}
