/**
 * `nitro-cli terminate-enclave`, by id, by name, or all.
 *
 * The process closes the enclave's file, unmaps its pages, clears its record and exits. Closing
 * always looks successful, whatever the driver's release hook met (finding 23), so the warning of
 * the program (quirk `terminate-warning`) is never printed here.
 * Invariant: a process that was terminated is gone and answers nobody. Source: nitro RULES.md §6.1,
 * §6.3.
 */

import type { Program } from '../../host/program.js';
import { firstRefusal, PASS, type Rule, refuse } from '../../platform/rule.js';
import type { Refusal } from '../../refusal/refusal.js';
import { type CliCode, printedError, statusOf } from './codes.js';
import { enclaveIdOf, slotOfId, socketOfId } from './ids.js';
import { printed, terminateInfo } from './json.js';
import { type EnclaveProcess, leave, moveProcess, type NitroCli, unmapAll } from './processes.js';
import { cliRow } from './row.js';

export type TerminateTarget =
  | { readonly id: string }
  | { readonly name: string }
  | { readonly all: true };

export interface Terminated {
  readonly status: number;
  /** One JSON document a terminated enclave. */
  readonly stdout: readonly string[];
  readonly stderr: readonly string[];
  readonly refusal?: Refusal;
}

interface FoundContext {
  readonly asked: string;
  readonly found: readonly EnclaveProcess[];
}

export const NAME_KNOWN: Rule<FoundContext> = cliRow({
  id: 'name-known',
  sentence: 'Exactly one enclave has the name.',
  source: '§6.3',
  code: 'E58',
  remedy: 'Look at describe-enclaves for the names.',
  check: ({ asked, found }) =>
    found.length === 1
      ? PASS
      : refuse({ name: asked, matches: found.length }, `${found.length} enclaves named ${asked}`),
});

export const ID_KNOWN: Rule<FoundContext> = cliRow({
  id: 'id-known',
  sentence: 'An enclave process answers on the socket that the id names.',
  source: '§6.3, §6.4',
  code: 'E11',
  remedy: 'Look at describe-enclaves for the ids.',
  check: ({ asked, found }) => {
    if (found.length > 0) return PASS;
    const read = slotOfId(asked);
    const why = 'problem' in read ? read.problem : 'Failed to connect to specific enclave process';
    return refuse({ id: asked }, why);
  },
});

export function* terminateEnclave(cli: NitroCli, target: TerminateTarget): Program<Terminated> {
  const found = findProcesses(cli, target);
  const refusal = refusalOf(target, found);
  if (refusal !== undefined) {
    const status = statusOf(refusal.codes[0] as CliCode);
    return { status, stdout: [], stderr: printedError(refusal), refusal };
  }
  const stdout: string[] = [];
  const stderr: string[] = [];
  for (const enclave of found) {
    const id = enclaveIdOf(cli.instanceId, enclave.slot);
    yield* terminateProcess(cli, enclave);
    stderr.push(`Successfully terminated enclave ${id}.`);
    stdout.push(printed(terminateInfo(enclave.name, id)));
  }
  return { status: 0, stdout, stderr };
}

function refusalOf(target: TerminateTarget, found: readonly EnclaveProcess[]): Refusal | undefined {
  if ('all' in target) return undefined;
  if ('name' in target) return firstRefusal([NAME_KNOWN], { asked: target.name, found });
  return firstRefusal([ID_KNOWN], { asked: target.id, found });
}

/** A socket is named by the slot alone, so the instance part of an id is not looked at. */
function findProcesses(cli: NitroCli, target: TerminateTarget): readonly EnclaveProcess[] {
  if ('all' in target) return [...cli.running];
  if ('name' in target) return cli.running.filter(({ name }) => name === target.name);
  const socket = socketOfId(target.id);
  if (!target.id.includes('-enc')) return [];
  return cli.running.filter(({ slot }) => socketOfId(enclaveIdOf(cli.instanceId, slot)) === socket);
}

function* terminateProcess(cli: NitroCli, enclave: EnclaveProcess): Program<void> {
  moveProcess(enclave, 'terminate');
  yield { kind: 'nitro.close', slot: enclave.slot };
  yield* unmapAll(enclave.pages);
  exitTerminated(cli, enclave);
}

/** A terminated process whose file is closed and whose pages are unmapped: its record goes, then it. */
export function exitTerminated(cli: NitroCli, enclave: EnclaveProcess): void {
  moveProcess(enclave, 'closed');
  clear(enclave);
  moveProcess(enclave, 'exit');
  leave(cli, enclave);
}

function clear(enclave: EnclaveProcess): void {
  enclave.slot = 0;
  enclave.cid = 0;
  enclave.cpus = [];
  enclave.memoryMib = 0;
  enclave.pages = [];
}
