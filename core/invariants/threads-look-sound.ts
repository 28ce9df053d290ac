/**
 * The threads' part of looks-sound: one owner a thread, and where the profile promises it, a core.
 *
 * Invariant: true only where thread-owners finds no clash, no core is split and no CPU is stranded
 * (stranded-cpus). Trade-off: cores that
 * enclaves own whole are seen while they are counted; only where one is not, all cores are gone over.
 */
import type { Host } from '../host/host.js';
import { parseKernelCpulist } from '../topology/cpulist.js';
import type { Topology } from '../topology/topology.js';
import { NO_OWNER, PARENT_OWNS, POOL_OWNS } from './thread-owners.js';

export function threadsLookSound({ topology, tree, profile }: Host): boolean {
  const { online, records } = tree;
  const owner = ownersByParent(topology.nrCpuIds, online);
  const { avail } = tree.pool;
  for (let i = 0; i < avail.length; i++) if (!claims(owner, avail[i], POOL_OWNS)) return false;
  let whole = true;
  for (let i = 0; i < records.length; i++) {
    const { uid, cores, vcpus } = records[i];
    for (let c = 0; c < cores.length; c++) {
      const { cpus } = cores[c];
      if (!claims(owner, cpus, uid)) return false;
      whole = whole && isWholeCore(topology, cpus);
    }
    for (let k = 0; k < vcpus.length; k++) if (owner[vcpus[k]] !== uid) return false;
  }
  if (!noneStranded(topology, owner)) return false;
  return whole || profile.guarantees?.wholeCores !== true || coresLookSound(topology, owner);
}

/** With no enclave left: the pool has every CPU that its text names. Asked after the threads. */
export function poolLooksWhole({ topology, tree }: Host): boolean {
  const { text } = tree.pool;
  if (text !== named.text || topology.nrCpuIds !== named.ids) {
    const parsed = parseKernelCpulist(text, topology.nrCpuIds);
    named = { text, ids: topology.nrCpuIds, cpus: 'errno' in parsed ? [] : parsed.cpus };
  }
  const { cpus } = named;
  for (let i = 0; i < cpus.length; i++) if (owners[cpus[i]] !== POOL_OWNS) return false;
  return true;
}

/** The text read last, as the parents of a fleet mostly have the same. */
let named: { text: string; ids: number; cpus: readonly number[] } = { text: '', ids: -1, cpus: [] };

/** Every CPU that a boot brings up has an owner. */
function noneStranded({ coreOf, offline }: Topology, owner: Int32Array): boolean {
  for (let cpu = 0; cpu < owner.length; cpu++) {
    if (owner[cpu] === NO_OWNER && coreOf[cpu] >= 0 && !offline.includes(cpu)) return false;
  }
  return true;
}

/** Every thread of one core that is not CPU 0's. */
function isWholeCore({ coreOf, cores }: Topology, cpus: readonly number[]): boolean {
  if (cpus.length === 0) return true;
  const core = coreOf[cpus[0]];
  if (core < 0 || core === coreOf[0] || cpus.length !== cores[core].length) return false;
  for (let i = 1; i < cpus.length; i++) if (coreOf[cpus[i]] !== core) return false;
  return true;
}

/** No core with two owners, and none of CPU 0's threads with an enclave. */
function coresLookSound(topology: Topology, owner: Int32Array): boolean {
  const bootCore = topology.coreOf[0];
  for (let core = 0; core < topology.cores.length; core++) {
    const cpus = topology.cores[core];
    let taken = NO_OWNER;
    for (let i = 0; i < cpus.length; i++) if (owner[cpus[i]] >= 0) taken = owner[cpus[i]];
    if (taken === NO_OWNER) continue;
    if (core === bootCore) return false;
    for (let i = 0; i < cpus.length; i++) {
      if (owner[cpus[i]] !== taken && owner[cpus[i]] !== NO_OWNER) return false;
    }
  }
  return true;
}

/** Marks threads as `by`'s; false where one is somebody's already. */
function claims(owner: Int32Array, cpus: readonly number[], by: number): boolean {
  for (let i = 0; i < cpus.length; i++) {
    if (owner[cpus[i]] !== NO_OWNER) return false;
    owner[cpus[i]] = by;
  }
  return true;
}

/**
 * Threads that are the parent's or nobody's, in the same list each time: filled anew, it never
 * outlives a look. Filled by hand, since `fill` is a call out of compiled code.
 */
function ownersByParent(cpus: number, online: readonly number[]): Int32Array {
  if (owners.length !== cpus) owners = new Int32Array(cpus);
  const list = owners;
  for (let cpu = 0; cpu < list.length; cpu++) {
    list[cpu] = online[cpu] === 1 ? PARENT_OWNS : NO_OWNER;
  }
  return list;
}

let owners = new Int32Array(0);
