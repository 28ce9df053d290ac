/** What a pool may be asked: everything else is a programming error that names what was asked. */
import { describe, expect, it } from 'vitest';
import {
  requireInside,
  requireOrder,
  requireOwner,
  requireRequest as requireRequestOf,
} from '../../core/memory/pool-requests.js';

const BEYOND = [-1, 0.5, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53, -(2 ** 40)];

const requireRequest = (frames: number, align: number) =>
  requireRequestOf(frames, align, { granuleFrames: 512 });
const UNIT = 'both are whole numbers of frames from 1, and a granule has 512';

/** The error of a call; undefined = it passed. What is thrown and no error fails the test. */
function errorOf(call: () => void): string | undefined {
  try {
    call();
  } catch (error) {
    expect(error).toBeInstanceOf(Error);
    return error instanceof Error ? error.message : undefined;
  }
  return undefined;
}

describe('requests of a pool', () => {
  it.each([1, 2, 511, 2 ** 31 - 1, 2 ** 31, 2 ** 40, 2 ** 53 - 1])(
    'sizes and alignments of %d frames pass, larger ones than any node too',
    (count) => {
      expect(errorOf(() => requireRequest(count, 1))).toBeUndefined();
      expect(errorOf(() => requireRequest(1, count))).toBeUndefined();
      expect(errorOf(() => requireRequest(count, count))).toBeUndefined();
    },
  );

  it.each([0, ...BEYOND])('%d is no size, and no alignment, whatever the other one is', (bad) => {
    for (const good of [1, 2 ** 40]) {
      const size = `request of ${bad} frames aligned to ${good}: ${UNIT}`;
      expect(errorOf(() => requireRequest(bad, good))).toBe(size);
      const align = `request of ${good} frames aligned to ${bad}: ${UNIT}`;
      expect(errorOf(() => requireRequest(good, bad))).toBe(align);
    }
    expect(errorOf(() => requireRequest(bad, bad))).toBe(
      `request of ${bad} frames aligned to ${bad}: ${UNIT}`,
    );
  });

  it.each([0, 2 ** 31, ...BEYOND])('%d owns nothing', (owner) => {
    expect(errorOf(() => requireOwner(owner))).toBe(
      `owner ${owner} cannot hold: an owner is a whole number from 1 to 2^31 - 1`,
    );
  });

  it.each([1, 64, 2 ** 31 - 1])('%d may own', (owner) => {
    expect(errorOf(() => requireOwner(owner))).toBeUndefined();
  });

  it.each(BEYOND)('%d is no order', (order) => {
    expect(errorOf(() => requireOrder(order))).toBe(
      `order ${order}: a whole number from 0, units of that order are 2^order granules`,
    );
  });

  it.each([0, 1, 30, 31, 2 ** 31])('%d is one', (order) => {
    expect(errorOf(() => requireOrder(order))).toBeUndefined();
  });

  it.each([
    [0, 1],
    [0, 16],
    [15, 1],
  ])('the run [%d, +%d) is inside a node of 16 frames', (start, frames) => {
    expect(errorOf(() => requireInside(start, frames, 16))).toBeUndefined();
  });

  it.each([
    [0, 17],
    [15, 2],
    [16, 1],
    [0, 0],
    [4, 0],
    ...BEYOND.flatMap((bad) => [
      [bad, 1],
      [4, bad],
      [bad, bad],
    ]),
    [-4, 8],
    [20, -8],
    [0.5, 0.5],
  ])('the run [%d, +%d) is not', (start, frames) => {
    expect(errorOf(() => requireInside(start, frames, 16))).toBe(
      `frames [${start}, +${frames}) are no run of a node of 16 frames`,
    );
  });
});
