/**
 * The state of a host in the words of the driver recordings, and the change between two of them.
 *
 * Invariant: the change is the RFC 7386 patch of the recorded format; a new enclave is compared
 * with the format's defaults, so that only what differs from them is named.
 */
import type { Enclave, HostTree } from '../../core/host/tree.js';
import { formatCpulist } from '../../core/topology/cpulist.js';
import { type Json, mergeDiff } from './merge-patch.js';

interface JsonMap {
  [key: string]: Json;
}

export interface DriverState extends JsonMap {
  pool: JsonMap;
  enclaves: JsonMap;
}

export function driverState(tree: HostTree): DriverState {
  const { pool, online, counters } = tree;
  const offline: number[] = [];
  for (let cpu = 0; cpu < online.length; cpu++) if (online[cpu] === 0) offline.push(cpu);
  const enclaves: JsonMap = {};
  for (const uid of tree.order) enclaves[uid] = enclaveState(tree.enclaves[uid]);
  return {
    pool: {
      tpc: pool.threadsPerCore,
      parentCores: pool.parentCores,
      node: pool.node,
      avail: cpulists(pool.avail.entries()),
    },
    offline: formatCpulist(offline),
    param: pool.text,
    pinned: counters.pinned,
    bound: counters.bound,
    enclaves,
  };
}

/** Patch from `before` to `after`; `maxRanges`: the hypervisor's answer on this host. */
export function driverDelta(
  before: DriverState,
  after: DriverState,
  maxRanges: number,
): { readonly [key: string]: Json } | undefined {
  const known: JsonMap = { ...before.enclaves };
  const fresh: string[] = [];
  for (const uid of Object.keys(after.enclaves)) {
    if (uid in known) continue;
    known[uid] = newEnclaveState(after.pool, maxRanges);
    fresh.push(uid);
  }
  return mergeDiff({ ...before, enclaves: known }, after) ?? bareEnclaves(fresh);
}

/** New enclaves that differ in nothing from the defaults; cannot happen, as `fd` has none. */
function bareEnclaves(uids: readonly string[]) {
  return uids.length === 0 ? undefined : { enclaves: Object.fromEntries(uids.map((u) => [u, {}])) };
}

function enclaveState(enclave: Enclave): JsonMap {
  const regions: JsonMap = {};
  for (const { address, bytes, pages } of enclave.regions) {
    regions[`0x${address.toString(16)}`] = [bytes, pages.length / 2];
  }
  return {
    fd: enclave.fd,
    state: enclave.state,
    vcpus: formatCpulist(enclave.vcpus),
    cores: cpulists(Object.entries(enclave.cores)),
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

function newEnclaveState({ node, parentCores, tpc }: JsonMap, max: number): JsonMap {
  const given = { max, node, parentCores, tpc, event: 0, listed: 1 };
  return { state: 'INIT', vcpus: '', cores: {}, mem: 0, nr: 0, regions: {}, ...given };
}

/** Index → cpulist; empty ones are absent. */
function cpulists(entries: Iterable<readonly [string | number, readonly number[]]>): JsonMap {
  const lists: JsonMap = {};
  for (const [index, cpus] of entries) if (cpus.length > 0) lists[index] = formatCpulist(cpus);
  return lists;
}
