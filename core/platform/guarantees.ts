/**
 * What a platform promises about a host at every moment, as data for the isolation invariants.
 *
 * The rules of a profile decide commands; its guarantees say what must then be true of the state,
 * whatever the commands were. Invariant: the two are written apart, so that a wrong rule cannot
 * excuse itself; a promise that a platform does not make is absent, never "passed".
 */
import type { Command } from '../host/command.js';
import type { Host } from '../host/host.js';
import type { Surface } from '../lifecycle/surfaces.js';

export interface Guarantees {
  /** Lifecycle surface of the platform's enclave records. */
  readonly surface: Extract<Surface, 'qingtianEnclave' | 'driverSlot' | 'vmInstance'>;
  /** All memory and CPUs of a running enclave are on one NUMA node. */
  readonly numaLocal: boolean;
  /** Threads of a core never serve two owners, and CPU 0's core stays with the parent. */
  readonly wholeCores: boolean;
  /** CIDs no enclave may run with; 0 = it has none. */
  readonly reservedCids: readonly number[];
  /**
   * CID at which an enclave reaches its parent over vsock, its only channel; absent = the platform
   * promises no such isolation.
   */
  readonly parentCid?: number;
  /** The reservation's record says what is in the page pools: its MiB, and pages of its size alone. */
  readonly countsReserved: boolean;
  /** What a running parent keeps, with the host's options applied; absent = no documented floor. */
  readonly parentFloor?: (host: Host) => ParentFloor;
  /** Upper and lower bounds, with the host's options applied. */
  readonly caps: (host: Host) => Caps;
  /** How pages may stay pinned for good; absent = the platform pins none. */
  readonly pinLeak?: PinLeak;
  /** Why a CPU may go offline by this command with nobody to have it; undefined = none may. */
  readonly offlineCause: (command: Command) => OfflineCause | undefined;
}

export type OfflineCause =
  /** An administrator switches this CPU off, and no other. */
  | { readonly kind: 'switched-off'; readonly cpu: number }
  /**
   * By a named quirk CPUs that are given back stay offline: as many as there are failing calls, and
   * those on whose core an enclave has a vCPU.
   */
  | { readonly kind: 'not-given-back'; readonly quirk: string; readonly failing: number };

export interface PinLeak {
  /** Id of the platform's named quirk that explains it. */
  readonly quirk: string;
  /** The command that may leave one pin behind; no other may leave any. */
  readonly by: Command['kind'];
}

export interface ParentFloor {
  readonly vcpus: number;
  /** MiB of the parent's memory that are in no page pool. */
  readonly memoryMib: number;
}

/** Absent = the platform sets no such bound. */
export interface Caps {
  readonly maxEnclaves?: number;
  /** The number of vCPUs is a multiple of this. */
  readonly vcpuStep?: number;
  readonly maxVcpus?: number;
  readonly maxVcpusTotal?: number;
  readonly minMemoryMib?: number;
  readonly maxPages?: number;
  /** Memory is at least this many times the image's size in bytes. */
  readonly imageFactor?: number;
}
