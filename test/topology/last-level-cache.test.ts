/** Last-level caches that a description gives: every CPU at one, no core at two. */
import { describe, expect, it } from 'vitest';
import { buildTopology, type TopologySpec } from '../../core/topology/topology.js';

const SPEC: TopologySpec = {
  nrCpuIds: 8,
  cores: [
    [0, 4],
    [1, 5],
    [2, 6],
  ],
  nodes: [{ id: 0, cpus: [0, 1, 2, 4, 5, 6] }],
};

const build = (lastLevelCaches: readonly (readonly number[])[]) =>
  buildTopology({ ...SPEC, lastLevelCaches });

describe('last-level caches of a topology', () => {
  it('are kept as given, each in ascending order', () => {
    expect(
      build([
        [6, 2, 5, 1],
        [4, 0],
      ]),
    ).toMatchObject({
      topology: {
        cores: SPEC.cores,
        lastLevelCaches: [
          [1, 2, 5, 6],
          [0, 4],
        ],
      },
    });
  });

  it('are unknown where nobody gave them', () => {
    const built = buildTopology(SPEC);
    expect('topology' in built && 'lastLevelCaches' in built.topology).toBe(false);
  });

  it.each([
    [
      'a CPU that no core names',
      [[0, 4, 1, 5, 2, 6], [3]],
      'cache-cpu-not-present',
      'lastLevelCaches[1][0]',
      'no core names CPU 3',
    ],
    [
      'a CPU beyond the ids of the host',
      [
        [0, 4, 99],
        [1, 5, 2, 6],
      ],
      'cache-cpu-not-present',
      'lastLevelCaches[0][2]',
      'no core names CPU 99',
    ],
    [
      'a CPU at two caches',
      [
        [0, 4],
        [1, 5, 2, 6, 4],
      ],
      'cpu-in-two-caches',
      'lastLevelCaches[1][4]',
      'CPU 4 is already at last-level cache 0',
    ],
    [
      'a CPU at none',
      [
        [0, 4],
        [1, 5, 2],
      ],
      'cpu-without-cache',
      'lastLevelCaches',
      'CPU 6 is at no last-level cache; name all CPUs, or leave it out',
    ],
    [
      'a core whose threads are at two',
      [
        [0, 4, 1],
        [5, 2, 6],
      ],
      'core-across-caches',
      'lastLevelCaches',
      'core 1 has threads at last-level caches 0 and 1',
    ],
  ] as const)('%s is the one problem named', (_, caches, code, path, message) => {
    expect(build(caches)).toEqual({ problems: [{ code, path, message }] });
  });
});
