/**
 * Rules of the reservation that look at the parent: its floor, and what its nodes can give.
 *
 * Invariant: a reservation is all or nothing; rows here say which part was not to be had. They stand
 * after the configuration rows, so every value is sound when they look.
 * Source: QingTian Enclave user guide, constraints and configuring resources (b.1).
 */
import { HOLE } from '../../memory/node-memory.js';
import { counted, existing } from '../../units/counted.js';
import { notApplicable, PASS, type Rule, refuse } from '../rule.js';
import { CONF_RULES, hasPageSize } from './conf-rules.js';
import type { ReserveContext } from './context.js';
import { candidates, freeMib, movableCores, type PoolCandidate, planPages } from './pool-plan.js';

type ReserveRule = Rule<ReserveContext>;

const CONSTRAINTS = 'QingTian Enclave user guide, constraints';
const CONFIGURING = 'QingTian Enclave user guide, configuring resources';
const ROW = { checkedAt: 'reservation', layer: 'service', codes: [] } as const;

const noLiveEnclaves: ReserveRule = {
  ...ROW,
  id: 'no-live-enclaves',
  sentence: 'The reservation service runs before any enclave is created.',
  source: CONFIGURING,
  requirements: ['Q28'],
  remedy: 'Stop every enclave, then start the service again.',
  check: ({ host: { tree } }) => {
    const live = tree.records.length;
    return live === 0 ? PASS : refuse({ live }, existing(live, 'enclave'));
  },
};

/** What would be left; where that is less than nothing, what was asked of what there is. */
function shortOf(asked: number, total: number, unit: string): string {
  return asked > total
    ? `${asked} ${unit} asked, and the parent has ${total}`
    : `${total - asked} of ${total} ${unit} would be left to the parent`;
}

const floorVcpus: ReserveRule = {
  ...ROW,
  id: 'parent-floor-vcpus',
  sentence: 'The parent VM keeps at least 2 vCPUs.',
  source: CONSTRAINTS,
  requirements: ['Q10'],
  remedy: 'Reserve fewer CPUs, or use a larger parent VM.',
  check: ({ conf, options, unpooled }) => {
    const total = unpooled.online.reduce((sum, online) => sum + online, 0);
    const asked = conf.cpuList?.length ?? conf.cpuCount ?? 0;
    const left = total - asked;
    if (left >= options.parentVcpus) return PASS;
    const numbers = { vcpusLeft: left, minVcpus: options.parentVcpus };
    return refuse(numbers, shortOf(asked, total, 'vCPUs'));
  },
};

const floorMemory: ReserveRule = {
  ...ROW,
  id: 'parent-floor-memory',
  sentence: 'The parent VM keeps at least 512 MiB.',
  source: CONSTRAINTS,
  requirements: ['Q11'],
  remedy: 'Reserve less memory, or use a larger parent VM.',
  check: (context) => {
    const { conf, options, host } = context;
    const byNode = options.parentMemoryScope === 'node';
    const nodes = byNode ? (candidates(context)[0]?.nodes ?? []) : [];
    const total = byNode ? usableMib(context, nodes) : host.parent.memoryMib;
    if (byNode && nodes.length === 0) return notApplicable('no node gives the CPUs');
    const asked = conf.memoryMib ?? 0;
    const leftMib = total - asked;
    if (leftMib >= options.parentMemoryMib) return PASS;
    const numbers = { leftMib, minMib: options.parentMemoryMib };
    return refuse(numbers, shortOf(asked, total, 'MiB'));
  },
};

const poolOneNode: ReserveRule = {
  ...ROW,
  id: 'pool-one-node',
  sentence: 'The CPUs of the pool are on one NUMA node.',
  source: `${CONSTRAINTS}; for the pool a declared reading`,
  requirements: ['Q23'],
  remedy: 'List CPUs of one node only, or set the option poolNodes to many.',
  check: (context) => {
    if (context.options.poolNodes === 'many') return notApplicable('poolNodes is many');
    if (context.conf.cpuList === undefined) return PASS;
    const nodes = candidates(context)[0].nodes.length;
    return nodes === 1 ? PASS : refuse({ nodes }, `cpu_list spans ${nodes} nodes`);
  },
};

const poolWholeCores: ReserveRule = {
  ...ROW,
  id: 'pool-whole-cores',
  sentence: 'cpu_count is had as whole cores of a node, without the core of CPU 0.',
  source: `${CONSTRAINTS}; for cpu_count a declared reading`,
  requirements: ['Q26', 'Q28'],
  remedy: 'Ask for whole cores that a node has besides CPU 0’s, or give a cpu_list.',
  check: (context) => {
    if (candidates(context).length > 0) return PASS;
    const { host, options, unpooled, conf } = context;
    const cores = host.topology.nodes.map((_, node) => movableCores(host.topology, unpooled, node));
    const threads = cores.map((own) => own.reduce((sum, core) => sum + core.length, 0));
    const many = options.poolNodes === 'many';
    const had = many ? threads.reduce((sum, n) => sum + n, 0) : Math.max(0, ...threads);
    const numbers = { cpuCount: conf.cpuCount ?? 0, wholeCoreThreads: had };
    const sizes = [...new Set(cores.flat().map((core) => core.length))].join(' or ');
    const giving = many ? 'all nodes give' : 'one node gives';
    const most = had === 0 ? 'none' : `at most ${had}, in whole cores of ${sizes}`;
    return refuse(numbers, `${counted(numbers.cpuCount, 'CPU')} asked; ${giving} ${most}`);
  },
};

const poolMemory: ReserveRule = {
  ...ROW,
  id: 'pool-memory-free',
  sentence: 'The node that gives the CPUs has that much free memory.',
  source: CONSTRAINTS,
  requirements: ['Q23', 'Q28'],
  remedy: 'Reserve less, or choose CPUs of a node with more free memory.',
  check: (context) => {
    const memoryMib = context.conf.memoryMib ?? 0;
    const placed = withCpus(context);
    if (placed.length === 0) return notApplicable('no node gives the CPUs');
    if (withBytes(context).length > 0) return PASS;
    const most = placed.reduce((max, one) => Math.max(max, freeMib(context, one)), 0);
    return refuse({ memoryMib, freeMib: most }, `${memoryMib} MiB asked, ${most} free`);
  },
};

const poolContiguity: ReserveRule = {
  ...ROW,
  id: 'pool-contiguity',
  sentence: 'Every page of the pool is one aligned, physically contiguous run of free memory.',
  source: `${CONSTRAINTS}; fragmentation in ${CONFIGURING}`,
  requirements: ['Q29'],
  remedy: 'Restart the parent VM and start the service right after boot, or use 2 MiB pages.',
  check: (context) => {
    if (!hasPageSize(context)) return notApplicable('hugepage_size gives no page to look for');
    const plans = withBytes(context).map((one) => planPages(context, one));
    if (plans.length === 0) return notApplicable('no node gives the CPUs and that much memory');
    if (plans.some(({ wanted, got }) => got === wanted)) return PASS;
    const { wanted } = plans[0];
    const got = plans.reduce((most, plan) => Math.max(most, plan.got), 0);
    return refuse(
      { wanted, got },
      `${counted(wanted, 'page')} wanted, ${got} got: memory is fragmented`,
    );
  },
};

/** The candidate the reservation takes; undefined when some row refuses. */
export function chosenCandidate(context: ReserveContext): PoolCandidate | undefined {
  return withBytes(context).find((candidate) => {
    const { wanted, got } = planPages(context, candidate);
    return wanted === got;
  });
}

/** In declared order; the parent's rows come before these. */
export const RESERVATION_RULES: readonly ReserveRule[] = [
  noLiveEnclaves,
  ...CONF_RULES,
  floorVcpus,
  floorMemory,
  poolOneNode,
  poolWholeCores,
  poolMemory,
  poolContiguity,
];

function withBytes(context: ReserveContext): PoolCandidate[] {
  const memoryMib = context.conf.memoryMib ?? 0;
  return withCpus(context).filter((candidate) => freeMib(context, candidate) >= memoryMib);
}

/** Candidates with a CPU on some node; a count or list of none names no place to look at. */
function withCpus(context: ReserveContext): PoolCandidate[] {
  return candidates(context).filter(({ nodes }) => nodes.length > 0);
}

/** Memory installed on some nodes, whoever holds it. */
function usableMib({ unpooled }: ReserveContext, nodes: readonly number[]): number {
  let kib = 0;
  for (const node of nodes) {
    const { base, frameKib } = unpooled.memory[node];
    for (const extent of base.extents()) {
      if (extent.owner !== HOLE) kib += extent.frames * frameKib;
    }
  }
  return Math.floor(kib / 1024);
}
