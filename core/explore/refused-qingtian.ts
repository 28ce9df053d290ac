/**
 * Requests of QingTian that must be refused: one for each rule that a small host can meet, and that no
 * reservation or start of the scopes' own meets.
 *
 * Invariant: on the host of the `refusals` scope each breaks the rule it is named by and no row before
 * it, so that with that row left out it goes on to the next row, or is had. Trade-off: what is tried
 * of a rule is one request, at the edge where that is a number.
 */
import type { QingtianConf, QingtianRequest } from '../host/command.js';
import type { NamedOptions } from '../platform/profile.js';

/** What the requests below ask one too many, or one too few, of. */
export const CAPS = {
  maxEnclaves: 1,
  maxVcpusTotal: 3,
  vcpuTotalScope: 'per-enclave',
  minMemoryMib: 2048,
  maxPages: 2,
} as const satisfies NamedOptions;

export interface RefusedConf {
  readonly rule: string;
  readonly conf: QingtianConf;
}

export interface RefusedRequest {
  readonly rule: string;
  readonly request: QingtianRequest;
  /** The capacity of the sandbox is not known. */
  readonly capacity?: false;
}

const POOL = { hugepageSizeMib: 1024, memoryMib: 3072 } as const;

/** On one node of 4 pages with CPUs 0 to 5, cores 0 and 3, 1 and 4, 2 and 5. */
export const REFUSED_CONFS: readonly RefusedConf[] = [
  { rule: 'conf-complete', conf: POOL },
  { rule: 'hugepage-size', conf: { ...POOL, hugepageSizeMib: 4, cpuCount: 2 } },
  { rule: 'conf-memory-multiple', conf: { ...POOL, memoryMib: 1536, cpuCount: 2 } },
  { rule: 'cpu-keys-exclusive', conf: { ...POOL, cpuCount: 2, cpuList: [1, 4] } },
  { rule: 'cpu-list-without-0', conf: { ...POOL, cpuList: [0, 3] } },
  { rule: 'cpu-list-known', conf: { ...POOL, cpuList: [1, 4, 4] } },
  { rule: 'cpu-count-positive', conf: { ...POOL, cpuCount: 0 } },
  { rule: 'parent-floor-vcpus', conf: { ...POOL, cpuList: [1, 2, 3, 4, 5] } },
  { rule: 'parent-floor-memory', conf: { ...POOL, memoryMib: 4096, cpuCount: 2 } },
  { rule: 'pool-whole-cores', conf: { ...POOL, cpuCount: 3 } },
];

/** CPUs of both nodes, where a node has two cores. */
export const OVER_TWO_NODES: RefusedConf = {
  rule: 'pool-one-node',
  conf: { ...POOL, cpuList: [1, 5, 2, 6] },
};

/** What is asked of the caps, beside an accepted request. */
export function refusedRequests(accepted: QingtianRequest): readonly RefusedRequest[] {
  const { image, memoryMib } = accepted;
  const ask = (rule: string, other: Partial<QingtianRequest>): RefusedRequest => {
    return { rule, request: { ...accepted, ...other } };
  };
  return [
    ask('cid-range', { cid: 3 }),
    ask('eif-complete', { image: { ...image, sections: ['kernel', 'cmdline', 'init'] } }),
    ask('enclave-os', { image: { ...image, os: 'other' } }),
    ask('vcpu-even', { vcpus: CAPS.maxVcpusTotal }),
    ask('vcpu-node-max', { vcpus: 6 }),
    ask('vcpu-total', { vcpus: CAPS.maxVcpusTotal + 1 }),
    ask('memory-min', { memoryMib: CAPS.minMemoryMib - 1024 }),
    ask('memory-multiple', { memoryMib: memoryMib + 512 }),
    ask('memory-max', { memoryMib: (CAPS.maxPages + 1) * 1024 }),
    ask('image-ratio', { image: { ...image, bytes: memoryMib * 1024 * 1024 } }),
    { rule: 'step-capacity', request: accepted, capacity: false },
  ];
}
