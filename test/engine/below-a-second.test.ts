/** Fleets whose requests come and live for less than a second, as a file says it, and what no file may say. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { fleet } from '../../scenarios/cli/fleet.js';
import { recordedStreams } from '../scenarios/cli/recorded-streams.js';
import { TWO_PARENTS } from './two-parents.js';

const FOLDER = mkdtempSync(join(tmpdir(), 'hypercarve-below-a-second-'));
afterAll(() => rmSync(FOLDER, { recursive: true }));

async function run(text: string) {
  const file = join(FOLDER, 'fleet.yaml');
  writeFileSync(file, text);
  const streams = recordedStreams();
  const code = await fleet(file, { json: true, audit: true }, streams);
  return { code, out: streams.stdout(), err: streams.stderr() };
}

async function ended(arrivals: string, mean: string) {
  const text = TWO_PARENTS.replace('every: 10s', arrivals).replace(/mean: \w+/, `mean: ${mean}`);
  const { code, out, err } = await run(text);
  expect(code, err).toBe(0);
  return JSON.parse(out).result;
}

describe('fleets below a second', () => {
  // Found bug: both were refused, and nobody could come more often than once a second.
  it('take gaps, rates and lives: one rate in other words is the same run', async () => {
    const { resultHash, lastMs } = await ended('rate: 50/s', '240ms');
    // Fifty requests in a second, and the last end soon after.
    expect(lastMs).toBeLessThan(4000);
    expect(await ended('every: 20ms', '0.24s')).toHaveProperty('resultHash', resultHash);
    expect(await ended('rate: 3000/m', '240ms')).toHaveProperty('resultHash', resultHash);
  });

  it('take means between two ms', async () => {
    expect((await ended('every: 0.5ms', '1.5ms')).lastMs).toBeLessThan(100);
  });
});

/** What is wrong, the change, words of the message. */
const BAD: readonly (readonly [string, readonly [string, string], string])[] = [
  ['a gap said twice', ['every: 10s', 'every: 10s, rate: 6/m'], 'say the same thing; keep one'],
  ['no gap, but a size', ['every: 10s', 'size: 1'], 'unknown key'],
  ['nothing that says how often', [', every: 10s', ''], 'add `every: 30s` or `rate: 2/s`'],
  ['no rate', ['every: 10s', 'rate: 50'], 'is not a rate; write 50/s'],
  [
    'a moment between two ms',
    ['policy:', 'parentEvents: [{at: 0.5ms, parent: 1, what: stop}]\npolicy:'],
    'finer than a millisecond',
  ],
];

describe('fleets: times that say nothing', () => {
  it.each(BAD)('%s: named, exit 2', async (_name, [from, to], words) => {
    const { code, out, err } = await run(TWO_PARENTS.replace(from, to));
    expect([code, out]).toEqual([2, '']);
    expect(err).toContain(words);
  });
});
