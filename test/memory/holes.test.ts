/** Holes of a node: which lists can be laid, and what is said of those that cannot. */
import { describe, expect, it } from 'vitest';
import { type HoleKib, holeProblems, holesKibOf, layHoles } from '../../core/memory/holes.js';
import { createNodeMemory, HOLE } from '../../core/memory/node-memory.js';

const problems = (...holes: HoleKib[]) => holeProblems(holes, { installedMib: 16, frameKib: 2048 });

describe('holes', () => {
  it('lie anywhere in the line that memory and holes make up, its last frame included', () => {
    expect(problems([0, 2048])).toEqual([]);
    expect(problems([16_384, 2048])).toEqual([]);
    expect(problems([4096, 4096], [8192, 2048], [0, 2048])).toEqual([]);
    expect(problems([8192, 2048], [4096, 4096], [10_240, 2048])).toEqual([]);
  });

  it.each([
    [[-2048, 2048], 'hole [-2048, +2048) is not in whole KiB'],
    [[0, -2048], 'hole [0, +-2048) is not in whole KiB'],
    [[0.5, 2048], 'hole [0.5, +2048) is not in whole KiB'],
    [[0, 0], 'an empty hole'],
    [[1024, 2048], 'hole 1 MiB to 3 MiB is not in whole frames of 2 MiB'],
    [[2048, 1024], 'hole 2 MiB to 3 MiB is not in whole frames of 2 MiB'],
  ] as const)('%j: %s', (hole, message) => {
    expect(problems(hole)).toEqual([{ index: 0, message }]);
  });

  it('beyond the end are told where the line ends', () => {
    expect(problems([18_432, 2048])).toEqual([
      {
        index: 0,
        message:
          'hole 18 MiB to 20 MiB lies outside the node, whose memory and holes end at 18 MiB',
      },
    ]);
  });

  it('that share an address are told once each, with the earlier one of the list', () => {
    expect(problems([0, 4096], [4096, 2048], [2048, 4096])).toEqual([
      { index: 2, message: 'hole 2 MiB to 6 MiB overlaps the hole 0 MiB to 4 MiB' },
    ]);
    expect(problems([2048, 2048], [0, 8192]).map(({ index }) => index)).toEqual([1]);
  });

  it('make the line longer by all that are runs of whole KiB', () => {
    expect(
      holesKibOf([
        [0, 2048],
        [9000, 4],
        [0.5, 7],
        [0, -4],
      ]),
    ).toBe(2052);
    expect(holesKibOf([])).toBe(0);
  });

  it('are laid frame by frame as memory that is not there', () => {
    const memory = createNodeMemory({ node: 0, frameKib: 2048, frames: 12, pageSizesKib: [2048] });
    layHoles(memory, [
      [8192, 4096],
      [0, 2048],
    ]);
    const held = [...memory.base.extents()].filter(({ owner }) => owner !== 0);
    expect(held.map(({ start, frames, owner }) => [start, frames, owner])).toEqual([
      [0, 1, HOLE],
      [4, 2, HOLE],
    ]);
  });
});
