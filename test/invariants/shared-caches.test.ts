/** E14: cores and pages are one owner's; last-level caches are reported; burstable types exempt. */

import { describe, expect, it } from 'vitest';
import { describeHost, type HostDescription } from '../../core/host/describe.js';
import type { Host } from '../../core/host/host.js';
import { theRecord, uidsOf } from '../../core/host/records.js';
import { checkInvariants } from '../../core/invariants/check.js';
import { sharedCaches } from '../../core/invariants/shared-caches.js';
import { PARENT_OWNS } from '../../core/invariants/thread-owners.js';
import { nitroProfile } from '../../core/platform/nitro/profile.js';
import { listInstanceTypes } from '../../core/topology/catalogue.js';
import { buildTopology, type TopologySpec } from '../../core/topology/topology.js';
import { launch, run } from '../platform/nitro-host.js';
import { qingtianPair } from './sound-hosts.js';

/** Cores (0,4) (1,5) (2,6) (3,7); two last-level caches of two cores each. */
const SPEC: TopologySpec = {
  cores: [0, 1, 2, 3].map((core) => [core, core + 4]),
  nodes: [{ id: 0, cpus: [0, 1, 2, 3, 4, 5, 6, 7] }],
  lastLevelCaches: [
    [0, 1, 4, 5],
    [2, 3, 6, 7],
  ],
};

function nitro(given: Partial<HostDescription>): Host {
  const described = describeHost({ profile: nitroProfile(), ...given });
  if ('problems' in described) throw new Error(JSON.stringify(described.problems));
  return described.host;
}

/** The cores 2 and 3, or all but core 0, in the pool, an enclave of one core for each count. */
function pooled(pool: string, enclaves: number): Host {
  const host = nitro({ topology: SPEC, memoryMib: [512] });
  run(host, { kind: 'nitro.write-pool', text: pool });
  run(host, { kind: 'nitro.write-hugepages', node: 0, pageKib: 2048, text: '128' });
  for (let task = 1; task <= enclaves; task++) launch(host, task);
  expect(uidsOf(host.tree)).toHaveLength(enclaves);
  return host;
}

describe('E14: what owners share', () => {
  it('E14 holds: two enclaves at one last-level cache are reported, and break nothing', () => {
    const host = pooled('2-3,6-7', 2);
    expect(sharedCaches(host)).toEqual({
      known: true,
      shared: [{ cache: 1, cpus: [2, 3, 6, 7], owners: [1, 2] }],
    });
    expect(checkInvariants(host)).toEqual([]);
  });

  it('reports an enclave beside the parent, and not a thread that is idle in the pool', () => {
    const host = pooled('1-3,5-7', 1);
    const [uid] = uidsOf(host.tree);
    const [first] = theRecord(host.tree, uid).vcpus;
    const cache = first === 1 ? 0 : 1;
    const shared = first === 1 ? [{ cache, cpus: [0, 1, 4, 5], owners: [PARENT_OWNS, uid] }] : [];
    expect(sharedCaches(host)).toEqual({ known: true, shared });
    expect(sharedCaches(pooled('1,5', 1))).toMatchObject({
      shared: [{ cache: 0, owners: [PARENT_OWNS, 1] }],
    });
  });

  it('says unknown where nobody said which CPUs share one, whatever the type of the catalogue', () => {
    const { lastLevelCaches: _, ...silent } = SPEC;
    const unknown = { known: false, why: expect.stringContaining('nobody said') };
    expect(sharedCaches(nitro({ topology: silent, memoryMib: [512] }))).toEqual(unknown);
    expect(sharedCaches(nitro({ type: 'm5.16xlarge' }))).toEqual(unknown);
  });

  it('E14 refused: nothing is claimed of a burstable type, which shares its cores themselves', () => {
    const described = describeHost({ profile: nitroProfile(), type: 't3.large' });
    if ('problems' in described) throw new Error('t3.large is in the catalogue');
    expect(sharedCaches(described.host)).toEqual({
      known: false,
      why: 't3.large is burstable: its cores serve other VMs in turn',
    });
    expect(described.provenance.join()).toMatch(/burstable/);
    const refused = run(described.host, { kind: 'nitro.write-pool', text: '1' });
    expect(refused.rule).toBe('nitro.parent-type');
    const burstable = listInstanceTypes().filter(({ name }) => /^t\d/.test(name));
    expect(burstable.map(({ enclaves }) => enclaves)).not.toContain('supported');
  });
});

describe('E14: a description of last-level caches', () => {
  const told = (lastLevelCaches: TopologySpec['lastLevelCaches']) => {
    const built = buildTopology({ ...SPEC, lastLevelCaches });
    return 'problems' in built ? built.problems.map(({ code, path }) => `${code} ${path}`) : [];
  };

  it.each([
    [
      'a CPU twice',
      [
        [0, 1, 4, 5],
        [2, 3, 6, 7, 0],
      ],
      ['cpu-in-two-caches lastLevelCaches[1][4]'],
    ],
    [
      'a CPU that is not there',
      [[0, 1, 2, 3, 4, 5, 6, 7, 9]],
      ['cache-cpu-not-present lastLevelCaches[0][8]'],
    ],
    ['a CPU left out', [[0, 1, 2, 4, 5, 6, 7]], ['cpu-without-cache lastLevelCaches']],
    ['a core split', [[0, 1, 2, 3, 4, 5, 6], [7]], ['core-across-caches lastLevelCaches']],
  ])('names %s', (_, caches, problems) => expect(told(caches)).toEqual(problems));

  it('takes one cache for all, and one a core', () => {
    expect(told([[7, 6, 5, 4, 3, 2, 1, 0]])).toEqual([]);
    expect(told(SPEC.cores)).toEqual([]);
  });

  it('an idle thread in the pool serves nobody; the first enclave has number 0', () => {
    const built = qingtianPair();
    const [first, second] = [theRecord(built.tree, 0), theRecord(built.tree, 1)];
    const pooled = built.tree.pool.avail.flat();
    const lastLevelCaches = [
      [...second.vcpus, ...first.vcpus, ...pooled],
      [0, ...pooled],
    ];
    const host = { ...built, topology: { ...built.topology, lastLevelCaches } };
    expect(sharedCaches(host)).toEqual({
      known: true,
      shared: [{ cache: 0, cpus: lastLevelCaches[0], owners: [0, 1] }],
    });
  });
});
