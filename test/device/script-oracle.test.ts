/**
 * The reservation service against a naive twin: random hosts and files, everything the recordings
 * have compared: exit, reason, page counts, pool, offline CPUs and every write in order.
 *
 * The twin was written from the conformance format and the rule book alone and shares no code with
 * core/; that it is right itself is shown by the recorded runs of the real script.
 */
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type AllocatorVector, replayAllocatorVector } from '../../scenarios/conform/allocator.js';
import { scaledRuns } from '../seed.js';
import { drawFromList, entropy } from './naive-draw.js';
import { type NaiveScriptHost, naiveScriptVector } from './naive-script.js';
import { randomScriptCase } from './naive-script-cases.js';

const FILE = new URL('./vectors/allocator.jsonl.gz', import.meta.url);

/** Endings that must come up somewhere, or the cases were too tame. */
const SOMETIMES = [
  ...['ok', '206-insufficient-memory', '205-rollback'],
  ...['pool-rejected', 'no-suitable-cpus', 'no-driver', 'enclaves-running', 'silent'],
  ...['config-missing-memory', 'config-missing-cpu', 'config-conflict', 'config-missing-value'],
  ...['config-unexpected-key', 'cpu-count-invalid', 'cpu-count-zero', 'cpu-count-partial-core'],
  ...['cpu-count-exceeds-host', 'memory-invalid'],
];

interface RecordedLine {
  id: string;
  host: NaiveScriptHost;
  yaml: string;
}

describe('reservation service against its naive twin', () => {
  it('the twin itself meets the 200 recorded runs', () => {
    const lines = gunzipSync(readFileSync(FILE)).toString('utf8').trim().split('\n');
    expect(lines).toHaveLength(200);
    for (const line of lines) {
      const { seed, ...recorded } = JSON.parse(line) as RecordedLine & { seed: number };
      const { id, host, yaml } = recorded;
      expect({ id, ...naiveScriptVector(host, yaml) }).toEqual(recorded);
    }
  }, 60_000);

  it(
    'agrees on exit, reason, pages, pool, offline CPUs and every write',
    () => {
      const reached = new Set<string>();
      fc.assert(
        fc.property(entropy, (numbers) => {
          const { host, yaml } = randomScriptCase(drawFromList(numbers));
          const vector = naiveScriptVector(host, yaml);
          reached.add(vector.out.reason);
          const found = replayAllocatorVector({ id: 'naive', ...vector } as AllocatorVector);
          expect({ host, yaml, found }).toEqual({ host, yaml, found: [] });
        }),
        { numRuns: scaledRuns(600) },
      );
      expect(SOMETIMES.filter((reason) => !reached.has(reason))).toEqual([]);
    },
    Math.max(120_000, scaledRuns(120_000)),
  );

  it('a twin that restores pages largest first is found out', () => {
    const mem = {
      '0': {
        totalKiB: 4194304,
        free: [[2097152, 1048576]] as [number, number][],
        reserved: { '1048576': [1, 0] as [number, number], '2048': [32, 0] as [number, number] },
      },
    };
    const host: NaiveScriptHost = {
      ...{ arch: 'x86_64', nrCpuIds: 2, cores: ['0', '1'], nodes: { '0': '0-1' } },
      ...{ sizesKiB: [2048, 1048576], mem },
    };
    const vector = naiveScriptVector(host, '---\nmemory_mib: 5000\ncpu_pool: 1\n');
    const { writes } = vector.out;
    const restored = [...writes.slice(0, -2), ...writes.slice(-2).reverse()];
    const planted = { id: 'planted', ...vector, out: { ...vector.out, writes: restored } };
    const found = replayAllocatorVector(planted as AllocatorVector);
    expect(found.map(({ step }) => step)).toEqual([writes.length - 2, writes.length - 1]);
  });
});
