/**
 * The ledger of one launch while it runs, and the two ways it calls the driver.
 *
 * Invariant: it lives as long as its program; what it holds is what the end of the process gives
 * back. `call` is the driver call that refused, if one did.
 */
import type { Command, CommandKind } from '../../host/command.js';
import type { Facts } from '../../host/decision.js';
import type { Host } from '../../host/host.js';
import type { Program } from '../../host/program.js';
import type { Refusal } from '../../refusal/refusal.js';
import type { Heartbeat } from './boot.js';
import type { PageLedger } from './pages.js';
import type { NitroCli } from './processes.js';
import type { ImageFile, RunRequest } from './request.js';
import { ioctlRefusal } from './row.js';

/** Where a launch stands: its arguments, the CPUs, CREATE_VM with what precedes it, the rest. */
export type Stage = 'parse' | 'cpus' | 'new' | 'run';

/** The parent as a launch finds it, and what the outside world will answer. */
export interface RunEnvironment {
  readonly cli: NitroCli;
  /** As it is when the launch begins; later states come with the replies. */
  readonly host: Host;
  /** Undefined = the file cannot be opened. */
  readonly image: ImageFile | undefined;
  /** Position of the node the process runs on. */
  readonly localNode: number;
  /** By default the enclave boots. */
  readonly heartbeat?: Heartbeat;
  /** False = the nitro_enclaves module is not loaded: no pool file. */
  readonly moduleLoaded?: boolean;
  /** False = the device file cannot be opened. */
  readonly deviceOpens?: boolean;
}

export interface Launch extends PageLedger {
  readonly env: RunEnvironment;
  readonly request: RunRequest;
  readonly image: ImageFile;
  readonly name: string;
  stage: Stage;
  /** 0 = none yet. */
  slot: number;
  cid: number;
  readonly cpus: number[];
  readonly stderr: string[];
  call?: RefusedCall;
}

/** The driver call that refused, with its return value. */
export interface RefusedCall {
  readonly command: CommandKind;
  readonly rc: number;
}

/** A driver call: its facts, or its refusal wrapped in E29. */
export function* ioctl(
  launch: Launch,
  command: Command,
): Program<{ readonly facts: Facts; readonly refusal?: Refusal }> {
  const { decision } = yield command;
  const { facts, refusal } = decision;
  if (refusal === undefined) return { facts };
  launch.call = { command: command.kind, rc: facts.rc ?? 0 };
  return { facts, refusal: ioctlRefusal(refusal) };
}

/** First touch of a held page; false = nothing is behind it. */
export function* touchPage(launch: Launch, position: number): Program<boolean> {
  const page = launch.held[position];
  if (page.node >= 0) return true;
  const { localNode } = launch.env;
  const { decision } = yield { kind: 'nitro.touch', address: page.address, localNode };
  page.node = decision.facts.node ?? -1;
  return page.node >= 0;
}
