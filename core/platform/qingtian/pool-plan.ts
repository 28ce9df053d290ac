/**
 * Planning a reservation: which CPUs leave the parent, and which pages on the same node.
 *
 * For `cpu_count`, whole cores in ascending order, never the core of CPU 0, nodes in number order;
 * `cpu_list` is taken as written, half cores included (they serve no enclave later). The pool is on
 * one node unless the option `poolNodes` says many; then cores are filled in node order, and pages
 * come in equal shares from the nodes that gave CPUs.
 *
 * Invariant: a plan is all or nothing; it names what a candidate would get, and takes nothing.
 * Trade-off: for one node, every node is a candidate and the first that has it all wins, so a
 * fragmented node does not hide a sound one.
 */
import type { Runs } from '../../host/effect.js';
import { planHugepages } from '../../memory/hugepages.js';
import { pagesOf } from '../../memory/node-memory.js';
import type { Topology } from '../../topology/topology.js';
import type { ReserveContext, Unpooled } from './context.js';
import { positionOfCpu } from './nodes.js';

/** CPUs that could be the pool, and the positions of their nodes, both ascending. */
export interface PoolCandidate {
  readonly cpus: readonly number[];
  readonly nodes: readonly number[];
}

/** Pages of one node for the pool. */
export interface NodePages {
  readonly node: number;
  readonly size: number;
  readonly runs: Runs;
}

/** Every set of CPUs that satisfies the configuration, best first. */
export function candidates(context: ReserveContext): PoolCandidate[] {
  const { conf, host, options } = context;
  const { topology } = host;
  if (conf.cpuList !== undefined) {
    const cpus = [...conf.cpuList].sort((a, b) => a - b);
    return [{ cpus, nodes: nodesOf(topology, cpus) }];
  }
  const positions = topology.nodes.map((_, position) => position);
  const pieces = options.poolNodes === 'many' ? [positions] : positions.map((one) => [one]);
  return pieces.flatMap((nodes) => {
    const cpus = fill(context, nodes, conf.cpuCount ?? 0);
    return cpus === undefined ? [] : [{ cpus, nodes: nodesOf(topology, cpus) }];
  });
}

/** Cores of a node that may leave the parent: every thread online, not the core of CPU 0. */
export function movableCores(
  topology: Topology,
  unpooled: Unpooled,
  position: number,
): (readonly number[])[] {
  return topology.cores
    .filter(
      (threads) =>
        !threads.includes(0) &&
        positionOfCpu(topology, threads[0]) === position &&
        threads.every((cpu) => unpooled.online[cpu] === 1),
    )
    .sort((a, b) => a[0] - b[0]);
}

/** Free MiB of the parent on a candidate's nodes. */
export function freeMib({ unpooled }: ReserveContext, { nodes }: PoolCandidate): number {
  const kib = nodes.reduce((sum, node) => {
    const memory = unpooled.memory[node];
    return sum + memory.base.freeFrames * memory.frameKib;
  }, 0);
  return Math.floor(kib / 1024);
}

/** Pages a candidate's nodes would give, and how many of them were wanted. */
export interface PagePlan {
  readonly pages: readonly NodePages[];
  readonly wanted: number;
  readonly got: number;
}

export function planPages(context: ReserveContext, candidate: PoolCandidate): PagePlan {
  const wanted = wantedPages(context);
  const { nodes } = candidate;
  const have = nodes.map((node) => grow(context, node, wanted).got);
  const shares = equalShares(wanted, have);
  const pages = nodes.map((node, i) => {
    const { size, runs } = grow(context, node, shares[i]);
    return { node, size, runs };
  });
  const got = shares.reduce((sum, share) => sum + share, 0);
  return { pages: pages.filter(({ runs }) => runs.length > 0), wanted, got };
}

/** Pages the configuration asks for. */
export function wantedPages({ conf }: ReserveContext): number {
  return Math.floor((conf.memoryMib ?? 0) / (conf.hugepageSizeMib ?? 1));
}

function grow(
  { conf, unpooled }: ReserveContext,
  node: number,
  pages: number,
): { size: number; runs: Runs; got: number } {
  const memory = unpooled.memory[node];
  const pageKib = (conf.hugepageSizeMib ?? 0) * 1024;
  const size = memory.pools.findIndex((pool) => pool.pageKib === pageKib);
  if (size < 0) return { size, runs: [], got: 0 };
  const before = pagesOf(memory.pools[size]);
  const { runs, resulting } = planHugepages(memory, size, before + pages);
  return { size, runs, got: resulting - before };
}

/** `total` spread as evenly as `limits` allow; the remainder goes to the first ones. */
export function equalShares(total: number, limits: readonly number[]): number[] {
  const shares = limits.map(() => 0);
  let left = total;
  for (;;) {
    const open = limits.flatMap((limit, i) => (shares[i] < limit ? [i] : []));
    if (left === 0 || open.length === 0) return shares;
    const each = Math.max(1, Math.floor(left / open.length));
    for (const i of open) {
      const more = Math.min(each, limits[i] - shares[i], left);
      shares[i] += more;
      left -= more;
    }
  }
}

/** The first `count` threads in whole cores of the nodes, in order; undefined = not that many. */
function fill(
  { host: { topology }, unpooled }: ReserveContext,
  nodes: readonly number[],
  count: number,
): number[] | undefined {
  const cpus: number[] = [];
  for (const node of nodes) {
    for (const threads of movableCores(topology, unpooled, node)) {
      if (cpus.length + threads.length <= count) cpus.push(...threads);
    }
  }
  return cpus.length === count ? cpus.sort((a, b) => a - b) : undefined;
}

function nodesOf(topology: Topology, cpus: readonly number[]): number[] {
  const positions = new Set(cpus.map((cpu) => positionOfCpu(topology, cpu)));
  return [...positions].filter((position) => position >= 0).sort((a, b) => a - b);
}
