/**
 * Nitro as a scenario drives it: the reservation script on allocator.yaml, and nitro-cli processes.
 *
 * Fields of a reservation are written as the file a person would write. Invariant: every refusal
 * comes out of the platform's own programs (device/), at the stage where the engineer would see it,
 * and what it leaves behind is counted on the host, not assumed.
 * Trade-off: the processes of nitro-cli are state beside the host's tree, so a surface serves one run.
 */

import { parseRunArguments } from '../../core/device/nitro-cli/arguments.js';
import { printedError } from '../../core/device/nitro-cli/codes.js';
import { enclaveIdOf } from '../../core/device/nitro-cli/ids.js';
import {
  createNitroCli,
  dropLost,
  type NitroCli,
  reapHungUp,
} from '../../core/device/nitro-cli/processes.js';
import { plainImage } from '../../core/device/nitro-cli/request.js';
import { NITRO_CLI_RULES } from '../../core/device/nitro-cli/rules.js';
import { type RunResult, runEnclave } from '../../core/device/nitro-cli/run-enclave.js';
import { terminateEnclave } from '../../core/device/nitro-cli/terminate.js';
import { SERVICE_EXITS } from '../../core/device/reservation/exits.js';
import type { ServiceVersion } from '../../core/device/reservation/run.js';
import { allocatorProgram } from '../../core/device/reservation/service.js';
import type { CommandKind } from '../../core/host/command.js';
import type { Host } from '../../core/host/host.js';
import { type Program, withHost } from '../../core/host/program.js';
import { theRecord } from '../../core/host/records.js';
import { LEAKED } from '../../core/memory/node-memory.js';
import { DEVICE_STOPPED } from '../../core/platform/nitro/start.js';
import type { Refusal } from '../../core/refusal/refusal.js';
import { counted } from '../../core/units/counted.js';
import { formatKib } from '../../core/units/size.js';
import type { ReservationInput } from '../schema/scenario.js';
import { watchReservation } from './left-reserved.js';
import { nitroAtOnce } from './nitro-at-once.js';
import { pagesHeld } from './pages-of.js';
import type {
  LaunchAsk,
  Launched,
  LaunchOutcome,
  ProgramEnd,
  Refused,
  ReserveOutcome,
  RuleText,
  Surface,
} from './surface.js';

/** `nitro-cli run-enclave` needs a CPU argument; a scenario that gives none means one core's worth. */
const DEFAULT_VCPUS = 2;
/** What a scenario that gives no memory asks for: the script's own default. */
const DEFAULT_MIB = 512;
/** nitro-cli itself runs on the first node. */
const LOCAL_NODE = 0;

/** The ends of the reservation service are no rule rows; their refusals name them "service-...". */
const RULES: readonly RuleText[] = [
  ...NITRO_CLI_RULES,
  ...Object.entries(SERVICE_EXITS).map(([reason, { sentence, source }]) => ({
    id: `service-${reason}`,
    sentence,
    source,
  })),
];

export function nitroSurface(): Surface {
  const cli = createNitroCli();
  return {
    rules: RULES,
    reserve,
    unreserve,
    launch: (host, ask) => launch(cli, host, ask),
    terminate: (_host, { id }) => terminate(cli, id),
    crash: (_host, { uid }) => crash(cli, uid),
    atOnce: nitroAtOnce(cli),
    setOnline: (_host, cpu, online) => setOnline(cpu, online),
  };
}

function* reserve(host: Host, input: ReservationInput): Program<ReserveOutcome> {
  const version = (host.options.allocator ?? '1.5.0') as ServiceVersion;
  const program = allocatorProgram(host, allocatorYaml(input), { version });
  const { result: run, left } = yield* watchReservation(host, program);
  const ended: ProgramEnd = {
    status: run.status,
    printed: run.lines,
    attempts: run.attempts.map(({ node, had, ok }) => ({
      node,
      pages: Object.fromEntries(had.map(({ pageKib, pages }) => [pageKib, pages])),
      ok,
    })),
  };
  if (run.refusal !== undefined) {
    return { ...refused(run.refusal, 'allocator service', left), ...ended };
  }
  const text = run.lines.at(-1) ?? 'the allocator service ended without a message';
  return { ok: true, text, ...ended };
}

/** allocator.yaml as a person would write it. */
function allocatorYaml(input: ReservationInput): string {
  if ('text' in input) return input.text;
  const { memory, cpuCount, cpuList } = input;
  const lines = ['---'];
  if (memory !== undefined) lines.push(`memory_mib: ${memory}`);
  if (cpuCount !== undefined) lines.push(`cpu_count: ${cpuCount}`);
  if (cpuList !== undefined) lines.push(`cpu_pool: ${cpuList}`);
  return `${lines.join('\n')}\n`;
}

/** There is no stop action: the documented way is an empty write to the pool file. */
function* unreserve(): Program<ReserveOutcome> {
  const { decision } = yield { kind: 'nitro.write-pool', text: '\n' };
  const { refusal, facts } = decision;
  if (refusal !== undefined && facts.why !== 'empty') return refused(refusal, 'pool write', []);
  return { ok: true, text: 'CPU pool released; hugepages stay reserved' };
}

function* launch(cli: NitroCli, host: Host, ask: LaunchAsk): Program<LaunchOutcome> {
  dropLost(cli, host);
  const parsed = parseRunArguments(tokensOf(ask), () => undefined);
  if (!parsed.ok) {
    const { refusal, status } = parsed;
    return { ...refused(refusal, 'arguments', []), status, printed: printedError(refusal) };
  }
  const leakedBefore = leakedPages(host);
  const { result, host: now } = yield* withHost(
    host,
    runEnclave(parsed.request, {
      cli,
      host,
      image: plainImage(ask.image.bytes),
      localNode: LOCAL_NODE,
      heartbeat: ask.heartbeat ? 'ok' : 'none',
    }),
  );
  const printed = [...parsed.warnings, ...result.stderr];
  const ended: ProgramEnd = { status: result.status, printed };
  if (result.ok) return { ...launched(cli, now, result, ask), ...ended };
  const left = leftBehind(leakedBefore, leakedPages(now));
  return { ...refused(result.refusal, stageOf(result), left), ...ended };
}

/** What an engineer would type behind `nitro-cli run-enclave`. */
function tokensOf({ name, vcpus, cpuIds, memoryMib, cid, debug }: LaunchAsk): string[] {
  const cpus =
    cpuIds === undefined
      ? [`--cpu-count=${vcpus ?? DEFAULT_VCPUS}`]
      : ['--cpu-ids', ...cpuIds.map(String)];
  return [
    ...cpus,
    `--memory=${memoryMib ?? DEFAULT_MIB}`,
    `--eif-path=${name}.eif`,
    `--enclave-name=${name}`,
    ...(cid === undefined ? [] : [`--enclave-cid=${cid}`]),
    ...(debug ? ['--debug-mode'] : []),
  ];
}

const IOCTL_NAMES: Readonly<Partial<Record<CommandKind, string>>> = {
  'nitro.create-vm': 'CREATE_VM',
  'nitro.image-load-info': 'GET_IMAGE_LOAD_INFO',
  'nitro.set-memory': 'SET_USER_MEMORY_REGION',
  'nitro.add-vcpu': 'ADD_VCPU',
  'nitro.start': 'START_ENCLAVE',
};

/** The driver call that refused, or the part of run-enclave that did. */
function stageOf({ call, stage, refusal }: Extract<RunResult, { ok: false }>): string {
  if (call !== undefined) return IOCTL_NAMES[call.command] ?? call.command;
  if (stage !== 'run') return stage === 'cpus' ? 'CPU check' : 'image check';
  return refusal.codes[0] === 'E27' ? 'memory allocation' : 'boot';
}

function launched(
  { instanceId }: NitroCli,
  host: Host,
  { enclave, report }: Extract<RunResult, { ok: true }>,
  ask: LaunchAsk,
): Launched {
  const record = theRecord(host.tree, enclave.slot);
  return {
    ok: true,
    uid: enclave.slot,
    id: enclaveIdOf(instanceId, enclave.slot),
    cid: enclave.cid,
    node: record.node,
    cpus: report.cpus,
    askedMib: ask.memoryMib ?? DEFAULT_MIB,
    memoryMib: enclave.memoryMib,
    pages: pagesHeld(host, record),
  };
}

function* terminate(cli: NitroCli, id: string): Program<Refused | undefined> {
  const { refusal } = yield* terminateEnclave(cli, { id });
  return refusal === undefined ? undefined : refused(refusal, 'terminate-enclave', []);
}

/** The hypervisor reports the end; the process sees HUP, closes its file and is gone. */
function* crash(cli: NitroCli, slot: number): Program<Refused | undefined> {
  const { decision } = yield { kind: 'nitro.exit-event', slot, state: DEVICE_STOPPED };
  if (decision.refusal !== undefined) return refused(decision.refusal, 'exit event', []);
  yield* reapHungUp(cli);
  return undefined;
}

function* setOnline(cpu: number, online: boolean): Program<Refused | undefined> {
  const { decision } = yield { kind: 'nitro.hotplug', cpu, online };
  const { refusal } = decision;
  return refusal === undefined ? undefined : refused(refusal, 'CPU hotplug', []);
}

/** Page size in KiB → pages lost for good. */
function leakedPages({ memory }: Host): Map<number, number> {
  const leaked = new Map<number, number>();
  for (const { pools } of memory) {
    for (const { store, pageKib, pageFrames } of pools) {
      for (const { owner, frames } of store.extents()) {
        if (owner === LEAKED) leaked.set(pageKib, (leaked.get(pageKib) ?? 0) + frames / pageFrames);
      }
    }
  }
  return leaked;
}

function leftBehind(
  before: ReadonlyMap<number, number>,
  after: ReadonlyMap<number, number>,
): string[] {
  const lines: string[] = [];
  for (const [pageKib, pages] of after) {
    const lost = pages - (before.get(pageKib) ?? 0);
    if (lost === 0) continue;
    lines.push(`${counted(lost, 'hugepage')} of ${formatKib(pageKib)} lost until reboot`);
  }
  return lines;
}

function refused(refusal: Refusal, stage: string, left: readonly string[]): Refused {
  return { ok: false, refusal, stage, leftBehind: left };
}
