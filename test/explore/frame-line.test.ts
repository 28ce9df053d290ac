/** The explorer's store by itself: what it refuses, its copies, and that its check can fail. */
import { describe, expect, it } from 'vitest';
import { FrameLine } from '../../core/explore/frame-line.js';
import { FREE } from '../../core/memory/extent-store.js';

/** [start, frames, owner] of each extent. */
const shown = (line: FrameLine) =>
  line.extents().map(({ start, frames, owner }) => [start, frames, owner]);

/** Eight frames: two of owner 3, two free, one of owner 4, three free. */
function held(): FrameLine {
  const line = new FrameLine(8, 2);
  line.allocAt(0, 2, 3);
  line.allocAt(4, 1, 4);
  return line;
}

describe('frame line', () => {
  it('begins as one free extent', () => {
    expect(shown(new FrameLine(3, 1))).toEqual([[0, 3, FREE]]);
  });

  it.each([
    ['below the first frame', -1, 1, 3],
    ['no frames', 2, 0, 3],
    ['beyond the last frame', 7, 2, 3],
    ['for nobody', 2, 1, FREE],
    ['over a held frame', 3, 2, 3],
  ])('does not give out a run %s', (_, start, frames, owner) => {
    const line = held();
    const before = shown(line);
    expect(() => line.allocAt(start, frames, owner)).toThrow('frames [');
    expect(shown(line)).toEqual(before);
  });

  it('gives out the last frames, and each extent under its first frame + 1', () => {
    const line = held();
    expect([line.allocAt(2, 2, 5), line.allocAt(5, 3, 6)]).toEqual([3, 6]);
    expect(shown(line)).toEqual([
      [0, 2, 3],
      [2, 2, 5],
      [4, 1, 4],
      [5, 3, 6],
    ]);
    expect([line.freeFrames, line.alloc(1, 1, 7)]).toEqual([0, 0]);
  });

  it('finds the lowest aligned place from a frame on', () => {
    const line = held();
    expect([line.find(1, 1), line.find(2, 2), line.find(3, 1), line.find(4, 1)]).toEqual([
      ...[2, 2, 5, -1],
    ]);
    expect([line.findLowest(1, 1, 3), line.findLowest(1, 2, 3), line.findLowest(1, 1, 8)]).toEqual([
      ...[3, 6, -1],
    ]);
  });

  it('measures free runs by frames, by granules and by aligned units', () => {
    const line = held();
    expect([line.freeFrames, line.largestFreeRun(), line.largestGranuleRun()]).toEqual([5, 3, 2]);
    expect([line.freeUnits(1), line.freeUnits(2), line.freeUnits(4)]).toEqual([5, 2, 0]);
    const odd = new FrameLine(4, 4);
    odd.allocAt(0, 1, 3);
    expect([odd.largestGranuleRun(), odd.freeUnits(4)]).toEqual([0, 0]);
  });

  it('frees a part in the middle, at either end, or all of an extent, and joins free neighbours', () => {
    const line = new FrameLine(6, 1);
    line.allocAt(0, 6, 3);
    line.freeRange(2, 1);
    expect(shown(line)).toEqual([
      [0, 2, 3],
      [2, 1, FREE],
      [3, 3, 3],
    ]);
    line.freeRange(3, 1);
    line.freeRange(0, 2);
    expect(shown(line)).toEqual([
      [0, 4, FREE],
      [4, 2, 3],
    ]);
    line.free(5);
    expect(shown(line)).toEqual([[0, 6, FREE]]);
  });

  it.each([
    ['a free frame', 2, 1],
    ['more than the extent has', 0, 3],
    ['nothing', 0, 0],
  ])('does not free %s', (_, start, frames) => {
    expect(() => held().freeRange(start, frames)).toThrow('not inside one held extent');
  });

  it.each([0, 2, 3, 9, -1])('handle %i names no held extent', (handle) => {
    const line = held();
    for (const ask of [() => line.free(handle), () => line.at(handle)]) {
      expect(ask).toThrow(`handle ${handle} is stale`);
    }
  });

  it('a new owner has all of an extent, never nobody', () => {
    const line = held();
    line.setOwner(1, 9);
    expect(line.at(1)).toEqual({ start: 0, frames: 2, owner: 9, handle: 1 });
    expect(() => line.setOwner(1, FREE)).toThrow('cannot hold');
    expect(line.covering(1)).toEqual(line.at(1));
    expect(line.covering(3)).toEqual({ start: 2, frames: 2, owner: FREE, handle: 0 });
    for (const frame of [-1, 8]) expect(() => line.covering(frame)).toThrow(`frame ${frame} of 8`);
  });

  it('a fork, a mark and a snapshot are copies: later changes are not in them', () => {
    const line = held();
    const before = shown(line);
    const [fork, mark, bytes] = [line.fork(), line.mark(), line.snapshot()];
    line.free(1);
    expect(fork.extents()).toHaveLength(before.length);
    line.rollback(mark);
    expect(shown(line)).toEqual(before);
    line.free(1);
    line.restore(bytes);
    expect(shown(line)).toEqual(before);
    expect(() => line.restore(bytes.slice(4))).toThrow('another store');
    expect([fork.frames, fork.granuleFrames]).toEqual([8, 2]);
  });

  it.each([
    ['an extent that does not begin at frame 0', [[0, 3 * 2]], 'no extent begins at frame 0'],
    ['a new owner inside an extent', [[1, 4 * 2]], 'frame 1: a new owner, no new extent'],
    ['a free run in two', [[6, FREE * 2 + 1]], 'frame 6: cut free run'],
  ] as const)('notices %s', (_, cells, problem) => {
    const line = held();
    expect(line.verifyIndex()).toEqual([]);
    for (const [at, cell] of cells) line.cells[at] = cell;
    expect(line.verifyIndex()).toContain(problem);
  });

  it('two neighbours of one owner are two extents, and no problem', () => {
    const line = new FrameLine(4, 1);
    line.allocAt(0, 2, 3);
    line.allocAt(2, 2, 3);
    expect(shown(line)).toHaveLength(2);
    expect(line.verifyIndex()).toEqual([]);
  });
});

describe('frame line: what only part of it tells', () => {
  it('counts no granule that somebody holds, and gives a place the handle of its first frame', () => {
    const line = new FrameLine(8, 2);
    expect(line.alloc(1, 1, 3)).toBe(1);
    expect(line.alloc(4, 2, 4)).toBe(3);
    expect(line.largestGranuleRun()).toBe(2);
    expect(line.alloc(3, 1, 5)).toBe(0);
  });

  it('begins an extent at frame 0 again once that is free', () => {
    const line = held();
    line.free(1);
    expect(line.verifyIndex()).toEqual([]);
    expect(shown(line)[0]).toEqual([0, 4, FREE]);
  });

  it('is restored from bytes that lie inside a larger buffer', () => {
    const line = held();
    const bytes = line.snapshot();
    const larger = new Uint8Array(bytes.length + 3);
    larger.set(bytes, 3);
    const other = new FrameLine(8, 2);
    other.restore(larger.subarray(3));
    expect(shown(other)).toEqual(shown(line));
  });
});
