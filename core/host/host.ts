/**
 * A host: one parent VM with its topology, memory and the platform profile that rules it.
 *
 * `tree` and `memory` are the state; everything else is fixed for the host's life. Invariant: only
 * `apply` (through step, run or the explorer) changes them.
 */
import type { NodeMemory } from '../memory/node-memory.js';
import type { Profile } from '../platform/profile.js';
import { sharedTopology } from '../topology/equal-topology.js';
import type { Topology } from '../topology/topology.js';
import { onlineAtBoot } from './boot.js';
import type { Runs } from './effect.js';
import type { HypervisorModel } from './hypervisor.js';
import { emptyPool, type HostTree } from './tree.js';

/** Facts of the parent VM that rules look at. */
export interface ParentFacts {
  /** Instance type or flavor name; "custom" for an explicit topology. */
  readonly flavor: string;
  readonly region: string;
  readonly os: 'linux' | 'other';
  readonly bareMetal: boolean;
  /** What the catalogue says of this type's enclave support; absent for an explicit topology. */
  readonly enclaves?: 'supported' | 'unsupported';
  /** Usable memory of the whole parent in MiB. */
  readonly memoryMib: number;
}

export interface Host {
  readonly profile: Profile;
  /** Named options of the profile (readings the documents leave open), already resolved. */
  readonly options: Readonly<Record<string, number | string | boolean>>;
  readonly parent: ParentFacts;
  readonly topology: Topology;
  readonly hypervisor: HypervisorModel;
  readonly tree: HostTree;
  /** By position in `topology.nodes`. */
  readonly memory: readonly NodeMemory[];
  /** By node position: what days of uptime had taken before the first command; a boot frees it. */
  readonly uptimeRuns: readonly Runs[];
}

export interface HostSpec {
  readonly profile: Profile;
  readonly options: Host['options'];
  readonly parent: ParentFacts;
  readonly topology: Topology;
  readonly hypervisor: HypervisorModel;
  readonly memory: readonly NodeMemory[];
  /** By default a freshly booted parent's: none. */
  readonly uptimeRuns?: Host['uptimeRuns'];
}

/** A running parent that has reserved nothing yet. The driver's initial pool node is 0;
 * a profile that carves nothing out may start with every thread in the pool. */
export function createHost(spec: HostSpec): Host {
  const { profile, options, parent, hypervisor, memory } = spec;
  const topology = sharedTopology(spec.topology);
  const uptimeRuns = spec.uptimeRuns ?? memory.map(() => []);
  // Field by field: V8 gives each result of a spread a hidden class of its own, and every rule that
  // reads a host would then meet as many classes as there are parents in a fleet.
  const tree = initialTree(spec);
  return { profile, options, parent, topology, hypervisor, tree, memory, uptimeRuns };
}

function initialTree({ profile, topology, hypervisor }: HostSpec): HostTree {
  const pool = profile.firstPool?.(topology) ?? emptyPool(0);
  const online = onlineAtBoot(topology);
  for (const cpu of pool.avail.flat()) online[cpu] = 0;
  return {
    parent: 'running',
    online,
    pool,
    reservation: { state: 'inactive', pageKib: 0, memoryMib: 0 },
    records: [],
    mappings: [],
    promised: topology.pageSizesKib.map(() => 0),
    counters: { nextSlot: hypervisor.firstSlot, nextCid: hypervisor.firstCid, pinned: 0, bound: 1 },
    dirty: [],
  };
}
