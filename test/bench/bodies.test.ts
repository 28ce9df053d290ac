/**
 * Every body of the hot path runs, and ends where it began: it can be run again. Of those at two sizes
 * the smaller, which is the same code.
 */
import { describe, expect, it } from 'vitest';
import { NODE_SIZES } from '../../bench/hot-path/churned.js';
import { isPrimary } from '../../bench/hot-path/measure.js';
import { QUERIES, queryName } from '../../bench/hot-path/query-names.js';
import { SUITE_NAMES, SUITES } from '../../bench/hot-path/suites.js';
import { type Results, targetsOf } from '../../bench/targets.js';

describe.each(SUITE_NAMES)('hot path, suite "%s"', (suite) => {
  it('each body runs twice, under a name of its own', { timeout: 180_000 }, async () => {
    const bodies = await SUITES[suite]();
    expect(new Set(bodies.map(({ name }) => name)).size).toBe(bodies.length);
    for (const { prepare } of bodies.filter(({ name }) => !name.endsWith(', 24 TiB'))) {
      const { batch, run } = prepare();
      expect(batch).toBeGreaterThan(0);
      run();
      run();
    }
  });
});

describe('hot path, the bodies of the default table', () => {
  it('are less than half of them beside the 20 queries, and each target has its body and its rival', async () => {
    const bodies = (await Promise.all(SUITE_NAMES.map((suite) => SUITES[suite]()))).flat();
    const primary = bodies.filter(isPrimary);
    const judged = new Set(
      [false, true].flatMap((measured) =>
        QUERIES.flatMap(({ what }) => NODE_SIZES.map((size) => queryName(what, measured, size))),
      ),
    );
    expect(primary.filter(({ name }) => judged.has(name))).toHaveLength(20);
    expect(primary.length - 20).toBeLessThan((bodies.length - 20) / 2);
    const ns = { minimum: 1, median: 1e9, p99: 1, p999: 1, spread: 1 };
    const of = (some: typeof bodies): Results => {
      return { races: [], hotPath: some.map(({ name }) => ({ name, ns })) };
    };
    const targets = targetsOf(of(primary));
    expect(targets).toEqual(targetsOf(of(bodies)));
    expect(targets.filter(({ value }) => value !== undefined)).toHaveLength(24);
    for (const { sentence, reason = '' } of targets) {
      expect([sentence, /no .* was measured/.test(reason)]).toEqual([sentence, false]);
    }
  });
});
