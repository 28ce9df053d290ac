/**
 * Replays the recorded runs of the real reservation script.
 *
 * vectors/allocator.jsonl.gz: 200 runs of bootstrap/nitro-enclaves-allocator of the public
 * repository aws/aws-nitro-enclaves-cli at 2950b369 (bash 5.2.15), one JSON object a line.
 * Invariant: each replay equals its recording in every field; a planted change is found.
 */
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { type AllocatorVector, replayAllocatorVector } from '../../scenarios/conform/allocator.js';

const FILE = new URL('./vectors/allocator.jsonl.gz', import.meta.url);
const VECTORS = gunzipSync(readFileSync(FILE))
  .toString('utf8')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line) as AllocatorVector);

describe('recorded runs of the reservation script', () => {
  it('there are 200', () => {
    expect(VECTORS).toHaveLength(200);
  });

  it.each(VECTORS)('$id ends with $out.reason', (vector) => {
    expect(replayAllocatorVector(vector)).toEqual([]);
  });
});

describe('the replay itself sees', () => {
  const good = VECTORS[0];
  const changed: readonly (readonly [string, AllocatorVector])[] = [
    ['exit', { ...good, out: { ...good.out, exit: 1 } }],
    ['reason', { ...good, out: { ...good.out, reason: 'silent' } }],
    ['pages', { ...good, out: { ...good.out, pages: {} } }],
    ['pool', { ...good, out: { ...good.out, pool: '1-2\n' } }],
    ['offline', { ...good, out: { ...good.out, offline: '1' } }],
    ['pagesBefore', { ...good, pagesBefore: {} }],
    ['inUseBefore', { ...good, inUseBefore: { '0': { '2048': 1 } } }],
  ];
  it.each(changed)('a changed %s', (field, vector) => {
    expect(replayAllocatorVector(vector).map(({ step }) => step)).toEqual([field]);
  });

  it('a missing write, by its index', () => {
    const writes = good.out.writes.slice(0, -1);
    const found = replayAllocatorVector({ ...good, out: { ...good.out, writes } });
    expect(found).toEqual([
      { step: writes.length, expected: undefined, got: good.out.writes[writes.length] },
    ]);
  });

  it('every write that differs, not only the first', () => {
    const writes = good.out.writes.map(() => ['pool', 'other', 1] as const);
    const found = replayAllocatorVector({ ...good, out: { ...good.out, writes } });
    expect(writes.length).toBeGreaterThan(1);
    expect(found.map(({ step }) => step)).toEqual([...writes.keys()]);
  });
});
