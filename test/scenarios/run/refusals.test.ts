/** Refusals by rule: each group says the rule's own sentence and source, whichever tool refused. */
import { describe, expect, it } from 'vitest';
import { SERVICE_EXITS } from '../../../core/device/reservation/exits.js';
import { buildHost } from '../../../scenarios/run/build-host.js';
import { loadPlatform } from '../../../scenarios/run/platform.js';
import { runScenario } from '../../../scenarios/run/run.js';
import { loadScenario } from '../../../scenarios/schema/load.js';

async function refusalsOf(platform: string, text: string) {
  const loaded = loadScenario(text, 'refusals.yaml', []);
  if ('problems' in loaded) throw new Error(JSON.stringify(loaded.problems));
  const { profile, newSurface } = await loadPlatform(platform);
  const built = buildHost(loaded.scenario, profile);
  if ('problems' in built) throw new Error(JSON.stringify(built.problems));
  const { host, provenance } = built;
  const { scenario } = loaded;
  const file = 'refusals.yaml';
  const surface = newSurface();
  return runScenario({ scenario, file, host, provenance, surface, audit: false }).refusals;
}

/** A two-node parent with `reservation`, and one launch of `memory`. */
function scenario(reservation: string, memory = '512MiB'): string {
  return `
schemaVersion: 1
title: refusals
parent:
  topology:
    threadsPerCore: 2
    numbering: adjacent
    nodes:
      - { cpus: 0-7, memory: 16GiB }
      - { cpus: 8-15, memory: 16GiB }
reservation: ${reservation}
images:
  app: { size: 20MiB }
workload:
  timeline:
    - launch: { name: one, image: app, vcpus: 2, memory: ${memory}, cid: 5 }
`;
}

describe('a group of refusals', () => {
  it('of nitro-cli has the sentence and the source of its row', async () => {
    const [group] = await refusalsOf('nitro', scenario('{ memory: 1GiB, cpuCount: 4 }', '4GiB'));
    expect(group.rule).toBe('nitro-cli.pages-cover-request');
    expect(group.codes).toEqual(['E27']);
    expect(group.sentence).not.toBe(group.example.message);
    expect(group.source).not.toBe('');
  });

  it('of the reservation service has the sentence and the source of its end', async () => {
    const groups = await refusalsOf('nitro', scenario('{ memory: 900GiB, cpuCount: 4 }'));
    const group = groups.find(({ rule }) => rule.startsWith('service-'));
    const reason = (group?.rule ?? '').slice('service-'.length);
    expect(Object.keys(SERVICE_EXITS)).toContain(reason);
    const { sentence, source } = SERVICE_EXITS[reason as keyof typeof SERVICE_EXITS];
    expect(group).toMatchObject({ sentence, source });
  });

  it('of an unreadable QingTian configuration has a sentence and a source', async () => {
    const text = '{ text: "hugepage_size:2\\nwhat:1\\n" }';
    const groups = await refusalsOf('qingtian', scenario(text));
    const group = groups.find(({ rule }) => rule === 'conf-text');
    expect(group?.codes).toEqual(['QT 06']);
    expect(group?.sentence).toMatch(/^Every line of the configuration/);
    expect(group?.source).toContain('QingTian Enclave user guide');
  });

  it('of the platform itself has the sentence of its rule row, as before', async () => {
    const groups = await refusalsOf(
      'qingtian',
      scenario('{ pageSize: 2MiB, memory: 1GiB, cpuCount: 4 }', '514MiB'),
    );
    expect(groups.length).toBeGreaterThan(0);
    for (const { source, sentence, example } of groups) {
      expect(source).not.toBe('');
      expect(sentence).not.toBe(example.message);
    }
  });
});
