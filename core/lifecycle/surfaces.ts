/**
 * Every surface that has a lifecycle: its machine, and its table compiled on first use.
 *
 * Invariant: one machine per surface, and a table is only ever compiled from it.
 * Trade-off: a table costs some microseconds per pair, so a program that asks nothing pays nothing;
 * a hot path fetches the table once and keeps it.
 */
import type { AnyStateMachine } from 'xstate';
import { compileTable, type EventOf, type StateOf } from './compile-table.js';
import { driverSlot } from './driver-slot.js';
import { nitroCli } from './nitro-cli.js';
import { parentVm } from './parent-vm.js';
import { qingtianEnclave } from './qingtian-enclave.js';
import { reservationService } from './reservation-service.js';
import type { LifecycleTable } from './table.js';
import { vmInstance } from './vm-instance.js';

/** The machines, for readers and for drawing tools such as Stately's. */
export const machines = {
  parentVm,
  reservationService,
  driverSlot,
  nitroCli,
  qingtianEnclave,
  vmInstance,
} as const;

export type Surface = keyof typeof machines;

/** The dense table of a surface: `lifecycle.driverSlot()`. */
export const lifecycle = {
  parentVm: onFirstUse(parentVm),
  reservationService: onFirstUse(reservationService),
  driverSlot: onFirstUse(driverSlot),
  nitroCli: onFirstUse(nitroCli),
  qingtianEnclave: onFirstUse(qingtianEnclave),
  vmInstance: onFirstUse(vmInstance),
} as const;

function onFirstUse<M extends AnyStateMachine>(
  machine: M,
): () => LifecycleTable<StateOf<M>, EventOf<M>> {
  let table: LifecycleTable<StateOf<M>, EventOf<M>> | undefined;
  return () => {
    table ??= compileTable(machine);
    return table;
  };
}
