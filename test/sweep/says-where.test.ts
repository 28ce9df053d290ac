/** What is wrong with a variant is told at the line that wrote it, before the runs and in one. */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { fleet } from '../../scenarios/cli/fleet.js';
import { replicationSeed } from '../../scenarios/sweep/plan.js';
import { recordedStreams } from '../scenarios/cli/recorded-streams.js';
import { runSweep, SMALL_SWEEP, temporaryFolder } from './small-sweep.js';

const FOLDER = temporaryFolder();
afterAll(() => rmSync(FOLDER, { recursive: true }));

const AXES = /axes:[\s\S]*seeds:/;
const BASE = SMALL_SWEEP.replace(/\ncompare:.*/, '');

/** With these axes; and where in it the text stands, as "line:column". */
async function refused(text: string, at: string) {
  // What ran before a fault is kept.
  rmSync(join(FOLDER, 'out'), { recursive: true, force: true });
  const { code, err, file } = await runSweep(FOLDER, text);
  expect(code, err).toBe(2);
  const before = text.slice(0, text.indexOf(at)).split('\n');
  return { err, place: `${file}:${before.length}:${(before.at(-1) ?? '').length + 1}: ` };
}

const SEED = /, under seed (\d+)$/;

describe('sweep: says where', () => {
  const QINGTIAN = BASE.replace('platform: vm', 'platform: qingtian');

  // Found bug: at 1:1 of the base, though the base has no options.
  it.each([
    ['a value', 'options.maxEnclaves: [0, 2]', '0, 2', 'is 0; allowed: a whole number from 1'],
    ['a name', 'options.maxEnclave: [3, 2]', '3, 2', 'option maxEnclave is unknown'],
    ['a named level', 'cap: {one: {options.maxEnclaves: zero}}', 'zero', 'is zero; allowed'],
    ['all options', 'options: [{maxEnclaves: 1}, {maxPages: 0}]', '0}]', 'maxPages is 0'],
  ])('of an option that no platform takes, at the level: %s', async (_, axis, at, words) => {
    const text = QINGTIAN.replace(AXES, `axes:\n  ${axis}\nseeds:`);
    const { err, place } = await refused(text, at);
    expect(err).toContain(place);
    expect(err).toContain(words);
    expect(err).not.toContain('in the variant');
  });

  it('of an option in a fleet file, at its own line', () => {
    const file = join(FOLDER, 'fleet.yaml');
    const base = /base:\n([\s\S]*)axes:/.exec(QINGTIAN)?.[1].replace(/^ {2}/gm, '') ?? '';
    writeFileSync(file, `${base}options:\n  maxPages: 9\n  maxEnclaves: 0\n`);
    const streams = recordedStreams();
    return fleet(file, {}, streams).then((code) => {
      const line = readFileSync(file, 'utf8').split('\n').indexOf('  maxEnclaves: 0') + 1;
      expect([code, streams.stderr()]).toEqual([
        2,
        expect.stringContaining(`${file}:${line}:16: options.maxEnclaves: `),
      ]);
    });
  });

  // Found bug: at a column of the variant's JSON, which is in no file, and without the seed.
  it('of a module that throws in a run, at the level, with the seed that shows it again', async () => {
    const late = "if (ask.end > 900_000) throw new Error('late!')";
    const policy = `export default { name: 'thr', propose(view, ask) { ${late}; return { host: 0 }; } };`;
    writeFileSync(join(FOLDER, 'thr.mjs'), policy);
    const axes = 'axes:\n  policy:\n    - first-fit\n    - {module: thr.mjs}\nseeds:';
    const text = BASE.replace(AXES, axes).replace('count: 6', 'count: 20');
    const { err, place } = await refused(text, 'thr.mjs');
    expect(err).toContain(`${place}axes.policy[1].module: ${join(FOLDER, 'thr.mjs')}: propose of`);
    expect(err).toContain('"late!"');
    expect(err.trim()).toMatch(/; in the variant policy=\S+, under seed \d+$/);
    const seed = SEED.exec(err.trim())?.[1];
    const base = /base:\n([\s\S]*)axes:/.exec(BASE)?.[1].replace(/^ {2}/gm, '') ?? '';
    const file = join(FOLDER, 'again.yaml');
    const streams = recordedStreams();
    writeFileSync(file, `${base}policy: {module: thr.mjs}\nseed: ${seed}\n`);
    expect(await fleet(file, {}, streams)).toBe(2);
    expect(streams.stderr()).toContain('"late!"');
  });

  // Found bug: neither line nor seed.
  it('of a warm-up that is longer than a run, at the warm-up, with the seed', async () => {
    const text = BASE.replace('seeds:', 'warmup: {time: 30d}\nseeds:');
    const { err, place } = await refused(text, '30d');
    const run = `in the variant policy=first-fit, load=light, under seed ${replicationSeed(1, 0)}`;
    expect(err.trim()).toBe(`${place}warmup.time: leaves no request to count; ${run}`);
  });
});
