/**
 * The least image of a key against all images written out: each renaming tried on each key. Also the
 * register of components and the line of frames under it, by themselves.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createCanonicalForm, type Renaming } from '../../core/explore/canonical-form.js';
import { createComponents } from '../../core/explore/components.js';
import { FrameLine } from '../../core/explore/frame-line.js';
import { layoutOf } from '../../core/explore/host-keys.js';
import { scaledRuns } from '../seed.js';

const VALUES = 4;

/** One renaming as plain tables: of places, and of the words of nodes, records and mappings. */
interface Tables {
  readonly from: readonly number[];
  readonly nodes: readonly number[];
  readonly records: readonly number[];
  readonly mappings: readonly number[];
}

/** As a canonical form is given it: images of records and mappings are found when first asked for. */
function renamingOf(tables: Tables): Renaming {
  const records: number[] = [];
  const mappings: number[] = [];
  return {
    from: tables.from,
    records,
    mappings,
    nodeImage: (word) => tables.nodes[word],
    recordImage(word) {
      records[word] = tables.records[word];
      return records[word];
    },
    mappingsImage(word) {
      mappings[word] = tables.mappings[word];
      return mappings[word];
    },
  };
}

const NODES = 2;
const PLACES = 3;
const layout = layoutOf(NODES, PLACES);

function imageUnder(key: readonly number[], { from, nodes, records, mappings }: Tables): number[] {
  const places = key.slice(layout.firstPlace, layout.mappings);
  return [
    ...key.slice(0, 2),
    ...key.slice(2, layout.firstPlace).map((word) => nodes[word]),
    ...from.map((place) => records[places[place]]),
    mappings[key[layout.mappings]],
  ];
}

const compare = (a: readonly number[], b: readonly number[]) => {
  const at = a.findIndex((word, i) => word !== b[i]);
  return at < 0 ? 0 : a[at] - b[at];
};

const table = fc.array(fc.nat(VALUES - 1), { minLength: VALUES, maxLength: VALUES });
const tables: fc.Arbitrary<Tables> = fc.record({
  from: fc.shuffledSubarray([0, 1, 2], { minLength: PLACES }),
  nodes: table,
  records: table,
  mappings: table,
});
const keys = fc.array(
  fc.array(fc.nat(VALUES - 1), { minLength: layout.words, maxLength: layout.words }),
  { minLength: 1, maxLength: 12 },
);

describe('canonical form', () => {
  it('is the least of all images, and tells how many renamings give it', () => {
    fc.assert(
      fc.property(fc.array(tables, { minLength: 1, maxLength: 9 }), keys, (group, drawn) => {
        const form = createCanonicalForm(group.map(renamingOf), layout);
        // Each key twice: what came of it once may be remembered.
        for (const words of [...drawn, ...drawn]) {
          const images = group.map((one) => imageUnder(words, one)).sort(compare);
          const key = Int32Array.from(words);
          const ties = form.canonize(key);
          expect([...key]).toEqual(images[0]);
          expect(ties).toBe(images.filter((image) => compare(image, images[0]) === 0).length);
        }
      }),
      { numRuns: scaledRuns(300) },
    );
  });
});

describe('the count of renamings that give the least image', () => {
  it('is not lost when a later one gives a greater', () => {
    const same = { from: [0, 1, 2], nodes: [0, 1], records: [0, 1], mappings: [0, 1] };
    const greater = { ...same, records: [0, 5] };
    const key = () => Int32Array.from({ length: layout.words }, () => 1);
    const ties = (group: readonly Tables[]) =>
      createCanonicalForm(group.map(renamingOf), layout).canonize(key());
    expect(ties([same, same, greater])).toBe(2);
    expect(ties([greater, same, greater, same, greater])).toBe(2);
  });
});

describe('components', () => {
  it('number each content once, in the order they came, and keep the first part made of it', () => {
    const register = createComponents<{ readonly made: number }>();
    let made = 0;
    const numberOf = (text: string) => register.numberOf(text, () => ({ made: ++made }));
    expect(register.size).toBe(0);
    expect(['b', 'a', 'b', '', 'a', 'c'].map(numberOf)).toEqual([0, 1, 0, 2, 1, 3]);
    expect([register.size, made]).toEqual([4, 4]);
    expect([0, 1, 2, 3].map((number) => register.part(number).made)).toEqual([1, 2, 3, 4]);
  });
});

describe('a line of frames', () => {
  const held = () => {
    const line = new FrameLine(12, 4);
    line.allocAt(1, 2, 5);
    line.allocAt(8, 3, 6);
    line.allocAt(11, 1, 7);
    return line;
  };

  it('measures free runs, and the granules and units inside them', () => {
    const line = new FrameLine(16, 4);
    const measured = () => [line.freeFrames, line.largestFreeRun(), line.largestGranuleRun()];
    const units = () => [1, 2, 3, 4].map((unit) => line.freeUnits(unit));
    expect([measured(), units()]).toEqual([
      [16, 16, 16],
      [16, 8, 5, 4],
    ]);
    line.allocAt(5, 1, 9);
    expect([measured(), units()]).toEqual([
      [15, 10, 8],
      [15, 7, 4, 3],
    ]);
    line.allocAt(10, 6, 9);
    expect([measured(), units()]).toEqual([
      [9, 5, 4],
      [9, 4, 2, 1],
    ]);
  });

  it('names the extent that covers a frame, to its borders', () => {
    const line = held();
    const shown = [...line.extents()].map(({ start, frames, owner, handle }) => [
      start,
      frames,
      owner,
      handle,
    ]);
    expect(shown).toEqual([
      [0, 1, 0, 0],
      [1, 2, 5, 2],
      [3, 5, 0, 0],
      [8, 3, 6, 9],
      [11, 1, 7, 12],
    ]);
    for (let frame = 0; frame < 12; frame++) {
      const { start, frames } = line.covering(frame);
      expect(start <= frame && frame < start + frames).toBe(true);
      expect(line.extents()).toContainEqual(line.covering(frame));
    }
    expect(line.at(9)).toEqual({ start: 8, frames: 3, owner: 6, handle: 9 });
  });

  it('refuses what an extent store refuses, and then is as it was', () => {
    const line = held();
    const before = line.snapshot();
    for (const call of [
      () => line.allocAt(-1, 1, 5),
      () => line.allocAt(0, 0, 5),
      () => line.allocAt(11, 2, 5),
      () => line.allocAt(0, 1, 0),
      () => line.allocAt(0, 2, 5),
      () => line.allocAt(7, 2, 5),
      () => line.free(0),
      () => line.free(1),
      () => line.free(3),
      () => line.free(13),
      () => line.at(4),
      () => line.setOwner(2, 0),
      () => line.setOwner(3, 4),
      () => line.freeRange(2, 2),
      () => line.freeRange(0, 1),
      () => line.freeRange(1, 0),
      () => line.covering(-1),
      () => line.covering(12),
      () => line.restore(new Uint8Array(47)),
    ]) {
      expect(call).toThrow();
      expect(line.snapshot()).toEqual(before);
    }
    line.restore(before);
    expect(line.snapshot()).toEqual(before);
  });

  it('an owner that the view could not tell from a lower one is refused', () => {
    const line = held();
    const most = 2 ** 15 - 1;
    line.setOwner(2, most);
    expect(line.at(2).owner).toBe(most);
    expect(() => line.setOwner(2, most + 1)).toThrow(/owner/);
    expect(() => line.allocAt(4, 1, most + 1)).toThrow(/owner/);
  });

  it('a fork, a mark and a snapshot are copies', () => {
    const line = held();
    const before = [...line.cells];
    const [fork, mark, bytes] = [line.fork(), line.mark(), line.snapshot()];
    line.free(9);
    line.allocAt(4, 2, 8);
    expect(fork.snapshot()).toEqual(bytes);
    expect([fork.frames, fork.granuleFrames]).toEqual([12, 4]);
    line.rollback(mark);
    expect([...line.cells]).toEqual(before);
  });

  it('names every cell that breaks the line: a run cut or begun where none does', () => {
    const line = held();
    for (let frame = 0; frame < 12; frame++) {
      const cell = line.cells[frame];
      const isBorderOfHeld = frame > 0 && cell >> 1 !== 0 && (cell & 1) === 0;
      line.cells[frame] = cell ^ 1;
      // A held run may be cut anywhere: then it is two.
      expect(line.verifyIndex().length > 0, `frame ${frame}`).toBe(!isBorderOfHeld);
      line.cells[frame] = cell;
    }
    line.cells[9] += 2;
    expect(line.verifyIndex()).toEqual([
      'frame 9: a new owner, no new extent',
      'frame 10: a new owner, no new extent',
    ]);
  });
});
