/**
 * Which entries of a long timeline are shown, and what stands for the others.
 *
 * Invariant: shown and folded entries add up to the timeline, in order; the first entry of every
 * kind of refusal is always shown. Trade-off: an entry that was folded is only counted, by kind.
 */
import type { TimelineEntry } from '../record.js';

/** Entries that stand in a row and are not shown. */
export interface Fold {
  readonly folded: number;
  readonly ok: number;
  /** How many of each kind, most frequent first. */
  readonly kinds: readonly (readonly [kind: string, count: number])[];
}
export type TimelineItem = { readonly entry: TimelineEntry } | Fold;

/** A timeline of at most this many entries is shown whole. */
export const MOST_SHOWN = 40;
/** How many are shown at each end of a longer one. */
const ENDS = 10;

/** The whole timeline when short or `full`; else its ends, every kind of refusal once, and folds. */
export function foldTimeline(timeline: readonly TimelineEntry[], full: boolean): TimelineItem[] {
  const whole = full || timeline.length <= MOST_SHOWN;
  const firsts = firstOfEachRefusal(timeline);
  const items: TimelineItem[] = [];
  let hidden: TimelineEntry[] = [];
  const closeFold = (): void => {
    if (hidden.length === 1) items.push({ entry: hidden[0] });
    else if (hidden.length > 1) items.push(foldOf(hidden));
    hidden = [];
  };
  timeline.forEach((entry, i) => {
    if (whole || i < ENDS || i >= timeline.length - ENDS || firsts.has(i)) {
      closeFold();
      items.push({ entry });
    } else hidden.push(entry);
  });
  return items;
}

/** Places of the first refusal by each rule with each list of codes. */
function firstOfEachRefusal(timeline: readonly TimelineEntry[]): Set<number> {
  const seen = new Map<string, number>();
  timeline.forEach(({ refusal }, i) => {
    if (refusal === undefined) return;
    const kind = JSON.stringify([refusal.rule, refusal.codes]);
    if (!seen.has(kind)) seen.set(kind, i);
  });
  return new Set(seen.values());
}

function foldOf(entries: readonly TimelineEntry[]): Fold {
  const kinds = new Map<string, number>();
  for (const { kind } of entries) kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
  return {
    folded: entries.length,
    ok: entries.filter(({ ok }) => ok).length,
    kinds: [...kinds].sort(([, a], [, b]) => b - a),
  };
}
