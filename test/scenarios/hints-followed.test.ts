/** Hints that were refused when they were followed, or meant nothing where they stood. */
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { FLEET_POLICIES } from '../../core/placement/fleet-policies.js';
import { fleet } from '../../scenarios/cli/fleet.js';
import { runSweep, SMALL_SWEEP, temporaryFolder } from '../sweep/small-sweep.js';
import { recordedStreams } from './cli/recorded-streams.js';

const FOLDER = temporaryFolder();
afterAll(() => rmSync(FOLDER, { recursive: true }));

const FLEET = (/base:\n([\s\S]*)axes:/.exec(SMALL_SWEEP)?.[1] ?? '').replace(/^ {2}/gm, '');

async function fleetSays(text: string): Promise<string> {
  const file = join(FOLDER, 'fleet.yaml');
  writeFileSync(file, text);
  const streams = recordedStreams(200);
  expect(await fleet(file, {}, streams)).toBe(2);
  return streams.stderr();
}

describe('hints', () => {
  // Found bug: "write `mine.mjs` without a key", which was refused in its turn.
  it.each([
    ['{ file: mine.mjs }', 'unknown key `file` (write `{ module: mine.mjs }`)'],
    ['[my/mine.mjs]', '(write `{ module: my/mine.mjs }`)'],
    [
      '{ name: wurst }',
      'unknown key `name` (write `{ module: … }`, or one of first-fit, best-fit,',
    ],
    ['{ name: best-fit }', 'unknown key `name` (write `best-fit` without a key)'],
  ])('policy: %s', async (policy, words) => {
    expect(await fleetSays(`${FLEET}policy: ${policy}\n`)).toContain(words);
  });

  it('the policies that a hint names are those that there are', async () => {
    const told = await fleetSays(`${FLEET}policy: { name: wurst }\n`);
    const named = /one of (.*) without a key/.exec(told)?.[1].split(', ') ?? [];
    expect(named.sort()).toEqual(FLEET_POLICIES.map(({ name }) => name).sort());
  });

  // Found bug: "use an entry for each" where there are no entries.
  it('of keys that rule each other out one is to be kept, but in a list', async () => {
    const traced = FLEET.replace('workload:', 'workload:\n  trace: {file: t.csv, columns: openb}');
    expect(await fleetSays(traced)).toContain('`mix` (leave out `trace` or the rest)');
    const both = SMALL_SWEEP.replace('seeds:', 'warmup: {requests: 5, time: 8h}\nseeds:');
    expect((await runSweep(FOLDER, both)).err).toContain(
      'warmup: `time` and `requests` cannot stand together; keep one of them',
    );
    const entry = FLEET.replace(
      '- count: 2',
      '- count: 2\n    servers: {file: p.csv, columns: huawei}',
    );
    expect(await fleetSays(entry)).toMatch(/use (?:an|one) entry for each/);
  });

  // Found bug: "must be a whole number", though 0.05 is taken.
  it.each([
    ['5%', 'within: must be a number, not "5%"'],
    ['"0.05"', 'must be a number, not the text "0.05" (write `within: 0.05`, without quotes)'],
  ])('of a fraction: within: %s', async (within, words) => {
    const until = `seeds: {until: {metric: acceptedShare, within: ${within}, most: 9}}`;
    expect((await runSweep(FOLDER, SMALL_SWEEP.replace(/seeds:.*/, until))).err).toContain(words);
    const whole = SMALL_SWEEP.replace('count: 6', 'count: many');
    expect((await runSweep(FOLDER, whole)).err).toContain('must be a whole number, not "many"');
  });

  // Found bug: "is 4; allowed: a whole number from 1".
  it('of a number in quotes that an option wants without', async () => {
    const qingtian = FLEET.replace('platform: vm', 'platform: qingtian');
    const told = await fleetSays(`${qingtian}options: {maxEnclaves: "4"}\n`);
    expect(told).toContain('is the text "4"; allowed: a whole number from 1, or none');
  });

  // Found bug: "there is a single value, which has no key `policy`", at no line.
  it.each([
    ['v.csv', 'id,at\n1,2\n', 'v.csv: a fleet file is a mapping (key: value), not "id,at 1,2"'],
    ['v.yaml', 'schemaVersion: 1\n', 'v.yaml: this is a scenario, not a fleet file'],
  ])('of a base that is no fleet: %s', async (name, content, words) => {
    writeFileSync(join(FOLDER, name), content);
    const { err, file } = await runSweep(
      FOLDER,
      SMALL_SWEEP.replace(/base:[\s\S]*axes:/, `base: ${name}\naxes:`),
    );
    expect(err).toContain(`${file}:3:7: base: ${words}`);
  });
});
