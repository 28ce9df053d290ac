/** Whose lists the cores of a plain VM are: the pool's own, or one for all who need it. */
import { describe, expect, it } from 'vitest';
import { describeHost } from '../../core/host/describe.js';
import { alone } from '../../core/host/lists.js';
import { coresOfLowest } from '../../core/platform/vm/capacity.js';
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
