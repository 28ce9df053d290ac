/**
 * Every recorded call sequence of the real Nitro driver, replayed against the model.
 *
 * vectors/driver.jsonl.gz: recordings of drivers/virt/nitro_enclaves of aws/aws-nitro-enclaves-cli
 * at 2950b3699d81ad304df2458915688a552734833d, run unmodified over an emulated kernel and
 * hypervisor.
 */
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { type DriverVector, replayDriverVector } from '../../scenarios/conform/driver.js';

const file = new URL('vectors/driver.jsonl.gz', import.meta.url);
const vectors = gunzipSync(readFileSync(file))
  .toString('utf8')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line) as DriverVector);

describe('recorded driver sequences', () => {
  it('N08 N12 holds: all 400 recordings are met in every field', () => {
    expect(vectors.length).toBe(400);
    for (const vector of vectors) {
      const [mismatch] = replayDriverVector(vector);
      expect({ id: vector.id, mismatch }).toEqual({ id: vector.id, mismatch: undefined });
    }
  });

  it('N08 refused: the recordings contain every refusal of the driver, 256 to 275', () => {
    const codes = new Set<number>();
    for (const { steps } of vectors) {
      for (const [, result] of steps) codes.add(-(result as { rc: number }).rc);
    }
    for (let code = 256; code <= 275; code++) expect(codes).toContain(code);
  });

  it('a changed return value, request or state change is noticed', () => {
    const [first] = vectors;
    const step = first.steps[0];
    const altered = (steps: DriverVector['steps']) => replayDriverVector({ ...first, steps });
    expect(altered([step])).toEqual([]);
    expect(altered([[step[0], { rc: -1, err: 'EPERM' }, step[2] ?? {}]])).toHaveLength(1);
    expect(altered([[step[0], step[1]]])).toHaveLength(1);
    expect(altered([[step[0], step[1], { pinned: 1 }]])).toHaveLength(1);
  });
});
