/**
 * Planted faults by which a rule is left out: what it kept out is then had.
 *
 * Each is a row that stands alone, or is left out with the one that stands behind it, so that an
 * invariant is all that is left to see it. Invariant: rows, steps and effects are the shipped ones.
 * Trade-off: paths are of six commands at most, so rules that only a start meets are not among them.
 */
import type { PlantedFault } from './planted-faults.js';

type Row = readonly [
  rule: string,
  sentence: string,
  noticedBy: PlantedFault['noticedBy'],
  /** Rules behind it that refuse the same. */
  ...behind: string[],
];

export const RULE_FAULTS: readonly PlantedFault[] = [
  ...leftOut('qingtian', 'qingtian-refusals', [
    ['cpu-list-without-0', 'A pool may have CPU 0, and an enclave its core.', 'whole-cores'],
    ['cpu-list-known', 'A pool may list a CPU twice.', 'thread-one-owner'],
    ['parent-floor-vcpus', 'A pool may leave the parent a single vCPU.', 'parent-floor'],
    ['parent-floor-memory', 'A pool may take all memory of the parent.', 'parent-floor'],
    ['enclave-count', 'A parent may have any number of enclaves.', 'platform-caps'],
    ['cid-range', 'An enclave may have the CID of its parent.', 'cid-unique'],
    ['vcpu-even', 'An enclave may run on three threads of two cores.', 'platform-caps'],
    ['memory-max', 'An enclave may have a page more than is the most.', 'platform-caps'],
    ['memory-multiple', 'An enclave may have half a page.', 'platform-caps', 'memory-max'],
    ['image-ratio', 'An image may be as large as all memory of its enclave.', 'platform-caps'],
  ]),
  ...leftOut('qingtian', 'qingtian-2x4x2x2', [
    ['cid-free', 'An enclave may have the CID of another.', 'cid-unique'],
  ]),
  ...leftOut('nitro', 'nitro-refusals', [
    ['nitro.pool-full-cores', 'A pool may have one thread of a core.', 'thread-one-owner'],
    [
      'nitro.pool-not-cpu0',
      'A pool may have CPU 0, and an enclave its core.',
      'whole-cores',
      'nitro.pool-not-cpu0-sibling',
    ],
    [
      'nitro.start-has-memory',
      'An enclave may start without memory.',
      'platform-caps',
      'nitro.start-min-memory',
    ],
  ]),
  ...leftOut('nitro', 'nitro-slots', [
    ['nitro.hypervisor-slots', 'A parent may have any number of enclaves.', 'platform-caps'],
  ]),
  ...leftOut('nitro', 'nitro-switched', [
    [
      'nitro.hypervisor-cpu-donated',
      'A vCPU of an enclave may come online in the parent.',
      'thread-one-owner',
    ],
    [
      'nitro.hypervisor-core-free',
      'An enclave may get a vCPU beside a sibling that the parent runs on.',
      'whole-cores',
    ],
    [
      'nitro.hypervisor-vcpu-offline',
      'An enclave may get a vCPU that the parent runs on.',
      'whole-cores',
      'nitro.hypervisor-core-free',
    ],
  ]),
  ...leftOut('vm', 'vm-2x3x2x3', [
    ['vm-shape', 'A VM may have no vCPU.', 'platform-caps'],
    ['vm-even-split', 'A VM of three vCPUs may be split over two nodes.', 'platform-caps'],
    ['vm-node-fit', 'A VM may run that fits on no node.', 'platform-caps'],
  ]),
];

function leftOut(
  platform: PlantedFault['platform'],
  scope: string,
  rows: readonly Row[],
): PlantedFault[] {
  return rows.map(([rule, sentence, noticedBy, ...behind]) => ({
    id: `no-${rule.replace('nitro.', '')}`,
    sentence,
    platform,
    noticedBy,
    without: [rule, ...behind],
    scope,
    effects: (effects) => effects,
  }));
}
