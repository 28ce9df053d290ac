/**
 * What must be remembered of a host so that the move to its next state can be judged: states, and what
 * each enclave has, not the state itself, because a host that runs in place does not keep it.
 *
 * Invariant: a note shares nothing with the host that it was taken from.
 */
import type { Command } from '../host/command.js';
import type { Host } from '../host/host.js';
import type { Enclave } from '../host/tree.js';
import type { LifecycleState, ParentState } from '../lifecycle/states.js';
import type { Guarantees, OfflineCause } from '../platform/guarantees.js';
import { type Mover, moverOf } from './movers.js';
import { extraPins } from './page-pins.js';
import { strandedIn } from './stranded-cpus.js';

/** Some of what an enclave has: how many, and which, as numbers that stand for them. */
export interface Had {
  readonly count: number;
  readonly which: readonly number[];
}

/** Everything an enclave may not change once it runs. */
export type Size = Readonly<Record<'vcpus' | 'cores' | 'memoryBytes' | 'ranges' | 'extents', Had>>;

export interface EnclaveBefore {
  readonly uid: number;
  readonly state: LifecycleState;
  /** The hypervisor started it, whatever its driver believes now. */
  readonly started: boolean;
  readonly size: Size;
}

/** What a judge has to know of the command that is about to run. */
export interface CommandNote {
  /** It is a whole launch: its new enclave takes all edges at once. */
  readonly wholeLaunch?: true | undefined;
  /** Why it may leave CPUs offline with nobody to have them; undefined = it may not. */
  readonly offlineCause?: OfflineCause | undefined;
  /** Which enclaves it may move; undefined = that is not known, and not judged. */
  readonly mover?: Mover | undefined;
  /** By a named quirk it may leave one page pinned that no region lists. */
  readonly mayLeavePin?: true | undefined;
}

export interface Before extends CommandNote {
  /** CPUs that were offline and nobody's, ascending. */
  readonly stranded: readonly number[];
  /** Pins that no region explained. */
  readonly extraPins: number;
  readonly parent: ParentState;
  readonly enclaves: readonly EnclaveBefore[];
}

/**
 * @param command the one about to run; without it a launch in one command reads as a jump, and a CPU
 *   that is switched off as lost
 */
export function noteBefore({ tree, topology, profile }: Host, command?: Command): Before {
  return {
    ...(command === undefined ? {} : noteOfCommand(profile.guarantees, command)),
    stranded: strandedIn(topology, tree),
    extraPins: extraPins(tree),
    parent: tree.parent,
    enclaves: tree.records.map((enclave) => ({
      uid: enclave.uid,
      state: enclave.state,
      started: wasStarted(enclave),
      size: sizeOf(enclave),
    })),
  };
}

export function noteOfCommand(guarantees: Guarantees | undefined, command: Command): CommandNote {
  const offlineCause = guarantees?.offlineCause(command);
  const mover = moverOf(command);
  return {
    ...(command.kind.endsWith('.launch') ? { wholeLaunch: true } : {}),
    ...(offlineCause === undefined ? {} : { offlineCause }),
    ...(guarantees?.pinLeak?.by === command.kind ? { mayLeavePin: true } : {}),
    ...(mover === undefined ? {} : { mover }),
  };
}

/** Platforms without a device keep its state 0, and go by their own states alone. */
export function wasStarted({ cid, deviceState }: Enclave): boolean {
  return cid !== 0 && deviceState !== 0;
}

export function sizeOf({ vcpus, cores, memoryBytes, donated, extents }: Enclave): Size {
  return {
    vcpus: { count: vcpus.length, which: vcpus.slice() },
    cores: { count: cores.length, which: cores.flatMap(({ cpus }) => cpus) },
    memoryBytes: { count: memoryBytes, which: [] },
    ranges: { count: donated.length / 2, which: donated.slice() },
    extents: {
      count: extents.length,
      which: extents.flatMap(({ node, size, handle }) => [node, size, handle]),
    },
  };
}
