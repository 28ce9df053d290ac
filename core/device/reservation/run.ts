/**
 * A run of the reservation service as a program of platform steps.
 *
 * The program yields commands and is told each decision with the host after it; it never touches a
 * host itself. So a scenario runs it in place, the library under Immer, and a journal records it.
 * Invariant: between two commands the program looks only at `run.host`, the host it was last told.
 */
import type { CommandOf } from '../../host/command.js';
import type { Host } from '../../host/host.js';
import type { Program } from '../../host/program.js';

export type ServiceCommand = CommandOf<'nitro.write-pool'> | CommandOf<'nitro.write-hugepages'>;

export type Steps<Result> = Program<Result, ServiceCommand>;

/**
 * `before-313` ignores a memory failure in cpu_count mode (aws-nitro-enclaves-cli commit 7d7966d).
 */
export type ServiceVersion = '1.5.0' | 'before-313';

/** One try to reserve the memory on one node. */
export interface PageAttempt {
  /** NUMA node id. */
  readonly node: number;
  /** Pages had before any roll-back, largest size first; sizes not reached are left out. */
  readonly had: readonly { readonly pageKib: number; readonly pages: number }[];
  readonly ok: boolean;
}

/** The run's moving parts; `host` is replaced by each reply. */
export interface Run {
  host: Host;
  readonly version: ServiceVersion;
  /** What the script printed, without progress lines. */
  readonly lines: string[];
  readonly attempts: PageAttempt[];
}

/** Yields one command and remembers the host that comes back; gives the call's return value. */
export function* perform(run: Run, command: ServiceCommand): Steps<number> {
  const reply = yield command;
  run.host = reply.host;
  const { rc } = reply.decision.facts;
  if (rc === undefined) throw new Error(`${command.kind} returned no value`);
  return rc;
}
