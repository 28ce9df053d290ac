/**
 * An ended enclave owns nothing; after all end, the host owns what it owned before the first; no CPU is
 * lost on the way (stranded-cpus), and no pin (page-pins).
 *
 * Invariant: what a store says of an enclave must be in that enclave's record, and the other way
 * round is frame-one-owner's. Frames between owners (scrubbed, held, leaked), pins and pool threads
 * must be back when no enclave is left. A breach by a platform's named quirk carries its id.
 * Trade-off: a stopped Nitro slot has not ended for this check: its open file still owns cores and
 * pages, as on the real machine; a zombie, which nobody can close, has.
 */

import type { Host } from '../host/host.js';
import { physOf } from '../host/physical.js';
import { recordOf } from '../host/records.js';
import type { Enclave } from '../host/tree.js';
import { parseKernelCpulist } from '../topology/cpulist.js';
import { firstOutside, type Ranges } from './byte-ranges.js';
import { extentKey, type HeldExtent } from './held-frames.js';
import type { Always, Scene, Violation } from './invariant.js';
import { lostPins } from './page-pins.js';
import { strandedCpus } from './stranded-cpus.js';

const ID = 'no-leak';
/** The edge of the driver slot's machine by which a slot can never be closed again. */
const ZOMBIE_QUIRK = 'zombie-slot';

export const noLeak: Always = {
  id: ID,
  sentence:
    'An ended enclave owns nothing; after all end, the host owns what it owned before the first.',
  kind: 'always',
  check: (scene) => [...leaked(scene), ...strandedCpus(scene), ...lostPins(scene)],
};

/** What `check` finds in the state alone. */
export function leaked({ host, held, donated }: Scene): Violation[] {
  const found: Violation[] = [];
  const enclaves = host.tree.records;
  // The driver's records hold physical ranges, every other platform's hold extents.
  const driver = host.profile.guarantees?.surface === 'driverSlot';
  const inRecord = driver ? byDonations(host, donated()) : byExtents(enclaves);
  for (const extent of held().ofEnclaves) {
    if (!inRecord(extent)) found.push(unknownTo(recordOf(host.tree, extent.uid), extent));
  }
  if (driver) for (const enclave of enclaves) checkZombie(enclave, found);
  if (enclaves.length > 0) return found;
  const quirk = host.profile.guarantees?.pinLeak?.quirk;
  for (const { node, start, frames } of held().between) {
    const message = `frames [${start}, +${frames}) of node ${node} did not come back`;
    found.push({ invariant: ID, message, numbers: { start, frames }, node, ...named(quirk) });
  }
  const { pinned } = host.tree.counters;
  if (pinned !== 0) {
    const message = `${pinned} page pins are left after the last enclave`;
    found.push({ invariant: ID, message, numbers: { pinned }, ...named(quirk) });
  }
  checkPool(host, found);
  return found;
}

function named(quirk: string | undefined): { readonly quirk?: string } {
  return quirk === undefined ? {} : { quirk };
}

/** Whether the record of an extent's enclave has it. */
type InRecord = (extent: HeldExtent) => boolean;

function byExtents(enclaves: readonly Enclave[]): InRecord {
  const keys = new Map(enclaves.map(({ uid, extents }) => [uid, new Set(extents.map(extentKey))]));
  return (extent) => keys.get(extent.uid)?.has(extentKey(extent)) === true;
}

function byDonations(host: Host, donated: ReadonlyMap<number, Ranges>): InRecord {
  return (extent) => isDonated(host, donated.get(extent.uid) ?? [], extent);
}

/** Frames of an enclave that has no record, or whose record does not know of them. */
function unknownTo(enclave: Enclave | undefined, extent: HeldExtent): Violation {
  const { uid, node, start, frames } = extent;
  const why = enclave === undefined ? 'which ended' : 'whose record does not have them';
  const message = `frames [${start}, +${frames}) of node ${node} belong to enclave ${uid}, ${why}`;
  return { invariant: ID, message, numbers: { start, frames }, enclave: uid, node };
}

/** Whether every byte of an extent is in ranges that the enclave's donations make up. */
function isDonated(host: Host, donated: Ranges, extent: HeldExtent): boolean {
  const first = physOf(host, extent.node, extent.start);
  const end = first + extent.frames * host.memory[extent.node].frameKib * 1024;
  return firstOutside(donated, first) >= end;
}

/** A slot whose file is gone (fd -1) but whose record is not. */
function checkZombie({ uid, fd, cores, ranges }: Enclave, found: Violation[]): void {
  const owned = cores.length;
  if (fd !== -1 || (owned === 0 && ranges === 0)) return;
  const message = `enclave ${uid} was closed but keeps ${owned} cores and ${ranges} ranges`;
  const numbers = { cores: owned, ranges };
  found.push({ invariant: ID, message, numbers, enclave: uid, quirk: ZOMBIE_QUIRK });
}

/** With no enclave left, the pool has every thread that the last accepted text names. */
function checkPool({ tree, topology }: Host, found: Violation[]): void {
  const parsed = parseKernelCpulist(tree.pool.text, topology.nrCpuIds);
  if ('errno' in parsed) return;
  const avail = new Set(tree.pool.avail.flat());
  const missing = parsed.cpus.filter((cpu) => !avail.has(cpu));
  if (missing.length === 0) return;
  const cpus = missing.join(',');
  const message = `CPUs ${cpus} of the pool did not come back`;
  found.push({ invariant: ID, message, numbers: { cpus } });
}
