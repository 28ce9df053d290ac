/** Refusals by rule: each group says the rule's own sentence and source, whichever tool refused. */
import { describe, expect, it } from 'vitest';
import { SERVICE_EXITS } from '../../../core/device/reservation/exits.js';
import type { RunRecord } from '../../../reports/record.js';
import { renderRun } from '../../../reports/terminal/run-report.js';
import { buildHost } from '../../../scenarios/run/build-host.js';
import { loadPlatform } from '../../../scenarios/run/platform.js';
import { runScenario } from '../../../scenarios/run/run.js';
import { loadScenario } from '../../../scenarios/schema/load.js';

async function recordOf(platform: string, text: string) {
  const loaded = loadScenario(text, 'refusals.yaml', []);
  if ('problems' in loaded) throw new Error(JSON.stringify(loaded.problems));
  const { profile, newSurface } = await loadPlatform(platform);
  const built = buildHost(loaded.scenario, profile);
  if ('problems' in built) throw new Error(JSON.stringify(built.problems));
  const { host, provenance } = built;
  const { scenario } = loaded;
  const file = 'refusals.yaml';
  const surface = newSurface();
  return runScenario({ scenario, file, host, provenance, surface, audit: false });
}

async function refusalsOf(platform: string, text: string) {
  return (await recordOf(platform, text)).refusals;
}

function headOf(record: RunRecord): string {
  const text = renderRun(record, { width: 120, unicode: true, color: false });
  return text.slice(0, text.indexOf('\n\n'));
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

describe('a refused reservation, and launches refused for want of it', () => {
  const tooMuch = '{ pageSize: 2MiB, memory: 900GiB, cpuCount: 4 }';
  const launches = (count: number, at = '1m') =>
    Array.from(
      { length: count },
      (_, i) =>
        `    - { at: ${at}, launch: { name: late${i}, image: app, vcpus: 2, memory: 64MiB, cid: 7 } }\n`,
    ).join('');

  it.each(['nitro', 'qingtian'])('on %s the cause leads, however rare', async (platform) => {
    const { refusals, verdict, timeline } = await recordOf(
      platform,
      scenario(tooMuch) + launches(2),
    );
    const [cause, consequence] = refusals;
    expect(cause.example).toEqual(timeline[0].refusal);
    expect(consequence.count).toBeGreaterThan(cause.count);
    expect(verdict.text).toBe(
      '1 reservation refused, 0 of 3 launches ran, 0 running at the end, 3 refused',
    );
  });

  it('is told first, with its remedy, and what followed after it', async () => {
    const record = await recordOf('nitro', scenario(tooMuch) + launches(2));
    const text = renderRun(record, { width: 120, unicode: true, color: false });
    expect(text).toContain('  3 launches · 0 launched · 3 refused · 0 running · 1 reservation');
    expect(text).toMatch(
      /\n {2}refused reservation, 206: .*\n.*\n {2}remedy .*\n {2}then {4}3 refusals, E22: /,
    );
  });

  // Found bug: beside an unmet expectation the head named what followed, not the cause.
  it.each([
    [
      'of a launch',
      '{ launch: one, is: ok }',
      /refused reservation, 206: .*\n.*then {4}3 .*E22: /s,
    ],
    ['of a count', '{ running: 3 }', /refused reservation, 206: .*\n.*then {4}3 .*E22: /s],
    ['of itself', '{ reservation: ok }', /refused reservation, 206: .*\n.*then {4}3 .*E22: /s],
  ])('leads where an expectation fails, %s', async (_, expected, wanted) => {
    const demand = `${scenario(tooMuch)}${launches(2)}expect:\n  - ${expected}\n`;
    const record = await recordOf('nitro', demand);
    expect(record.verdict.ok).toBe(false);
    expect(headOf(record)).toMatch(wanted);
  });

  it('does not lead where it was expected and a count differs, nor where a launch had a pool', async () => {
    const again = '    - { at: 2m, reserve: { memory: 1GiB, cpuCount: 4 } }\n';
    const late = launches(1, '3m').replace('late0', 'after').replace('vcpus: 2', 'vcpus: 6');
    const expecting = (...what: string[]) =>
      `${scenario(tooMuch)}${again}${late}expect:\n${what.map((one) => `  - ${one}\n`).join('')}`;
    const refused = '{ reservation: { code: "206" }, nth: 1 }';
    const counted = await recordOf('nitro', expecting(refused, '{ running: 3 }'));
    expect(headOf(counted)).toMatch(/unmet {3}3 enclaves running at the end\n {2}found {3}0$/);
    const launched = headOf(await recordOf('nitro', expecting('{ launch: after, is: ok }')));
    expect(launched).toMatch(/\n {2}refused E22: .*requested 6, but maximum is 4/);
    expect(launched).not.toContain('reservation, 206');
  });

  it('one that was made anew in the meantime leads nothing', async () => {
    const bare = scenario(tooMuch).replace(/\n {4}- launch:.*\n/, '\n');
    const again = '    - { at: 2m, reserve: { memory: 1GiB, cpuCount: 4 } }\n';
    const late = launches(1, '3m').replace('vcpus: 2', 'vcpus: 6');
    const { refusals, timeline } = await recordOf('nitro', bare + again + late);
    expect(timeline.map(({ kind, ok }) => `${kind} ${ok}`)).toEqual([
      'reserve false',
      'reserve true',
      'launch false',
    ]);
    expect(refusals[0].rule).toBe('nitro-cli.cpu-count-in-pool');
  });

  it('what was refused before it is not said to follow from it', async () => {
    const good = '{ pageSize: 2MiB, memory: 1GiB, cpuCount: 4 }';
    const text = scenario(good, '900GiB') + launches(1).replace('vcpus: 2', 'vcpus: 32');
    const again = `    - { at: 2m, reserve: ${tooMuch} }\n`;
    const { refusals, timeline } = await recordOf('qingtian', text + again);
    expect(timeline.map(({ kind, ok }) => `${kind} ${ok}`).slice(-2)).toEqual([
      'launch false',
      'reserve false',
    ]);
    expect(refusals[0].example).not.toEqual(timeline.at(-1)?.refusal);
  });
});

describe('a Nitro launch goes through the argument grammar', () => {
  it.each([1, 2, 3, 4_294_967_295])(
    'regression: --enclave-cid %i is E03, exit 3, not E29',
    async (cid) => {
      const text = scenario('{ memory: 1GiB, cpuCount: 4 }').replace('cid: 5', `cid: ${cid}`);
      const { timeline } = await recordOf('nitro', text);
      expect(timeline.find(({ kind }) => kind === 'launch')).toMatchObject({
        ok: false,
        status: 3,
        stage: 'arguments',
        refusal: { codes: ['E03'] },
      });
    },
  );

  it('a CID of 0 is automatic, with the warning of the program', async () => {
    const text = scenario('{ memory: 1GiB, cpuCount: 4 }').replace('cid: 5', 'cid: 0');
    const { timeline } = await recordOf('nitro', text);
    const launch = timeline.find(({ kind }) => kind === 'launch');
    expect(launch).toMatchObject({ ok: true, enclave: { cid: 16 } });
    expect(launch?.printed?.[0]).toMatch(/auto-generated/);
  });
});

describe('a refused reservation says what it leaves behind', () => {
  const leftOf = async (platform: string, reservation: string, again?: string) => {
    const later = again === undefined ? '' : `    - { at: 60s, reserve: ${again} }\n`;
    const { timeline } = await recordOf(platform, scenario(reservation) + later);
    return timeline.filter(({ kind, ok }) => kind === 'reserve' && !ok);
  };

  it('regression: Nitro, the pool stays set when its memory fails; with cpu_count it does not', async () => {
    const [byPool] = await leftOf('nitro', '{ memory: 900GiB, cpuList: "2-5" }');
    expect(byPool).toMatchObject({
      refusal: { codes: ['206'] },
      leftBehind: ['the CPU pool stays set: 2-5, these CPUs are offline'],
    });
    const [byCount] = await leftOf('nitro', '{ memory: 900GiB, cpuCount: 4 }');
    expect(byCount).not.toHaveProperty('leftBehind');
  });

  it('Nitro: a run that is refused before it did anything leaves nothing of its own', async () => {
    const unread = '{ text: "---\\nwhat: 1\\n" }';
    const [second] = await leftOf('nitro', '{ memory: 1GiB, cpuList: "2-5" }', unread);
    expect(second?.refusal?.rule).toBe('service-config-unexpected-key');
    expect(second).not.toHaveProperty('leftBehind');
  });

  it('QingTian: a refused restart has given the former pool back', async () => {
    const first = '{ pageSize: 2MiB, memory: 512MiB, cpuList: "2-5" }';
    const bare = scenario(first).replace('vcpus: 2', 'vcpus: 3');
    const again =
      '    - { at: 60s, reserve: { pageSize: 2MiB, memory: 900GiB, cpuList: "2-5" } }\n';
    const { timeline } = await recordOf('qingtian', bare + again);
    expect(timeline.at(-1)).toMatchObject({
      kind: 'reserve',
      ok: false,
      leftBehind: [
        'the former CPU pool 2-5 is gone',
        'hugepages of 2 MiB on node 0: 256 before, 0 now',
      ],
    });
  });
});
