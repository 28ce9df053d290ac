/** What a report calls stranded: each reason by the smallest scenario that has it. */
import { describe, expect, it } from 'vitest';
import { buildHost } from '../../../scenarios/run/build-host.js';
import { capacityOf } from '../../../scenarios/run/capacity.js';
import { loadPlatform } from '../../../scenarios/run/platform.js';
import { runScenario } from '../../../scenarios/run/run.js';
import { loadScenario } from '../../../scenarios/schema/load.js';
import { qingtianHost } from '../../kit/hosts.js';

/** What is stranded at the end on a parent of these nodes, but for fragmentation. */
async function strandedBy(platform: string, nodes: readonly string[], ...entries: string[]) {
  const text = [
    'schemaVersion: 1',
    'title: stranded',
    `platform: ${platform}`,
    `parent: { topology: { nodes: [${nodes.join(', ')}] } }`,
    'workload:',
    '  timeline:',
    ...entries.map((one) => `    - ${one}`),
  ].join('\n');
  const loaded = loadScenario(text, 'stranded.yaml');
  if ('problems' in loaded) throw new Error(JSON.stringify(loaded.problems));
  const { scenario } = loaded;
  const { profile, newSurface } = await loadPlatform(platform);
  const built = buildHost(scenario, profile);
  if ('problems' in built) throw new Error(JSON.stringify(built.problems));
  const { host, provenance } = built;
  const surface = newSurface();
  const run = runScenario({ scenario, file: '-', host, provenance, surface, audit: true });
  expect(run.timeline.map(({ ok }) => ok)).toEqual(entries.map(() => true));
  const stranded = run.snapshots.at(-1)?.capacity.stranded ?? [];
  return stranded
    .filter(({ reason }) => reason !== 'fragmentation')
    .map(({ reason, amount, unit, sentence }) => [reason, amount, unit, sentence]);
}

const ONE_NODE = ['{ cpus: "0-15", memory: 32GiB }'];
const TWO_NODES = ['{ cpus: "0-3,8-11", memory: 16GiB }', '{ cpus: "4-7,12-15", memory: 16GiB }'];

describe('stranded', () => {
  it('pages left when the CPUs are gone are not on a wrong node where there is one node', async () => {
    const reserve = 'reserve: { pageSize: 1GiB, memory: 4GiB, cpuCount: 4 }';
    const launch = 'launch: { name: a, vcpus: 4, memory: 1GiB, cid: 4 }';
    expect(await strandedBy('qingtian', ONE_NODE, reserve, launch)).toEqual([
      ['no-cpu', 3072, 'MiB', 'free pool pages on node 0, where the pool has no free CPU'],
    ]);
  });

  it('CPUs left when the pages are gone are stranded too', async () => {
    const reserve = 'reserve: { pageSize: 1GiB, memory: 1GiB, cpuCount: 4 }';
    const launch = 'launch: { name: a, vcpus: 2, memory: 1GiB, cid: 4 }';
    expect(await strandedBy('qingtian', ONE_NODE, reserve, launch)).toEqual([
      ['no-page', 2, 'vCPU', 'free pool CPUs on node 0, where the pool has no free page'],
    ]);
  });

  it('pages that an earlier reservation left on the other node are on the wrong one', async () => {
    const first = 'reserve: { memory: 1GiB, cpuList: "5,13" }';
    const second = 'reserve: { memory: 1GiB, cpuList: "1,9" }';
    expect(await strandedBy('nitro', TWO_NODES, first, second)).toEqual([
      ['wrong-node', 1024, 'MiB', 'free pool pages on node 1, where the pool has no free CPU'],
    ]);
  });

  it('half a core is not stranded where VMs take threads, nor a CPU without a page pool', async () => {
    const launch = 'launch: { name: a, vcpus: 4, memory: 1GiB }';
    expect(await strandedBy('vm', ONE_NODE, launch)).toEqual([]);
  });

  it('pages beside half a free core are stranded as well, where enclaves take whole cores', () => {
    const host = qingtianHost({ nodes: 1, coresPerNode: 2 });
    const owners = ['parent', 'pool', 'parent', 'parent'];
    const cpus = owners.map((owner, cpu) => ({ cpu, node: 0, core: cpu % 2, owner }));
    const runs = [{ start: 0, frames: 512, owner: 'pool', pageKib: 1_048_576 }];
    const memory = [{ node: 0, frameKib: 2048, frames: 512, runs }];
    const { stranded } = capacityOf(host, new Map(), cpus, memory);
    expect(stranded.map(({ reason, amount }) => [reason, amount])).toEqual([
      ['no-cpu', 1024],
      ['sibling', 1],
    ]);
    expect(stranded[0].sentence).toContain('node 0, where the pool has no whole free core');
    const whole = cpus.map((one) => (one.cpu === 3 ? { ...one, owner: 'pool' } : one));
    expect(capacityOf(host, new Map(), whole, memory).stranded).toEqual([]);
  });
});
