/**
 * The state of a host in the words of the driver recordings.
 *
 * Invariant: all that a recording names of a host is here, and nothing else; a core without threads
 * is not listed. Trade-off: written down whole once a host, then by state-follower.ts, field by
 * field, as calls change it.
 */
import type { CpuPool, Enclave, HostTree } from '../../core/host/tree.js';
import { formatCpulist } from '../../core/topology/cpulist.js';
import type { Json } from './merge-patch.js';

export interface JsonMap {
  [key: string]: Json;
}

export interface PoolState extends JsonMap {
  avail: JsonMap;
}

export interface EnclaveState extends JsonMap {
  cores: JsonMap;
  regions: JsonMap;
}

export interface DriverState extends JsonMap {
  pool: PoolState;
  enclaves: { [uid: string]: EnclaveState };
}

/** All of it. */
export function driverState(tree: HostTree): DriverState {
  const enclaves: DriverState['enclaves'] = {};
  for (const record of tree.records) enclaves[record.uid] = enclaveState(record);
  return {
    pool: poolState(tree.pool),
    offline: offlineCpus(tree),
    param: tree.pool.text,
    pinned: tree.counters.pinned,
    bound: tree.counters.bound,
    enclaves,
  };
}

/** Puts the threads at a core index in their place; false = they were there already. */
export function writeCore(
  cores: JsonMap,
  index: number,
  cpus: readonly number[] | undefined,
): boolean {
  const text = cpus === undefined || cpus.length === 0 ? undefined : formatCpulist(cpus);
  if (cores[index] === text) return false;
  if (text === undefined) delete cores[index];
  else cores[index] = text;
  return true;
}

export function poolState({ threadsPerCore, parentCores, node, avail }: CpuPool): PoolState {
  const cores: JsonMap = {};
  for (let index = 0; index < avail.length; index++) writeCore(cores, index, avail[index]);
  return { tpc: threadsPerCore, parentCores, node, avail: cores };
}

export function offlineCpus({ online }: HostTree): string {
  const offline: number[] = [];
  for (let cpu = 0; cpu < online.length; cpu++) if (online[cpu] === 0) offline.push(cpu);
  return formatCpulist(offline);
}

export function enclaveState(enclave: Enclave): EnclaveState {
  const regions: JsonMap = {};
  for (const { address, bytes, pages } of enclave.regions) {
    regions[hex(address)] = [bytes, pages.length / 2];
  }
  const cores: JsonMap = {};
  for (const { index, cpus } of enclave.cores) writeCore(cores, index, cpus);
  return {
    fd: enclave.fd,
    state: enclave.state,
    vcpus: formatCpulist(enclave.vcpus),
    cores,
    mem: enclave.memoryBytes,
    nr: enclave.ranges,
    regions,
    max: enclave.maxRanges,
    node: enclave.node,
    parentCores: enclave.parentCores,
    tpc: enclave.threadsPerCore,
    event: enclave.event,
    listed: enclave.listed,
  };
}

/** What the format takes for granted of a new enclave. */
export function newEnclaveState(
  { node, parentCores, threadsPerCore }: CpuPool,
  max: number,
): JsonMap {
  const given = { max, node, parentCores, tpc: threadsPerCore, event: 0, listed: 1 };
  return { state: 'INIT', vcpus: '', cores: {}, mem: 0, nr: 0, regions: {}, ...given };
}

/** A user address as recorded. */
export function hex(address: number): string {
  return `0x${address.toString(16)}`;
}
