/** What a run is compared with, and when it is called slower. */
import { describe, expect, it } from 'vitest';
import { comparedRatios, lastLike, regressions, TOLERANCE } from '../../bench/history.js';

const machine = { node: 'v20', cpu: 'any', cpus: 2, load: 0, platform: 'linux x64' };

describe('bench: kept runs', () => {
  it('may be a quarter slower', () => {
    expect(TOLERANCE).toBe(1.25);
  });

  it('a ratio beyond the tolerance is a regression, one below it is not', () => {
    const run = (ratio: number) => {
      const ratios = { 'a90 best-fit': ratio };
      return { date: '2024-01-01', machine, operations: 1, seeds: 1, ratios, targets: [] };
    };
    expect(regressions(run(2 * TOLERANCE + 0.01), run(2))).toHaveLength(1);
    expect(regressions(run(2 * TOLERANCE - 0.01), run(2))).toEqual([]);
  });

  it('probe workloads are not compared: 1,400 operations, which others’ work moves', () => {
    const run = (ratio: number, a90 = 2) => {
      const ratios = { 'b_mix best-fit': ratio, 'b_rand best-fit': ratio, 'a90 best-fit': a90 };
      return { date: '2024-01-01', machine, operations: 1, seeds: 1, ratios, targets: [] };
    };
    expect(regressions(run(9), run(2))).toEqual([]);
    expect(regressions(run(9, 9), run(2))).toEqual([
      'a90 best-fit: 9.00 × native, was 2.00 on 2024-01-01',
    ]);
    const probesOnly = { ...run(9), ratios: { 'b_mix best-fit': 2 } };
    expect(lastLike(run(9), [probesOnly])).toBe(undefined);
    expect([comparedRatios(run(9)).length, comparedRatios(probesOnly).length]).toEqual([1, 0]);
  });

  it('compared is the last kept run of as many operations and seeds that has ratios', () => {
    const run = (
      date: string,
      operations: number,
      seeds: number,
      ratios = { 'a90 best-fit': 2 },
    ) => {
      return { date, machine, operations, seeds, ratios, targets: [] };
    };
    const bare = { ...run('5', 10, 1), ratios: {} };
    const history = [run('1', 10, 1), run('2', 10, 1), run('3', 10, 5), run('4', 20, 1), bare];
    expect(lastLike(run('6', 10, 1), history)?.date).toBe('2');
    expect(lastLike(run('6', 20, 1), history)?.date).toBe('4');
    expect(lastLike(run('6', 20, 5), history)).toBe(undefined);
  });
});
