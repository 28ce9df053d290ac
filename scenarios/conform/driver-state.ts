/**
 * The state of a host in the words of the driver recordings, and the change that a call makes to it.
 *
 * Invariant: the change is the RFC 7386 patch of the recorded format; a new enclave is compared
 * with the format's defaults, so that only what differs from them is named. Trade-off: only what an
 * effect says it touched is written down anew, and the rest is shared with the state before, since
 * most calls touch one enclave; the naive twin, which writes down all of it, must agree
 * (test/device/driver-oracle).
 */

import type { Effect, EffectKind } from '../../core/host/effect.js';
import { recordOf } from '../../core/host/records.js';
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

/** The part of a recorded state that an effect can change: a name, or the record of its enclave. */
type Part = 'pool' | 'offline' | 'counters' | 'enclave' | 'pool and enclave' | 'nothing';

const PARTS: Readonly<Record<EffectKind, Part>> = {
  'set-parent': 'nothing',
  'set-online': 'offline',
  'set-pool': 'pool',
  'set-reservation': 'nothing',
  'resize-pages': 'nothing',
  'take-core': 'pool and enclave',
  'return-core': 'pool and enclave',
  'add-vcpu': 'enclave',
  'add-enclave': 'enclave',
  'drop-enclave': 'enclave',
  'set-enclave': 'enclave',
  'add-region': 'enclave',
  donate: 'nothing',
  claim: 'nothing',
  give: 'nothing',
  scrub: 'nothing',
  release: 'nothing',
  map: 'nothing',
  unmap: 'nothing',
  'set-counter': 'counters',
  // Of platforms without a driver: a whole launch or end.
  admit: 'nothing',
  dismiss: 'nothing',
};

/** All of it. */
export function driverState(tree: HostTree): DriverState {
  const enclaves: JsonMap = {};
  for (const record of tree.records) enclaves[record.uid] = enclaveState(record);
  return {
    pool: poolState(tree),
    offline: offlineCpus(tree),
    param: tree.pool.text,
    pinned: tree.counters.pinned,
    bound: tree.counters.bound,
    enclaves,
  };
}

/** The state that effects led to, from the one before them; that one itself when they touch none. */
export function driverStateAfter(
  before: DriverState,
  tree: HostTree,
  effects: readonly Effect[],
): DriverState {
  let after = before;
  let enclaves = before.enclaves;
  for (const effect of effects) {
    const part = PARTS[effect.kind];
    if (part === 'nothing') continue;
    if (after === before) after = { ...before };
    if (part === 'offline') after.offline = offlineCpus(tree);
    else if (part === 'counters') {
      after.pinned = tree.counters.pinned;
      after.bound = tree.counters.bound;
    } else {
      if (part !== 'enclave') {
        after.pool = poolState(tree);
        after.param = tree.pool.text;
      }
      if (part === 'pool') continue;
      if (enclaves === before.enclaves) {
        enclaves = { ...enclaves };
        after.enclaves = enclaves;
      }
      writeEnclave(enclaves, tree, uidOf(effect));
    }
  }
  return after;
}

function uidOf(effect: Effect): number {
  if ('uid' in effect) return effect.uid;
  return 'enclave' in effect ? effect.enclave.uid : -1;
}

function writeEnclave(enclaves: JsonMap, tree: HostTree, uid: number): void {
  const record = recordOf(tree, uid);
  if (record === undefined) delete enclaves[uid];
  else enclaves[uid] = enclaveState(record);
}

/** Patch from `before` to `after`; `maxRanges`: the hypervisor's answer on this host. */
export function driverDelta(
  before: DriverState,
  after: DriverState,
  maxRanges: number,
): { readonly [key: string]: Json } | undefined {
  if (before.enclaves === after.enclaves) return mergeDiff(before, after);
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

function poolState({ pool }: HostTree): JsonMap {
  const avail: JsonMap = {};
  for (let index = 0; index < pool.avail.length; index++) {
    const cpus = pool.avail[index];
    if (cpus.length > 0) avail[index] = textOf(cpus);
  }
  return { tpc: pool.threadsPerCore, parentCores: pool.parentCores, node: pool.node, avail };
}

function offlineCpus({ online }: HostTree): string {
  const offline: number[] = [];
  for (let cpu = 0; cpu < online.length; cpu++) if (online[cpu] === 0) offline.push(cpu);
  return formatCpulist(offline);
}

function enclaveState(enclave: Enclave): JsonMap {
  const regions: JsonMap = {};
  for (const { address, bytes, pages } of enclave.regions) {
    regions[`0x${address.toString(16)}`] = [bytes, pages.length / 2];
  }
  const cores: JsonMap = {};
  for (const { index, cpus } of enclave.cores) cores[index] = textOf(cpus);
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

function newEnclaveState({ node, parentCores, tpc }: JsonMap, max: number): JsonMap {
  const given = { max, node, parentCores, tpc, event: 0, listed: 1 };
  return { state: 'INIT', vcpus: '', cores: {}, mem: 0, nr: 0, regions: {}, ...given };
}

/** A list of the tree is replaced, never written, so its text can be kept with it. */
const TEXTS = new WeakMap<readonly number[], string>();

function textOf(cpus: readonly number[]): string {
  const known = TEXTS.get(cpus);
  if (known !== undefined) return known;
  const text = formatCpulist(cpus);
  TEXTS.set(cpus, text);
  return text;
}
