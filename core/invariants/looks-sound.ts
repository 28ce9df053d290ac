/**
 * Whether a host is certainly sound: every invariant of the list in one pass, without a word.
 *
 * For audits after each of millions of events. Invariant: true only where `checkInvariants` (without
 * a note of what was before) finds nothing, and no CPU is stranded; false means "look closer", not "broken": what is rare or
 * only told by the full check (driver slots, stopped parents) answers false. A test holds
 * both to the same planted faults. Trade-off: the sentences are checked in two places; whoever adds
 * an invariant adds it here or makes the pass answer false.
 */
import type { Host } from '../host/host.js';
import { enclaveOwner } from '../host/owner.js';
import { physOf } from '../host/physical.js';
import { BASE, poolStore } from '../host/stores.js';
import type { Enclave, OwnedExtent, Reservation } from '../host/tree.js';
import type { Extent } from '../memory/extent-store.js';
import type { Caps } from '../platform/guarantees.js';
import { type Frames, framesLookSound } from './frames-look-sound.js';
import { isRunning } from './running.js';
import { poolLooksWhole, threadsLookSound } from './threads-look-sound.js';

const MIB = 1024 * 1024;
const GRANULE_BYTES = 2 * MIB;

export function looksSound(host: Host): boolean {
  const { tree, profile } = host;
  const { guarantees } = profile;
  if (guarantees === undefined || guarantees.surface === 'driverSlot') return false;
  if (tree.parent !== 'running' || tree.dirty.length > 0) return false;
  const frames = framesLookSound(host);
  if (frames === undefined || !threadsLookSound(host)) return false;
  if (guarantees.countsReserved && !isReserved(tree.reservation, frames)) return false;
  if (tree.records.length === 0) {
    if (frames.between > 0 || tree.counters.pinned !== 0 || !poolLooksWhole(host)) return false;
  }
  const floor = guarantees.parentFloor?.(host);
  if (floor !== undefined) {
    let vcpus = 0;
    for (let cpu = 0; cpu < tree.online.length; cpu++) vcpus += tree.online[cpu];
    if (vcpus < floor.vcpus) return false;
    if (host.parent.memoryMib - frames.pooledKib / 1024 < floor.memoryMib) return false;
  }
  return recordsLookSound(host, frames.ofEnclaves, guarantees.caps(host));
}

function isReserved({ pageKib, memoryMib }: Reservation, frames: Frames): boolean {
  if (frames.pooledKib !== memoryMib * 1024) return false;
  return frames.pooledKib === 0 || frames.pageKib === pageKib;
}

const NONE: readonly number[] = [];

function recordsLookSound(host: Host, ofEnclaves: number, caps: Caps): boolean {
  const { records } = host.tree;
  const reserved = host.profile.guarantees?.reservedCids ?? NONE;
  const local = host.profile.guarantees?.numaLocal === true;
  const isGiven = host.profile.guarantees?.surface === 'qingtianEnclave';
  const { maxEnclaves = Infinity, maxVcpusTotal = Infinity, maxPages = Infinity } = caps;
  let named = 0;
  let vcpus = 0;
  for (let i = 0; i < records.length; i++) {
    const enclave = records[i];
    named += enclave.extents.length;
    vcpus += enclave.vcpus.length;
    if (!addsUp(host, enclave) || (enclave.console !== 0 && enclave.debug === 0)) return false;
    if (isRunning(enclave.state)) {
      if (local && !isOnOneNode(host, enclave)) return false;
      if (OWNED.pages > maxPages || !withinCaps(enclave, caps)) return false;
      if (!isCounted(enclave, isGiven)) return false;
      if (!hasAsked(enclave)) return false;
    }
    if (enclave.cid === 0) {
      if (isRunning(enclave.state) && isIn(reserved, 0)) return false;
      continue;
    }
    if (isIn(reserved, enclave.cid)) return false;
    for (let k = 0; k < i; k++) if (records[k].cid === enclave.cid) return false;
  }
  return named === ofEnclaves && records.length <= maxEnclaves && vcpus <= maxVcpusTotal;
}

/** `includes` of a list of a few, without a call. */
function isIn(list: readonly number[], value: number): boolean {
  for (let i = 0; i < list.length; i++) if (list[i] === value) return true;
  return false;
}

/** What the enclave looked at last owns. */
const OWNED = { pages: 0, bytes: 0 };

/**
 * Adds up the enclave's extents. False = look closer: an extent is not the store's, not the enclave's,
 * named twice, or not what was donated at its place, where anything was.
 */
function addsUp(host: Host, { uid, extents, donated }: Enclave): boolean {
  const owner = enclaveOwner(uid);
  if (donated.length !== 0 && donated.length !== 2 * extents.length) return false;
  OWNED.pages = 0;
  OWNED.bytes = 0;
  for (let i = 0; i < extents.length; i++) {
    const { node, size } = extents[i];
    const { pools, frameKib } = host.memory[node];
    const extent = liveExtent(host, extents[i]);
    if (extent === undefined || extent.owner !== owner || isNamedBefore(extents, i)) return false;
    const bytes = extent.frames * frameKib * 1024;
    if (size !== BASE) OWNED.pages += extent.frames / pools[size].pageFrames;
    OWNED.bytes += bytes;
    if (donated.length === 0) continue;
    const phys = donated[2 * i];
    if (phys !== physOf(host, node, extent.start) || donated[2 * i + 1] !== bytes) return false;
    if (phys % GRANULE_BYTES !== 0 || bytes % GRANULE_BYTES !== 0) return false;
  }
  return true;
}

/** Whether the record counts what the enclave owns, and, where a hypervisor is given it, all was given. */
function isCounted({ memoryBytes, donated }: Enclave, isGiven: boolean): boolean {
  return memoryBytes === OWNED.bytes && (!isGiven || donated.length > 0);
}

function hasAsked({ vcpus, memoryBytes, request }: Enclave): boolean {
  return (
    vcpus.length > 0 && vcpus.length >= request.vcpus && memoryBytes >= request.memoryMib * MIB
  );
}

/** undefined for a stale or foreign handle; the full check names it. */
function liveExtent({ memory }: Host, { node, size, handle }: OwnedExtent): Extent | undefined {
  try {
    return poolStore(memory[node], size).at(handle);
  } catch {
    return undefined;
  }
}

/** A handle says which store it is of; where two stores share a tag, the full check is asked. */
function isNamedBefore(extents: readonly OwnedExtent[], at: number): boolean {
  for (let i = 0; i < at; i++) if (extents[i].handle === extents[at].handle) return true;
  return false;
}

function isOnOneNode({ topology }: Host, { vcpus, cores, extents }: Enclave): boolean {
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

function withinCaps({ vcpus, memoryBytes, request }: Enclave, caps: Caps): boolean {
  const { maxVcpus = Infinity, minMemoryMib = 0 } = caps;
  if (vcpus.length > maxVcpus || memoryBytes / MIB < minMemoryMib) return false;
  if (caps.imageFactor !== undefined && memoryBytes < caps.imageFactor * request.imageBytes) {
    return false;
  }
  return caps.vcpuStep === undefined || vcpus.length % caps.vcpuStep === 0;
}
