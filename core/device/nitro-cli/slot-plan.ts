/**
 * Which slot and file a launch gets from CREATE_VM, or its refusal, when no call is made to fail.
 *
 * A full parent refuses most proposals of a busy fleet, so this walks the rows that the step meets, in
 * its order, and nothing else: no ledger of calls, no record. Invariant: slot, file and refusal are
 * those of the step (create-vm.ts, ask.ts; test/device/nitro-at-once). Only reads.
 */
import type { Host } from '../../host/host.js';
import { CREATE_VM_RULES, lowestFreeFile } from '../../platform/nitro/create-vm.js';
import { DEVICE_BOUND, HYPERVISOR_RULES } from '../../platform/nitro/hypervisor.js';
import { PARENT_RUNNING, PARENT_TYPE } from '../../platform/nitro/rules.js';
import { refusalOnWalk, walkOf } from '../../platform/rule.js';
import type { Refusal } from '../../refusal/refusal.js';

export type SlotPlan =
  | { readonly refusal: Refusal }
  | { readonly slot: number; readonly fd: number; readonly refusal?: undefined };

const ROWS = [PARENT_RUNNING, PARENT_TYPE, ...CREATE_VM_RULES, DEVICE_BOUND];
const PERMISSIVE = walkOf(ROWS);
const ISOLATING = walkOf([...ROWS, ...HYPERVISOR_RULES]);
const REQUEST = { kind: 'SLOT_ALLOC' } as const;

export function planSlot(host: Host): SlotPlan {
  const walk = host.hypervisor.kind === 'isolating' ? ISOLATING : PERMISSIVE;
  const refusal = refusalOnWalk(walk, { host, request: REQUEST });
  if (refusal !== undefined) return { refusal };
  return { slot: host.tree.counters.nextSlot, fd: lowestFreeFile(host.tree) };
}
