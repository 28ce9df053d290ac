/**
 * Every body of the hot path runs, and ends where it began: it can be run again. Of those at two sizes
 * the smaller, which is the same code.
 */
import { describe, expect, it } from 'vitest';
import { SUITE_NAMES, SUITES } from '../../bench/hot-path/suites.js';

describe.each(SUITE_NAMES)('hot path, suite "%s"', (suite) => {
  it('each body runs twice, under a name of its own', { timeout: 60_000 }, async () => {
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
