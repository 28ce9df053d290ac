/**
 * What all nitro-cli processes of one parent share: the enclave processes and the ready port.
 *
 * An enclave process is a process of its own (task = process id) that holds the enclave's file and
 * its pages; the enclave lives exactly as long as it. Invariant: `running` holds the processes with a
 * control socket, in the order they came up; at most one process listens on the ready port.
 * Trade-off: this is state beside the host's tree, as sockets and process ids are beside the driver.
 * Source: nitro RULES.md §5.2, §6.1; constants §8.
 */

import type { Host } from '../../host/host.js';
import type { Program } from '../../host/program.js';
import { recordOf } from '../../host/records.js';
import type { CliEvent } from '../../lifecycle/nitro-cli.js';
import type { CliState } from '../../lifecycle/states.js';
import { lifecycle } from '../../lifecycle/surfaces.js';
import { next } from '../../lifecycle/table.js';
import { HANG_UP } from '../../platform/nitro/poll.js';
import type { ImageFile } from './request.js';

/** The vsock port of CID 3 on which a starting process waits for its enclave's heartbeat. */
export const READY_PORT = 9000;

/** Instance id when the parent's board has none. */
export const FALLBACK_INSTANCE_ID = 'i-0000000000000000';

export interface NitroCli {
  readonly instanceId: string;
  /** Processes that answer on their socket. */
  readonly running: EnclaveProcess[];
  /** Process id that listens on the ready port; 0 = nobody. */
  readyListener: number;
  nextPid: number;
}

export interface EnclaveProcess {
  readonly pid: number;
  readonly name: string;
  readonly image: ImageFile;
  readonly debug: boolean;
  /** Slot id; 0 once the record is cleared. */
  slot: number;
  cid: number;
  /** In the order they were added. */
  cpus: readonly number[];
  memoryMib: number;
  state: CliState;
  /** User addresses of its hugepages. */
  pages: readonly number[];
}

/** A parent on which nitro-cli has not been used yet. */
export function createNitroCli(instanceId = FALLBACK_INSTANCE_ID, firstPid = 1000): NitroCli {
  return { instanceId, running: [], readyListener: 0, nextPid: firstPid };
}

/** Moves a process along its lifecycle; an illegal move is an error of this program. */
export function moveProcess(enclave: EnclaveProcess, event: CliEvent): void {
  const to = next(lifecycle.nitroCli(), enclave.state, event);
  if (to === undefined) throw new Error(`process ${enclave.pid}: ${event} in ${enclave.state}`);
  enclave.state = to;
}

/** Binds the ready port; false = another process listens. */
export function listenReady(cli: NitroCli, pid: number): boolean {
  if (cli.readyListener !== 0) return false;
  cli.readyListener = pid;
  return true;
}

export function stopListening(cli: NitroCli, pid: number): void {
  if (cli.readyListener === pid) cli.readyListener = 0;
}

/** Unmaps pages, last first. */
export function* unmapAll(pages: readonly number[]): Program<void> {
  for (let i = pages.length - 1; i >= 0; i--) yield { kind: 'nitro.unmap', address: pages[i] };
}

/**
 * What the kernel takes back from a process that exits: its memory, then its files. Pages the driver
 * pinned for good stay lost. `slot` 0 = it never had one.
 */
export function* exitProcess(slot: number, pages: readonly number[]): Program<void> {
  yield* unmapAll(pages);
  if (slot !== 0) yield { kind: 'nitro.close', slot };
}

/** Ends a process that has come up: it leaves the list, and all it held goes back. */
export function* endProcess(
  cli: NitroCli,
  enclave: EnclaveProcess,
  event: Extract<CliEvent, 'hangup' | 'signal' | 'commandFailed'>,
): Program<void> {
  moveProcess(enclave, event);
  leave(cli, enclave);
  yield* exitProcess(enclave.slot, enclave.pages);
}

export function leave(cli: NitroCli, enclave: EnclaveProcess): void {
  cli.running.splice(cli.running.indexOf(enclave), 1);
}

/** Processes whose enclave ended with the parent are gone with it. */
export function dropLost(cli: NitroCli, host: Host): void {
  const { running } = cli;
  const { records } = host.tree;
  for (let i = running.length - 1; i >= 0; i--) {
    const { slot } = running[i];
    // As a rule processes and records stand in the same order.
    if (i < records.length && records[i].uid === slot) continue;
    if (recordOf(host.tree, slot) === undefined) running.splice(i, 1);
  }
}

/** Every process looks at its file; those that see HUP exit at once. Gives the ones that did. */
export function* reapHungUp(cli: NitroCli): Program<readonly EnclaveProcess[]> {
  const gone: EnclaveProcess[] = [];
  for (const enclave of [...cli.running]) {
    const { decision } = yield { kind: 'nitro.poll', slot: enclave.slot };
    if (((decision.facts.poll ?? 0) & HANG_UP) === 0) continue;
    yield* endProcess(cli, enclave, 'hangup');
    gone.push(enclave);
  }
  return gone;
}
