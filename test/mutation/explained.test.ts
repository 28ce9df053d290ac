/** As many survivors as are explained: of two that read alike one explanation is not enough. */
import { describe, expect, it } from 'vitest';
import { type Explained, mismatches, whyOf } from './explained.js';
import type { Kept, Measured } from './kept.js';
import { problemsOf, tableOf } from './table.js';

const FILE = 'core/host/owner.ts';
const TEXT = 'true → false';
const KEY = `${FILE}: ${TEXT}`;

function keptWith(...lines: readonly number[]): Kept {
  const survivors = lines.map((line) => ({ line, text: TEXT }));
  const run = { source: '', run: '', day: '2026-01-01', detected: 9, timedOut: 0, refused: 0 };
  return { [FILE]: { ...run, survivors } satisfies Measured };
}

describe('explanations of survivors', () => {
  // Found bug: survivors were told apart by their text alone, so the first explained hid the second.
  it('of two equal mutants of a file one explanation hides neither', () => {
    const problem = `${FILE}:3: ${TEXT}, ${FILE}:8: ${TEXT}: 2 survivors, 1 explained`;
    expect(mismatches(keptWith(3, 8), { [KEY]: 'only speed' })).toEqual([problem]);
    expect(problemsOf(keptWith(3, 8), { [KEY]: 'only speed' })).toContain(problem);
    expect(mismatches(keptWith(3, 8), { [KEY]: { times: 2, why: 'only speed' } })).toEqual([]);
  });

  it.each<[lines: readonly number[], explained: Explained, told: readonly string[]]>([
    [[3], { [KEY]: 'only speed' }, []],
    [[3], { [KEY]: { times: 2, why: 'x' } }, [`${FILE}:3: ${TEXT}: 1 survivors, 2 explained`]],
    [[3, 8], {}, [`${FILE}:3: ${TEXT}: not explained`, `${FILE}:8: ${TEXT}: not explained`]],
    [[], { [KEY]: 'only speed' }, [`survivors.json explains what is no survivor: ${KEY}`]],
  ])('survivors in lines %j, explained %j', (lines, explained, told) => {
    expect(mismatches(keptWith(...lines), explained)).toEqual(told);
  });

  it('the table says why, of one and of several', () => {
    for (const entry of ['only speed', { times: 2, why: 'only speed' }]) {
      const table = tableOf(keptWith(3, 8), { [KEY]: entry });
      for (const line of [3, 8]) {
        expect(table).toContain(`\n- ${FILE}:${line} \`${TEXT}\`: only speed\n`);
      }
    }
    expect(whyOf({}, FILE, TEXT)).toBeUndefined();
    expect(tableOf(keptWith(3), {})).toContain(`\`${TEXT}\`: open\n`);
  });
});
