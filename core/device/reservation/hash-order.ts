/**
 * The order in which bash lists the keys of an associative array.
 *
 * The script restores page counts by walking such an array, so this order decides whether a
 * roll-back succeeds: 2 MiB pages restored first can break the place of a 1 GiB page.
 * Invariant: equal keys, inserted in equal order, list equally; no other input counts.
 * Source: bash 5.2 hashlib.c (FNV-1 over 32 bits; new items go to the head of their bucket) and
 * assoc.h (1,024 buckets). The array holds a page size a key, so it never grows.
 */

const BUCKETS = 1024;
const OFFSET_BASIS = 2_166_136_261;
const PRIME = 16_777_619;

/** `keys` (ASCII, distinct, in order of insertion) as `"${!array[@]}"` lists them. */
export function hashOrder(keys: readonly string[]): string[] {
  return keys
    .map((key, inserted) => ({ key, inserted, bucket: bucketOf(key) }))
    .sort((a, b) => a.bucket - b.bucket || b.inserted - a.inserted)
    .map(({ key }) => key);
}

function bucketOf(key: string): number {
  let hash = OFFSET_BASIS;
  for (let i = 0; i < key.length; i++) {
    hash = Math.imul(hash, PRIME) ^ key.charCodeAt(i);
  }
  return hash & (BUCKETS - 1);
}
