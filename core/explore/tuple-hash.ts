/**
 * The hash of a few int32 words, for tables that compare the words themselves.
 *
 * Invariant: none but that equal words have equal hashes. Trade-off: multiplications by odd
 * constants and shifts, wrapped in 32 bits; no guard against an adversary, who has no key to choose.
 */

/** Mixes `count` words from `from` on; ≥ 0, below 2^32. */
export function hashOf(words: Int32Array, from: number, count: number): number {
  let hash = 0x2545f491;
  for (let i = from; i < from + count; i++) {
    hash = Math.imul(hash ^ words[i], 0x9e3779b1);
    hash ^= hash >>> 15;
  }
  hash = Math.imul(hash, 0x85ebca6b);
  return (hash ^ (hash >>> 13)) >>> 0;
}
