/** Refusals of the parent's own files, CPUs and mappings, and of a pool write, each provoked once. */
import { describeHost } from '../../core/host/describe.js';
import { nitroProfile } from '../../core/platform/nitro/profile.js';
import { TOUCH_RULES } from '../../core/platform/nitro/task-rules.js';
import { firstRefusal } from '../../core/platform/rule.js';
import { nitroHost, readyHost } from './nitro-host.js';
import {
  addVcpu,
  BASE,
  CREATE,
  hostOf,
  hotplug,
  mapPage,
  PAGE,
  type Provoked,
  refusedBy,
  writePages,
  writePool,
} from './nitro-provoked.js';

export const PARENT: readonly Provoked[] = [
  {
    ...{ rule: 'parent-running', codes: [], layer: 'parent', numbers: { parent: 'stopped' } },
    by: () => refusedBy(readyHost(0), { kind: 'parent.stop' }, CREATE),
  },
  {
    ...{ rule: 'parent-type', codes: [], layer: 'parent', numbers: { type: 'm5.metal' } },
    by: () => {
      const described = describeHost({ profile: nitroProfile(), type: 'm5.metal' });
      if ('problems' in described) throw new Error(JSON.stringify(described.problems));
      return refusedBy(described.host, CREATE);
    },
  },
  {
    ...{ rule: 'hugepages-file', codes: ['ENODEV'], layer: 'parent' },
    numbers: { node: 7, pageKib: 2048 },
    by: () => refusedBy(nitroHost(), writePages('1', 7)),
  },
  {
    ...{ rule: 'hugepages-file', codes: ['ENODEV'], layer: 'parent' },
    numbers: { node: 0, pageKib: 4 },
    by: () => refusedBy(nitroHost(), writePages('1', 0, 4)),
  },
  {
    ...{ rule: 'hugepages-number', codes: ['EINVAL'], layer: 'parent', numbers: { text: 'x' } },
    by: () => refusedBy(nitroHost(), writePages('x')),
  },
  {
    ...{ rule: 'hugepages-count', codes: ['ERANGE'], layer: 'parent' },
    numbers: { text: '18446744073709551616' },
    by: () => refusedBy(nitroHost(), writePages('18446744073709551616')),
  },
  {
    ...{ rule: 'cpu-present', codes: ['ENODEV'], layer: 'parent', numbers: { cpu: 8 } },
    by: () => refusedBy(nitroHost(), hotplug(7, false), hotplug(8, false)),
  },
  {
    ...{ rule: 'cpu-last-online', codes: ['EBUSY'], layer: 'parent', numbers: { cpu: 0 } },
    by: () => refusedBy(readyHost(0), hotplug(4, false), hotplug(0, false)),
  },
  {
    ...{ rule: 'hypervisor-cpu-donated', codes: ['EIO'], layer: 'hypervisor' },
    numbers: { cpu: 5, owner: 1 },
    by: () => refusedBy(readyHost(0), CREATE, addVcpu(1), hotplug(2, true), hotplug(5, true)),
  },
  {
    ...{ rule: 'map-page-size', codes: ['EINVAL'], layer: 'parent', numbers: { pageKib: 4 } },
    by: () => refusedBy(readyHost(1), mapPage(4)),
  },
  {
    ...{ rule: 'map-page-available', codes: ['ENOMEM'], layer: 'parent' },
    numbers: { pageKib: 2048, available: 0 },
    by: () => refusedBy(readyHost(1), mapPage(), mapPage()),
  },
  {
    ...{ rule: 'touch-mapped', codes: ['EFAULT'], layer: 'parent', numbers: { address: 5 } },
    by: () => refusedBy(readyHost(1), mapPage(), { kind: 'nitro.touch', address: 5, localNode: 0 }),
  },
  {
    // No step leads here: a pool is never shrunk below its promises.
    ...{ rule: 'touch-page', codes: ['EFAULT'], layer: 'parent', numbers: { address: BASE } },
    by: () => {
      const promise = { address: BASE, pageBytes: PAGE, huge: 1, node: -1, runs: [] } as const;
      const mapping = { ...promise, task: 1, size: 0 };
      return firstRefusal(TOUCH_RULES, { mapping, address: BASE, placed: false });
    },
  },
  {
    ...{ rule: 'unmap-mapped', codes: ['EINVAL'], layer: 'parent', numbers: { address: 5 } },
    by: () => refusedBy(readyHost(1), mapPage(), { kind: 'nitro.unmap', address: 5 }),
  },
];

export const POOL: readonly Provoked[] = [
  {
    ...{ rule: 'pool-capability', codes: ['EPERM'], numbers: {} },
    by: () => refusedBy(readyHost(0), { ...writePool('1,5'), capable: false }),
  },
  {
    ...{ rule: 'pool-in-use', codes: ['EPERM'], numbers: { enclaves: 2 } },
    by: () => refusedBy(readyHost(0), CREATE, CREATE, writePool('1,5')),
  },
  {
    ...{ rule: 'pool-syntax', codes: ['EINVAL'], numbers: { text: '1-', cpuIds: 8 } },
    by: () => refusedBy(nitroHost(), writePool('1-')),
  },
  {
    ...{ rule: 'pool-id-range', codes: ['ERANGE'], numbers: { text: '8', cpuIds: 8 } },
    by: () => refusedBy(nitroHost(), writePool('8')),
  },
  {
    ...{ rule: 'pool-number-size', codes: ['EOVERFLOW'] },
    numbers: { text: '4294967296', cpuIds: 8 },
    by: () => refusedBy(nitroHost(), writePool('4294967296')),
  },
  {
    ...{ rule: 'pool-not-empty', codes: ['EINVAL'], numbers: { cpus: 0 } },
    by: () => refusedBy(nitroHost(), writePool('\n')),
  },
  {
    ...{ rule: 'pool-online', codes: ['EINVAL'], numbers: { cpu: 5 } },
    by: () => refusedBy(nitroHost(), hotplug(5, false), writePool('1,5')),
  },
  {
    ...{ rule: 'pool-node-known', codes: ['EINVAL'], numbers: { cpu: 1 } },
    by: () =>
      refusedBy(
        hostOf({
          cores: [[0], [1]],
          nodes: [
            { id: 0, cpus: [0] },
            { id: -1, cpus: [1] },
          ],
        }),
        writePool('1'),
      ),
  },
  {
    ...{ rule: 'pool-one-node', codes: ['EINVAL'], numbers: { cpu: 9, node: 1, poolNode: 0 } },
    by: () => refusedBy(nitroHost({ nodes: 2 }), writePool('1,5,9,13')),
  },
  {
    ...{ rule: 'pool-not-cpu0', codes: ['EINVAL'], numbers: { cpu: 0 } },
    by: () => refusedBy(nitroHost(), writePool('0,4')),
  },
  {
    ...{ rule: 'pool-not-cpu0-sibling', codes: ['EINVAL'], numbers: { cpu: 4 } },
    by: () => refusedBy(nitroHost(), writePool('1,4,5')),
  },
  {
    ...{ rule: 'pool-full-cores', codes: ['EINVAL'], numbers: { cpu: 2, missing: 6 } },
    by: () => refusedBy(nitroHost(), writePool('1,2,5')),
  },
  {
    ...{ rule: 'pool-text-length', codes: ['ENOSPC'], numbers: { bytes: 512, mostBytes: 511 } },
    by: () => refusedBy(nitroHost(), writePool(`${' '.repeat(509)}1,5`)),
  },
];
