/**
 * run-enclave's memory and CPU path against a naive twin: random parents and requests, everything
 * the recordings have compared: stage, code, refusing call, pages by node, attempts, free pages
 * while the enclave runs and after its process has ended, leaked pins.
 *
 * The twin was written from the conformance format and the rule book alone and shares no code with
 * core/; that it is right itself is shown by the recorded launches of the real nitro-cli.
 */
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type CliMemoryVector, replayCliMemoryVector } from '../../scenarios/conform/cli-memory.js';
import { scaledRuns } from '../seed.js';
import { type NaiveCliCase, naiveCliOut } from './naive-cli.js';
import { randomCliCase } from './naive-cli-cases.js';
import { drawFromList, entropy } from './naive-draw.js';

const FILE = new URL('./vectors/cli-memory.jsonl.gz', import.meta.url);

/** Endings that must come up somewhere, or the cases were too tame. */
const SOMETIMES = [
  ...['ok', 'parse E03', 'cpus E20', 'cpus E21', 'cpus E22', 'new E26', 'run E27'],
  ...['setUserMemoryRegion -264', 'setUserMemoryRegion -265', 'startEnclave -267'],
  ...['startEnclave -268', 'startEnclave -269', 'startEnclave -275'],
];

function endingOf({ stage, code, ioctl }: ReturnType<typeof naiveCliOut>): string {
  const [call] = (ioctl ?? []) as [string, number, string][];
  if (call !== undefined) return `${call[0]} ${call[1]}`;
  return stage === undefined ? 'ok' : `${String(stage)} ${String(code)}`;
}

describe('run-enclave against its naive twin', () => {
  it('the twin itself meets the 200 recorded launches', () => {
    const lines = gunzipSync(readFileSync(FILE)).toString('utf8').trim().split('\n');
    expect(lines).toHaveLength(200);
    for (const line of lines) {
      const { id, out, ...given } = JSON.parse(line) as NaiveCliCase & { id: string; out: object };
      expect({ id, out: naiveCliOut(given) }).toEqual({ id, out });
    }
  }, 60_000);

  it(
    'agrees on codes, calls, pages, attempts and what is free at the end',
    () => {
      const reached = new Set<string>();
      fc.assert(
        fc.property(entropy, (numbers) => {
          const given = randomCliCase(drawFromList(numbers));
          const out = naiveCliOut(given);
          reached.add(endingOf(out));
          const found = replayCliMemoryVector({ id: 'naive', ...given, out } as CliMemoryVector);
          expect({ given, found }).toEqual({ given, found: [] });
        }),
        { numRuns: scaledRuns(600) },
      );
      expect(SOMETIMES.filter((ending) => !reached.has(ending))).toEqual([]);
    },
    Math.max(120_000, scaledRuns(120_000)),
  );

  it('a twin whose leaked page comes back is found out', () => {
    const host = {
      ...{
        cores: ['0', '1'],
        nodes: { '0': '0', '1': '1' },
        maxMemRegions: 8,
        pool: '1',
        local: 0,
      },
      pages: { '1024': [1, 0] },
    };
    const given: NaiveCliCase = { host, memory: '64', eifBytes: 0, cpus: { count: 1 } };
    const out = naiveCliOut(given);
    expect(out).toMatchObject({ leakedPins: 1, freeAfterExit: { '1024': [0, 0] } });
    const planted = { id: 'planted', ...given, out: { ...out, freeAfterExit: 'same' } };
    const found = replayCliMemoryVector(planted as CliMemoryVector);
    expect(found.map(({ step }) => step)).toEqual(['freeAfterExit']);
  });
});
