/**
 * Every shipped scenario, run as a user runs it: loaded, built, audited after every command.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { profileIds } from '../../core/platform/names.js';
import type { PlatformId } from '../../core/platform/profile.js';
import type { RunRecord } from '../../reports/record.js';
import { recordSchema } from '../../reports/record-schema.js';
import { buildHost } from '../../scenarios/run/build-host.js';
import { loadPlatform, type Platform } from '../../scenarios/run/platform.js';
import { runScenario } from '../../scenarios/run/run.js';
import { STAGES } from '../../scenarios/run/stages.js';
import { loadScenario } from '../../scenarios/schema/load.js';
import { familyOf, scenarioPlatforms } from '../../scenarios/schema/platforms.js';

const library = fileURLToPath(new URL('../../scenarios/library', import.meta.url));
const files = readdirSync(library, { recursive: true, encoding: 'utf8' })
  // Fleets and sweeps are no scenarios; test/engine and test/sweep run them.
  .filter((file) => file.endsWith('.yaml') && !/^(fleets|sweeps)/.test(file))
  .sort();

const platforms = new Map<string, Platform>();
for (const name of profileIds()) platforms.set(name, await loadPlatform(name));

/** One record per platform of the file, after `edit` of its text. */
function runFile(file: string, edit: (text: string) => string = (text) => text): RunRecord[] {
  const path = join(library, file);
  const loaded = loadScenario(edit(readFileSync(path, 'utf8')), relative(library, path));
  if ('problems' in loaded) throw new Error(JSON.stringify(loaded.problems));
  const { scenario } = loaded;
  return scenarioPlatforms(scenario).map((name) => {
    const platform = platforms.get(name);
    if (platform === undefined) throw new Error(`no platform ${name}`);
    const built = buildHost(scenario, platform.profile);
    if ('problems' in built) throw new Error(JSON.stringify(built.problems));
    const { host, provenance } = built;
    const surface = platform.newSurface();
    // The flagship takes tens of thousands of page steps: it is checked at its end only.
    const audit = file !== 'flagship.yaml';
    return runScenario({ scenario, file, host, provenance, surface, audit });
  });
}

function only(file: string): RunRecord {
  const [record] = runFile(file);
  return record;
}

function isStage(platform: string, stage: string): boolean {
  const known = STAGES[familyOf(platform) as PlatformId];
  return known.some(({ name }) => name === stage);
}

describe('shipped scenarios', () => {
  it('are at least ten lessons, six of them QingTian, and twelve incidents', () => {
    const lessons = files.filter((file) => !file.startsWith('incidents'));
    const qingtian = lessons.filter((file) => only(file).scenario.platform.startsWith('qingtian'));
    expect(lessons.length).toBeGreaterThanOrEqual(10);
    expect(qingtian.length).toBeGreaterThanOrEqual(6);
    expect(files.length - lessons.length).toBeGreaterThanOrEqual(12);
  });

  it.each(files)('%s: every expectation is met and no invariant broken', (file) => {
    for (const record of runFile(file)) {
      expect(record.expectations.filter(({ met }) => !met)).toEqual([]);
      expect(record.violations.filter(({ quirk }) => quirk === undefined)).toEqual([]);
      expect(record.verdict.ok).toBe(true);
      expect(record.scenario.teaches).not.toBe('');
      const asked = record.timeline.filter(({ kind }) => kind === 'launch' || kind === 'reserve');
      const stages = asked.flatMap(({ stage }) => stage ?? []);
      expect(stages.filter((stage) => !isStage(record.scenario.platform, stage))).toEqual([]);
      expect(recordSchema.safeParse(record).success).toBe(true);
    }
  });

  it('what a named quirk leaves is shown once, and fails no run', () => {
    const leaky = files.filter((file) => runFile(file).some(({ violations }) => violations.length));
    expect(leaky).toEqual(['wrong-node-page-leaks.yaml']);
    const { violations, verdict } = only('wrong-node-page-leaks.yaml');
    expect(violations.map(({ invariant, quirk }) => [invariant, quirk])).toEqual([
      ['no-leak', 'pin-leak'],
      ['no-leak', 'pin-leak'],
    ]);
    expect(verdict).toMatchObject({ ok: true, text: expect.stringContaining('2 left by quirks') });
  });

  it('a leaked page is the parent’s no more: each is counted once, and all add up', () => {
    const { snapshots, host } = only('wrong-node-page-leaks.yaml');
    const { memoryMib, stranded } = snapshots.at(-1)?.capacity ?? {};
    expect(memoryMib).toEqual({
      total: host.memoryMib,
      parent: 30 * 1024,
      poolFree: 0,
      enclaves: 1024,
      leaked: 1024,
    });
    expect(stranded?.filter(({ reason }) => reason === 'leaked')).toMatchObject([{ amount: 1024 }]);
  });

  it('every refusal has a remedy, a rule and the numbers it compared', () => {
    const refusals = files.flatMap((file) => runFile(file).flatMap((record) => record.refusals));
    expect(refusals.length).toBeGreaterThan(10);
    for (const { example, sentence } of refusals) {
      expect(example.remedy).not.toBe('');
      expect(sentence).not.toBe('');
      expect(Object.keys(example.numbers).length, example.rule).toBeGreaterThan(0);
    }
  });

  it('the same file gives the same record, and another seed another result', () => {
    expect(runFile('flagship.yaml')).toEqual(runFile('flagship.yaml'));
    const other = runFile('flagship.yaml', (text) => `seed: 2\n${text}`);
    const hashes = runFile('flagship.yaml').map(({ resultHash }) => resultHash);
    expect(other.map(({ resultHash }) => resultHash)).not.toEqual(hashes);
  });

  it('an expectation that is not met makes the verdict not ok, and says what was found', () => {
    const record = runFile('odd-vcpus.yaml', (text) =>
      text.replace('rule: vcpu-even', 'rule: vcpu-total'),
    )[0];
    expect(record.verdict.ok).toBe(false);
    const unmet = record.expectations.filter(({ met }) => !met);
    expect(unmet.map(({ found }) => found)).toEqual(['vcpu-even at define']);
  });
});

describe('what scenarios show of the requirements', () => {
  it('N01 holds: an enclave is carved out of the CPUs and frames of its parent', () => {
    const { snapshots } = only('odd-vcpus.yaml');
    const last = snapshots[snapshots.length - 1];
    const { vcpus, memoryMib } = last.capacity;
    expect(vcpus.enclaves).toBe(4);
    expect(memoryMib.enclaves).toBe(1024);
    expect(vcpus.parent + vcpus.poolFree + vcpus.enclaves).toBe(vcpus.total);
    expect(memoryMib.parent + memoryMib.poolFree + memoryMib.enclaves).toBe(memoryMib.total);
  });

  it('N01 refused: there is no enclave without a running parent', () => {
    const early = only('parent-stop.yaml').timeline.find(({ name }) => name === 'too-early');
    expect(early?.refusal?.rule).toBe('parent-running');
  });

  it('N09 holds: arrivals and departures start and stop enclaves over time', () => {
    for (const record of runFile('flagship.yaml')) {
      const churned = record.timeline.filter(({ name }) => name?.startsWith('churn-'));
      const started = churned.filter(({ kind, ok }) => kind === 'launch' && ok).length;
      const ended = churned.filter(({ kind, ok }) => kind === 'terminate' && ok).length;
      expect(started).toBeGreaterThan(10);
      expect(ended).toBe(started);
    }
  });

  it('N09 refused: admission control turns away what does not fit at the moment', () => {
    for (const record of runFile('flagship.yaml')) {
      const refused = record.timeline.filter(({ name, ok }) => name?.startsWith('churn-') && !ok);
      expect(refused.length).toBeGreaterThan(0);
    }
  });
});
