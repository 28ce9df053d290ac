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
import { replayVector } from '../../scenarios/conform/vector-kinds.js';

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

/** Fields in which the replay of a line differs, or what is wrong with the line. */
function outcome(line: unknown) {
  const replayed = replayVector(line);
  if ('malformed' in replayed) return replayed.malformed;
  return replayed.differences;
}

describe('u64 values and page sizes at their ends', () => {
  /** One node, 2 MiB pages enough for 64 MiB, and a launch of as much that works. */
  const host = {
    cores: ['0,2', '1,3'],
    nodes: { '0': '0-3' },
    maxMemRegions: 4096,
    pool: '1,3',
    pages: { '2': [40] },
    local: 0,
  };
  const launch = { id: 'x', host, memory: '64', eifBytes: 4096, cpus: { count: 2 } };
  const out = {
    ok: true,
    mib: 64,
    allocatedMib: 64,
    cid: 16,
    cpus: [1, 3],
    flags: 0,
    regions: [[2, 32, 0]],
    attempts: [
      [32, 0, 1],
      [16, 0, 1],
      [8, 0, 1],
      [2, 32, 0],
    ],
    freeWhileRunning: { '2': [8] },
    freeAfterExit: 'same',
  };
  const tooSmall = { ok: false, stage: 'new', code: 'E26', attempts: [], freeAfterExit: 'same' };

  it('N11 holds: a request of 2^53 MiB and more is given back exactly, in hexadecimal', () => {
    expect(outcome({ ...launch, out })).toEqual([]);
    const memory = String(2n ** 53n + 64n);
    const wrapped = { ...launch, memory, out: { ...out, mib: '0x20000000000040' } };
    expect(outcome(wrapped)).toEqual([]);
    const odd = { ...launch, memory: String(2n ** 53n + 63n), out: { ...out, mib: 2 ** 53 + 64 } };
    expect(outcome(odd)).toEqual([
      { step: 'mib', expected: 2 ** 53 + 64, got: '0x2000000000003f' },
    ]);
  });

  it('N11 holds: four times the image is taken modulo 2^64 and compared exactly', () => {
    const largest = (2n ** 64n - 2n ** 20n) / 4n;
    const memory = String(2n ** 44n - 1n);
    const passes = { ...launch, memory, eifBytes: `0x${largest.toString(16)}`, out: tooSmall };
    expect(outcome(passes)).toContainEqual({ step: 'code', expected: 'E26', got: 'E27' });
    const oneMore = { ...passes, eifBytes: `0x${(largest + 1n).toString(16)}` };
    expect(outcome(oneMore)).toEqual([]);
    expect(outcome({ ...launch, eifBytes: '0x4000000000000000', out })).toEqual([]);
    expect(outcome({ ...launch, eifBytes: '0x4000000001000001', out: tooSmall })).toEqual([]);
    expect(outcome({ ...launch, eifBytes: '0x1000', out })).toEqual([]);
    expect(outcome({ ...launch, eifBytes: '4096', out })).toContain('malformed');
  });

  it('N12 holds: pages of 64 KiB may be there and are never taken', () => {
    const pages = { '0.0625': [4096], '2': [40] };
    const free = { '0.0625': [4096], '2': [8] };
    const line = { ...launch, host: { ...host, pages }, out: { ...out, freeWhileRunning: free } };
    expect(outcome(line)).toEqual([]);
    const none = { ...line, host: { ...host, pages: { '0.0625': [4096] } } };
    expect(outcome(none)).toContainEqual({ step: 'code', expected: undefined, got: 'E27' });
    for (const size of ['0.0001', '0', '0.0', '2.0', '-2']) {
      const odd = { ...launch, host: { ...host, pages: { [size]: [1] } }, out };
      expect(outcome(odd)).toContain('malformed cli-memory vector: host.pages');
    }
  });

  it('a size without a count for each node is told with its path', () => {
    const short = { ...host, nodes: { '0': '0,2', '1': '1,3' } };
    expect(outcome({ ...launch, host: short, out })).toBe(
      'malformed cli-memory vector: host.pages.2: one count for each node is needed: 2, not 1',
    );
  });
});
