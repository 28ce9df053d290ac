/**
 * Placement policies: where an enclave could go. A policy proposes, the host disposes.
 *
 * A policy sees a read-only view of what each NUMA node still has and names a node, or none. It
 * never touches a host: what it proposes becomes the platform's own commands, and `decide` refuses
 * what breaks a rule. Invariant: no policy, however wrong, can break an isolation invariant; the
 * worst it can do is be refused. Trade-off: a view holds counts, not frames; which frames a node
 * gives is the extent store's business.
 */
import type { Host } from '../host/host.js';
import { freePages } from '../memory/node-memory.js';
import { siblingsOf } from '../topology/topology.js';

/** What one enclave wants. */
export interface PlacementAsk {
  readonly vcpus: number;
  readonly memoryMib: number;
}

/** What a node has left for enclaves. */
export interface NodeView {
  /** NUMA node id. */
  readonly node: number;
  /** Threads of whole free cores: what the pool has, or online in the parent where none is set. */
  readonly freeThreads: number;
  /** Free MiB: of the page pools where there are any, else of the parent. */
  readonly freeMib: number;
  /** The longest free run in MiB, of the same memory. */
  readonly largestRunMib: number;
  /** Page size of the pool in KiB; 0 = no pool, or several sizes. */
  readonly pageKib: number;
}

/** A parent as a policy sees it; made anew for each question. */
export interface HostView {
  readonly platform: string;
  readonly enclaves: number;
  readonly nodes: readonly NodeView[];
}

/** Where to try. */
export interface Proposal {
  /** NUMA node id. */
  readonly node: number;
  /** CPU ids to ask for by name, where a platform's command takes them. */
  readonly cpus?: readonly number[];
}

export interface PlacementPolicy {
  readonly name: string;
  /** A place for the enclave; undefined = nowhere, do not even ask. Must only read. */
  readonly propose: (view: HostView, ask: PlacementAsk) => Proposal | undefined;
}

/** What a policy is shown of a host. Frozen, so that a policy that writes fails loudly. */
export function hostView(host: Host): HostView {
  const pooled = host.tree.pool.avail.length > 0;
  const nodes = host.topology.nodes.map(({ id }, position) =>
    Object.freeze({
      node: id,
      freeThreads: pooled ? pooledThreads(host, id) : parentThreads(host, id),
      ...memoryOf(host, position),
    }),
  );
  return Object.freeze({
    platform: host.profile.platform,
    enclaves: host.tree.records.length,
    nodes: Object.freeze(nodes),
  });
}

function pooledThreads({ tree, topology }: Host, node: number): number {
  return tree.pool.avail.reduce((sum, cpus) => {
    const [first] = cpus;
    if (first === undefined || topology.nodeOf[first] !== node) return sum;
    return cpus.length === siblingsOf(topology, first).length ? sum + cpus.length : sum;
  }, 0);
}

function parentThreads({ tree, topology }: Host, node: number): number {
  return topology.cores.reduce((sum, cpus) => {
    const whole = cpus.every((cpu) => tree.online[cpu] === 1 && topology.nodeOf[cpu] === node);
    return whole && !cpus.includes(0) ? sum + cpus.length : sum;
  }, 0);
}

function memoryOf({ memory }: Host, position: number): Omit<NodeView, 'node' | 'freeThreads'> {
  const { base, pools, frameKib } = memory[position];
  const mib = (frames: number) => Math.floor((frames * frameKib) / 1024);
  const used = pools.filter((pool) => freePages(pool) > 0);
  if (used.length === 0) {
    const reserved = memory.some((node) => node.pools.some((pool) => freePages(pool) > 0));
    if (reserved) return { freeMib: 0, largestRunMib: 0, pageKib: 0 };
    return { freeMib: mib(base.freeFrames), largestRunMib: mib(base.largestFreeRun()), pageKib: 0 };
  }
  const free = used.reduce((sum, { store }) => sum + store.freeFrames, 0);
  const longest = Math.max(...used.map(({ store }) => store.largestFreeRun()));
  const pageKib = used.length === 1 ? used[0].pageKib : 0;
  return { freeMib: mib(free), largestRunMib: mib(longest), pageKib };
}
