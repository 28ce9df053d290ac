/** SET_USER_MEMORY_REGION: each check at its boundary, merging, and what happens to the pages. */

import { describe, expect, it } from 'vitest';
import type { Host } from '../../core/host/host.js';
import { enclaveOwner, HELD, taskOwner } from '../../core/host/owner.js';
import { locate, physOf } from '../../core/host/physical.js';
import { theRecord } from '../../core/host/records.js';
import { FREE } from '../../core/memory/extent-store.js';
import { freePages, LEAKED, pagesOf } from '../../core/memory/node-memory.js';
import { mergeRange } from '../../core/platform/nitro/merge.js';
import { give, nitroHost, readyHost, run, touchedPages } from './nitro-host.js';

const MIB = 1024 * 1024;
const PAGE = 2 * MIB;
const BASE = 2 ** 45;

function poolOwners(host: Host, node = 0) {
  const owners: Record<number, number> = {};
  for (const { owner, frames } of host.memory[node].pools[0].store.extents()) {
    owners[owner] = (owners[owner] ?? 0) + frames;
  }
  return owners;
}

/** An enclave of a permissive host with foreign pages mapped from BASE on. */
function foreign(runs: [number, number][], pageBytes = PAGE, spec = { huge: true, node: 0 }) {
  const host = nitroHost({ hypervisor: { kind: 'permissive', maxRanges: 4 } });
  run(host, { kind: 'nitro.write-pool', text: '1,5' });
  run(host, { kind: 'nitro.create-vm', task: 0 });
  run(host, { kind: 'nitro.map-foreign', task: 0, address: BASE, pageBytes, ...spec, runs });
  const set = (bytes: number | bigint, address: number | bigint = BASE, flags = 0n, task = 0) => {
    const region = { flags, address: BigInt(address), bytes: BigInt(bytes) };
    return run(host, { kind: 'nitro.set-memory', slot: 1, task, ...region });
  };
  return { host, set, enclave: () => theRecord(host.tree, 1) };
}

describe('arguments, in the driver order', () => {
  const limit = 0x7fff_ffff_f000n;
  const rows: readonly (readonly [string, bigint, bigint, bigint, number, number])[] = [
    ['flags before all else', 1n, 1n, 1n, 1, -274],
    ['the creator before the size', 0n, 1n, 1n, 1, -5],
    ['size one below 2 MiB', 0n, 2n ** 45n, 2n ** 21n - 1n, 0, -259],
    ['size one above 2 MiB', 0n, 2n ** 45n, 2n ** 21n + 1n, 0, -259],
    ['the size before the alignment', 0n, 1n, 1n, 0, -259],
    ['address one above alignment', 0n, 2n ** 45n + 1n, 2n ** 21n, 0, -261],
    ['range ends above user memory', 0n, limit - (limit % 2n ** 21n), 2n ** 21n, 0, -260],
    [
      'last range of user memory, unmapped',
      0n,
      limit - (limit % 2n ** 21n) - 2n ** 21n,
      2n ** 21n,
      0,
      -14,
    ],
    ['kernel address', 0n, 2n ** 63n, 2n ** 21n, 0, -260],
    ['size 0', 0n, 2n ** 45n, 0n, 0, -12],
    ['512 GiB are looked up', 0n, 2n ** 46n, 2n ** 39n, 0, -14],
    ['2 MiB more than 512 GiB', 0n, 2n ** 46n, 2n ** 39n + 2n ** 21n, 0, -12],
  ];
  it.each(rows)('N11 refused: %s', (_, flags, address, bytes, task, rc) => {
    expect(foreign([[2 ** 40, 1]]).set(bytes, address, flags, task).rc).toBe(rc);
  });

  it('N11 holds: exactly one page of 2 MiB', () => {
    const { set, enclave } = foreign([[2 ** 40, 1]]);
    expect(set(PAGE).rc).toBe(0);
    expect(enclave()).toMatchObject({ memoryBytes: PAGE, ranges: 1, donated: [2 ** 40, PAGE] });
  });

  it('overlap: touching regions are fine, one page of overlap is 262, size 0 inside too', () => {
    const { set } = foreign([[2 ** 40, 4]]);
    expect(set(PAGE, BASE + PAGE).rc).toBe(0);
    expect(set(PAGE, BASE).rc).toBe(0);
    expect(set(PAGE, BASE + 2 * PAGE).rc).toBe(0);
    expect(set(2 * PAGE, BASE + 2 * PAGE).rc).toBe(-262);
    expect(set(0, BASE + PAGE).rc).toBe(-262);
    expect(set(0, BASE + 3 * PAGE).rc).toBe(-12);
  });
});

describe('the page loop', () => {
  it('quirk pin-leak: the page that fails a check stays pinned, lookup errors leave nothing', () => {
    const rows = [
      foreign([[2 ** 40, 1]], PAGE, { huge: false, node: 0 }),
      foreign([[2 ** 40, 1]], 65536),
      foreign([[2 ** 40, 1]], PAGE, { huge: true, node: 1 }),
      foreign([[2 ** 40 + 4096, 1]]),
    ];
    expect(rows.map(({ set }) => set(PAGE).rc)).toEqual([-263, -273, -264, -22]);
    expect(rows.map(({ host }) => host.tree.counters.pinned)).toEqual([1, 1, 1, 1]);
    const short = foreign([[2 ** 40, 1]]);
    expect(short.set(2 * PAGE).rc).toBe(-14);
    expect(short.host.tree.counters.pinned).toBe(0);
  });

  it('quirk region-over-coverage: 2 MiB on a 1 GiB page add the whole page', () => {
    const { set, enclave } = foreign([[2 ** 40, 1]], 1024 * MIB);
    expect(set(PAGE).rc).toBe(0);
    expect(enclave().memoryBytes).toBe(1024 * MIB);
    expect(enclave().regions[0].bytes).toBe(PAGE);
    expect(set(PAGE, BASE + PAGE).rc).toBe(-273);
  });

  it('ranges: at the maximum 4 it passes, the fifth is 265; merged pages count once', () => {
    const apart: [number, number][] = [0, 1, 2, 3, 4].map((i) => [2 ** 40 + i * 2 * PAGE, 1]);
    expect(foreign(apart.slice(0, 4)).set(4 * PAGE).rc).toBe(0);
    const five = foreign(apart);
    expect(five.set(5 * PAGE).rc).toBe(-265);
    expect(five.host.tree.counters.pinned).toBe(0);
    const joined = foreign([[2 ** 40, 8]]);
    expect(joined.set(8 * PAGE).rc).toBe(0);
    expect(joined.enclave().ranges).toBe(1);
  });

  it('quirk memory-kept: a refused range leaves the region and the ranges before it', () => {
    const { host, enclave } = foreign([
      [2 ** 40, 1],
      [2 ** 41, 1],
    ]);
    const answers = { SLOT_ADD_MEM: { nth: 2, errno: 22 } };
    const region = { flags: 0n, address: BigInt(BASE), bytes: BigInt(2 * PAGE), answers };
    expect(run(host, { kind: 'nitro.set-memory', slot: 1, task: 0, ...region }).rc).toBe(-22);
    expect(enclave()).toMatchObject({ memoryBytes: PAGE, ranges: 1 });
    expect(enclave().regions).toHaveLength(1);
    expect(host.tree.counters.pinned).toBe(2);
  });
});

describe('merging (the rows of the driver test, §3.3)', () => {
  const G = 2 * MIB;
  const rows: readonly (readonly [string, number[], number, number, boolean, number[]])[] = [
    ['size no multiple', [], G, G - 1, false, []],
    ['start not aligned', [], G + 4096, G, false, []],
    ['first range', [], G, G, true, [G, G]],
    ['continues the last', [G, G], 2 * G, G, true, [G, 2 * G]],
    ['leaves a gap', [G, G], 3 * G, G, true, [G, G, 3 * G, G]],
    ['goes down', [4 * G, G], 3 * G, G, true, [4 * G, G, 3 * G, G]],
    ['continues an earlier one', [G, G, 9 * G, G], 2 * G, G, true, [G, G, 9 * G, G, 2 * G, G]],
    ['overlaps', [G, 2 * G], 2 * G, G, true, [G, 2 * G, 2 * G, G]],
    ['size 0 joins', [G, G], 2 * G, 0, true, [G, G]],
    ['size 0 makes a range of its own elsewhere', [G, G], 3 * G, 0, true, [G, G, 3 * G, 0]],
    ['size 0 into nothing', [], G, 0, true, [G, 0]],
    ['joins behind a range of size 0', [G, 0], G, G, true, [G, G]],
    ['from physical 0 on', [], 0, G, true, [0, G]],
    ['a page that ends where the last begins', [G, G], 0, G, true, [G, G, 0, G]],
    ['the same page again', [G, G], G, G, true, [G, G, G, G]],
    ['one granule inside the last', [G, 3 * G], 3 * G, G, true, [G, 3 * G, 3 * G, G]],
    ['a 1 GiB page continues a 2 MiB one', [G, G], 2 * G, 512 * G, true, [G, 513 * G]],
    ['a 2 MiB page continues a 1 GiB one', [0, 512 * G], 512 * G, G, true, [0, 513 * G]],
    ['64 KiB page that continues', [G, G], 2 * G, 65_536, false, [G, G]],
    ['above 2^40', [2 ** 45 - G, G], 2 ** 45, G, true, [2 ** 45 - G, 2 * G]],
    ['a refused one between two', [G, G], 2 * G + 4096, G, false, [G, G]],
  ];
  it.each(rows)('%s', (_, before, start, bytes, ok, after) => {
    const ranges = [...before];
    expect(mergeRange(ranges, start, bytes)).toBe(ok);
    expect(ranges).toEqual(after);
  });
});

describe("merging (the driver's own unit test, its seven rows one after the other)", () => {
  const rows: readonly (readonly [number, number, boolean, number, number, number])[] = [
    [0x1000, 0x200000, false, 0, -1, -1],
    [0x200000, 0x1000, false, 0, -1, -1],
    [0x200000, 0x200000, true, 1, 0x200000, 0x200000],
    [0x0, 0x200000, true, 2, 0x0, 0x200000],
    [0x600000, 0x400000, true, 3, 0x600000, 0x400000],
    [0xa00000, 0x400000, true, 3, 0x600000, 0x800000],
    [0x1000, 0x200000, false, 3, 0x600000, 0x800000],
  ];
  it('each leaves as many ranges, and the last one, as the driver does', () => {
    const ranges: number[] = [];
    const got = rows.map(([start, bytes]) => {
      const joined = mergeRange(ranges, start, bytes);
      const [lastStart = -1, lastBytes = -1] = ranges.slice(-2);
      return [start, bytes, joined, ranges.length / 2, lastStart, lastBytes];
    });
    expect(got).toEqual(rows);
  });
});

describe('merging through the driver: boundaries of a call', () => {
  const at = 2 ** 40;

  it('Straddle: one call over pages that continue each other is one range', () => {
    const { set, enclave } = foreign([[at, 3]]);
    expect(set(3 * PAGE).requests).toEqual([['MEM', at, 3 * PAGE]]);
    expect(enclave().ranges).toBe(1);
  });

  it('Never across calls: two calls over the same pages are two ranges', () => {
    const { set, enclave } = foreign([[at, 2]]);
    expect(set(PAGE).rc).toBe(0);
    expect(set(PAGE, BASE + PAGE).rc).toBe(0);
    expect(enclave()).toMatchObject({ ranges: 2, memoryBytes: 2 * PAGE });
  });

  it('Descending: pages in falling order never join, and count against the maximum', () => {
    const falling: [number, number][] = [4, 3, 2, 1, 0].map((i) => [at + i * PAGE, 1]);
    expect(foreign(falling.slice(1)).set(4 * PAGE).requests).toHaveLength(4);
    expect(foreign(falling).set(5 * PAGE).rc).toBe(-265);
  });

  it('Returning: A B A+1 is three ranges, though the third continues the first', () => {
    const { set } = foreign([
      [at, 1],
      [at + 8 * PAGE, 1],
      [at + PAGE, 1],
    ]);
    expect(set(3 * PAGE).requests).toHaveLength(3);
  });

  it('The maximum counts old and new together: 3 + 1 passes, 3 + 2 does not and changes nothing', () => {
    const apart: [number, number][] = [0, 2, 4, 6, 8].map((i) => [at + i * PAGE, 1]);
    const { set, enclave, host } = foreign(apart);
    expect(set(3 * PAGE).rc).toBe(0);
    const before = structuredClone(host.tree);
    expect(set(2 * PAGE, BASE + 3 * PAGE).rc).toBe(-265);
    expect(host.tree).toEqual(before);
    expect(set(PAGE, BASE + 3 * PAGE).rc).toBe(0);
    expect(enclave().ranges).toBe(4);
  });

  it('Aliased: one physical page twice in a call is two ranges (quirk no-alias-check)', () => {
    const { set, enclave } = foreign([
      [at, 1],
      [at, 1],
    ]);
    expect(set(2 * PAGE).requests).toHaveLength(2);
    expect(enclave().memoryBytes).toBe(2 * PAGE);
  });
});

describe('whose page it is', () => {
  it('N12 holds: pool → task → enclave → scrubbed → pool', () => {
    const host = readyHost(4);
    run(host, { kind: 'nitro.create-vm', task: 7 });
    const [address] = touchedPages(host, 7, 1);
    expect(poolOwners(host)[taskOwner(7)]).toBe(1);
    expect(give(host, 1, 7, address)).toMatchObject({ rc: 0 });
    expect(poolOwners(host)[enclaveOwner(1)]).toBe(1);
    run(host, { kind: 'nitro.unmap', address });
    expect(poolOwners(host)[enclaveOwner(1)]).toBe(1);
    run(host, { kind: 'nitro.close', slot: 1 });
    expect(freePages(host.memory[0].pools[0])).toBe(4);
    expect(host.tree.dirty).toEqual([]);
  });

  it('a page still mapped when its enclave ends is its task page again', () => {
    const host = readyHost(4);
    run(host, { kind: 'nitro.create-vm', task: 7 });
    const [address] = touchedPages(host, 7, 1);
    give(host, 1, 7, address);
    run(host, { kind: 'nitro.close', slot: 1 });
    expect(poolOwners(host)[taskOwner(7)]).toBe(1);
    expect(host.tree.counters.pinned).toBe(0);
  });

  it('a pinned page that was not donated is held after unmap, and free after close', () => {
    const host = readyHost(4);
    run(host, { kind: 'nitro.create-vm', task: 7 });
    const [address] = touchedPages(host, 7, 1);
    const answers = { SLOT_ADD_MEM: { nth: 1, errno: 5 } };
    const region = { flags: 0n, address: BigInt(address), bytes: BigInt(PAGE), answers };
    expect(run(host, { kind: 'nitro.set-memory', slot: 1, task: 7, ...region }).rc).toBe(-5);
    run(host, { kind: 'nitro.unmap', address });
    expect(poolOwners(host)[HELD]).toBe(1);
    run(host, { kind: 'nitro.close', slot: 1 });
    expect(poolOwners(host)[HELD]).toBeUndefined();
    expect(freePages(host.memory[0].pools[0])).toBe(4);
  });

  it('N12 refused: a page of the wrong node is 264 and lost until the parent stops', () => {
    const host = readyHost(0, { nodes: 2 });
    run(host, { kind: 'nitro.write-hugepages', node: 1, pageKib: 2048, text: '2' });
    run(host, { kind: 'nitro.create-vm', task: 7 });
    const [address] = touchedPages(host, 7, 1);
    expect(give(host, 1, 7, address)).toMatchObject({ rc: -264, codes: ['NE 264'] });
    expect(poolOwners(host, 1)[LEAKED]).toBe(1);
    run(host, { kind: 'nitro.unmap', address });
    run(host, { kind: 'nitro.close', slot: 1 });
    expect(poolOwners(host, 1)[LEAKED]).toBe(1);
    run(host, { kind: 'parent.stop' });
    expect(host.memory.map(({ base }) => base.freeFrames)).toEqual([2048, 2048]);
    expect(host.tree.counters.pinned).toBe(0);
  });

  it('physical addresses and frames name each other across nodes', () => {
    const host = nitroHost({ nodes: 2 });
    expect(locate(host, physOf(host, 1, 5))).toEqual({ node: 1, frame: 5 });
    expect(physOf(host, 1, 0)).toBe(4096 * MIB);
    expect(locate(host, 8192 * MIB - 1)).toEqual({ node: 1, frame: 2047 });
    expect(locate(host, 8192 * MIB)).toBeUndefined();
  });
});

describe('hugepages and promises', () => {
  const write = (host: Host, text: string, pageKib = 2048) =>
    run(host, { kind: 'nitro.write-hugepages', node: 0, pageKib, text });

  it('gives what fits and says so; text that is no count is refused', () => {
    const host = nitroHost();
    expect(write(host, '2\n', 1048576)).toMatchObject({ rc: 0, pages: 2 });
    expect(write(host, '9999')).toMatchObject({ rc: 0, pages: 1024 });
    expect(['-1', 'x', ''].map((text) => write(host, text).rc)).toEqual([-22, -22, -22]);
    expect(write(host, '1', 4096).rc).toBe(-19);
  });

  it('N12 refused: mmap beyond the free pages less the promised ones', () => {
    const host = readyHost(2);
    const map = () => run(host, { kind: 'nitro.map-page', task: 1, pageKib: 2048 });
    expect([map().rc, map().rc, map().rc]).toEqual([0, 0, -12]);
    expect(poolOwners(host)[FREE]).toBe(2);
    expect(write(host, '0')).toMatchObject({ rc: 0, pages: 2 });
    expect(run(host, { kind: 'nitro.map-page', task: 1, pageKib: 4 }).rc).toBe(-22);
  });

  it('the first touch takes the local node, else the lowest that has a page', () => {
    const host = readyHost(1, { nodes: 2 });
    run(host, { kind: 'nitro.write-hugepages', node: 1, pageKib: 2048, text: '2' });
    const nodes = [1, 1, 1].map((localNode) => {
      const { address = 0 } = run(host, { kind: 'nitro.map-page', task: 1, pageKib: 2048 });
      return run(host, { kind: 'nitro.touch', address, localNode }).node;
    });
    expect(nodes).toEqual([1, 1, 0]);
    expect(pagesOf(host.memory[0].pools[0])).toBe(1);
  });
});
