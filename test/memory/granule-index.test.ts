/** What the granule-aware index remembers and how it is checked, beyond the laws of every store. */
import { describe, expect, it } from 'vitest';
import { addressIndexAt } from '../../core/memory/address-index.js';
import { putNode, takeNode } from '../../core/memory/bin-lists.js';
import { HEADER_WORDS, START } from '../../core/memory/extent-layout.js';
import { GranuleCarver } from '../../core/memory/granule-carver.js';
import { HEAD_NODE, TAIL_NODE, WHOLE_NODE } from '../../core/memory/granule-layout.js';
import { GranuleLife, lifeWith } from './granule-life.js';
import type { Run } from './line.js';

const GRANULE = 8;
const FRAMES = 25 * GRANULE;

describe('the longest free run', () => {
  const shorter: Run = { start: 11, end: 30 };
  it.each([
    ['a head', { start: 101, end: 128 }],
    ['a tail', { start: 96, end: 125 }],
    ['a head and a tail', { start: 101, end: 125 }],
    ['whole granules only', { start: 96, end: 120 }],
  ])('with %s, taken whole, leaves the next one', (_, longest) => {
    for (const isMarked of [false, true]) {
      const life = lifeWith(FRAMES, GRANULE, [shorter, longest]);
      if (isMarked) life.mark();
      expect(life.pool.largestFreeRun()).toBe(longest.end - longest.start);
      expect(life.pool.largestGranuleRun()).toBe(
        longest.start === 101 && longest.end === 125 ? 2 * GRANULE : 3 * GRANULE,
      );
      life.hold(longest.start, longest.end - longest.start);
      life.compare();
      expect(life.pool.largestFreeRun()).toBe(19);
    }
  });
});

describe('the check of the granule-aware index', () => {
  it.each([
    ['a head', HEAD_NODE, 3, 5],
    ['a tail', TAIL_NODE, 5, 3],
    ['a run', WHOLE_NODE, 2, 3],
  ] as const)(
    'names %s that is, well linked, in the bin of another length',
    (_, node, bin, other) => {
      const { pool } = lifeWith(FRAMES, GRANULE, [{ start: 101, end: 125 }]);
      const words = new Int32Array(pool.bytes / 4);
      words.set(new Int32Array(pool.snapshot().buffer));
      const carver = new GranuleCarver(words, addressIndexAt(HEADER_WORDS, FRAMES, 3));
      const at = words.findIndex((word, i) => i % 16 === START && word === 101);
      const bins = node === WHOLE_NODE ? carver.wholes : carver.pieces;
      takeNode(words, bins, at + node);
      putNode(words, bins, other, at + node);
      pool.restore(new Uint8Array(words.buffer));
      expect(pool.verifyIndex()).toEqual([`node ${at + node} is in bin ${other}`]);
      takeNode(words, bins, at + node);
      putNode(words, bins, bin, at + node);
      pool.restore(new Uint8Array(words.buffer));
      expect(pool.verifyIndex()).toEqual([]);
    },
  );
});

/** Cells of two frames in the midst of each granule; what lies around them is held by one frame each. */
function cells(granules: number): GranuleLife {
  const life = new GranuleLife(granules * GRANULE, GRANULE);
  for (let at = 0; at < granules * GRANULE; at += GRANULE) {
    for (const [start, frames] of [
      [0, 3],
      [3, 1],
      [4, 2],
      [6, 1],
      [7, 1],
    ]) {
      life.hold(at + start, frames);
    }
  }
  return life;
}

describe('a list of many equal pieces', () => {
  it.each([
    ['the oldest first', 0],
    ['the newest first', 79],
    ['from the midst', 31],
  ])('loses them to a neighbour freed above or below, %s', (_, first) => {
    const granules = 80;
    const life = cells(granules);
    const freeAt = (start: number) => life.free(life.live.findIndex((one) => one.start === start));
    for (let i = 0; i < granules; i++) freeAt(i * GRANULE + 4);
    for (let i = 0; i < granules; i++) {
      const at = ((first + i * (first === 79 ? 79 : 1)) % granules) * GRANULE;
      freeAt(at + (i % 2 === 0 ? 3 : 6));
      life.compare();
    }
    life.alloc(2, 1);
    expect(life.freeRuns().length).toBe(granules);
  });
});

describe('what is taken from or given back to the quick way', () => {
  it('frames freed below all free ones are the lowest', () => {
    const life = lifeWith(FRAMES, GRANULE, [{ start: 101, end: 125 }]);
    life.hold(101, 4);
    expect(life.pool.findLowest(1, 1)).toBe(105);
    life.free(life.live.findIndex(({ start }) => start === 0));
    expect(life.pool.findLowest(1, 1)).toBe(0);
    life.compare();
  });

  it.each([
    ['at the end of the node', { start: 96, end: FRAMES + 5 }],
    [
      'at the end of the node, in the block in which its run begins',
      { start: 192, end: FRAMES + 5 },
    ],
    ['in the block in which its run begins', { start: 96, end: 109 }],
    ['in a block of its own', { start: 98, end: 115 }],
  ])('a tail %s gives its high end, which its address finds', (_, free) => {
    const life = lifeWith(FRAMES + 5, GRANULE, [free]);
    life.useRecord();
    for (const frames of [1, 2]) {
      const { end } = life.freeRuns()[0];
      life.alloc(frames, 1);
      expect(life.pool.covering(end - 1)).toMatchObject({ start: end - frames, frames, owner: 2 });
      life.compare();
    }
  });
});
