/**
 * Whose lists the cores of a plain VM are: the pool's own, or one for all who need it; and the rows that
 * they are found along.
 */
import { describe, expect, it } from 'vitest';
import { describeHost } from '../../core/host/describe.js';
import { alone } from '../../core/host/lists.js';
import { coresOfLowest, lowestOn, rowsOver } from '../../core/platform/vm/capacity.js';
import { vmProfile } from '../../core/platform/vm/profile.js';
import { type SmallHost, vmHost } from '../kit/hosts.js';

/** Two nodes of 2 cores; the first has CPUs 0 and 4, and 1 and 5. */
const SMALL: SmallHost = { coresPerNode: 2, memoryMibPerNode: 100 };

describe('vm: cores as they are owned', () => {
  it("of one that is taken whole the pool's own list, of one thread the list that all share", () => {
    const host = vmHost(SMALL);
    const [whole, half] = coresOfLowest(host, [0, 1, 4]);
    expect([whole, half]).toEqual([
      { index: 0, cpus: [0, 4] },
      { index: 1, cpus: [1] },
    ]);
    expect(whole.cpus).toBe(host.tree.pool.avail[0]);
    expect(half.cpus).toBe(alone(1));
  });

  it('of one taken whole again and again the same core', () => {
    const host = vmHost(SMALL);
    const [first] = coresOfLowest(host, [0, 4]);
    expect(coresOfLowest(host, [0, 4])[0]).toBe(first);
  });

  it('are found with the threads where these are one of each core, by ascending core', () => {
    const host = vmHost(SMALL);
    expect(lowestOn(host, 0, 2)).toEqual({
      threads: [0, 1],
      cores: [
        { index: 0, cpus: [0] },
        { index: 1, cpus: [1] },
      ],
    });
    expect(lowestOn(host, 0, 3)).toEqual({ threads: [0, 1, 4], cores: undefined });
  });

  it('one thread is owned by the same core whenever it is asked for, whoever asks in between', () => {
    const [host, other] = [vmHost(SMALL), vmHost({ ...SMALL, coresPerNode: 3 })];
    const [first] = coresOfLowest(host, [1]);
    expect(coresOfLowest(other, [1])[0]).not.toBe(first);
    expect(coresOfLowest(host, [1])[0]).toBe(first);
  });

  it('a core in part before one taken whole, where CPUs are numbered from the last core on', () => {
    const cores = [
      [4, 5, 6, 7],
      [0, 1, 2, 3],
    ];
    const topology = { cores, nodes: [{ id: 0, cpus: cores.flat() }] };
    const described = describeHost({ profile: vmProfile(), topology, memoryMib: [64] });
    if ('problems' in described) throw new Error(described.problems[0]?.message);
    expect(coresOfLowest(described.host, [0, 1, 2, 3, 4, 5])).toEqual([
      { index: 0, cpus: [4, 5] },
      { index: 1, cpus: [0, 1, 2, 3] },
    ]);
  });
});

describe('vm: CPU ids in rows', () => {
  it.each<[string, number[], number[], number[]]>([
    ['siblings half a machine apart', [0, 1, 2, 3], [0, 1, 0, 1], [0, 2, 0, 1, 2, 4, 0, 1]],
    ['siblings side by side', [0, 1, 2, 3], [0, 0, 1, 1], [0, 2, 0, 0, 2, 4, 1, 0]],
    ['every second core', [0, 1, 2], [0, 2, 4], [0, 3, 0, 2]],
    ['downwards', [0, 1, 2], [5, 4, 3], [0, 3, 5, -1]],
    ['ids of another node in between', [0, 1, 3, 4], [0, 1, -9, 2, 3], [0, 2, 0, 1, 3, 5, 2, 1]],
    ['one left over', [0, 1, 2, 3], [0, 1, 2, 0], [0, 3, 0, 1, 3, 4, 0, 0]],
    ['none', [], [], []],
  ])('%s', (_, cpus, coreOf, rows) => {
    expect([...rowsOver(cpus, coreOf)]).toEqual(rows);
  });
});
