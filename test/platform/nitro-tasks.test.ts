/** Mapping, touching and unmapping: where an address lies, which page stands behind it, whose it is. */
import { describe, expect, it } from 'vitest';
import type { Host } from '../../core/host/host.js';
import { taskOwner } from '../../core/host/owner.js';
import { runInPlace } from '../../core/host/step.js';
import type { Mapping } from '../../core/host/tree.js';
import { freePages } from '../../core/memory/node-memory.js';
import { firstAbove } from '../../core/platform/nitro/by-address.js';
import { findMapping, mappedBytes, pageAt } from '../../core/platform/nitro/mapping.js';
import { addressAbove, upperEnd } from '../../core/platform/nitro/tasks.js';
import { give, nitroHost, readyHost, run, touchedPages } from './nitro-host.js';

const PAGE = 2 * 1024 * 1024;
const FIRST = 2 ** 44;
/** First byte above user memory, and the last place for a 2 MiB page below it. */
const LIMIT = 0x7fff_ffff_f000;
const LAST = 0x7fff_ffc0_0000;

const mapPage = (host: Host, task = 1, pageKib = 2048) =>
  run(host, { kind: 'nitro.map-page', task, pageKib });

function mapForeign(host: Host, address: number, pages: number) {
  const mapped = { task: 1, address, pageBytes: PAGE, huge: true, node: 0 };
  return run(host, { kind: 'nitro.map-foreign', ...mapped, runs: [[2 ** 40, pages]] });
}

function mapping(part: Partial<Mapping>): Mapping {
  return {
    ...{ address: FIRST, pageBytes: PAGE, huge: 1, node: 0, runs: [], task: 1, size: 0 },
    ...part,
  };
}

describe('the first item above an address', () => {
  it('is what a walk from the front finds, in lists of every length', () => {
    for (let length = 0; length <= 9; length++) {
      const items = Array.from({ length }, (_, i) => ({ address: 10 * i }));
      for (let address = -1; address <= 10 * length; address++) {
        const walked = items.findIndex((item) => item.address > address);
        expect(firstAbove(items, address)).toBe(walked < 0 ? length : walked);
      }
    }
  });
});

describe('where a page is mapped', () => {
  it('from 2^44 on, each above the one before, at a multiple of its size', () => {
    const host = readyHost(3);
    run(host, { kind: 'nitro.write-hugepages', node: 0, pageKib: 1_048_576, text: '1' });
    const GIB = 2 ** 30;
    const addresses = [2048, 2048, 1_048_576, 2048].map((kib) => mapPage(host, 1, kib).address);
    expect(addresses).toEqual([FIRST, FIRST + PAGE, FIRST + GIB, FIRST + 2 * GIB]);
  });

  it('ends where user memory does: the last page fits, one more does not', () => {
    expect(addressAbove(LAST, PAGE)).toBe(LAST);
    expect(addressAbove(LAST + 1, PAGE)).toBe(-1);
    expect(addressAbove(0, PAGE)).toBe(FIRST);
    expect(addressAbove(LIMIT - 4096, 4096)).toBe(LIMIT - 4096);
    expect(addressAbove(LIMIT - 4095, 4096)).toBe(-1);
  });

  it('behind the end it takes the lowest gap that is wide enough', () => {
    const host = readyHost(8);
    mapForeign(host, LAST, 1);
    mapForeign(host, FIRST + PAGE, 2);
    mapForeign(host, FIRST + 4 * PAGE, 1);
    const taken = [0, 0, 0].map(() => mapPage(host).address);
    expect(taken).toEqual([FIRST, FIRST + 3 * PAGE, FIRST + 5 * PAGE]);
    const { mappings } = host.tree;
    expect(mappings.map(({ address }) => address)).toEqual(
      [...mappings.map(({ address }) => address)].sort((a, b) => a - b),
    );
  });

  it('says so when all of user memory is mapped', () => {
    const host = readyHost(1);
    mapForeign(host, FIRST, (LAST - FIRST) / PAGE + 1);
    expect(() => mapPage(host)).toThrow('user memory is full');
  });

  it('a mapping is as long as its pages, and a promise as one', () => {
    expect(mappedBytes(mapping({}))).toBe(PAGE);
    expect(mappedBytes(mapping({ runs: [0, 3, 2 ** 30, 2] }))).toBe(5 * PAGE);
    expect(mappedBytes(mapping({ size: -1 }))).toBe(0);
    expect([upperEnd([]), upperEnd([mapping({})])]).toEqual([0, FIRST + PAGE]);
  });
});

describe('which page stands behind an address', () => {
  const two = mapping({ runs: [2 ** 40, 2, 2 ** 41, 1] });

  it('its run and its place there; inside a page only a tail of 4 KiB', () => {
    const head = { bytes: PAGE, huge: true, node: 0 };
    expect(pageAt(two, FIRST)).toEqual({ ...head, phys: 2 ** 40 });
    expect(pageAt(two, FIRST + PAGE)).toEqual({ ...head, phys: 2 ** 40 + PAGE });
    expect(pageAt(two, FIRST + 2 * PAGE)).toEqual({ ...head, phys: 2 ** 41 });
    expect(pageAt(two, FIRST + PAGE + 512)).toEqual({
      ...{ ...head, bytes: 4096 },
      phys: 2 ** 40 + PAGE + 512,
    });
    expect(pageAt(mapping({ ...two, huge: 0 }), FIRST).huge).toBe(false);
    expect(() => pageAt(two, FIRST + 3 * PAGE)).toThrow('outside the mapping');
  });

  it('is seen by its task, or by all when it is shared, up to its last byte', () => {
    const own = [mapping({ runs: [0, 1] }), mapping({ address: FIRST + 4 * PAGE, task: -1 })];
    const seen = (address: number, task: number) => findMapping(own, address, task);
    expect([FIRST - 1, FIRST, FIRST + PAGE - 1, FIRST + PAGE].map((at) => seen(at, 1))).toEqual([
      ...[-1, 0, 0, -1],
    ]);
    expect(seen(FIRST, 2)).toBe(-1);
    expect([1, 2].map((task) => seen(FIRST + 4 * PAGE, task))).toEqual([1, 1]);
  });

  it('a region may run on over neighbouring mappings, of the caller’s only', () => {
    const host = readyHost(4);
    run(host, { kind: 'nitro.create-vm', task: 1 });
    const [first] = touchedPages(host, 1, 2);
    const [other] = touchedPages(host, 2, 1);
    expect(other).toBe(first + 2 * PAGE);
    const region = { slot: 1, task: 1, flags: 0n, address: BigInt(first) };
    const set = (pages: number) =>
      run(host, { kind: 'nitro.set-memory', ...region, bytes: BigInt(pages * PAGE) });
    expect(set(3)).toMatchObject({ rc: -14, rule: 'nitro.page-mapped' });
    expect(set(2).rc).toBe(0);
  });

  it('a page that was never touched is not there to be given', () => {
    const host = readyHost(4);
    run(host, { kind: 'nitro.create-vm', task: 1 });
    const { address = 0 } = mapPage(host);
    expect(give(host, 1, 1, address)).toMatchObject({ rc: -14, rule: 'nitro.page-mapped' });
    run(host, { kind: 'nitro.touch', address, localNode: 0 });
    expect(give(host, 1, 1, address).rc).toBe(0);
  });

  it('a look-up that the kernel fails is told as such, and nothing stays pinned', () => {
    const host = readyHost(4);
    run(host, { kind: 'nitro.create-vm', task: 1 });
    const [address] = touchedPages(host, 1, 2);
    const region = { slot: 1, task: 1, flags: 0n, address: BigInt(address) };
    const answers = { GUP: { nth: 2, errno: 133 } };
    const two = { ...region, bytes: BigInt(2 * PAGE), answers };
    const failed = run(host, { kind: 'nitro.set-memory', ...two });
    expect(failed).toMatchObject({ rc: -133, codes: ['EHWPOISON'], calls: { GUP: 2 } });
    expect(host.tree.counters.pinned).toBe(0);
  });
});

describe('touch and unmap', () => {
  it('a first touch places the page, a second one finds it there', () => {
    const host = readyHost(2);
    const { address = 0 } = mapPage(host, 7);
    expect(host.tree.promised[0]).toBe(1);
    const first = runInPlace(host, { kind: 'nitro.touch', address, localNode: 0 });
    expect(first.effects).toMatchObject([
      { kind: 'claim', node: 0, size: 0, owner: taskOwner(7), uid: -1 },
      { kind: 'map', position: 0, replaces: { address, runs: [] } },
    ]);
    const second = runInPlace(host, { kind: 'nitro.touch', address, localNode: 0 });
    expect([second.effects, second.facts.node]).toEqual([[], 0]);
    expect(freePages(host.memory[0].pools[0])).toBe(1);
  });

  it('a node that is not there, or has no page left, is passed over', () => {
    const host = readyHost(1, { nodes: 2 });
    run(host, { kind: 'nitro.write-hugepages', node: 1, pageKib: 2048, text: '1' });
    const touch = (localNode: number) => {
      const { address = 0 } = mapPage(host);
      return run(host, { kind: 'nitro.touch', address, localNode }).node;
    };
    expect([touch(9), touch(0)]).toEqual([0, 1]);
  });

  it('a promise that is given up is free again; nothing was ever placed', () => {
    const host = readyHost(1);
    const { address = 0 } = mapPage(host);
    expect(mapPage(host).rc).toBe(-12);
    const gone = runInPlace(host, { kind: 'nitro.unmap', address });
    expect(gone.effects.map(({ kind }) => kind)).toEqual(['unmap']);
    expect(mapPage(host).rc).toBe(0);
  });

  it('an unmapped page of the task is free again', () => {
    const host = readyHost(1);
    const [address] = touchedPages(host, 1, 1);
    const gone = runInPlace(host, { kind: 'nitro.unmap', address });
    expect(gone.effects).toMatchObject([{ kind: 'release', uid: -1 }, { kind: 'unmap' }]);
    expect(freePages(host.memory[0].pools[0])).toBe(1);
  });

  it('only at its start: an address inside a mapping, or before all, is no mapping', () => {
    const host = readyHost(1);
    const [address] = touchedPages(host, 1, 1);
    for (const at of [address + 4096, address - 1]) {
      expect(run(host, { kind: 'nitro.unmap', address: at }).rc).toBe(-22);
      expect(run(host, { kind: 'nitro.touch', address: at, localNode: 0 }).rc).toBe(-14);
    }
  });
});

describe('the count files', () => {
  const write = (host: Host, text: string) =>
    run(host, { kind: 'nitro.write-hugepages', node: 0, pageKib: 2048, text }).pages;

  it('keep pages in use and promised ones, and give the rest back', () => {
    const host = readyHost(8);
    touchedPages(host, 1, 2);
    mapPage(host);
    expect([write(host, '5'), write(host, '0'), write(host, '4')]).toEqual([5, 3, 4]);
  });

  it('the same count again changes nothing', () => {
    const host = readyHost(8);
    const same = { kind: 'nitro.write-hugepages', node: 0, pageKib: 2048, text: '8' } as const;
    expect(runInPlace(host, same)).toMatchObject({ effects: [], facts: { rc: 0, pages: 8 } });
  });

  it('a promise counts for all nodes together', () => {
    const host = readyHost(1, { nodes: 2 });
    run(host, { kind: 'nitro.write-hugepages', node: 1, pageKib: 2048, text: '1' });
    mapPage(host);
    expect(write(host, '0')).toBe(0);
    const other = { kind: 'nitro.write-hugepages', node: 1, pageKib: 2048, text: '0' } as const;
    expect(run(host, other).pages).toBe(1);
    expect(nitroHost().tree.promised).toEqual([0, 0]);
  });
});

describe('image', () => {
  it('goes 8 MiB behind the start of the memory', () => {
    const host = readyHost(0);
    run(host, { kind: 'nitro.create-vm', task: 1 });
    const info = { kind: 'nitro.image-load-info', slot: 1, flags: 1n } as const;
    expect(runInPlace(host, info)).toMatchObject({
      ...{ effects: [], facts: { rc: 0, memoryOffset: 8 * 1024 * 1024 } },
    });
    expect(run(host, { ...info, fault: 'out' }).rc).toBe(-14);
  });
});
