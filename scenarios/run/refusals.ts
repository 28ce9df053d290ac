/** Refusals of a run grouped by rule. Invariant: every refused entry is counted in one group. */
import type { RefusalGroup, TimelineEntry } from '../../reports/record.js';
import type { RuleText } from './surface.js';

/**
 * Most frequent first; ties by rule id.
 * @param rules every rule a refusal may name: those of the platform and of its tools
 */
export function groupRefusals(
  rules: readonly RuleText[],
  timeline: readonly TimelineEntry[],
): RefusalGroup[] {
  const groups = new Map<string, RefusalGroup>();
  for (const { refusal, name } of timeline) {
    if (refusal === undefined) continue;
    const key = `${refusal.codes.join(' ')} ${refusal.rule}`;
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
  return [...groups.values()].sort((a, b) => b.count - a.count || (a.rule < b.rule ? -1 : 1));
}
