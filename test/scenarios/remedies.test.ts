/**
 * Remedies of the shipped scenarios, followed: the edit that a remedy asks for takes the refusal away.
 *
 * A row is a scenario, the rule that refuses in it, the words of the remedy that are followed, and
 * the `--set` arguments that follow them. The invariant is that the same subject is first refused by
 * that rule with those words, and then succeeds. Every rule that refuses in a shipped scenario has a
 * row, so a scenario with a new refusal needs one.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import type { RunRecord, TimelineEntry } from '../../reports/record.js';
import { run } from '../../scenarios/cli/run.js';
import { loadScenario } from '../../scenarios/schema/load.js';
import { scenarioPlatforms } from '../../scenarios/schema/platforms.js';
import { recordedStreams } from './cli/recorded-streams.js';

interface Row {
  readonly file: string;
  readonly rule: string;
  /** Part of the remedy. */
  readonly words: string;
  readonly sets: readonly string[];
  /** The launch that was refused; absent = the reservation; "churn" = every launch of the churn. */
  readonly launch?: string;
  /** Of a file with several. */
  readonly platform?: string;
}

const entry = (index: number, text: string): string => `workload.timeline[${index}]=${text}`;
const only = (text: string): string => `workload.timeline=${text}`;

const QINGTIAN: readonly Row[] = [
  {
    file: 'enough-in-total.yaml',
    rule: 'pool-memory-free',
    words: 'Reserve less',
    sets: ['reservation.memory=6GiB', only('[]')],
  },
  {
    file: 'two-and-a-third.yaml',
    rule: 'enclave-count',
    words: 'Stop an enclave first',
    launch: 'third',
    sets: [
      entry(2, '{at: 20s, terminate: ledger}'),
      entry(3, '{launch: {name: third, image: app, vcpus: 2, memory: 1GiB, cid: 6}}'),
      entry(4, ''),
    ],
  },
  {
    file: 'the-gap-in-memory-sizes.yaml',
    rule: 'memory-max',
    words: 'Ask for less',
    launch: 'on-small-pages',
    sets: ['workload.timeline[0].launch.memory=512MiB'],
  },
  {
    file: 'the-gap-in-memory-sizes.yaml',
    rule: 'memory-max',
    words: 'reserve 1 GiB pages and ask for a multiple of 1 GiB',
    launch: 'on-small-pages',
    sets: ['reservation.pageSize=1GiB', 'workload.timeline[0].launch.memory=1GiB'],
  },
  {
    file: 'the-gap-in-memory-sizes.yaml',
    rule: 'memory-multiple',
    words: 'Ask for a multiple of the page size',
    launch: 'on-large-pages',
    sets: ['workload.timeline[2].launch.memory=1GiB'],
  },
  {
    file: 'the-gap-in-memory-sizes.yaml',
    rule: 'memory-multiple',
    words: 'set the option memoryRounding to round-up',
    launch: 'on-large-pages',
    sets: ['options.memoryRounding=round-up'],
  },
  {
    file: 'image-a-byte-too-large.yaml',
    rule: 'image-ratio',
    words: 'Ask for more memory',
    launch: 'too-large',
    sets: ['workload.timeline[0].launch.memory=2GiB'],
  },
  {
    file: 'image-a-byte-too-large.yaml',
    rule: 'image-ratio',
    words: 'make the image smaller',
    launch: 'too-large',
    sets: ['images.one-more.size.bytes=268435456'],
  },
  {
    file: 'odd-vcpus.yaml',
    rule: 'vcpu-even',
    words: 'Ask for 2, 4, 6, … vCPUs',
    launch: 'three',
    sets: ['workload.timeline[0].launch.vcpus=2'],
  },
  {
    file: 'parent-stop.yaml',
    rule: 'parent-running',
    words: 'Start the parent VM, then the reservation service, then the enclave',
    launch: 'too-early',
    sets: [
      entry(3, '{parent: start}'),
      entry(4, '{reserve: {pageSize: 1GiB, memory: 4GiB, cpuCount: 8}}'),
      entry(5, '{launch: {name: too-early, vcpus: 2, memory: 1GiB, cid: 4}}'),
    ],
  },
  {
    file: 'parent-stop.yaml',
    rule: 'page-size',
    words: 'Start the reservation service qt-enclave-env before the enclave',
    launch: 'no-pool-yet',
    sets: [
      entry(5, '{at: 2h, reserve: {pageSize: 1GiB, memory: 4GiB, cpuCount: 8}}'),
      entry(6, '{at: 3h, launch: {name: no-pool-yet, vcpus: 2, memory: 1GiB, cid: 5}}'),
    ],
  },
  {
    file: 'uptime-defeats-1g.yaml',
    rule: 'pool-contiguity',
    words: 'use 2 MiB pages',
    sets: ['reservation.pageSize=2MiB', only('[]')],
  },
  {
    file: 'uptime-defeats-1g.yaml',
    rule: 'pool-contiguity',
    words: 'Restart the parent VM and start the service right after boot',
    sets: [
      only('[{at: 1m, parent: stop}]'),
      entry(1, '{at: 2m, parent: start}'),
      entry(2, '{at: 3m, reserve: {pageSize: 1GiB, memory: 16GiB, cpuCount: 4}}'),
    ],
  },
];

const NITRO: readonly Row[] = [
  {
    file: 'four-nitro-enclaves.yaml',
    rule: 'nitro.hypervisor-slots',
    words: 'End an enclave first',
    launch: 'fifth',
    sets: [
      entry(1, '{at: 60s, terminate: e-2}'),
      entry(2, '{launch: {name: fifth, image: app, vcpus: 4, memory: 8GiB}}'),
      entry(3, ''),
    ],
  },
  {
    file: 'flagship.yaml',
    platform: 'nitro',
    rule: 'nitro.create-needs-core',
    words: 'Write a larger pool',
    launch: 'churn',
    sets: ['workload.timeline[9].reserve.cpuCount=32'],
  },
  {
    file: 'flagship.yaml',
    platform: 'nitro',
    rule: 'nitro.vcpu-left-in-pool',
    words: 'Write a larger pool',
    launch: 'churn',
    sets: ['workload.timeline[9].reserve.cpuCount=32'],
  },
  {
    file: 'incidents/workshop-2.yaml',
    rule: 'nitro-cli.memory-for-image',
    words: 'Use a smaller image',
    launch: 'app',
    sets: ['images.app.size=128MiB'],
  },
  {
    file: 'incidents/workshop-2.yaml',
    rule: 'nitro-cli.memory-for-image',
    words: 'ask for the minimum and reserve at least that much',
    launch: 'app',
    sets: ['reservation.memory=2148MiB', 'workload.timeline[0].launch.memory=2148MiB'],
  },
  {
    file: 'incidents/workshop-1.yaml',
    rule: 'nitro-cli.pages-cover-request',
    words: 'Reserve more hugepages',
    launch: 'app',
    sets: ['reservation.memory=3072MiB'],
  },
  {
    file: 'one-page-swallowed.yaml',
    rule: 'nitro-cli.pages-cover-request',
    words: 'smaller ones, where a large page went to a small enclave',
    launch: 'also-small',
    sets: ['reservation.memory=1022MiB'],
  },
  {
    file: 'incidents/workshop-1.yaml',
    rule: 'nitro-cli.pages-cover-request',
    words: 'ask for what is free and still four times the image',
    launch: 'app',
    sets: ['images.app.size=128MiB', 'workload.timeline[0].launch.memory=512MiB'],
  },
  {
    file: 'incidents/ne-fieldlog-a4.yaml',
    rule: 'nitro.start-full-cores',
    words: 'ask for a multiple of the threads per core',
    launch: 'half',
    sets: ['workload.timeline[0].launch.vcpus=2'],
  },
  {
    file: 'incidents/ne-fieldlog-a4.yaml',
    rule: 'nitro.start-full-cores',
    words: 'name both siblings',
    launch: 'half',
    sets: ['workload.timeline[0].launch.vcpus=', 'workload.timeline[0].launch.cpuIds="1,3"'],
  },
  {
    file: 'wrong-node-page-leaks.yaml',
    rule: 'nitro.page-node',
    words: 'Reserve hugepages on the pool’s node',
    launch: 'onto-the-other-node',
    sets: ['workload.timeline[0].reserve.memory=2GiB'],
  },
  {
    file: 'incidents/cli-313-fixed.yaml',
    rule: 'service-206-insufficient-memory',
    words: 'Ask for less memory',
    sets: ['reservation.memory=120GiB'],
  },
  {
    file: 'incidents/cli-516.yaml',
    rule: 'nitro-cli.ready-port-free',
    words: 'Start enclaves one after the other',
    launch: 'other',
    sets: [
      only('[{launch: {name: one, image: app, vcpus: 2, memory: 2048MiB}}]'),
      entry(1, '{launch: {name: other, image: app, vcpus: 2, memory: 2048MiB}}'),
    ],
  },
];

const ROWS = [...QINGTIAN, ...NITRO];

const library = fileURLToPath(new URL('../../scenarios/library', import.meta.url));
const files = readdirSync(library, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.yaml') && !/^(fleets|sweeps)/.test(file))
  .sort();

const kept = new Map<string, Promise<readonly RunRecord[]>>();

/** Records of a run, one per platform; of equal runs the same. */
function recordsOf(file: string, platform: string, sets: readonly string[]) {
  const key = JSON.stringify([file, platform, sets]);
  const known = kept.get(key);
  const records = known ?? printedBy(file, platform, sets);
  kept.set(key, records);
  return records;
}

async function printedBy(file: string, platform: string, sets: readonly string[]) {
  const streams = recordedStreams();
  const set = sets.length === 0 ? [] : [...sets, 'expect=[]'];
  await run(join(library, file), { json: true, platform, set }, streams);
  const printed = JSON.parse(streams.stdout() || `{"stderr":${JSON.stringify(streams.stderr())}}`);
  return [printed as RunRecord];
}

function platformsOf(file: string): readonly string[] {
  const loaded = loadScenario(readFileSync(join(library, file), 'utf8'), file);
  if ('problems' in loaded) throw new Error(JSON.stringify(loaded.problems));
  return scenarioPlatforms(loaded.scenario);
}

/** What the row is about: the last reservation, the launch of that name, or all of the churn. */
function subjects({ timeline }: RunRecord, launch: string | undefined): readonly TimelineEntry[] {
  if (launch === undefined) return timeline.filter(({ kind }) => kind === 'reserve').slice(-1);
  const launches = timeline.filter(({ kind }) => kind === 'launch');
  if (launch === 'churn') return launches.filter(({ name }) => name?.startsWith('churn-'));
  return launches.filter(({ name }) => name === launch);
}

describe('a remedy that is followed', () => {
  it.each(ROWS)('$rule: $words', async ({ file, rule, words, sets, launch, platform }) => {
    const on = platform ?? platformsOf(file)[0];
    const [before] = await recordsOf(file, on, []);
    const group = before.refusals.find((one) => one.rule === rule);
    expect(group?.example.remedy.replaceAll("'", '’')).toContain(words);
    const refused = before.timeline.filter((one) => one.refusal?.rule === rule);
    const named = (one: TimelineEntry) =>
      launch === undefined ? one.kind === 'reserve' : one.name?.startsWith(launch);
    expect(refused.some(named)).toBe(true);
    const [after] = await recordsOf(file, on, sets);
    const now = subjects(after, launch);
    expect(now.length).toBeGreaterThan(0);
    expect(now.filter((one) => one.refusal?.rule === rule)).toEqual([]);
    if (launch !== 'churn')
      expect(now.map(({ ok, refusal }) => [ok, refusal])).toEqual([[true, undefined]]);
  });

  it('there is a row for every rule that refuses in a shipped scenario', async () => {
    const refusing = new Set<string>();
    for (const file of files) {
      for (const platform of platformsOf(file)) {
        const [record] = await recordsOf(file, platform, []);
        for (const { rule } of record.refusals) refusing.add(rule);
      }
    }
    expect([...refusing].sort()).toEqual([...new Set(ROWS.map(({ rule }) => rule))].sort());
  });
});
