/**
 * `qt enclave start / query / stop / console` on one host.
 *
 * Each is a program of platform steps; the rules are the platform's. Invariant: `query` shows
 * exactly the running enclaves, lowest id first, and an unknown id is an empty list, no error; a
 * stop that fails prints nothing. Trade-off: a console is opened, read once and closed; it carries no
 * text, since the contents of an enclave are not modelled.
 * Source: QingTian Enclave user guide, qt enclave commands (b.2).
 */

import type { EnclaveImage } from '../../host/command.js';
import type { Host } from '../../host/host.js';
import { type Program, withHost } from '../../host/program.js';
import { theRecord } from '../../host/records.js';
import { fillRequest } from '../../platform/qingtian/defaults.js';
import { launchSteps } from '../../platform/qingtian/launch.js';
import type { StageId } from '../../platform/qingtian/step-rules.js';
import { type QingtianVersionId, qingtianVersion } from '../../platform/qingtian/versions.js';
import { parseQtArguments, type QtCommand } from './arguments.js';
import { queryInfo, startInfo, toText } from './json.js';
import { failed, failedSilently, printed, type QtOutcome, type QtTool } from './tool.js';

/** What the world beside the host answers. */
export interface QtEnvironment {
  /** The image at the path given. */
  readonly image: EnclaveImage;
  /** The step of a start that the layer below the rules refuses. */
  readonly failing?: StageId;
  /** False: a stop, or reading the console, fails below the rules. */
  readonly accepted?: boolean;
}

/** Runs one command line; `tokens` stand behind "qt enclave". */
export function* qtEnclave(
  tool: QtTool,
  host: Host,
  tokens: readonly string[],
  env: QtEnvironment,
): Program<QtOutcome> {
  const parsed = parseQtArguments(tokens);
  if (!parsed.ok) return failed(parsed.refusal);
  const { command } = parsed;
  switch (command.name) {
    case 'start':
      return yield* start(tool, host, command, env);
    case 'query':
      return query(tool, host, command.id);
    case 'stop':
      return yield* stop(tool, command.id, env);
    case 'console':
      return yield* showConsole(command.id, env);
  }
}

type Start = Extract<QtCommand, { readonly name: 'start' }>;

function* start(
  tool: QtTool,
  host: Host,
  { cpus, mem: memoryMib, cid, debug }: Start,
  { image, failing }: QtEnvironment,
): Program<QtOutcome> {
  const version = qingtianVersion(host.profile.id.split('@')[1] as QingtianVersionId);
  const request = fillRequest(version, { image, cpus, memoryMib, cid, debug });
  const { result, host: after } = yield* withHost(host, launchSteps(request, failing));
  const { last, uid } = result;
  if (last.refusal !== undefined) return failed(last.refusal);
  if (uid === undefined) throw new Error('a start that nobody refused has an enclave');
  tool.processes.set(uid, tool.nextPid++);
  return printed(toText(startInfo(theRecord(after.tree, uid))), uid);
}

/** Enclaves that run; `id` asks for one. Changes nothing. */
export function query(tool: QtTool, { tree }: Host, id?: number): QtOutcome {
  const shown = tree.records
    .filter(({ uid, state }) => (id === undefined || uid === id) && state === 'running')
    .map((record) => queryInfo(record, tool.processes.get(record.uid) ?? 0));
  return printed(toText(shown));
}

function* stop(tool: QtTool, uid: number, { accepted }: QtEnvironment): Program<QtOutcome> {
  const { decision } = yield { kind: 'qingtian.stop', uid, ...answered(accepted) };
  if (decision.refusal !== undefined) return failedSilently(decision.refusal);
  tool.processes.delete(uid);
  return printed(`stop ${uid} success`, uid);
}

function* showConsole(uid: number, { accepted }: QtEnvironment): Program<QtOutcome> {
  const opened = yield { kind: 'qingtian.console-open', uid };
  if (opened.decision.refusal !== undefined) return failed(opened.decision.refusal);
  const read = yield { kind: 'qingtian.console-read', uid, ...answered(accepted) };
  yield { kind: 'qingtian.console-close', uid };
  const { refusal } = read.decision;
  return refusal === undefined ? printed('', uid) : failed(refusal);
}

function answered(accepted: boolean | undefined): { readonly accepted?: boolean } {
  return accepted === undefined ? {} : { accepted };
}
