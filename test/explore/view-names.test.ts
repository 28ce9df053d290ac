/**
 * The names that the view gives, one by one: what it leaves out of a host, what it puts in order, and
 * what it tells apart. That this changes no answer is shown on random walks (view.test.ts).
 */
import { describe, expect, it } from 'vitest';
import * as view from '../../core/explore/view.js';
import type { Host } from '../../core/host/host.js';
import { putRecord } from '../../core/host/records.js';
import { newEnclave } from '../../core/host/tree.js';
import { nitroHost, qingtianHost, vmHost } from '../kit/hosts.js';

/** A Nitro parent whose enclaves, by slot from the first on, have these CIDs. */
function withCids(...cids: readonly number[]): Host {
  const host = nitroHost();
  const { firstSlot, firstCid } = host.hypervisor;
  host.tree.counters.nextCid = firstCid + 10;
  for (const [place, cid] of cids.entries()) {
    putRecord(host.tree, newEnclave({ uid: firstSlot + place, cid }));
  }
  return host;
}

function namesOf(host: Host): number[] {
  const { records } = host.tree;
  return records.map((record) => view.cidName(host, record, records.length));
}

describe('CIDs', () => {
  const { firstCid } = nitroHost().hypervisor;

  it('given by themselves are named by the place of their enclave', () => {
    const host = withCids(firstCid + 9, firstCid + 4, firstCid);
    expect(namesOf(host)).toEqual([firstCid, firstCid + 1, firstCid + 2]);
  });

  it('of two are named by the lower place', () => {
    const host = withCids(firstCid + 9, firstCid + 4, firstCid + 9, firstCid + 4);
    expect(namesOf(host)).toEqual([firstCid, firstCid + 1, firstCid, firstCid + 1]);
  });

  it('of two are named by the lower place, whichever record is looked at first', () => {
    const host = withCids(firstCid + 9, firstCid + 9);
    host.tree.records.reverse();
    expect(namesOf(host)).toEqual([firstCid, firstCid]);
  });

  it('below the first automatic one are their own name, as is none', () => {
    expect(namesOf(withCids(0, firstCid - 1, firstCid + 3))).toEqual([
      0,
      firstCid - 1,
      firstCid + 2,
    ]);
  });

  it('the next automatic one is above all places, whoever was given it and whatever its number', () => {
    const host = withCids(firstCid + 9, firstCid + 4, firstCid + 9);
    host.tree.counters.nextCid = firstCid + 9;
    expect(namesOf(host)).toEqual([firstCid + 3, firstCid + 1, firstCid + 3]);
    host.tree.counters.nextCid = firstCid + 10;
    expect(namesOf(host)).toEqual([firstCid, firstCid + 1, firstCid]);
  });

  it.each([
    ['a driver slot', nitroHost(), firstCid],
    ['QingTian', qingtianHost(), Number.POSITIVE_INFINITY],
    ['a plain VM', vmHost(), Number.POSITIVE_INFINITY],
  ])('are automatic for %s from the declared one on', (_, host, first) => {
    expect(view.firstAutomaticCid(host)).toBe(first);
  });
});

describe('an enclave', () => {
  const given = { uid: 3, cid: 20, fd: 9, donated: [30, 1, 10, 2, 20, 3] };
  const record = newEnclave(given);

  it('has no uid of its own, the name of its CID, some file or none, and ranges by address', () => {
    expect(view.namedEnclave(record, 17)).toEqual({
      ...record,
      uid: 0,
      cid: 17,
      fd: 4,
      donated: [10, 2, 20, 3, 30, 1],
    });
    expect(view.namedEnclave({ ...record, fd: 0 }, 17).fd).toBe(4);
    expect(view.namedEnclave({ ...record, fd: -7 }, 17).fd).toBe(-1);
  });

  it('is told apart by whether it has a file, not by which', () => {
    const text = view.textOfEnclave(record, 17);
    expect(view.textOfEnclave({ ...record, fd: 0 }, 17)).toBe(text);
    expect(view.textOfEnclave({ ...record, fd: -1 }, 17)).not.toBe(text);
  });

  it('is the same whatever the order in which its ranges came', () => {
    const other = newEnclave({ ...given, donated: [10, 2, 30, 1, 20, 3] });
    expect(view.textOfEnclave(other, 17)).toBe(view.textOfEnclave(record, 17));
  });

  it('reads so', () => {
    const whole = newEnclave({
      ...given,
      state: 'running',
      task: 7,
      node: 1,
      vcpus: [2, 10],
      cores: [
        { index: 2, cpus: [2, 10] },
        { index: 3, cpus: [3] },
      ],
      regions: [
        { address: 64, bytes: 32, pages: [8, 32] },
        { address: 96, bytes: 32, pages: [40, 32] },
      ],
      extents: [
        { node: 0, size: 1, handle: 5 },
        { node: 0, size: 1, handle: 6 },
      ],
    });
    expect(view.textOfEnclave(whole, 17)).toBe(
      'running|17|0|7|1|0|0|2,10|2:2,10;3:3;|0|0|0|64,32:8,32;96,32:40,32;|10,2,20,3,30,1|' +
        '0,1,5;0,1,6;|0,0,0|0|1|false|0|0',
    );
  });
});

describe('the base', () => {
  const reservation = { state: 'inactive', pageKib: 0, memoryMib: 0 } as const;
  const dirty = [
    { node: 0, start: 5, frames: 2, enclave: 1 },
    { node: 1, start: 7, frames: 3, enclave: 4 },
  ];

  it('reads so', () => {
    const part = { parent: 'running', reservation, bound: 1, extraPins: 0, dirty } as const;
    expect(view.textOfBase(part)).toBe('running|inactive|0|0|1|0|0,5,2,1|1,7,3,4');
  });

  it('copies what is dirty, and says whether the driver holds more pins than regions explain', () => {
    const host = nitroHost();
    const regions = [{ address: 0, bytes: 64, pages: [0, 32, 96, 32] }];
    putRecord(host.tree, newEnclave({ uid: 1, regions }));
    host.tree.dirty = dirty;
    host.tree.counters.pinned = 2;
    const { extraPins, dirty: copied } = view.baseOf(host);
    expect([extraPins, copied]).toEqual([0, dirty]);
    expect(copied[0]).not.toBe(dirty[0]);
    host.tree.counters.pinned = 3;
    expect(view.baseOf(host).extraPins).toBe(1);
  });
});

describe('CPUs, cells and mappings', () => {
  it('of a pool without cores are of no node', () => {
    const { tree } = nitroHost();
    tree.pool.avail = [];
    tree.pool.node = 3;
    expect(view.copyCpus(tree).pool.node).toBe(-1);
    expect(view.textOfCpus(tree)).toBe(
      `${tree.online.join('')}|-1|${tree.pool.threadsPerCore}|${tree.pool.parentCores}|${tree.pool.text}`,
    );
  });

  it('of a pool with cores are of its node', () => {
    const { tree } = nitroHost();
    tree.pool.avail = [[1, 9], []];
    tree.pool.node = 3;
    expect(view.copyCpus(tree).pool.node).toBe(3);
    expect(view.textOfCpus(tree)).toContain('/1,9/|3|');
  });

  it('are a character a cell', () => {
    expect(view.textOfNode([Int32Array.of(65, 66), Int32Array.of(67)])).toBe('ABC');
  });

  it('are a mapping after the other', () => {
    const one = {
      address: 64,
      pageBytes: 32,
      huge: 1,
      node: 0,
      runs: [8, 1],
      task: 7,
      size: 2,
    } as const;
    const text = '64,32,1,0,8,1,7,2;';
    expect(view.textOfMappings([one, one])).toBe(text + text);
  });

  it('are read from frame lines only', () => {
    expect(() => nitroHost().memory.map(view.linesOf)).toThrow('frame lines');
  });
});
