/** Descriptions of a parent against the memory and CPUs of the host that they give. */
import { describe, expect, it } from 'vitest';
import { describeHost, type HostDescription } from '../../core/host/describe.js';
import { FREE } from '../../core/memory/extent-store.js';
import { HOLE, PARENT } from '../../core/memory/node-memory.js';
import { qingtianProfile } from '../../core/platform/qingtian/profile.js';
import { buildTopology } from '../../core/topology/topology.js';

const SPEC = {
  cores: [
    [0, 1],
    [2, 3],
    [4, 5],
  ],
  nodes: [{ id: 0, cpus: [0, 1, 2, 3, 4, 5] }],
};
const EIGHT_GIB = { profile: qingtianProfile(), topology: SPEC, memoryMib: [8192] };

function ownedMib(description: HostDescription): Record<number, number> {
  const described = describeHost(description);
  if ('problems' in described) throw new Error(JSON.stringify(described.problems));
  const mib: Record<number, number> = {};
  for (const { owner, frames } of described.host.memory[0].base.extents()) {
    mib[owner] = (mib[owner] ?? 0) + frames * 2;
  }
  return mib;
}

describe('description: memory', () => {
  it('a fresh x86 parent has its memory around the PCI hole', () => {
    expect(ownedMib(EIGHT_GIB)).toEqual({ [FREE]: 8192, [HOLE]: 1024 });
  });

  it('an explicit free list leaves the rest of the installed memory, and no more, in use', () => {
    const layout = { kind: 'explicit', freeKib: [[[0, 4096 * 1024]]] } as const;
    expect(ownedMib({ ...EIGHT_GIB, layout })).toEqual({ [FREE]: 4096, [PARENT]: 4096 });
  });

  it('an explicit free list beyond the installed memory is a problem', () => {
    const layout = { kind: 'explicit', freeKib: [[[0, 9216 * 1024]]] } as const;
    expect(describeHost({ ...EIGHT_GIB, layout })).toHaveProperty('problems.length', 1);
  });
});

describe('description: CPUs', () => {
  it('a built topology describes the same parent as its spec, offline CPUs included', () => {
    const built = buildTopology({ ...SPEC, offline: [3] });
    if ('problems' in built) throw new Error(built.problems[0].message);
    const described = describeHost({ ...EIGHT_GIB, topology: built.topology });
    if ('problems' in described) throw new Error(JSON.stringify(described.problems));
    expect(described.host.tree.online).toEqual([1, 1, 1, 0, 1, 1]);
  });
});
