/**
 * The state tree of one host: everything about a parent VM and its enclaves except who owns which
 * frame, which the extent stores of `memory` know. Plain objects and narrow arrays only, so that the
 * same tree is drafted by Immer (library, time travel) and changed in place (engine, explorer).
 *
 * Invariant: the tree never copies a truth that a store or a list already holds; owners of threads
 * are read from `online`, `pool.avail` and the enclaves' `cores` (see invariants/owners). The one
 * exception is `promised`, a count over `mappings` that every mmap asks for; only `map` and `unmap`
 * change it.
 * Trade-off: one enclave record serves every platform; fields a platform does not use keep the
 * neutral value that `newEnclave` gives.
 */

import type { LifecycleState, ParentState, ServiceState } from '../lifecycle/states.js';
import type { Handle } from '../memory/extent-store.js';

/** 0 or 1, so that the tree packs into bits. */
export type Bit = 0 | 1;

/** The CPU pool: whole cores taken from the parent, all on one NUMA node. */
export interface CpuPool {
  /** Threads a core of this pool has; measured on the lowest CPU of the pool (driver quirk). */
  threadsPerCore: number;
  /** Size of the core table. Nitro: possible CPU ids / threadsPerCore, rounded down; else all cores. */
  parentCores: number;
  /** NUMA node of the pool; -1 = none. */
  node: number;
  /**
   * Core index → threads still in the pool, ascending; [] once an enclave owns them. A list is
   * replaced, never written, so that pool, enclave and effect may share it.
   */
  avail: (readonly number[])[];
  /** The text last accepted (Nitro: the ne_cpus parameter; QingTian: the canonical cpulist). */
  text: string;
}

/** What the reservation service of the platform holds. */
export interface Reservation {
  state: ServiceState;
  /** Page size of the pool in KiB; 0 = none, or mixed sizes (Nitro). */
  pageKib: number;
  /** MiB really reserved. */
  memoryMib: number;
}

/** A run of frames an enclave owns in the page pool `size` of `node` (size -1: the base store). */
export interface OwnedExtent {
  readonly node: number;
  readonly size: number;
  readonly handle: Handle;
}

/** A user memory region as the driver lists it: what was declared, and the pages it pinned. */
export interface UserRegion {
  readonly address: number;
  readonly bytes: number;
  /** Physical address and size in bytes of each pinned page, flat: [phys, bytes, phys, bytes, …]. */
  readonly pages: readonly number[];
}

/** Threads of one core that an enclave owns, ascending, at the core's index in the pool. */
export interface OwnedCore {
  readonly index: number;
  readonly cpus: readonly number[];
}

export interface Enclave {
  /** Slot uid (Nitro, from 1) or EnclaveID (QingTian, from 0). */
  readonly uid: number;
  state: LifecycleState;
  cid: number;
  debug: Bit;
  /** The task (address space) that created it; -1 = none. */
  readonly task: number;
  /** The pool as it was when the enclave was created. */
  readonly node: number;
  readonly parentCores: number;
  readonly threadsPerCore: number;
  /** Donated threads, ascending. */
  vcpus: number[];
  /**
   * Cores owned, by ascending index; the list is replaced, never written, so that record and effect
   * may share it. Owned is wider than donated.
   */
  cores: readonly OwnedCore[];
  /** Bytes of memory donated, as the platform counts them. */
  memoryBytes: number;
  /** Physically contiguous ranges donated (Nitro driver's nr_mem_regions). */
  ranges: number;
  readonly maxRanges: number;
  /** User memory regions (Nitro) by ascending address; as declared they never overlap. */
  regions: UserRegion[];
  /** Physical ranges the hypervisor accepted, flat: [phys, bytes, …]. */
  donated: number[];
  /** Extents owned directly (QingTian, vm), in the order claimed. */
  extents: OwnedExtent[];
  /** What was asked for (QingTian, vm); sizes in MiB and bytes. */
  readonly request: EnclaveRequest;
  /** A pending exit notification (poll says HUP). */
  event: Bit;
  /** In the device's enclave list. */
  listed: Bit;
  /** File number of the enclave's descriptor; -1 = closed, or none. */
  fd: number;
  /** The hypervisor's own view of the slot's state. */
  deviceState: number;
  /** Someone reads its console. */
  console: Bit;
}

/** What a start asked for. */
export interface EnclaveRequest {
  readonly vcpus: number;
  readonly memoryMib: number;
  readonly imageBytes: number;
}

/** A mapping of one task: pages at `address`, backed by runs of physically consecutive pages. */
export interface Mapping {
  /** User address in bytes. */
  readonly address: number;
  readonly pageBytes: number;
  /** hugetlb pages (1) or ordinary ones (0). */
  readonly huge: Bit;
  /** NUMA node of its pages; -1 = not faulted in yet. */
  readonly node: number;
  /** Flat [phys, count, …] of physically consecutive pages; empty = not faulted in yet. */
  readonly runs: readonly number[];
  /** Owning task; SHARED_TASK = seen by every task. */
  readonly task: number;
  /** Page-pool index its pages come from; -1 = foreign memory, outside the host's stores. */
  readonly size: number;
}

/** A page of the host's own pools that was mapped and never touched. */
export function isPromise({ size, runs }: Mapping): boolean {
  return size >= 0 && runs.length === 0;
}

/** `promised` of a tree that has these mappings, for whoever puts a list in place as a whole. */
export function promisesIn(mappings: readonly Mapping[], sizes: number): number[] {
  const promised = new Array<number>(sizes).fill(0);
  for (const mapping of mappings) if (isPromise(mapping)) promised[mapping.size]++;
  return promised;
}

/** Task number of a mapping that every task sees. */
export const SHARED_TASK = -1;

/** Named counters; each is changed by a `set-counter` effect. */
export interface Counters {
  /** Uid the next slot gets. */
  nextSlot: number;
  /** CID the next automatic choice gets. */
  nextCid: number;
  /** Page references the driver holds. */
  pinned: number;
  /** The enclave PCI device is bound (0/1). */
  bound: number;
}

/** Frames that left an enclave unscrubbed: a violation to be seen by the invariant. */
export interface DirtyRun {
  readonly node: number;
  readonly start: number;
  readonly frames: number;
  readonly enclave: number;
}

export interface HostTree {
  parent: ParentState;
  /** Per possible CPU id: 1 = online in the parent. */
  online: number[];
  pool: CpuPool;
  reservation: Reservation;
  /** Records of the live enclaves by ascending uid, so the newest last (host/records). */
  records: Enclave[];
  /** Mappings by ascending address. */
  mappings: Mapping[];
  /** By page-size index: mappings that nobody has touched yet, so pages promised, not placed. */
  promised: number[];
  counters: Counters;
  dirty: DirtyRun[];
}

/** A pool that holds nothing, as after a failed write. */
export function emptyPool(node: number): CpuPool {
  return { threadsPerCore: 0, parentCores: 0, node, avail: [], text: '' };
}

/** What a fresh record has beyond the neutral values. */
export type Newborn = Partial<Omit<Enclave, 'vcpus' | 'donated'>> & {
  readonly uid: number;
  readonly vcpus?: readonly number[];
  readonly donated?: readonly number[];
};

/**
 * A fresh enclave record; `given` sets what differs from the neutral values, and keeps its own lists
 * of numbers. Field by field, so that every record has one shape and the engine's hot path stays
 * monomorphic.
 */
export function newEnclave(
  given: Newborn,
  cores: readonly OwnedCore[] = given.cores ?? NO_CORES,
  extents: OwnedExtent[] = given.extents ?? [],
): Enclave {
  return {
    uid: given.uid,
    state: given.state ?? 'absent',
    cid: given.cid ?? 0,
    debug: given.debug ?? 0,
    task: given.task ?? -1,
    node: given.node ?? -1,
    parentCores: given.parentCores ?? 0,
    threadsPerCore: given.threadsPerCore ?? 0,
    vcpus: given.vcpus === undefined ? [] : given.vcpus.slice(),
    cores,
    memoryBytes: given.memoryBytes ?? 0,
    ranges: given.ranges ?? 0,
    maxRanges: given.maxRanges ?? 0,
    regions: given.regions ?? [],
    donated: given.donated === undefined ? [] : given.donated.slice(),
    extents,
    request: given.request ?? NO_REQUEST,
    event: given.event ?? 0,
    listed: given.listed ?? 1,
    fd: given.fd ?? -1,
    deviceState: given.deviceState ?? 0,
    console: given.console ?? 0,
  };
}

const NO_CORES: readonly OwnedCore[] = [];
const NO_REQUEST: EnclaveRequest = { vcpus: 0, memoryMib: 0, imageBytes: 0 };

/** A copy that shares no mutable part with the original; field by field, since it is a hot path. */
export function copyEnclave(e: Enclave): Enclave {
  return {
    uid: e.uid,
    state: e.state,
    cid: e.cid,
    debug: e.debug,
    task: e.task,
    node: e.node,
    parentCores: e.parentCores,
    threadsPerCore: e.threadsPerCore,
    vcpus: e.vcpus.slice(),
    cores: e.cores,
    memoryBytes: e.memoryBytes,
    ranges: e.ranges,
    maxRanges: e.maxRanges,
    regions: e.regions.slice(),
    donated: e.donated.slice(),
    extents: e.extents.slice(),
    request: e.request,
    event: e.event,
    listed: e.listed,
    fd: e.fd,
    deviceState: e.deviceState,
    console: e.console,
  };
}
