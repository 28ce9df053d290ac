/** The parts a state is made of: fresh records and their copies, owner codes, addresses, promises. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  describeOwner,
  enclaveOwner,
  HELD,
  isEnclaveOwner,
  ownerNumber,
  SCRUBBED,
  taskOwner,
} from '../../core/host/owner.js';
import { locate, nodePosition, physOf } from '../../core/host/physical.js';
import {
  copyEnclave,
  isPromise,
  type Mapping,
  newEnclave,
  promisesIn,
} from '../../core/host/tree.js';
import {
  createNodeMemory,
  HOLE,
  LEAKED,
  OUTSIDE,
  PARENT,
  POOL,
} from '../../core/memory/node-memory.js';
import { nitroHost, qingtianHost } from '../kit/hosts.js';

describe('a record', () => {
  const FULL = {
    uid: 3,
    state: 'running',
    cid: 7,
    debug: 1,
    task: 5,
    node: 1,
    parentCores: 8,
    threadsPerCore: 2,
    vcpus: [1, 9],
    cores: [{ index: 1, cpus: [1, 9] }],
    memoryBytes: 4096,
    ranges: 2,
    maxRanges: 9,
    regions: [{ address: 0, bytes: 4096, pages: [0, 4096] }],
    donated: [0, 4096],
    extents: [{ node: 1, size: 0, handle: 77 }],
    request: { vcpus: 2, memoryMib: 4, imageBytes: 9 },
    event: 1,
    listed: 0,
    fd: 12,
    deviceState: 2,
    console: 1,
  } as const;
  const full = () =>
    newEnclave(structuredClone(FULL) as unknown as Parameters<typeof newEnclave>[0]);

  it('begins with what is given, and neutral in all else', () => {
    expect(full()).toEqual(FULL);
    expect(newEnclave({ uid: 4 })).toEqual({
      ...FULL,
      uid: 4,
      state: 'absent',
      cid: 0,
      debug: 0,
      task: -1,
      node: -1,
      parentCores: 0,
      threadsPerCore: 0,
      vcpus: [],
      cores: [],
      memoryBytes: 0,
      ranges: 0,
      maxRanges: 0,
      regions: [],
      donated: [],
      extents: [],
      request: { vcpus: 0, memoryMib: 0, imageBytes: 0 },
      event: 0,
      listed: 1,
      fd: -1,
      deviceState: 0,
      console: 0,
    });
  });

  it('is copied whole, and what is then written to the copy is not the record’s', () => {
    const record = full();
    const copy = copyEnclave(record);
    expect(copy).toEqual(FULL);
    copy.vcpus.push(8);
    copy.regions.pop();
    copy.donated.push(1, 2);
    copy.extents.pop();
    copy.state = 'absent';
    expect(record).toEqual(FULL);
    const [one, two] = [newEnclave({ uid: 1 }), newEnclave({ uid: 2 })];
    one.vcpus.push(1);
    one.extents.push(...FULL.extents);
    expect(two).toEqual(newEnclave({ uid: 2 }));
  });
});

describe('owner codes', () => {
  it('are one for each task and each enclave, and none of the low codes', () => {
    fc.assert(
      fc.property(fc.nat(2 ** 22), (n) => {
        expect([ownerNumber(taskOwner(n)), ownerNumber(enclaveOwner(n))]).toEqual([n, n]);
        expect([isEnclaveOwner(taskOwner(n)), isEnclaveOwner(enclaveOwner(n))]).toEqual([
          false,
          true,
        ]);
        expect(enclaveOwner(n)).toBe(taskOwner(n) + 1);
      }),
    );
    for (let code = 0; code < taskOwner(0); code++) expect(isEnclaveOwner(code)).toBe(false);
    expect(taskOwner(0)).toBe(64);
  });

  it.each([
    [taskOwner(4), 'task 4', 'task 4'],
    [enclaveOwner(4), 'enclave 4', 'enclave 4'],
    [0, 'pool', 'free'],
    [SCRUBBED, 'scrubbed', 'scrubbed'],
    [OUTSIDE, 'outside', 'hole'],
    [LEAKED, 'leaked', 'parent'],
    [HELD, 'held', 'held'],
    [POOL, 'pool 0', 'pool 0'],
    [POOL + 1, 'pool 1', 'pool 1'],
  ])('%d is %s in a page pool and %s in a base store', (code, inPool, inBase) => {
    expect([describeOwner(code, true), describeOwner(code, false)]).toEqual([inPool, inBase]);
    expect([HOLE, PARENT]).toEqual([OUTSIDE, LEAKED]);
  });
});

describe('physical addresses', () => {
  const sizes = [3, 0, 5, 2];
  const host = {
    memory: sizes.map((frames, node) =>
      createNodeMemory({ node, frameKib: 2048, frames, pageSizesKib: [2048] }),
    ),
  };
  const MIB2 = 2 ** 21;

  it('go node after node, frame after frame, and lead back', () => {
    const places = sizes.flatMap((frames, node) =>
      Array.from({ length: frames }, (_, frame) => ({ node, frame })),
    );
    for (const [i, { node, frame }] of places.entries()) {
      expect(physOf(host, node, frame)).toBe(i * MIB2);
      for (const inside of [0, 1, MIB2 - 1]) {
        expect(locate(host, i * MIB2 + inside)).toEqual({ node, frame });
      }
    }
    expect(locate(host, places.length * MIB2)).toBeUndefined();
  });

  it('a node is found by its id, whatever its position', () => {
    const { topology } = nitroHost();
    const nodes = [...topology.nodes].reverse();
    expect(nodes.map(({ id }) => nodePosition({ ...topology, nodes }, id))).toEqual([0, 1]);
    expect(nodePosition(topology, 7)).toBe(-1);
  });
});

describe('promised pages', () => {
  const mapping = (size: number, runs: readonly number[]): Mapping => {
    return { address: 0, pageBytes: 4096, huge: 1, node: -1, runs, task: 1, size };
  };

  it('are those of the host’s own pools that nobody has touched', () => {
    expect(
      [mapping(0, []), mapping(1, []), mapping(0, [0, 1]), mapping(-1, [])].map(isPromise),
    ).toEqual([true, true, false, false]);
    const mappings = [mapping(1, []), mapping(0, [4, 1]), mapping(1, []), mapping(-1, [])];
    expect(promisesIn(mappings, 3)).toEqual([0, 2, 0]);
  });
});

describe('a fresh host', () => {
  it('runs, has its CPUs online but those that are not, and has reserved nothing', () => {
    const { tree, uptimeRuns, memory } = qingtianHost({ nodes: 2, coresPerNode: 2, offline: [3] });
    expect(tree).toEqual({
      parent: 'running',
      online: [1, 1, 1, 0, 1, 1, 1, 1],
      pool: { threadsPerCore: 0, parentCores: 0, node: 0, avail: [], text: '' },
      reservation: { state: 'inactive', pageKib: 0, memoryMib: 0 },
      records: [],
      mappings: [],
      promised: [0, 0],
      counters: { nextSlot: 0, nextCid: 4, pinned: 0, bound: 1 },
      dirty: [],
    });
    expect(uptimeRuns).toEqual(memory.map(() => []));
    const { counters } = nitroHost().tree;
    expect(counters).toEqual({ nextSlot: 1, nextCid: 16, pinned: 0, bound: 1 });
  });
});
