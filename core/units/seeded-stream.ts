/**
 * Streams of numbers that are drawn from a seed, for all that is drawn in this program.
 *
 * The generator starts with the seed's own bits: the first number of seed n is n less than a constant, so
 * that the seeds 1 to 12, written by hand, all began with a gap of five means. Invariant: seeds are mixed
 * first, one to one, so that neighbours are as far apart as any two; equal seeds give equal streams on any
 * machine. Trade-off: only 32 bits of a seed count.
 */
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import type { JumpableRandomGenerator } from 'pure-rand/types/JumpableRandomGenerator';

/** One to one on 32 bits (the last steps of MurmurHash3); 0 stays 0. */
export function mixedSeed(seed: number): number {
  let bits = seed | 0;
  bits = Math.imul(bits ^ (bits >>> 16), 0x85eb_ca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2_ae35);
  return (bits ^ (bits >>> 16)) >>> 0;
}

/** What is added before mixing, so that seed 0 is no bare 0: the golden ratio. */
const OFFSET = 0x9e37_79b9;

/** The stream of a seed, that many jumps of 2^64 steps from its start. */
export function seededStream(seed: number, jumps = 0): JumpableRandomGenerator {
  const stream = xoroshiro128plus(mixedSeed(seed + OFFSET));
  for (let i = 0; i < jumps; i++) stream.jump();
  return stream;
}
