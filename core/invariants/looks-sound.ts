/**
 * Whether a host is certainly sound: every invariant of the list in one pass, without a word.
 *
 * For audits after each of millions of events. Invariant: true only where `checkInvariants` (without
 * a note of what was before) finds nothing; false means "look closer", not "broken": what is rare or
 * only told by the full check (driver slots, empty or stopped parents) answers false. A test holds
 * both to the same planted faults. Trade-off: the sentences are checked in two places; whoever adds
 * an invariant adds it here or makes the pass answer false.
 */
import type { Host } from '../host/host.js';
import { enclaveOwner } from '../host/owner.js';
import { physOf } from '../host/physical.js';
import { BASE, poolStore } from '../host/stores.js';
import type { Enclave } from '../host/tree.js';
import type { Caps } from '../platform/guarantees.js';
import { framesLookSound } from './frames-look-sound.js';
import { isRunning } from './running.js';
import { NO_OWNER, PARENT_OWNS, POOL_OWNS } from './thread-owners.js';

const MIB = 1024 * 1024;
const GRANULE_BYTES = 2 * MIB;

export function looksSound(host: Host): boolean {
  const { tree, profile } = host;
  const { guarantees } = profile;
  if (guarantees === undefined || guarantees.surface === 'driverSlot') return false;
  if (tree.parent !== 'running' || tree.dirty.length > 0 || tree.records.length === 0) return false;
  const enclaves = tree.records;
  const frames = framesLookSound(host);
  if (frames === undefined || !threadsLookSound(host, enclaves)) return false;
  const floor = guarantees.parentFloor?.(host);
  if (floor !== undefined) {
    let vcpus = 0;
    for (let cpu = 0; cpu < tree.online.length; cpu++) vcpus += tree.online[cpu];
    if (vcpus < floor.vcpus) return false;
    if (host.parent.memoryMib - frames.pooledKib / 1024 < floor.memoryMib) return false;
  }
  return recordsLookSound(host, enclaves, frames.ofEnclaves, guarantees.caps(host));
}

function recordsLookSound(
  host: Host,
  enclaves: readonly Enclave[],
  ofEnclaves: number,
  caps: Caps,
): boolean {
  const reserved = host.profile.guarantees?.reservedCids ?? [];
  const local = host.profile.guarantees?.numaLocal === true;
  let named = 0;
  let vcpus = 0;
  for (let i = 0; i < enclaves.length; i++) {
    const enclave = enclaves[i];
    named += enclave.extents.length;
    vcpus += enclave.vcpus.length;
    if (!extentsAreItsOwn(host, enclave) || !donatedIsOwned(host, enclave)) return false;
    if (isRunning(enclave.state)) {
      if (local && !isOnOneNode(host, enclave)) return false;
      if (!withinCaps(host, enclave, caps)) return false;
    }
    if (enclave.cid === 0) continue;
    if (reserved.includes(enclave.cid)) return false;
    for (let k = 0; k < i; k++) if (enclaves[k].cid === enclave.cid) return false;
  }
  const { maxEnclaves = Infinity, maxVcpusTotal = Infinity } = caps;
  return named === ofEnclaves && enclaves.length <= maxEnclaves && vcpus <= maxVcpusTotal;
}

/** Each extent of the record is the store's, owned by the enclave, and named once. */
function extentsAreItsOwn({ memory }: Host, { uid, extents }: Enclave): boolean {
  const owner = enclaveOwner(uid);
  for (let i = 0; i < extents.length; i++) {
    const { node, size, handle } = extents[i];
    for (let k = 0; k < i; k++) {
      const other = extents[k];
      if (other.handle === handle && other.node === node && other.size === size) return false;
    }
    try {
      if (poolStore(memory[node], size).at(handle).owner !== owner) return false;
    } catch {
      // A stale or foreign handle; the full check names it.
      return false;
    }
  }
  return true;
}

/** The physical ranges, where there are any, are those of the extents, so nobody else's. */
function donatedIsOwned(host: Host, { donated, extents }: Enclave): boolean {
  if (donated.length === 0) return true;
  if (donated.length !== 2 * extents.length) return false;
  for (let i = 0; i < extents.length; i++) {
    const { node, size, handle } = extents[i];
    const memory = host.memory[node];
    const { start, frames } = poolStore(memory, size).at(handle);
    const bytes = frames * memory.frameKib * 1024;
    if (donated[2 * i] !== physOf(host, node, start) || donated[2 * i + 1] !== bytes) return false;
    if (donated[2 * i] % GRANULE_BYTES !== 0 || bytes % GRANULE_BYTES !== 0) return false;
  }
  return true;
}

function isOnOneNode({ topology }: Host, { vcpus, cores, extents }: Enclave): boolean {
  if (topology.nodes.length === 1) return true;
  const node = extents.length > 0 ? topology.nodes[extents[0].node].id : topology.nodeOf[vcpus[0]];
  for (let i = 1; i < extents.length; i++) {
    if (topology.nodes[extents[i].node].id !== node) return false;
  }
  for (let c = 0; c < cores.length; c++) {
    const { cpus } = cores[c];
    for (let i = 0; i < cpus.length; i++) if (topology.nodeOf[cpus[i]] !== node) return false;
  }
  return true;
}

function withinCaps(host: Host, enclave: Enclave, caps: Caps): boolean {
  const { vcpus, memoryBytes, request, extents } = enclave;
  const { maxVcpus = Infinity, maxPages = Infinity, minMemoryMib = 0 } = caps;
  if (vcpus.length > maxVcpus || memoryBytes / MIB < minMemoryMib) return false;
  if (caps.imageFactor !== undefined && memoryBytes < caps.imageFactor * request.imageBytes) {
    return false;
  }
  if (caps.vcpuStep !== undefined && vcpus.length % caps.vcpuStep > 0) return false;
  let pages = 0;
  for (let i = 0; i < extents.length; i++) {
    const { node, size, handle } = extents[i];
    if (size === BASE) continue;
    const { store, pageFrames } = host.memory[node].pools[size];
    pages += store.at(handle).frames / pageFrames;
  }
  return pages <= maxPages;
}

/** Marks threads as `by`'s; false where one is somebody's already. */
function claims(owner: Int32Array, cpus: readonly number[], by: number): boolean {
  for (let i = 0; i < cpus.length; i++) {
    if (owner[cpus[i]] !== NO_OWNER) return false;
    owner[cpus[i]] = by;
  }
  return true;
}

/** A list of nobody's threads, the same one each time: filled anew, it never outlives a look. */
function emptyOwners(cpus: number): Int32Array {
  if (owners.length !== cpus) owners = new Int32Array(cpus);
  return owners.fill(NO_OWNER);
}

let owners = new Int32Array(0);

/** One owner a thread; with the profile's promise also one a core, and CPU 0's core the parent's. */
function threadsLookSound(
  { topology, tree, profile }: Host,
  enclaves: readonly Enclave[],
): boolean {
  const owner = emptyOwners(topology.nrCpuIds);
  for (let cpu = 0; cpu < owner.length; cpu++) if (tree.online[cpu] === 1) owner[cpu] = PARENT_OWNS;
  const { avail } = tree.pool;
  for (let i = 0; i < avail.length; i++) if (!claims(owner, avail[i], POOL_OWNS)) return false;
  for (let i = 0; i < enclaves.length; i++) {
    const { uid, cores, vcpus } = enclaves[i];
    for (let c = 0; c < cores.length; c++) {
      if (!claims(owner, cores[c].cpus, uid)) return false;
    }
    for (let k = 0; k < vcpus.length; k++) if (owner[vcpus[k]] !== uid) return false;
  }
  if (profile.guarantees?.wholeCores !== true) return true;
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
