/** Seeds are mixed one to one, and streams are those of the mixed seed. */
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { expect, it } from 'vitest';
import { mixedSeed, seededStream } from '../../core/units/seeded-stream.js';

it('mixes as MurmurHash3 ends, one to one', () => {
  // Its published results for 1 and for all bits; 0 stays 0.
  expect([0, 1, -1, 0xffff_ffff, 2 ** 32].map(mixedSeed)).toEqual([
    0, 0x514e_28b7, 0x81f1_6f39, 0x81f1_6f39, 0,
  ]);
  const many = Array.from({ length: 20_000 }, (_, i) => mixedSeed(i * 0x1_0001));
  expect(new Set(many).size).toBe(20_000);
});

it('a stream begins at the mixed seed, and so many jumps further', () => {
  for (const [seed, jumps] of [
    [0, 0],
    [1, 0],
    [7, 3],
    [0xffff_ffff, 1],
  ] as const) {
    const mixed = xoroshiro128plus(mixedSeed(seed + 0x9e37_79b9));
    for (let i = 0; i < jumps; i++) mixed.jump();
    expect(seededStream(seed, jumps).next()).toBe(mixed.next());
  }
  expect(seededStream(5).next()).toBe(seededStream(5).next());
  expect(seededStream(5).next()).not.toBe(seededStream(5, 1).next());
});
