/**
 * Rows of bad input: an input, the places it must be told at, and words of each message.
 *
 * Invariant: a row passes only when the loader tells exactly these places, no more and no fewer.
 */
import { expect, it } from 'vitest';
import { loadScenario } from '../../scenarios/schema/load.js';
import { formatProblem, type Problem } from '../../scenarios/schema/problem.js';
import { SMALL } from './loader-samples.js';

export function problemsOf(text: string, ...sets: string[]): readonly Problem[] {
  const result = loadScenario(text, 'f.yaml', sets);
  return 'problems' in result ? result.problems : [];
}

/** A scenario of this topology. */
export const explicit = (topology: string, more = ''): string =>
  `schemaVersion: 1\ntitle: t\nparent:\n  topology: ${topology}\n${more}`;
/** A scenario of these timeline entries; the first stands on line 6. */
export const timeline = (...entries: string[]): string =>
  `${SMALL}workload:\n  timeline:\n${entries.map((entry) => `    - ${entry}\n`).join('')}`;

/** Name, text, then `line:column`, path and a part of the printed problem for each problem. */
export type BadRow = readonly [string, string, ...(readonly [string, string, string])[]];

export function tellsEach(rows: readonly BadRow[]): void {
  const named = rows.map(([name, text, ...expected]) => ({ name, text, expected }));
  it.each(named)('tells $name', ({ text, expected }) => {
    const problems = problemsOf(text);
    expect(problems.map((p) => [`${p.line}:${p.column}`, p.path])).toEqual(
      expected.map(([place, path]) => [place, path]),
    );
    for (const [index, [, , words]] of expected.entries()) {
      expect(formatProblem(problems[index])).toContain(words);
    }
  });
}
