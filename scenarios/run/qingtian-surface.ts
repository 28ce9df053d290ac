/**
 * QingTian as a scenario drives it: the service's configuration and `qt enclave start / stop`.
 *
 * Invariant: what is typed in a scenario reaches the platform as typed; defaults are the tool's own.
 * Source: QingTian Enclave user guide, configuring resources and enclave commands (b.1, b.2).
 */

import { CONF_TEXT, readConf } from '../../core/device/qt-cli/service.js';
import type { Command, EnclaveImage, QingtianConf } from '../../core/host/command.js';
import type { Decision } from '../../core/host/decision.js';
import type { Host } from '../../core/host/host.js';
import { type Program, withHost } from '../../core/host/program.js';
import { theRecord } from '../../core/host/records.js';
import { decide, runBy } from '../../core/host/step.js';
import type { FleetAsk } from '../../core/placement/fleet-view.js';
import { CPU_ONLINE_RULES } from '../../core/platform/cpu-online.js';
import { fillRequest } from '../../core/platform/qingtian/defaults.js';
import { launchSteps } from '../../core/platform/qingtian/launch.js';
import { type QingtianVersionId, qingtianVersion } from '../../core/platform/qingtian/versions.js';
import type { Refusal } from '../../core/refusal/refusal.js';
import { counted } from '../../core/units/counted.js';
import { formatMib } from '../../core/units/size.js';
import type { ReservationInput } from '../schema/scenario.js';
import { cpuIdsOf } from './cpu-ids.js';
import { watchReservation } from './left-reserved.js';
import { pagesHeld } from './pages-of.js';
import type {
  LaunchAsk,
  Launched,
  LaunchOutcome,
  Refused,
  ReserveOutcome,
  Surface,
} from './surface.js';

export const qingtianSurface: Surface = {
  rules: [CONF_TEXT, ...CPU_ONLINE_RULES],
  reservation: 'qingtian.reserve',
  reserve,
  unreserve: (host) => service(host, { kind: 'qingtian.unreserve' }, 'service stop', 'stopped'),
  launch,
  terminate: (_host, { uid }) => single({ kind: 'qingtian.stop', uid }, 'stop'),
  crash: (_host, { uid }) => single({ kind: 'qingtian.crash', uid }, 'crash'),
  atOnce: { launch: launchAtOnce, end: endAtOnce },
  setOnline: (_host, cpu, online) => single({ kind: 'parent.set-online', cpu, online }, 'hotplug'),
};

/** Lowest CID of a start: uids count from 0 and never come again, so uid + 4 is free. */
const LOWEST_CID = 4;
const NOTHING_DEFAULTED: readonly string[] = [];

function launchAtOnce(host: Host, { vcpus, memoryMib }: FleetAsk, image: EnclaveImage): Decision {
  const cid = host.tree.counters.nextSlot + LOWEST_CID;
  const request = { image, vcpus, memoryMib, cid, debug: false, defaulted: NOTHING_DEFAULTED };
  const command = { kind: 'qingtian.launch', request } as const;
  return runBy(host.profile.wholes?.['qingtian.launch'] ?? decide, host, command);
}

function endAtOnce(host: Host, uid: number, crash: boolean): Decision {
  const { wholes } = host.profile;
  if (crash) {
    return runBy(wholes?.['qingtian.crash'] ?? decide, host, { kind: 'qingtian.crash', uid });
  }
  return runBy(wholes?.['qingtian.stop'] ?? decide, host, { kind: 'qingtian.stop', uid });
}

function* reserve(host: Host, input: ReservationInput): Program<ReserveOutcome> {
  const conf = confOf(input);
  if ('refusal' in conf) return refused(conf.refusal, 'configuration');
  const { hugepageSizeMib, memoryMib, cpuCount, cpuList } = conf;
  const cpus = cpuList === undefined ? counted(cpuCount ?? 0, 'CPU') : `CPUs ${cpuList.join(',')}`;
  const text = `qt-enclave-env: ${formatMib(memoryMib ?? 0)} in ${hugepageSizeMib} MiB pages, ${cpus}`;
  return yield* service(host, { kind: 'qingtian.reserve', conf }, 'service start', text);
}

function* service(
  host: Host,
  command: Command,
  stage: string,
  text: string,
): Program<ReserveOutcome> {
  const { result, left } = yield* watchReservation(host, single(command, stage));
  return result === undefined ? { ok: true, text } : { ...result, leftBehind: left };
}

function confOf(input: ReservationInput): QingtianConf | { refusal: Refusal } {
  if (!('text' in input)) {
    const { memory, pageSize, cpuCount, cpuList } = input;
    return {
      hugepageSizeMib: pageSize === undefined ? undefined : pageSize / 1024,
      memoryMib: memory,
      cpuCount,
      cpuList: cpuList === undefined ? undefined : cpuIdsOf(cpuList),
    };
  }
  return readConf(input.text);
}

function* launch(host: Host, ask: LaunchAsk): Program<LaunchOutcome> {
  const version = qingtianVersion(host.profile.id.split('@')[1] as QingtianVersionId);
  const { image, vcpus, memoryMib, cid, debug, heartbeat } = ask;
  const request = fillRequest(version, { image, cpus: vcpus, memoryMib, cid, debug });
  const steps = launchSteps(request, heartbeat ? undefined : 'heartbeat');
  const { result, host: now } = yield* withHost(host, steps);
  const { stage, last, uid } = result;
  if (last.refusal === undefined && uid !== undefined) {
    return launched(now, uid, request.memoryMib);
  }
  return lost(last, stage.slice('qingtian.'.length));
}

function lost({ refusal }: Decision, stage: string): Refused {
  if (refusal === undefined) throw new Error('a launch ended without an enclave or a refusal');
  return refused(refusal, stage);
}

function launched(host: Host, uid: number, askedMib: number): Launched {
  const enclave = theRecord(host.tree, uid);
  return {
    ok: true,
    uid,
    id: String(uid),
    cid: enclave.cid,
    node: enclave.node,
    cpus: enclave.vcpus,
    askedMib,
    memoryMib: Math.floor(enclave.memoryBytes / 1_048_576),
    pages: pagesHeld(host, enclave),
  };
}

function* single(command: Command, stage: string): Program<Refused | undefined> {
  const { decision } = yield command;
  return decision.refusal === undefined ? undefined : refused(decision.refusal, stage);
}

function refused(refusal: Refusal, stage: string): Refused {
  return { ok: false, refusal, stage, leftBehind: [] };
}
