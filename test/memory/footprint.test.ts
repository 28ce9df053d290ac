/** Footprints: conserved, deterministic, monotone in days, and near what a real node gave. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FREE } from '../../core/memory/extent-store.js';
import type { Footprint } from '../../core/memory/footprint.js';
import { framesForNode, layFootprint } from '../../core/memory/footprint.js';
import type { NodeMemory } from '../../core/memory/node-memory.js';
import { createNodeMemory, HOLE, PARENT } from '../../core/memory/node-memory.js';
import { writeHugepages } from './pages.js';

const SIZES_KIB = [2048, 1024 ** 2];
const GIB_FRAMES = 512;

function laid(frames: number, footprint: Footprint, node = 0): NodeMemory {
  const memory = createNodeMemory({ node, frameKib: 2048, frames, pageSizesKib: SIZES_KIB });
  layFootprint(memory, footprint);
  return memory;
}

function framesOf(memory: NodeMemory, owner: number): number {
  let frames = 0;
  for (const e of memory.base.extents()) if (e.owner === owner) frames += e.frames;
  return frames;
}

const m5Node = (node: number) => framesForNode(131072, 2048, node === 0);

describe('fresh footprint', () => {
  it('free frames are the usable memory; hole and parent make up the rest', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 64, max: 65536 }),
        fc.integer({ min: 0, max: 1000 }),
        fc.boolean(),
        (installedMib, thousandths, bootNode) => {
          const usableMib = Math.floor((installedMib * thousandths) / 1000);
          const frames = framesForNode(installedMib, 2048, bootNode);
          const memory = laid(frames, { kind: 'fresh', usableMib, bootNode });
          expect(memory.base.freeFrames).toBe(Math.floor(usableMib / 2));
          const held = framesOf(memory, HOLE) + framesOf(memory, PARENT);
          expect(held + memory.base.freeFrames).toBe(frames);
          expect(memory.verifyIndex()).toEqual([]);
        },
      ),
    );
  });

  it('a boot node beyond 3 GiB has the PCI hole from 3 to 4 GiB', () => {
    const memory = laid(m5Node(0), { kind: 'fresh', usableMib: 127000, bootNode: true });
    const hole = memory.base.covering(3 * GIB_FRAMES);
    expect([hole.start, hole.frames, hole.owner]).toEqual([3 * GIB_FRAMES, GIB_FRAMES, HOLE]);
    expect(framesForNode(3072, 2048, true)).toBe(3 * GIB_FRAMES);
  });

  it('a fresh node of 128 GiB gives nearly all of its usable memory, 1G pages first', () => {
    for (const node of [0, 1]) {
      const usableMib = 127400;
      const memory = laid(m5Node(node), { kind: 'fresh', usableMib, bootNode: node === 0 }, node);
      const gigantic = writeHugepages(memory, 1, 128);
      const mib = gigantic * 1024 + writeHugepages(memory, 0, 65536) * 2;
      expect(gigantic).toBeGreaterThanOrEqual(121);
      expect(mib).toBe(usableMib);
    }
  });

  it('the parent of a node that did not boot lies at the top, but for a few strays', () => {
    const memory = laid(16384, { kind: 'fresh', usableMib: 30000, bootNode: false });
    const top = memory.base.covering(16383);
    expect(top.owner).toBe(PARENT);
    expect(top.frames).toBeGreaterThan((16384 - 15000) / 2);
    expect(memory.base.covering(0).owner).toBe(FREE);
    const held = [...memory.base.extents()].filter(({ owner }) => owner === PARENT);
    expect(held.length).toBeGreaterThan(1);
    expect(held.length).toBeLessThan(6);
  });

  it('the kernel takes the lowest frames that no hole takes', () => {
    const memory = createNodeMemory({
      node: 0,
      frameKib: 2048,
      frames: 1024,
      pageSizesKib: SIZES_KIB,
    });
    const footprint = { kind: 'fresh', usableMib: 1000, bootNode: true } as const;
    const holes = [[4 * 2048, 10 * 2048]] as const;
    expect(layFootprint(memory, footprint, holes)).toEqual({ raggedFreeKib: 0, uptimeRuns: [] });
    const owners = [...memory.base.extents()].map(({ start, owner }) => [start, owner]);
    expect(owners.slice(0, 4)).toEqual([
      [0, PARENT],
      [4, HOLE],
      [14, PARENT],
      [58, FREE],
    ]);
  });

  it('more usable than installed memory is refused', () => {
    const footprint = { kind: 'fresh', usableMib: 1026, bootNode: false } as const;
    expect(() => laid(512, footprint)).toThrow(/1026 MiB usable, 512 frames installed/);
  });
});

describe('uptime footprint', () => {
  const booted = { kind: 'uptime', usableMib: 127000, bootNode: true } as const;

  it('day 0 is fresh', () => {
    const fresh = laid(m5Node(0), { ...booted, kind: 'fresh' });
    expect(laid(m5Node(0), { ...booted, days: 0, seed: 1 }).snapshot()).toEqual(fresh.snapshot());
  });

  it('free memory of a day contains that of the next, whatever the seed', () => {
    const small = { kind: 'uptime', usableMib: 3900, bootNode: false, blocksPerDay: 7 } as const;
    fc.assert(
      fc.property(fc.integer(), fc.nat({ max: 40 }), (seed, days) => {
        const today = laid(2048, { ...small, days, seed });
        const tomorrow = laid(2048, { ...small, days: days + 1, seed });
        for (const { start, frames, owner } of tomorrow.base.extents()) {
          if (owner !== 0) continue;
          const run = today.base.covering(start);
          expect(run.owner).toBe(0);
          expect(start + frames).toBeLessThanOrEqual(run.start + run.frames);
        }
      }),
    );
  });

  it('1G places vanish over weeks while most 2M places remain', () => {
    const gigantic = [0, 7, 30, 90].map((days) => {
      const memory = laid(m5Node(0), { ...booted, days, seed: 11 });
      expect(memory.base.freeFrames).toBeGreaterThan(0.98 * (booted.usableMib / 2));
      return memory.base.freeUnits(GIB_FRAMES);
    });
    expect(gigantic).toEqual([...gigantic].sort((a, b) => b - a));
    expect(gigantic[1]).toBeLessThan(gigantic[0]);
    expect(gigantic[3]).toBeLessThan(gigantic[0] / 10);
  });

  it('equal seeds give equal layouts; seeds and nodes draw from different streams', () => {
    const at = (seed: number, node: number) =>
      [...laid(m5Node(1), { ...booted, bootNode: false, days: 5, seed }, node).base.extents()]
        .map((e) => e.start)
        .join();
    expect(at(1, 0)).toBe(at(1, 0));
    expect(at(1, 0)).not.toBe(at(2, 0));
    expect(at(1, 0)).not.toBe(at(1, 1));
  });
});

describe('explicit footprint', () => {
  const shape = { node: 0, frameKib: 2048, frames: 8, pageSizesKib: [2048] };

  it('whole frames are free; ragged parts are counted', () => {
    const memory = createNodeMemory(shape);
    const freeKib = [
      [9000, 3500],
      [1024, 5120],
      [6144, 0],
      [13000, 1000],
    ] as const;
    expect(layFootprint(memory, { kind: 'explicit', freeKib }).raggedFreeKib).toBe(
      1024 + 1452 + 1000,
    );
    const free = [...memory.base.extents()].filter((e) => e.owner === 0);
    expect(free.map((e) => [e.start, e.frames])).toEqual([
      [1, 2],
      [5, 1],
    ]);
  });

  it('touching pieces join into a frame', () => {
    const memory = createNodeMemory(shape);
    const freeKib = [
      [0, 1000],
      [1000, 1048],
    ] as const;
    expect(layFootprint(memory, { kind: 'explicit', freeKib }).raggedFreeKib).toBe(0);
    expect(memory.base.freeFrames).toBe(1);
  });

  it('free KiB = whole frames + ragged KiB, always', () => {
    const pieces = fc.array(fc.tuple(fc.nat({ max: 900 }), fc.nat({ max: 3000 })), {
      maxLength: 9,
    });
    fc.assert(
      fc.property(pieces, (gaps) => {
        let at = 0;
        const freeKib = gaps.map(([gap, length]): [number, number] => {
          const start = at + gap;
          at = start + length;
          return [start, length];
        });
        const memory = createNodeMemory({ ...shape, frames: 32 });
        const { raggedFreeKib: ragged } = layFootprint(memory, { kind: 'explicit', freeKib });
        const listed = gaps.reduce((sum, [, length]) => sum + length, 0);
        expect(memory.base.freeFrames * 2048 + ragged).toBe(listed);
      }),
    );
  });

  it('overlap, overflow and fractions are refused', () => {
    const lay = (freeKib: [number, number][]) => () =>
      layFootprint(createNodeMemory(shape), { kind: 'explicit', freeKib });
    expect(
      lay([
        [0, 4096],
        [2048, 10],
      ]),
    ).toThrow(/listed twice/);
    expect(lay([[14336, 2049]])).toThrow(/of a node of 16384 KiB/);
    expect(lay([[0.5, 1]])).toThrow(/whole KiB/);
  });

  it('a node gets one footprint only', () => {
    const memory = laid(8, { kind: 'explicit', freeKib: [[0, 4096]] });
    expect(() => layFootprint(memory, { kind: 'explicit', freeKib: [] })).toThrow(/already/);
  });
});
