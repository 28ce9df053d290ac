/** QingTian flavors: names without sizes, and presets that say they are assumptions. */
import { describe, expect, it } from 'vitest';
import { findInstanceType } from '../../core/topology/catalogue.js';
import { findQingtianFlavor, qingtianPreset } from '../../core/topology/qingtian-flavor.js';

describe('QingTian flavors', () => {
  it.each(['c7e', 'c7t', 'kc2', 'c7t.*', 'kC2.x'])('%s is documented without sizes', (name) => {
    expect(findQingtianFlavor(name)?.sizes).toBe('documented without sizes');
    expect(findInstanceType(name)).toBeUndefined();
  });

  it('a flavor no document names is not found', () => {
    expect(findQingtianFlavor('c6.large')).toBeUndefined();
    expect(findQingtianFlavor('')).toBeUndefined();
  });
});

describe('a preset of explicit size', () => {
  it('is equal nodes of whole cores and says that it is assumed', () => {
    const preset = qingtianPreset(16, 65536, 2);
    if ('problem' in preset) throw new Error(preset.problem);
    expect(preset.topology.nodes).toEqual([
      { id: 0, cpus: [0, 1, 2, 3, 8, 9, 10, 11] },
      { id: 1, cpus: [4, 5, 6, 7, 12, 13, 14, 15] },
    ]);
    expect(preset.usableMibPerNode).toEqual({ mib: [32768, 32768], how: 'assumed' });
    expect(preset.assumption).toMatch(/^assumed, not documented/);
  });

  it('takes one-thread arm64 parents', () => {
    const preset = qingtianPreset(4, 8192, 1, 1, 'arm64');
    if ('problem' in preset) throw new Error(preset.problem);
    expect(preset.topology.cores).toEqual([[0], [1], [2], [3]]);
    expect(preset.topology.architecture).toBe('arm64');
  });

  it.each([
    [[0, 1024], 'vcpus must be a positive integer'],
    [[4, 1024.5], 'memoryMib must be a positive integer'],
    [[6, 1024, 2], 'do not divide'],
    [[5, 1024], 'do not divide'],
    [[8, 1025, 2], '1025 MiB do not divide'],
  ] as const)('refuses %j: %s', (numbers, words) => {
    const [vcpus, memoryMib, nodes] = numbers;
    expect(qingtianPreset(vcpus, memoryMib, nodes)).toEqual({
      problem: expect.stringContaining(words),
    });
  });
});
