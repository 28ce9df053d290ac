/** The nr_hugepages plan against a page-by-page oracle, and its boundaries. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseHugepageCount, planHugepages } from '../../core/memory/hugepages.js';
import { freePages, OUTSIDE, pagesOf } from '../../core/memory/node-memory.js';
import { type NaiveHugepages, naiveWriteHugepages } from '../kit/naive-memory.js';
import { drawnNode, SMALL_SIZES_KIB, writeHugepages } from './pages.js';

const TASK = 100;

type Write = readonly [sizeIndex: number, target: number, use: number];

/** Writes on model and oracle alternately; after each, some pages become used or free again. */
function replay(occupied: readonly boolean[], writes: readonly Write[]): void {
  const memory = drawnNode(occupied.map((held) => (held ? '#' : '.')).join(''));
  const free = occupied.map((held) => !held);
  const naive: NaiveHugepages[] = SMALL_SIZES_KIB.map(() => ({ free, pages: new Map() }));
  for (const [sizeIndex, target, use] of writes) {
    const { store, pageFrames } = memory.pools[sizeIndex];
    const { pages } = naive[sizeIndex];
    const got = writeHugepages(memory, sizeIndex, target);
    expect(got).toBe(naiveWriteHugepages(naive[sizeIndex], pageFrames, target));
    const page = [...pages.keys()][use % (pages.size || 1)];
    if (page !== undefined) {
      if (pages.get(page)) store.freeRange(page, pageFrames);
      else store.allocAt(page, pageFrames, TASK);
      pages.set(page, !pages.get(page));
    }
    expect(memory.verifyIndex()).toEqual([]);
    for (let frame = 0; frame < free.length; frame++) {
      expect(memory.base.covering(frame).owner === 0).toBe(free[frame]);
      const unit = Math.floor(frame / pageFrames) * pageFrames;
      const inUse = pages.get(unit);
      const expected = inUse === undefined ? OUTSIDE : inUse ? TASK : 0;
      expect(store.covering(frame).owner).toBe(expected);
    }
  }
}

describe('planHugepages', () => {
  it('Q29: agrees with the page-by-page oracle, pages in use included', () => {
    const occupancy = fc.array(fc.boolean(), { minLength: 1, maxLength: 40 });
    const sparse = fc.array(
      fc.nat({ max: 5 }).map((n) => n === 0),
      { minLength: 8, maxLength: 64 },
    );
    const write = fc.tuple(fc.nat({ max: 2 }), fc.nat({ max: 20 }), fc.nat({ max: 99 }));
    const writes = fc.array(write, { minLength: 1, maxLength: 12 });
    fc.assert(fc.property(fc.oneof(occupancy, sparse), writes, replay));
  });

  it('Q29 holds: every page starts on a multiple of its size and is one free run', () => {
    const memory = drawnNode('.#..............#.......');
    const plan = planHugepages(memory, 1, 99);
    expect(plan).toEqual({ grow: true, runs: [2, 14, 18, 6], resulting: 10 });
    for (let i = 0; i < plan.runs.length; i += 2) {
      expect(plan.runs[i] % memory.pools[1].pageFrames).toBe(0);
      const { start, frames } = memory.base.covering(plan.runs[i]);
      expect(plan.runs[i] + plan.runs[i + 1]).toBeLessThanOrEqual(start + frames);
    }
  });

  it('Q29 refused: a 1G reservation fails on fragmentation although enough bytes are free', () => {
    const gib = 512;
    const picture = `${'.'.repeat(gib - 1)}#`.repeat(4);
    const memory = drawnNode(picture, [2048, 1024 ** 2]);
    expect(memory.base.freeFrames).toBeGreaterThan(3 * gib);
    expect(planHugepages(memory, 1, 1)).toEqual({ grow: true, runs: [], resulting: 0 });
    expect(writeHugepages(memory, 0, 3 * gib)).toBe(3 * gib);
  });

  it.each([
    ['first granule', '........#', 1, [0, 8]],
    ['last granule', '#...............', 1, [8, 8]],
    ['straddle of a granule', '####........####', 0, []],
    ['hole at the end', '........#.......', 1, [0, 8]],
    ['node ends inside a granule', '...............', 1, [0, 8]],
    ['exact fit', '########........########', 1, [8, 8]],
    ['one frame short', '########.......#########', 0, []],
  ])('Q29 boundary: %s', (_name, picture, resulting, runs) => {
    const plan = planHugepages(drawnNode(picture), 2, 2);
    expect(plan).toEqual({ grow: true, runs, resulting });
  });

  it('pages in use stay; free ones go from the highest address', () => {
    const memory = drawnNode('................');
    expect(writeHugepages(memory, 1, 8)).toBe(8);
    const [, pool] = memory.pools;
    pool.store.allocAt(10, 2, TASK);
    expect(planHugepages(memory, 1, 5)).toEqual({ grow: false, runs: [8, 2, 12, 4], resulting: 5 });
    expect(writeHugepages(memory, 1, 0)).toBe(1);
    expect([pagesOf(pool), freePages(pool)]).toEqual([1, 0]);
    expect(pool.store.covering(10).owner).toBe(TASK);
  });

  it('asks for the pages that are missing, where there is room for more', () => {
    const memory = drawnNode('................');
    expect(writeHugepages(memory, 1, 3)).toBe(3);
    expect(planHugepages(memory, 1, 5)).toEqual({ grow: true, runs: [6, 4], resulting: 5 });
    expect(writeHugepages(memory, 1, 5)).toBe(5);
  });

  it('a plan reads only, and asking for what there is changes nothing', () => {
    const memory = drawnNode('................');
    writeHugepages(memory, 1, 3);
    const before = memory.snapshot();
    expect(planHugepages(memory, 1, 3)).toEqual({ grow: false, runs: [], resulting: 3 });
    planHugepages(memory, 1, 0);
    planHugepages(memory, 2, 9);
    expect(memory.snapshot()).toEqual(before);
  });

  it('2M pages given back between 1G pages make a 1G place again only when whole', () => {
    const memory = drawnNode('................');
    writeHugepages(memory, 0, 9);
    expect(planHugepages(memory, 2, 2).resulting).toBe(0);
    writeHugepages(memory, 0, 8);
    expect(planHugepages(memory, 2, 2)).toEqual({ grow: true, runs: [8, 8], resulting: 1 });
  });
});

describe('parseHugepageCount', () => {
  it.each([
    ['0', 0],
    ['123\n', 123],
    ['+7', 7],
    ['0010', 10],
    ['9007199254740993', Number.MAX_SAFE_INTEGER],
    ['18446744073709551615', Number.MAX_SAFE_INTEGER],
  ])('reads %j', (text, pages) => {
    expect(parseHugepageCount(text)).toEqual({ ok: true, pages });
  });

  it.each([
    '',
    '\n',
    '-1',
    '-128',
    ' 1',
    '1 ',
    '1\n\n',
    '++1',
    '0x10',
    '1.5',
    'all',
    'x18446744073709551616',
  ])('refuses %j with EINVAL', (text) => {
    expect(parseHugepageCount(text)).toEqual({ ok: false, errno: -22 });
  });

  it.each(['18446744073709551616', '99999999999999999999x'])('refuses %j with ERANGE', (text) => {
    expect(parseHugepageCount(text)).toEqual({ ok: false, errno: -34 });
  });
});
