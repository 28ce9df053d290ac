/**
 * What must be remembered of a host so that the move to its next state can be judged: states and
 * sizes, not the state itself, because a host that runs in place does not keep it.
 *
 * Invariant: a note shares nothing with the host that it was taken from.
 */
import type { Command } from '../host/command.js';
import type { Host } from '../host/host.js';
import type { Enclave } from '../host/tree.js';
import type { LifecycleState, ParentState } from '../lifecycle/states.js';

/** Everything an enclave may not change once it runs, as counts. */
export interface Size {
  readonly vcpus: number;
  readonly cores: number;
  readonly memoryBytes: number;
  readonly ranges: number;
  readonly extents: number;
}

export interface EnclaveBefore {
  readonly uid: number;
  readonly state: LifecycleState;
  /** The hypervisor started it, whatever its driver believes now. */
  readonly started: boolean;
  readonly size: Size;
}

export interface Before {
  /** The command about to run is a whole launch: its new enclave takes all edges at once. */
  readonly wholeLaunch?: true | undefined;
  readonly parent: ParentState;
  readonly enclaves: readonly EnclaveBefore[];
}

/** @param command the one about to run; without it a launch in one command reads as a jump. */
export function noteBefore({ tree }: Host, command?: Command): Before {
  return {
    ...(command?.kind.endsWith('.launch') ? { wholeLaunch: true } : {}),
    parent: tree.parent,
    enclaves: tree.records.map((enclave) => ({
      uid: enclave.uid,
      state: enclave.state,
      started: wasStarted(enclave),
      size: sizeOf(enclave),
    })),
  };
}

/** Platforms without a device keep its state 0, and go by their own states alone. */
export function wasStarted({ cid, deviceState }: Enclave): boolean {
  return cid !== 0 && deviceState !== 0;
}

export function sizeOf(enclave: Enclave): Size {
  return {
    vcpus: enclave.vcpus.length,
    cores: enclave.cores.length,
    memoryBytes: enclave.memoryBytes,
    ranges: enclave.donated.length / 2,
    extents: enclave.extents.length,
  };
}
