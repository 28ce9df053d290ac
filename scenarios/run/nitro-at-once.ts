/**
 * Nitro for engines: a launch or an end in one decision where that can be told, else by its program.
 *
 * Invariant: which of the two was taken cannot be seen on the host, in the processes, or in the
 * refusal. Trade-off: nothing is printed and nothing left behind is listed.
 */
import { type ParsedRun, parseRunArguments } from '../../core/device/nitro-cli/arguments.js';
import { endAtOnce } from '../../core/device/nitro-cli/end-at-once.js';
import { enclaveIdOf } from '../../core/device/nitro-cli/ids.js';
import type { RunEnvironment } from '../../core/device/nitro-cli/launch.js';
import { launchAtOnce } from '../../core/device/nitro-cli/launch-at-once.js';
import { dropLost, type NitroCli, reapHungUp } from '../../core/device/nitro-cli/processes.js';
import {
  type ImageFile,
  plainImage,
  type RunRequest,
} from '../../core/device/nitro-cli/request.js';
import { runEnclave } from '../../core/device/nitro-cli/run-enclave.js';
import { terminateEnclave } from '../../core/device/nitro-cli/terminate.js';
import { apply } from '../../core/host/apply.js';
import type { EnclaveImage } from '../../core/host/command.js';
import type { Decision } from '../../core/host/decision.js';
import type { Effect } from '../../core/host/effect.js';
import type { Host } from '../../core/host/host.js';
import { type Program, runProgram } from '../../core/host/program.js';
import { runInPlace } from '../../core/host/step.js';
import type { FleetAsk } from '../../core/placement/fleet-view.js';
import { DEVICE_STOPPED } from '../../core/platform/nitro/start.js';
import type { Refusal } from '../../core/refusal/refusal.js';
import type { AtOnce } from './surface.js';

/** nitro-cli runs on the first node, and every enclave has the same name to begin with. */
const LOCAL_NODE = 0;
const NAME = 'request';

export function nitroAtOnce(cli: NitroCli): AtOnce {
  return {
    launch: (host, ask, image) => launch(cli, host, ask, image),
    end: (host, uid, crash) => (crash ? endByCrash(cli, host, uid) : end(cli, host, uid)),
  };
}

/** One image for all that measure the same, as a fleet's do. */
let lastImage = plainImage(0);

function imageOf({ bytes }: EnclaveImage): ImageFile {
  if (lastImage.bytes !== bytes) lastImage = plainImage(bytes);
  return lastImage;
}

function launch(cli: NitroCli, host: Host, ask: FleetAsk, image: EnclaveImage): Decision {
  dropLost(cli, host);
  const read = readRequest(ask);
  if (!read.ok) return told([], undefined, read.refusal);
  const { request } = read;
  const env: RunEnvironment = { cli, host, image: imageOf(image), localNode: LOCAL_NODE };
  const decided = launchAtOnce(request, env);
  if (decided === undefined) return launchByProgram(host, request, env);
  apply(host, decided.effects);
  if ('refusal' in decided) return told(decided.effects, undefined, decided.refusal);
  return told(decided.effects, decided.child.slot);
}

function told(effects: readonly Effect[], uid?: number, refusal?: Refusal): Decision {
  const facts = uid === undefined ? {} : { uid };
  return refusal === undefined ? { effects, facts } : { effects, facts, refusal };
}

const MOST_VCPUS = 0xffff_ffff;

/** The last request that was read: a fleet asks one parent after the other. */
let lastRead: { vcpus: number; memoryMib: number; read: ParsedRun } | undefined;

function readRequest({ vcpus, memoryMib }: FleetAsk): ParsedRun {
  if (lastRead?.vcpus === vcpus && lastRead.memoryMib === memoryMib) return lastRead.read;
  lastRead = { vcpus, memoryMib, read: readOptions(vcpus, memoryMib) };
  return lastRead.read;
}

/** What the options say; read as text only where the numbers are not plainly what it would give. */
function readOptions(vcpus: number, memoryMib: number): ParsedRun {
  if (isCount(vcpus, MOST_VCPUS) && isCount(memoryMib, Number.MAX_SAFE_INTEGER)) {
    return { ok: true, request: requestOf(vcpus, memoryMib), warnings: [] };
  }
  const options = [`--cpu-count=${vcpus}`, `--memory=${memoryMib}`];
  const names = [`--eif-path=${NAME}.eif`, `--enclave-name=${NAME}`];
  return parseRunArguments([...options, ...names], () => undefined);
}

function isCount(value: number, most: number): boolean {
  return Number.isInteger(value) && value >= 0 && value <= most;
}

function requestOf(vcpus: number, memoryMib: number): RunRequest {
  return {
    eifPath: `${NAME}.eif`,
    memoryMib: BigInt(memoryMib),
    cpus: { count: vcpus },
    cid: 0n,
    debug: false,
    attachConsole: false,
    name: NAME,
  };
}

function launchByProgram(host: Host, request: RunRequest, env: RunEnvironment): Decision {
  const { result, effects } = runNoting(host, runEnclave(request, env));
  if (!result.ok) return told(effects, undefined, result.refusal);
  return told(effects, result.enclave.slot);
}

function end(cli: NitroCli, host: Host, uid: number): Decision {
  const process = cli.running.find(({ slot }) => slot === uid);
  if (process === undefined) throw new Error(`no process has slot ${uid}`);
  const decided = endAtOnce(cli, process, host);
  if (decided !== undefined) {
    apply(host, decided);
    return told(decided, uid);
  }
  const id = enclaveIdOf(cli.instanceId, uid);
  const { result, effects } = runNoting(host, terminateEnclave(cli, { id }));
  return told(effects, uid, result.refusal);
}

/** The hypervisor reports the end; the process sees HUP, closes its file and is gone. */
function endByCrash(cli: NitroCli, host: Host, uid: number): Decision {
  const event = runInPlace(host, { kind: 'nitro.exit-event', slot: uid, state: DEVICE_STOPPED });
  if (event.refusal !== undefined) return event;
  const { effects } = runNoting(host, reapHungUp(cli));
  return told([...event.effects, ...effects], uid);
}

/** Runs a program and keeps what it changed. */
function runNoting<Result>(host: Host, program: Program<Result>) {
  const effects: Effect[] = [];
  const result = runProgram(host, program, (live, command) => {
    const decision = runInPlace(live, command);
    for (const effect of decision.effects) effects.push(effect);
    return decision;
  });
  return { result, effects };
}
