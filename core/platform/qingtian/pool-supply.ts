/**
 * What the reserved pool can give an enclave on one node: whole cores and pages.
 *
 * Whole cores only: a core of which the pool holds one thread of two serves nobody (Q26). Cores are
 * taken lowest index first. Pages come as one run when the pool has one, by the store's policy;
 * otherwise lowest address first, in as many runs as needed (each page is contiguous by itself).
 *
 * Invariant: `pickCores` and `pickRuns` name only what is free now; they change nothing.
 * Trade-off: with more threads a core than vCPUs asked, the last core is taken whole and partly idle;
 * the rest is waste that a report shows, never somebody else's.
 */
import type { Host } from '../../host/host.js';
import { NO_THREADS } from '../../host/lists.js';
import type { OwnedCore } from '../../host/tree.js';
import { type ExtentStore, FREE } from '../../memory/extent-store.js';
import type { NodeMemory, PagePool } from '../../memory/node-memory.js';
import { siblingsOf, type Topology } from '../../topology/topology.js';
import type { StartContext } from './context.js';
import { nodeVcpuLimit, onlyPoolNode, poolNodes } from './nodes.js';
import type { QingtianOptions } from './options.js';

/** What one node of the pool can give at the moment. */
export interface NodeSupply {
  /** In `topology.nodes`. */
  readonly position: number;
  /** Most vCPUs one enclave may have there. */
  readonly vcpuLimit: number;
  /** The lowest whole free cores that together have the threads asked; undefined = too few. */
  readonly cores: readonly OwnedCore[] | undefined;
  /** Size index of the reserved pages; -1 = none. */
  readonly size: number;
  /** Free MiB of them. */
  readonly freeMib: number;
}

/** What the nodes of the pool can give, and which of them are left after each row. */
export interface Supply {
  /** Every node the pool has cores on, ascending. */
  readonly nodes: readonly NodeSupply[];
  /**
   * Nodes a start may use: those that allow the vCPUs. Where none does, all of the pool's, so that a
   * diagnosis still says whether cores and pages would do; a decision has refused before.
   */
  readonly byLimit: readonly NodeSupply[];
  /** … that also have the whole cores; [] = none. */
  readonly byCores: readonly NodeSupply[];
  /** Nodes whose pages count: those with the cores, or all that are left where none has them. */
  readonly forPages: readonly NodeSupply[];
  /** … that have the pages; [] = none. */
  readonly byPages: readonly NodeSupply[];
  /** … and have them where contiguity asks. The first of these is the enclave's node. */
  readonly byRuns: readonly NodeSupply[];
}

/** Looked up when the first row asks, and kept in the context. O(pool cores) at most. */
export function supplyOf(context: StartContext): Supply {
  return context.supply ?? keptSupply(context);
}

/** Apart from `supplyOf`, which V8 then takes into each row that asks again. */
function keptSupply(context: StartContext): Supply {
  const { host, options } = context;
  const only = onlyPoolNode(host, options);
  const supply = only === undefined ? supplyOfMany(context) : supplyOfOne(context, only);
  context.supply = supply;
  return supply;
}

function supplyOfMany(context: StartContext): Supply {
  const { host, options, request, memoryMib } = context;
  const nodes = poolNodes(host).map((position) => nodeSupply(context, position));
  const byLimit = orAll(withAtLeast(nodes, vcpuLimit, request.vcpus), nodes);
  const byCores = withAtLeast(byLimit, enoughCores, 1);
  const forPages = orAll(byCores, byLimit);
  const byPages = withAtLeast(forPages, freeMib, memoryMib);
  // Page by page, enough pages are always enough.
  const byRuns =
    options.contiguity === 'per-page'
      ? byPages
      : byPages.filter((node) => runsOn(context, node) !== undefined);
  return { nodes, byLimit, byCores, forPages, byPages, byRuns };
}

function nodeSupply({ host, options, request }: StartContext, position: number): NodeSupply {
  const size = reservedSize(host, position);
  return {
    position,
    vcpuLimit: nodeVcpuLimit(host.topology, options, position),
    cores: pickCores(host, position, request.vcpus),
    size,
    freeMib: freeMibOf(host.memory[position], size),
  };
}

/** The same where the pool is on one node, as it mostly is: each list has it or is empty. */
function supplyOfOne(context: StartContext, position: number): Supply {
  const { options, memoryMib } = context;
  const node = nodeSupply(context, position);
  const nodes = [node];
  const byCores = node.cores === undefined ? NO_NODES : nodes;
  const byPages = node.freeMib >= memoryMib ? nodes : NO_NODES;
  const apart = options.contiguity === 'per-page';
  const inRuns = apart || byPages === NO_NODES || runsOn(context, node) !== undefined;
  const byRuns = inRuns ? byPages : NO_NODES;
  return { nodes, byLimit: nodes, byCores, forPages: nodes, byPages, byRuns };
}

const NO_NODES: readonly NodeSupply[] = [];

/** Threads of whole free cores on a node. */
export function wholeThreads({ topology, tree }: Host, position: number): number {
  const { avail } = tree.pool;
  const { id } = topology.nodes[position];
  let threads = 0;
  for (let index = 0; index < avail.length; index++) {
    if (isWholeOn(topology, avail[index], id)) threads += avail[index].length;
  }
  return threads;
}

/** Lowest cores of a node that together have `vcpus` threads; undefined = not enough. */
export function pickCores(host: Host, position: number, vcpus: number): OwnedCore[] | undefined {
  const { topology, tree } = host;
  const { avail, threadsPerCore } = tree.pool;
  const { id } = topology.nodes[position];
  // As long as it will mostly be: a list that grows from nothing takes room for seventeen.
  const wanted = Math.ceil(vcpus / threadsPerCore);
  const picked = new Array<OwnedCore>(wanted > 0 ? Math.min(avail.length, wanted) : 0);
  let count = 0;
  let threads = 0;
  for (let index = 0; index < avail.length && threads < vcpus; index++) {
    const cpus = avail[index];
    // Of a core that is taken nothing more is read than that it has the list of all such cores.
    if (cpus === NO_THREADS || !isWholeOn(topology, cpus, id)) continue;
    picked[count++] = { index, cpus };
    threads += cpus.length;
  }
  if (!(threads >= vcpus)) return undefined;
  if (count < picked.length) picked.length = count;
  return picked;
}

/** The pool's part of a core is the whole core, free, and on the node. */
function isWholeOn(topology: Topology, cpus: readonly number[], node: number): boolean {
  if (cpus.length === 0) return false;
  const cpu = cpus[0];
  return topology.nodeOf[cpu] === node && cpus.length === siblingsOf(topology, cpu).length;
}

/** Size index of the reserved page size on a node; -1 = none reserved. */
export function reservedSize(host: Host, position: number): number {
  const { pageKib } = host.tree.reservation;
  const { pools } = host.memory[position];
  for (let size = 0; size < pools.length; size++) if (pools[size].pageKib === pageKib) return size;
  return -1;
}

/** The reserved pool on a node. */
export function reservedPool(host: Host, position: number): PagePool | undefined {
  return host.memory[position].pools[reservedSize(host, position)];
}

/** Free MiB of the reserved pool on a node. */
export function freePoolMib(host: Host, position: number): number {
  return freeMibOf(host.memory[position], reservedSize(host, position));
}

function freeMibOf({ pools, frameKib }: NodeMemory, size: number): number {
  return size < 0 ? 0 : (pools[size].store.freeFrames * frameKib) / 1024;
}

/** Flat [start, frames, …] of free pages for `memoryMib`; undefined = no such place. */
export function pickRuns(
  { host, options }: Pick<StartContext, 'host' | 'options'>,
  position: number,
  memoryMib: number,
): number[] | undefined {
  return runsIn(reservedPool(host, position), options, memoryMib);
}

/** The same on a node that was looked at, for the memory of the start. */
export function runsOn(
  { host, options, memoryMib }: StartContext,
  { position, size }: NodeSupply,
): number[] | undefined {
  return runsIn(host.memory[position].pools[size], options, memoryMib);
}

function runsIn(
  pool: PagePool | undefined,
  { contiguity }: QingtianOptions,
  memoryMib: number,
): number[] | undefined {
  if (pool === undefined) return undefined;
  const frames = Math.ceil((memoryMib * 1024) / pool.pageKib) * pool.pageFrames;
  if (!(frames > 0)) return [];
  const whole = pool.store.find(frames, pool.pageFrames);
  if (whole >= 0) return [whole, frames];
  return contiguity === 'whole-run' ? undefined : lowestRuns(pool.store, frames);
}

function lowestRuns(store: ExtentStore, frames: number): number[] | undefined {
  if (store.freeFrames < frames) return undefined;
  const runs: number[] = [];
  let left = frames;
  for (const extent of store.extents()) {
    if (left === 0) break;
    if (extent.owner !== FREE) continue;
    const taken = Math.min(left, extent.frames);
    runs.push(extent.start, taken);
    left -= taken;
  }
  return runs;
}

type Measure = (node: NodeSupply) => number;

const vcpuLimit: Measure = (node) => node.vcpuLimit;
const enoughCores: Measure = (node) => (node.cores === undefined ? 0 : 1);
const freeMib: Measure = (node) => node.freeMib;

/** The nodes that have so much; the very list where all have, which is the rule. */
function withAtLeast(
  nodes: readonly NodeSupply[],
  measure: Measure,
  least: number,
): readonly NodeSupply[] {
  let i = 0;
  while (i < nodes.length && measure(nodes[i]) >= least) i++;
  return i === nodes.length ? nodes : nodes.filter((node) => measure(node) >= least);
}

function orAll(some: readonly NodeSupply[], all: readonly NodeSupply[]): readonly NodeSupply[] {
  return some.length > 0 ? some : all;
}
