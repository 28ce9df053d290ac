/** The pictures of memory and CPUs: cells add up, every owner is seen, the legend explains all. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { NodePicture, Snapshot } from '../../reports/record.js';
import { cpuMaps } from '../../reports/terminal/cpu-map.js';
import { legend } from '../../reports/terminal/legend.js';
import { paint } from '../../reports/terminal/line.js';
import { cellsOf } from '../../reports/terminal/memory-cells.js';
import { drawnNodes, memoryMaps } from '../../reports/terminal/memory-map.js';
import { assignGlyphs } from '../../reports/terminal/owner-glyph.js';
import type { Style } from '../../reports/terminal/style.js';
import * as arbitrary from './arbitrary-record.js';
import { SAMPLE } from './sample-record.js';

const STYLE: Style = { width: 80, unicode: false, color: false };

/** Frames by owner, straight from the runs. */
function framesOf({ runs }: NodePicture): Record<string, number> {
  const frames: Record<string, number> = {};
  for (const run of runs) frames[run.owner] = (frames[run.owner] ?? 0) + run.frames;
  return frames;
}

/** What a snapshot's pictures draw, without labels, titles and rulers. */
function drawnChars(snapshot: Snapshot, style: Style): Set<string> {
  const glyphs = assignGlyphs([snapshot], style);
  const maps = [
    ...cpuMaps(snapshot.cpus, glyphs, style),
    ...memoryMaps(drawnNodes(snapshot.memory, style), glyphs, style),
  ];
  const rows = paint(maps, style)
    .split('\n')
    .filter((line) => line !== '' && !/^ {2}node|^ *\+/.test(line));
  return new Set(rows.flatMap((row) => [...row.slice(13).replaceAll(' ', '')]));
}

function legendChars(snapshot: Snapshot, style: Style): string[] {
  const glyphs = assignGlyphs([snapshot], style);
  const lines = legend(snapshot, drawnNodes(snapshot.memory, style), glyphs, style);
  return paint(lines, style)
    .split('\n')
    .slice(1)
    .filter((line) => /^ {2}\S/.test(line))
    .map((line) => line[2]);
}

describe('cells of memory', () => {
  it('add up to the node, owner by owner', () => {
    fc.assert(
      fc.property(arbitrary.nodePicture, fc.integer({ min: 1, max: 5000 }), (node, cellFrames) => {
        const cells = cellsOf(node, cellFrames);
        const sums: Record<string, number> = {};
        for (const { shares } of cells) {
          for (const [owner, frames] of shares) sums[owner] = (sums[owner] ?? 0) + frames;
        }
        expect(sums).toEqual(framesOf(node));
        expect(cells.reduce((sum, { frames }) => sum + frames, 0)).toBe(node.frames);
      }),
    );
  });

  it('show every owner in a cell of its own, or as one of a mixed cell', () => {
    fc.assert(
      fc.property(arbitrary.nodePicture, fc.integer({ min: 1, max: 5000 }), (node, cellFrames) => {
        const cells = cellsOf(node, cellFrames);
        for (const owner of Object.keys(framesOf(node))) {
          const seen = cells.some(
            ({ shown, shares }) => shares.has(owner) && (shown ?? owner) === owner,
          );
          expect(seen, owner).toBe(true);
        }
      }),
    );
  });

  it('never show an owner that has nothing there', () => {
    fc.assert(
      fc.property(arbitrary.nodePicture, fc.integer({ min: 1, max: 5000 }), (node, cellFrames) => {
        const wrong = cellsOf(node, cellFrames).filter(
          ({ shown, shares }) => shown !== undefined && !shares.has(shown),
        );
        expect(wrong).toEqual([]);
      }),
    );
  });

  it('one leaked page among 65,536 has a cell', () => {
    const runs = [
      { start: 0, frames: 30_000, owner: 'free', pageKib: 0 },
      { start: 30_000, frames: 1, owner: 'leaked', pageKib: 2048 },
      { start: 30_001, frames: 35_535, owner: 'free', pageKib: 0 },
    ];
    const cells = cellsOf({ node: 0, frameKib: 2048, frames: 65_536, runs }, 256);
    expect(cells.filter(({ shown }) => shown === 'leaked').map((cell) => cell.startFrame)).toEqual([
      Math.floor(30_000 / 256) * 256,
    ]);
  });

  it('frames that no run covers are a hole', () => {
    const runs = [{ start: 2, frames: 2, owner: 'free', pageKib: 0 }];
    const cells = cellsOf({ node: 0, frameKib: 2048, frames: 6, runs }, 2);
    expect(cells.map(({ shown }) => shown)).toEqual(['hole', 'free', 'hole']);
  });
});

describe('glyphs and legend', () => {
  it('the legend explains every character drawn, and none twice', () => {
    fc.assert(
      fc.property(arbitrary.snapshot, fc.boolean(), (snapshot, unicode) => {
        const style = { ...STYLE, unicode };
        const explained = legendChars(snapshot, style);
        expect(new Set(explained).size).toBe(explained.length);
        for (const char of drawnChars(snapshot, style)) expect(explained).toContain(char);
      }),
    );
  });

  it('every owner of the sample is drawn', () => {
    const full = SAMPLE.snapshots[1];
    expect([...drawnChars(full, STYLE)].sort()).toEqual([...'!#-.=AB']);
    expect(legendChars(full, STYLE).sort()).toEqual([...'!#-.=AB']);
  });

  it('enclaves beyond the letters share one sign and keep their names', () => {
    const cpus = Array.from({ length: 60 }, (_, cpu) => ({
      cpu,
      node: 0,
      core: cpu,
      owner: `vm-${cpu}`,
    }));
    const crowd = { ...SAMPLE.snapshots[0], cpus, memory: [] };
    const glyphs = assignGlyphs([crowd], STYLE);
    expect(new Set([...glyphs.values()].map(({ char }) => char)).size).toBe(53);
    expect(paint(legend(crowd, [], glyphs, STYLE), STYLE)).toMatch(/\* {2}vm-59 /);
  });

  it('an enclave keeps its letter in every picture', () => {
    const glyphs = assignGlyphs(SAMPLE.snapshots, STYLE);
    expect(glyphs.get('signer')?.char).toBe('A');
    expect(glyphs.get('vault')?.char).toBe('B');
  });
});

describe('memory map', () => {
  it('a hole is no memory of its node', () => {
    const run = { owner: 'free', pageKib: 0 };
    const node = (runs: NodePicture['runs']): NodePicture => ({
      ...{ node: 0, frameKib: 2048, frames: 1536, runs },
    });
    const first = (runs: NodePicture['runs']): string => {
      const drawn = drawnNodes([node(runs)], STYLE);
      return paint(memoryMaps(drawn, assignGlyphs([], STYLE), STYLE), STYLE).split('\n')[0];
    };
    const whole = [{ ...run, start: 0, frames: 1536 }];
    expect(first(whole)).toBe('  node 0: 3 GiB, one cell is 16 MiB');
    const hole = { start: 512, frames: 512, owner: 'hole', pageKib: 0 };
    const holed = [{ ...run, start: 0, frames: 512 }, hole, { ...run, start: 1024, frames: 512 }];
    expect(first(holed)).toBe('  node 0: 2 GiB around a hole of 1 GiB, one cell is 16 MiB');
  });
});

describe('CPU map', () => {
  it('draws siblings one above the other, and every CPU once', () => {
    const { cpus } = SAMPLE.snapshots[1];
    const text = paint(cpuMaps(cpus, assignGlyphs(SAMPLE.snapshots, STYLE), STYLE), STYLE);
    expect(text).toContain('       8..15 ##AABB=-\n      24..31 ##AABB=-\n');
    expect(text.match(/[#AB=-](?=[#AB=-]|$)/gm)?.length).toBe(cpus.length);
  });

  it('a row of every second CPU says so, and never that it goes from one to the other', () => {
    const adjacent = (count: number): string => {
      const cpus = Array.from({ length: count }, (_, cpu) => ({
        ...{ cpu, node: 0, core: Math.floor(cpu / 2), owner: 'parent' },
      }));
      const glyphs = assignGlyphs([{ ...SAMPLE.snapshots[0], cpus }], STYLE);
      return paint(cpuMaps(cpus, glyphs, STYLE), STYLE);
    };
    expect(adjacent(8)).toContain('      0,2..6 ####\n      1,3..7 ####\n');
    expect(adjacent(4)).toContain('         0,2 ##\n         1,3 ##\n');
    const long = adjacent(256).trimEnd().split('\n');
    expect(long.at(-1)).toBe('  225,227..255 ######## ########');
    expect(long.filter(({ length }) => length > STYLE.width)).toEqual([]);
  });

  it('192 CPUs of two nodes take two rows a node at 80 columns', () => {
    const cpus = Array.from({ length: 192 }, (_, cpu) => ({
      cpu,
      node: cpu % 96 < 48 ? 0 : 1,
      core: cpu % 96,
      owner: 'parent',
    }));
    const glyphs = assignGlyphs([{ ...SAMPLE.snapshots[0], cpus }], STYLE);
    expect(cpuMaps(cpus, glyphs, STYLE)).toHaveLength(6);
  });
});
