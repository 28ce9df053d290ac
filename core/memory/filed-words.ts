/**
 * Checking what a policy notes in each record about the run it has filed there.
 *
 * Invariant: reads only; of a record that is no free run every such word is 0, since the next release
 * goes by them. Trade-off: O(records), for tests and audits.
 */
import { END, FIRST_RECORD, POLICY_WORDS, RECORD_WORDS } from './extent-layout.js';
import type { FreeRun } from './free-index.js';

/** `wordsOf`: the policy's first words for a run, all that are not links; as many for every run. */
export function filedProblems(
  words: Int32Array,
  free: ReadonlyMap<number, FreeRun>,
  wordsOf: (run: FreeRun) => readonly number[],
): string[] {
  const problems: string[] = [];
  const none = wordsOf({ start: 0, frames: 0 });
  for (let at = words[FIRST_RECORD]; at < words[END]; at += RECORD_WORDS) {
    const run = free.get(at);
    const expected = run === undefined ? none : wordsOf(run);
    for (const [i, word] of expected.entries()) {
      const found = words[at + POLICY_WORDS + i];
      if (found !== word) problems.push(`record ${at}: ${found} noted for ${word}`);
    }
  }
  return problems;
}
