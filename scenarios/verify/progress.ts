/**
 * What a long exploration of a scope says while it works.
 *
 * A scope is searched reduced by symmetry, then in full, each with a count of its own. Invariant:
 * silent for the first second, then at most one line a second; its rate is that of the search it
 * names alone. Trade-off: a search is known by its first progress, so what it expanded before that is
 * not in its rate.
 */
import type { Progress } from '../../core/explore/search.js';

const LINE_EVERY_MS = 1000;

export interface ExplorationClocks {
  /** Processor time of the rate. */
  readonly seconds: () => number;
  /** When to speak again. */
  readonly nowMs: () => number;
}

/** For `onProgress` of `runScope`, made as it begins. */
export function explorationWatch(
  scope: string,
  say: (text: string) => void,
  { seconds, nowMs }: ExplorationClocks,
): (progress: Progress, reduced: boolean) => void {
  let lastMs = nowMs();
  let since = { seconds: seconds(), expanded: 0, reduced: undefined as boolean | undefined };
  return (progress, reduced) => {
    if (since.reduced === undefined) since = { ...since, reduced };
    if (since.reduced !== reduced) {
      since = { seconds: seconds(), expanded: progress.expanded, reduced };
    }
    if (nowMs() - lastMs < LINE_EVERY_MS) return;
    lastMs = nowMs();
    const rate = rateText(progress.expanded - since.expanded, seconds() - since.seconds);
    say(`${scope} (${reduced ? 'reduced' : 'full'}): ${counts(progress)}${rate}\n`);
  };
}

function counts({ unique, expanded, transitions, depth }: Progress): string {
  const left = unique - expanded;
  return `${unique} states, ${left} to expand, depth ${depth}, ${transitions} transitions`;
}

function rateText(expanded: number, seconds: number): string {
  return expanded > 0 && seconds > 0 ? `, ${Math.round(expanded / seconds)} states/s` : '';
}
