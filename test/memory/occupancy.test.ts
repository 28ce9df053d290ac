/**
 * Every occupancy of a node of four granules of four frames, every size and alignment: each policy
 * finds a place iff one exists, the granule-aware one without breaking a granule it need not.
 *
 * HYPERCARVE_RUNS=10 or more takes 2^20 occupancies of five granules instead of 2^16 of four (some six
 * minutes; reports/kept/occupancy.md has a run); a tenth, as the mutation test has it, every 29th of them.
 */
import { describe, expect, it } from 'vitest';
import type { ExtentPool } from '../../core/memory/extent-pool.js';
import { createExtentPool } from '../../core/memory/extent-pool.js';
import type { PolicyName } from '../../core/memory/free-index.js';
import { POLICY_NAMES } from '../../core/memory/policies.js';
import { runsFactorFrom } from '../seed.js';

const GRANULE = 4;
const FRAMES = runsFactorFrom(process.env) >= 10 ? 20 : 16;
/** Odd, so that every frame is held in half of the occupancies looked at. */
const STRIDE = runsFactorFrom(process.env) < 1 ? 29 : 1;
/** 1 is asked of the loop that takes; the others of the search, which the general way goes by. */
const ALIGNS = [1, 2, 4, 8];
/** The long run took four minutes a policy beside other work. */
const LONGEST_MS = 3_600_000;

/**
 * A node whose held frames are the set bits; built by the shortest runs of equal bits. Records are vacant:
 * without one the written-out loops leave the work to the general way.
 */
function occupied(policy: PolicyName, held: number): ExtentPool {
  const pool = createExtentPool({ tag: 0, frames: FRAMES, granuleFrames: GRANULE, policy });
  const single = Array.from({ length: FRAMES }, (_, f) => pool.allocAt(f, 1, 7));
  for (const handle of single) pool.free(handle);
  for (let f = 0; f < FRAMES; ) {
    let end = f;
    while (end < FRAMES && ((held >> end) & 1) === 1) end++;
    if (end > f) pool.allocAt(f, end - f, 7);
    f = end + 1;
  }
  return pool;
}

const maskOf = (start: number, frames: number) => (2 ** frames - 1) * 2 ** start;

/** Aligned starts whose frames are all clear in `held`. */
function placesIn(held: number, frames: number, align: number): number[] {
  const places: number[] = [];
  for (let start = 0; start + frames <= FRAMES; start += align) {
    if ((held & maskOf(start, frames)) === 0) places.push(start);
  }
  return places;
}

/** Granules that are wholly clear in `held` and not after the run is taken. */
function destroyedBy(held: number, start: number, frames: number): number {
  let destroyed = 0;
  for (let granule = 0; granule < FRAMES; granule += GRANULE) {
    const mask = maskOf(granule, GRANULE);
    if ((held & mask) === 0 && (maskOf(start, frames) & mask) !== 0) destroyed++;
  }
  return destroyed;
}

/** Where so many frames were placed and freed again; -1 = refused. */
function taken(pool: ExtentPool, frames: number): number {
  const handle = pool.alloc(frames, 1, 7);
  if (handle === 0) return -1;
  const { start } = pool.at(handle);
  pool.free(handle);
  return start;
}

function complaint(policy: PolicyName, held: number, pool: ExtentPool): string | undefined {
  for (let frames = 1; frames <= FRAMES; frames++) {
    for (const align of ALIGNS) {
      const places = placesIn(held, frames, align);
      const found = align === 1 ? taken(pool, frames) : pool.find(frames, align);
      const name = `${policy}, held ${held.toString(2)}: ${frames} frames aligned to ${align}`;
      if (places.length === 0 ? found !== -1 : !places.includes(found)) return `${name}: ${found}`;
      if (policy === 'first-fit' && places.length > 0 && found !== places[0]) {
        return `${name}: ${found} is not the lowest`;
      }
      if (policy !== 'granule-aware' || places.length === 0) continue;
      const least = Math.min(...places.map((place) => destroyedBy(held, place, frames)));
      const destroyed = destroyedBy(held, found, frames);
      if (destroyed > least) return `${name}: ${found} breaks ${destroyed} granules, not ${least}`;
    }
  }
  return undefined;
}

describe.each(POLICY_NAMES)('%s, every occupancy', (policy) => {
  it(
    `of ${FRAMES} frames: no false refusal, no granule broken in vain`,
    () => {
      let checked = 0;
      for (let held = 0; held < 2 ** FRAMES; held += STRIDE) {
        const wrong = complaint(policy, held, occupied(policy, held));
        if (wrong !== undefined) throw new Error(wrong);
        checked++;
      }
      expect(checked).toBe(Math.ceil(2 ** FRAMES / STRIDE));
    },
    LONGEST_MS,
  );
});
