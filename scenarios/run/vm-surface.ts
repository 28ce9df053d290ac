/**
 * Plain VMs as a scenario drives them: no reservation, one step to launch, one to end.
 *
 * Invariant: what the profile does not know (CIDs, images, debug) is not looked at, never refused.
 */

import type { Command, EnclaveImage } from '../../core/host/command.js';
import type { Decision } from '../../core/host/decision.js';
import type { Host } from '../../core/host/host.js';
import type { Program } from '../../core/host/program.js';
import { theRecord } from '../../core/host/records.js';
import { decide, runBy } from '../../core/host/step.js';
import type { FleetAsk } from '../../core/placement/fleet-view.js';
import { CPU_ONLINE_RULES } from '../../core/platform/cpu-online.js';
import type { Refusal } from '../../core/refusal/refusal.js';
import { pagesHeld } from './pages-of.js';
import type { LaunchAsk, LaunchOutcome, Refused, ReserveOutcome, Surface } from './surface.js';

const DEFAULT_VCPUS = 2;
const DEFAULT_MIB = 1024;

export const vmSurface: Surface = {
  rules: CPU_ONLINE_RULES,
  reserve: nothing,
  unreserve: nothing,
  launch,
  terminate: (_host, { uid }) => single({ kind: 'vm.terminate', uid }),
  crash: (_host, { uid }) => single({ kind: 'vm.crash', uid }),
  atOnce: { launch: launchAtOnce, end: endAtOnce },
  setOnline: (_host, cpu, online) => single({ kind: 'parent.set-online', cpu, online }),
};

function launchAtOnce(
  host: Host,
  { vcpus, memoryMib, nodes, blind }: FleetAsk,
  _image: EnclaveImage,
  positions: readonly number[] | undefined,
): Decision {
  // One shape of command, whether nodes are proposed or not: a spread costs as much as a launch.
  const on = positions === undefined ? undefined : nodeIds(host, positions);
  const command = { kind: 'vm.launch', vcpus, memoryMib, nodes, blind, on } as const;
  return runBy(host.profile.wholes?.['vm.launch'] ?? decide, host, command);
}

/** Node ids of positions; one that is not there is passed on as -1, for the host to refuse. */
function nodeIds({ topology: { nodes } }: Host, positions: readonly number[]): number[] {
  if (positions.length === 1) return [nodes[positions[0]]?.id ?? -1];
  return positions.map((position) => nodes[position]?.id ?? -1);
}

function endAtOnce(host: Host, uid: number, crash: boolean): Decision {
  const { wholes } = host.profile;
  if (crash) return runBy(wholes?.['vm.crash'] ?? decide, host, { kind: 'vm.crash', uid });
  return runBy(wholes?.['vm.terminate'] ?? decide, host, { kind: 'vm.terminate', uid });
}

// biome-ignore lint/correctness/useYield: a program without steps; the profile has no reservation.
function* nothing(): Program<ReserveOutcome> {
  return { ok: true, text: 'no reservation: plain VMs take memory and CPUs at launch' };
}

function* launch(_host: Host, ask: LaunchAsk): Program<LaunchOutcome> {
  const { vcpus = DEFAULT_VCPUS, memoryMib = DEFAULT_MIB } = ask;
  const { decision, host } = yield { kind: 'vm.launch', vcpus, memoryMib, nodes: 1 };
  const { facts, refusal } = decision;
  if (refusal !== undefined || facts.uid === undefined) return refused(refusal);
  const enclave = theRecord(host.tree, facts.uid);
  return {
    ok: true,
    uid: enclave.uid,
    id: String(enclave.uid),
    cid: 0,
    node: enclave.node,
    cpus: enclave.vcpus,
    askedMib: memoryMib,
    memoryMib: Math.floor(enclave.memoryBytes / 1_048_576),
    pages: pagesHeld(host, enclave),
  };
}

function* single(command: Command): Program<Refused | undefined> {
  const { decision } = yield command;
  return decision.refusal === undefined ? undefined : refused(decision.refusal);
}

function refused(refusal: Refusal | undefined): Refused {
  if (refusal === undefined) throw new Error('a step ended without a VM or a refusal');
  return { ok: false, refusal, stage: 'launch', leftBehind: [] };
}
