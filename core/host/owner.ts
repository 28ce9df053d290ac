/**
 * Owner codes: what the numbers in the extent stores mean to a host.
 *
 * The stores know only numbers (FREE = 0 and the few low codes of `memory/node-memory`). From
 * FIRST_CODE on, even codes are tasks (address spaces) and odd codes enclaves, so both kinds can grow
 * without a table. Invariant: a code decodes to exactly one owner.
 */
import { FREE } from '../memory/extent-store.js';
import { HOLE, OUTSIDE, POOL } from '../memory/node-memory.js';

/** Wiped by the hypervisor, not yet returned. */
export const SCRUBBED = 3;
/** Pinned by the driver, mapped by nobody, donated to nobody. */
export const HELD = 4;

const FIRST_CODE = 64;

export function taskOwner(task: number): number {
  return FIRST_CODE + 2 * task;
}

export function enclaveOwner(uid: number): number {
  return FIRST_CODE + 1 + 2 * uid;
}

/** True for a code that `enclaveOwner` gave. */
export function isEnclaveOwner(code: number): boolean {
  return code >= FIRST_CODE && (code - FIRST_CODE) % 2 === 1;
}

/** Task number or enclave uid behind a code. */
export function ownerNumber(code: number): number {
  return (code - FIRST_CODE) >> 1;
}

/** An owner in words, for reports: "enclave 3", "2 MiB pool", "parent". `pool`: a page-pool store. */
export function describeOwner(code: number, pool: boolean): string {
  if (code >= FIRST_CODE) {
    return `${isEnclaveOwner(code) ? 'enclave' : 'task'} ${ownerNumber(code)}`;
  }
  if (code === FREE) return pool ? 'pool' : 'free';
  if (code === SCRUBBED) return 'scrubbed';
  if (code === HELD) return 'held';
  if (code >= POOL) return `pool ${code - POOL}`;
  if (pool) return code === OUTSIDE ? 'outside' : 'leaked';
  return code === HOLE ? 'hole' : 'parent';
}
