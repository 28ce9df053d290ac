/** Rows whose times disagree are marked, in what is printed and in what is written. */
import { describe, expect, it } from 'vitest';
import { hotPathText } from '../../bench/print.js';
import { spreadOf, steadiness } from '../../bench/statistics.js';

describe('bench: a row whose times disagree', () => {
  const row = (name: string, times: readonly number[]) => {
    const ns = spreadOf(times);
    return { name, ns, ...steadiness(ns) };
  };
  const steady = row('steady', [80, 75, 100, 125, 130]);

  it('is one whose middle half differs by more than half of the median', () => {
    const wide = row('wide', [75, 75, 100, 126, 126]);
    expect([row('half', [75, 75, 100, 125, 125]).unsteady, wide.unsteady]).toEqual([
      undefined,
      true,
    ]);
    expect(JSON.parse(JSON.stringify(wide))).toMatchObject({ name: 'wide', unsteady: true });
  });

  it('has a sign, and below the table a line that says what it means', () => {
    const text = hotPathText([steady, row('wide', [75, 75, 100, 126, 126])]);
    expect(text).toMatch(/^ *steady .* {2}45 %$/m);
    expect(text).toMatch(/^ *wide .* {2}! 51 %$/m);
    expect(text).toMatch(/\n {2}!: the middle half .*50 %/);
    expect(hotPathText([steady])).not.toContain('!');
  });
});
