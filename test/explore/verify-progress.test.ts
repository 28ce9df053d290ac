/** Progress of a long exploration: whose rate it is, how often it speaks, and how wide. */
import { describe, expect, it } from 'vitest';
import { explorationWatch } from '../../scenarios/verify/progress.js';

/** The watch with its clocks in the test's hand. */
function watched() {
  const at = { seconds: 0, ms: 0 };
  const said: string[] = [];
  const clocks = { seconds: () => at.seconds, nowMs: () => at.ms };
  const watch = explorationWatch('nitro-large', (text) => said.push(text), clocks);
  const expand = (expanded: number, seconds: number, reduced: boolean) => {
    at.seconds = seconds;
    at.ms = seconds * 1000;
    watch({ unique: 25_106_829, expanded, transitions: 50_213_572, depth: 40 }, reduced);
  };
  return { expand, said };
}

describe('progress of verify', () => {
  it('is silent for a second, then speaks once a second', () => {
    const { expand, said } = watched();
    for (let tenth = 1; tenth <= 35; tenth++) expand(tenth * 100, tenth / 10, true);
    expect(said).toHaveLength(3);
    expect(said[0]).toMatch(/^nitro-large \(reduced\): 25106829 states, 25105829 to expand, depth/);
  });

  // Found bug: the rate of the full search counted the time of the reduced one, too.
  it('has the rate of the search it names alone', () => {
    const { expand, said } = watched();
    expand(100_000, 10, true);
    expand(200_000, 20, true);
    expand(4_000, 21, false);
    expand(34_000, 24, false);
    expand(64_000, 27, false);
    expect(said.map((text) => /\((\w+)\).* (\d+) states\/s/.exec(text)?.slice(1).join())).toEqual([
      'reduced,10000',
      'reduced,10000',
      undefined,
      'full,10000',
      'full,10000',
    ]);
  });

  it('says one line at a time, however long', () => {
    const { expand, said } = watched();
    expand(12_345_678, 10, true);
    expect(said.map((text) => text.split('\n').length)).toEqual([2]);
  });
});
