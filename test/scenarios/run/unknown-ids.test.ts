/** Rules and codes that a scenario expects: those that exist pass, a misspelt one is bad input. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { run } from '../../../scenarios/cli/run.js';
import { allEntries, findEntries } from '../../../scenarios/explain/find-entry.js';
import { knownCodes, knownRules } from '../../../scenarios/explain/known-ids.js';
import { loadPlatform } from '../../../scenarios/run/platform.js';
import { unknownIds } from '../../../scenarios/run/unknown-ids.js';
import { expectedIds } from '../../../scenarios/schema/expected-ids.js';
import { loadScenario } from '../../../scenarios/schema/load.js';
import { recordedStreams } from '../cli/recorded-streams.js';

const FOLDER = mkdtempSync(join(tmpdir(), 'hypercarve-ids-'));
afterAll(() => rmSync(FOLDER, { recursive: true }));
const library = fileURLToPath(new URL('../../../scenarios/library/', import.meta.url));

const SCENARIO = `schemaVersion: 1
title: ids
parent: {type: m5.16xlarge}
workload: {timeline: [{launch: {name: a, vcpus: 2, memory: 512MiB}}]}
images: {}
`;

async function ran(text: string, options = {}) {
  const file = join(FOLDER, 'ids.yaml');
  writeFileSync(file, text);
  const streams = recordedStreams();
  const code = await run(file, options, streams);
  return { code, out: streams.stdout(), err: streams.stderr().replaceAll(`${file}:`, '') };
}

const expecting = (...entries: string[]): string =>
  `${SCENARIO}expect:\n${entries.map((entry) => `  - ${entry}\n`).join('')}`;

describe('ids in expectations', () => {
  it('all that shipped scenarios name exist, on whatever platform', async () => {
    const files = ['', 'incidents/'].flatMap((folder) =>
      readdirSync(join(library, folder))
        .filter((name) => name.endsWith('.yaml'))
        .map((name) => folder + name),
    );
    const named = files.flatMap((name) => {
      const loaded = loadScenario(readFileSync(join(library, name), 'utf8'), name);
      return 'problems' in loaded ? [] : expectedIds(loaded.scenario);
    });
    expect(named.filter(({ kind }) => kind === 'rule').length).toBeGreaterThan(10);
    expect(named.filter(({ kind }) => kind === 'code').length).toBeGreaterThan(10);
    expect(await unknownIds(named, [])).toEqual([]);
  });

  it('whatever a platform and its tools can say is known, and can be explained', async () => {
    const platforms = await Promise.all(['qingtian', 'nitro', 'vm'].map(loadPlatform));
    const rules = platforms.flatMap(({ profile, newSurface }) =>
      [...profile.rules, ...newSurface().rules].map(({ id }) => id),
    );
    const known = [...knownRules(), ...knownCodes()];
    expect(rules.filter((id) => !known.includes(id))).toEqual([]);
    const entries = allEntries();
    expect(known.filter((id) => findEntries(id, entries).length === 0)).toEqual([]);
  });

  it('a misspelt one is told with its place and what is near, before anything runs', async () => {
    const text = expecting(
      '{launch: a, is: {rule: vcpu-evn}}',
      '{launch: a, is: {rule: page-nod, code: E299}}',
      '{reservation: {rule: vcpu-even, code: "QT10"}}',
      '{launch: a, is: {rule: zzzzz}}',
    );
    expect(await ran(text, { platform: 'nitro,qingtian' })).toEqual({
      code: 2,
      out: '',
      err: [
        '7:28: expect[0].is.rule: no rule is called "vcpu-evn" (did you mean `vcpu-even`?)',
        '8:28: expect[1].is.rule: no rule is called "page-nod" (did you mean `nitro.page-node`?)',
        '8:44: expect[1].is.code: no code is called "E299" (did you mean `E29`?)',
        '9:43: expect[2].reservation.code: no code is called "QT10" (did you mean `QT 10`?)',
        '10:28: expect[3].is.rule: no rule is called "zzzzz" (`hypercarve explain rule` lists the rules)',
        '',
      ].join('\n'),
    });
  });

  it('is told of a file that is malformed elsewhere, too, and of --set', async () => {
    const text = `${expecting('{launch: a, is: {rule: vcpu-evn}}')}sed: 1\n`;
    const { code, err } = await ran(text);
    expect(code).toBe(2);
    expect(err).toContain('did you mean `seed`?');
    expect(err).toContain('expect[0].is.rule: no rule is called "vcpu-evn"');
    const sound = expecting('{launch: a, is: {rule: vcpu-even}}');
    const set = ['expect[0].is.rule=vcpu-evn'];
    expect((await ran(sound, { set })).err).toMatch(/^--set expect.*no rule is called "vcpu-evn"/);
  });

  it('a rule of another platform than that of the run is an expectation like any other', async () => {
    const text = expecting('{launch: a, is: {rule: nitro.page-node, code: NE 264}}');
    expect((await ran(text, { platform: 'qingtian' })).code).toBe(1);
  });
});
