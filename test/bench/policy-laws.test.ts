/**
 * The policies behind one interface, buddy among them: one suite through what the bench asks of each.
 *
 * What only a store can (a fixed range, marks, forks, the laws of handles) is asked of the stores in
 * test/memory/store-laws; a buddy has none of it. What it does not keep of the rest it declares: it
 * withholds `heldFrames` for a request, and its blocks are aligned to their size.
 */
import { describe, expect, it } from 'vitest';
import { type OpenRacer, REFUSED } from '../../bench/racers/racer.js';
import { type RacerEntry, type RacerName, racerEntry } from '../../bench/racers/racers.js';

const POLICIES: readonly RacerName[] = ['granule-aware', 'best-fit', 'first-fit', 'buddy'];
const FRAMES = 10;
const ALIGNMENTS = [1, 2, 4];

type Occupancy = readonly boolean[];

/** What a policy declares of a request: as asked, unless it rounds up. */
function withheld(entry: RacerEntry, frames: number, align: number): [number, number] {
  const held = entry.heldFrames?.(Math.max(frames, align), align > 1);
  return held === undefined ? [frames, align] : [held, held];
}

function isFree(occupied: Occupancy, start: number, frames: number): boolean {
  if (start + frames > occupied.length) return false;
  return occupied.slice(start, start + frames).every((held) => !held);
}

function hasPlace(occupied: Occupancy, frames: number, align: number): boolean {
  return occupied.some((_, start) => start % align === 0 && isFree(occupied, start, frames));
}

/** Holds each frame alone, then frees those that `mask` leaves: any occupancy comes of it. */
function occupy(open: OpenRacer, mask: number) {
  const racer = open(FRAMES);
  const handles = Array.from({ length: FRAMES }, () => racer.alloc(1, 1));
  expect(handles.map((handle) => racer.startOf(handle)).toSorted((a, b) => a - b)).toEqual(
    Array.from({ length: FRAMES }, (_, frame) => frame),
  );
  const occupied = Array.from({ length: FRAMES }, (_, frame) => ((mask >> frame) & 1) === 1);
  const held = handles.filter((handle) => occupied[racer.startOf(handle)]);
  for (const handle of handles) if (!held.includes(handle)) racer.free(handle);
  return { racer, occupied, held };
}

describe.each(POLICIES)('%s', (name) => {
  it(`every occupancy of ${FRAMES} frames: refused only what does not fit as declared`, async () => {
    const entry = racerEntry(name);
    const open = await entry.load();
    let accepted = 0;
    for (let mask = 0; mask < 2 ** FRAMES; mask++) {
      const { racer, occupied } = occupy(open, mask);
      for (let frames = 1; frames <= FRAMES; frames++) {
        for (const align of ALIGNMENTS) {
          const handle = racer.alloc(frames, align);
          const ask = `occupancy ${mask.toString(2)}, ${frames} frames aligned to ${align}`;
          const fits = hasPlace(occupied, ...withheld(entry, frames, align));
          if ((handle !== REFUSED) !== fits) throw new Error(`${ask}: refused is not ${!fits}`);
          if (handle === REFUSED) continue;
          const start = racer.startOf(handle);
          const [held] = withheld(entry, frames, align);
          if (start % align !== 0 || !isFree(occupied, start, held)) {
            throw new Error(`${ask}: placed at ${start}`);
          }
          accepted++;
          racer.free(handle);
        }
      }
    }
    expect(accepted).toBeGreaterThan(2 ** FRAMES);
  });

  it('what was freed in pieces is whole again', async () => {
    const open = await racerEntry(name).load();
    for (let mask = 1; mask < 2 ** FRAMES; mask += 37) {
      const { racer, held } = occupy(open, mask);
      for (const handle of held) racer.free(handle);
      const largest = name === 'buddy' ? 2 ** Math.floor(Math.log2(FRAMES)) : FRAMES;
      expect(racer.alloc(largest, 1)).not.toBe(REFUSED);
    }
  });
});
