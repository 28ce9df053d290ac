/**
 * Every recorded launch of the real nitro-cli, replayed against the model.
 *
 * vectors/cli-memory.jsonl.gz: 200 runs of resource_manager.rs and cpu_info.rs of the public
 * repository aws/aws-nitro-enclaves-cli at 2950b369 over its real driver; one JSON object a line.
 */
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { type CliMemoryVector, replayCliMemoryVector } from '../../scenarios/conform/cli-memory.js';

const FILE = new URL('./vectors/cli-memory.jsonl.gz', import.meta.url);
const VECTORS = gunzipSync(readFileSync(FILE))
  .toString('utf8')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line) as CliMemoryVector);

describe('recorded launches', () => {
  it('N12 holds: all 200 are met in every field', () => {
    const failed = VECTORS.map((vector) => ({
      id: vector.id,
      mismatches: replayCliMemoryVector(vector),
    })).filter(({ mismatches }) => mismatches.length > 0);
    expect(failed).toEqual([]);
    expect(VECTORS).toHaveLength(200);
  });

  it('N12 refused: among them are launches short of CPUs, of pages, and of pages on the node', () => {
    const codes = new Set(VECTORS.map(({ out }) => out.code));
    for (const code of ['E20', 'E21', 'E22', 'E26', 'E27', 'E29']) expect(codes).toContain(code);
  });
});

describe('the replay itself sees', () => {
  const ran = VECTORS[1];
  it.each(Object.keys(ran.out))('a change of %s', (field) => {
    const changed = { ...ran, out: { ...ran.out, [field]: 'something else' } };
    expect(replayCliMemoryVector(changed).map(({ step }) => step)).toEqual([field]);
  });

  it('a field that is missing', () => {
    const { attempts, ...rest } = ran.out;
    expect(attempts).toBeDefined();
    expect(replayCliMemoryVector({ ...ran, out: rest })).toHaveLength(1);
  });
});
