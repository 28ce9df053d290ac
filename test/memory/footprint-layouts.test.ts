/** Footprints run by run: where kernel, hole, early allocations and days of uptime lie on small nodes. */
import { describe, expect, it } from 'vitest';
import { type Footprint, framesForNode, layFootprint } from '../../core/memory/footprint.js';
import type { HoleKib } from '../../core/memory/holes.js';
import { createNodeMemory, HOLE, PARENT } from '../../core/memory/node-memory.js';

interface Node {
  readonly frames: number;
  readonly frameKib?: number;
  readonly node?: number;
}

/** Held runs as [start, frames, owner], and what laying them said. */
function laid(shape: Node, footprint: Footprint, holes: readonly HoleKib[] = []) {
  const { frames, frameKib = 2048, node = 0 } = shape;
  const memory = createNodeMemory({ node, frameKib, frames, pageSizesKib: [2048] });
  const said = layFootprint(memory, footprint, holes);
  const held = [...memory.base.extents()].filter(({ owner }) => owner !== 0);
  return { runs: held.map(({ start, frames: long, owner }) => [start, long, owner]), ...said };
}

const fresh = (usableMib: number, bootNode: boolean, pciHole?: boolean): Footprint => {
  return { kind: 'fresh', usableMib, bootNode, ...(pciHole === undefined ? {} : { pciHole }) };
};

describe('a fresh footprint, run by run', () => {
  it('has the kernel at the bottom, the rest at the top, and four single blocks below that', () => {
    const { runs, raggedFreeKib, uptimeRuns } = laid({ frames: 256 }, fresh(300, true));
    const strays = [169, 177, 185, 193].map((start) => [start, 1, PARENT]);
    expect(runs).toEqual([[0, 48, PARENT], ...strays, [202, 54, PARENT]]);
    expect([raggedFreeKib, uptimeRuns]).toEqual([0, []]);
  });

  it('has no kernel on another node', () => {
    const strays = [121, 129, 137, 145].map((start) => [start, 1, PARENT]);
    expect(laid({ frames: 256 }, fresh(300, false)).runs).toEqual([...strays, [154, 102, PARENT]]);
  });

  it('is all kernel where no more than that is not usable', () => {
    expect(laid({ frames: 256 }, fresh(512 - 60, true)).runs).toEqual([[0, 30, PARENT]]);
    expect(laid({ frames: 256 }, fresh(512, true)).runs).toEqual([]);
    expect(
      laid({ frames: 256 }, fresh(0, true)).runs.reduce((sum, [, long]) => sum + long, 0),
    ).toBe(256);
  });

  it('has fewer blocks apart where little is taken, and none where the node is too small', () => {
    expect(laid({ frames: 64 }, fresh(120, false)).runs).toEqual([
      [45, 1, PARENT],
      [53, 1, PARENT],
      [62, 2, PARENT],
    ]);
    expect(laid({ frames: 8 }, fresh(12, false)).runs).toEqual([
      [6, 1, PARENT],
      [7, 1, PARENT],
    ]);
  });

  it('takes blocks of 2 MiB, whatever the frame', () => {
    const { runs } = laid({ frames: 1024, frameKib: 64 }, fresh(60, false));
    expect(runs).toEqual([
      [704, 32, PARENT],
      [992, 32, PARENT],
    ]);
  });

  it('counts what is less than a frame as lost', () => {
    expect(laid({ frames: 256 }, fresh(301, false)).raggedFreeKib).toBe(1024);
  });

  it('has a hole from 3 to 4 GiB where the node reaches beyond, as far as it reaches', () => {
    const holes = (frames: number, boot: boolean, pciHole?: boolean) =>
      laid({ frames }, fresh(1024, boot, pciHole)).runs.filter(([, , owner]) => owner === HOLE);
    expect(holes(2100, true)).toEqual([[1536, 512, HOLE]]);
    expect(holes(1800, true)).toEqual([[1536, 264, HOLE]]);
    expect(holes(1536, true)).toEqual([]);
    expect([holes(2100, false), holes(2100, true, false)]).toEqual([[], []]);
  });

  it('lies above the hole where there is room above it', () => {
    const { runs } = laid({ frames: 2600 }, fresh(4000, true));
    // 176 MiB are not usable: 96 MiB of kernel, 40 blocks of 2 MiB, four of them strays.
    expect(runs).toEqual([
      [0, 48, PARENT],
      [1536, 512, HOLE],
      ...[2531, 2539, 2547, 2555].map((start) => [start, 1, PARENT]),
      [2564, 36, PARENT],
    ]);
  });

  it('makes the address line of a boot node a GiB longer only beyond 3 GiB', () => {
    expect([3072, 3074].map((mib) => framesForNode(mib, 2048, true))).toEqual([1536, 2049]);
    expect(framesForNode(3074, 2048, false)).toBe(1537);
    expect(framesForNode(3, 2048, false)).toBe(1);
  });

  it.each([-2, 1.5, 514])('%d usable MiB of 512 are refused', (usableMib) => {
    expect(() => laid({ frames: 256 }, fresh(usableMib, false))).toThrow(/MiB usable/);
  });
});

describe('days of uptime', () => {
  const daysOn = (part: object, shape: Node = { frames: 16_384 }) => {
    const booted = {
      kind: 'uptime',
      usableMib: 32_768,
      bootNode: false,
      days: 10,
      seed: 5,
    } as const;
    return laid(shape, { ...booted, ...part });
  };

  it('scatter a block for each 16 GiB and day, one at least, unless told otherwise', () => {
    expect(daysOn({}).uptimeRuns.length / 2).toBe(20);
    expect(daysOn({ usableMib: 2048 }, { frames: 1024 }).uptimeRuns.length / 2).toBe(10);
    expect(daysOn({ blocksPerDay: 3 }).uptimeRuns.length / 2).toBe(30);
    expect(daysOn({ blocksPerDay: 0 }).uptimeRuns).toEqual([]);
  });

  it('say where each block lies: one run of the parent’s each, of 2 MiB whatever the frame', () => {
    for (const [frames, frameKib, long] of [
      [16_384, 2048, 1],
      [524_288, 64, 32],
    ]) {
      const { runs, uptimeRuns } = daysOn({}, { frames, frameKib });
      const said = Array.from({ length: uptimeRuns.length / 2 }, (_, i) => [
        ...uptimeRuns.slice(2 * i, 2 * i + 2),
        PARENT,
      ]);
      expect(said.sort(([a], [b]) => Number(a) - Number(b))).toEqual(runs);
      for (const [start, taken] of runs) expect([start % long, taken]).toEqual([0, long]);
    }
  });

  it('take no block that is free in part only', () => {
    // The parent's 3 MiB at the top begin inside a block, its 2 MiB below lie in two: 28 of 32 are whole.
    const { uptimeRuns, runs } = daysOn(
      { usableMib: 59, days: 400 },
      { frames: 1024, frameKib: 64 },
    );
    expect(uptimeRuns.length / 2).toBe(28);
    const held = runs.reduce((sum, [, long]) => sum + long, 0);
    expect(1024 - held).toBe(3 * 16);
  });

  it('are the same for a seed and a node, now and later', () => {
    // A kept layout: a scenario that is run again next year has the same blocks.
    const blocks = (node: number) => daysOn({ days: 2 }, { frames: 16_384, node }).uptimeRuns;
    expect([0, 1].map(blocks)).toEqual([
      [14_645, 1, 10_222, 1, 10_901, 1, 9115, 1],
      [1747, 1, 14_142, 1, 2419, 1, 14_013, 1],
    ]);
  });

  it('take nothing twice: on a small node the blocks run out', () => {
    const { uptimeRuns, runs } = daysOn({ usableMib: 16, days: 900 }, { frames: 8 });
    expect(uptimeRuns.length / 2).toBe(8);
    expect(runs.length).toBe(8);
  });

  it.each([{ days: -1 }, { days: 0.5 }, { blocksPerDay: -1 }, { blocksPerDay: 1.5 }])(
    '%j is refused',
    (part) => {
      expect(() => daysOn(part)).toThrow(/uptime of/);
    },
  );
});

describe('an explicit list of free memory', () => {
  const lay = (freeKib: readonly (readonly [number, number])[], holes: readonly HoleKib[] = []) =>
    laid({ frames: 16 }, { kind: 'explicit', freeKib }, holes);

  it('leaves holes as they are and gives all else to the parent', () => {
    expect(
      lay(
        [
          [0, 8192],
          [20_480, 4096],
        ],
        [[8192, 8192]],
      ).runs,
    ).toEqual([
      [4, 4, HOLE],
      [8, 2, PARENT],
      [12, 4, PARENT],
    ]);
    expect(lay([]).runs).toEqual([[0, 16, PARENT]]);
    expect(lay([[4096, 0]]).runs).toEqual([
      [0, 2, PARENT],
      [2, 14, PARENT],
    ]);
    expect(lay([[0, 32_768]]).runs).toEqual([]);
  });

  it.each([
    [[8191, 2], /reaches into the hole at 8192 KiB/],
    [[16_000, 400], /reaches into the hole/],
    [[0, 32_768], /reaches into the hole/],
    [[32_000, 1000], /of a node of 32768 KiB/],
    [[-2, 4], /of a node of/],
    [[-4096, 2048], /free \[-4096, \+2048\) KiB of a node of 32768 KiB/],
    [[0, -1], /of a node of/],
    [[0.5, 4], /whole KiB/],
    [[4, 0.5], /whole KiB/],
  ] as const)('free %j beside a hole is refused', (free, message) => {
    expect(() => lay([free], [[8192, 8192]])).toThrow(message);
  });

  it('free memory up to a hole, and from its end on, is fine', () => {
    expect(
      lay(
        [
          [0, 8192],
          [16_384, 16_384],
        ],
        [[8192, 8192]],
      ).runs,
    ).toEqual([[4, 4, HOLE]]);
  });
});
