/**
 * Who owns each thread of a host, put together from the three lists that may claim it: the parent's
 * online CPUs, the CPU pool, and the cores of every enclave.
 *
 * Invariant: the first claim is kept in `owner`, every further one is a clash; nothing is lost. Who
 * really runs on a thread is told apart (`users`): the parent where it is online, an enclave where it
 * was given as a vCPU; a pool, or a core that an enclave only keeps, is a list. Trade-off: an offline
 * thread that nobody claims has no owner. It serves nobody, but it is not counted as the parent's
 * either: that is how a core whose sibling was offline comes to be split.
 */
import type { Host } from '../host/host.js';

export const NO_OWNER = -3;
export const PARENT_OWNS = -2;
export const POOL_OWNS = -1;
/** Any other value is an enclave's uid. */
export type ThreadOwner = number;

export interface Clash {
  readonly cpu: number;
  readonly first: ThreadOwner;
  /** Who claimed later: of an enclave and another owner always the enclave. */
  readonly second: ThreadOwner;
}

export interface ThreadOwners {
  /** By CPU id. */
  readonly owner: Int32Array;
  readonly clashes: readonly Clash[];
  /** PARENT_OWNS and uids of enclaves that can run on any of these CPUs, each once. */
  readonly users: (cpus: readonly number[]) => ReadonlySet<ThreadOwner>;
}

export function threadOwnersOf({ topology, tree }: Host): ThreadOwners {
  const owner = new Int32Array(topology.nrCpuIds).fill(NO_OWNER);
  const clashes: Clash[] = [];
  const claim = (cpu: number, by: ThreadOwner) => {
    if (owner[cpu] === NO_OWNER) owner[cpu] = by;
    else clashes.push({ cpu, first: owner[cpu], second: by });
  };
  for (let cpu = 0; cpu < topology.nrCpuIds; cpu++) {
    if (tree.online[cpu] === 1) owner[cpu] = PARENT_OWNS;
  }
  for (const core of tree.pool.avail) for (const cpu of core) claim(cpu, POOL_OWNS);
  for (const { uid, cores, vcpus } of tree.records) {
    for (const core of cores) for (const cpu of core.cpus) claim(cpu, uid);
    for (const cpu of vcpus) if (owner[cpu] !== uid) claim(cpu, uid);
  }
  return { owner, clashes, users: (cpus) => usersOf(tree, cpus) };
}

function usersOf({ online, records }: Host['tree'], cpus: readonly number[]): Set<ThreadOwner> {
  const users = new Set<ThreadOwner>();
  if (cpus.some((cpu) => online[cpu] === 1)) users.add(PARENT_OWNS);
  for (const { uid, vcpus } of records) {
    if (cpus.some((cpu) => vcpus.includes(cpu))) users.add(uid);
  }
  return users;
}

/** In words; an owner, so not NO_OWNER. */
export function nameOfOwner(owner: ThreadOwner): string {
  if (owner === PARENT_OWNS) return 'the parent';
  return owner === POOL_OWNS ? 'the CPU pool' : `enclave ${owner}`;
}
