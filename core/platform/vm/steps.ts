/**
 * The steps of a plain VM: launch, terminate, crash, and a host that goes down under all of them.
 *
 * Invariant: a launch takes all its threads and frames in one decision or nothing, and an end returns
 * exactly those, scrubbed. Trade-off: there is no pipeline of steps; a trace says when a VM was
 * there, not how it came up.
 */

import type { CommandOf } from '../../host/command.js';
import type { Decision } from '../../host/decision.js';
import type { Admit, Effect } from '../../host/effect.js';
import type { Host } from '../../host/host.js';
import { alone, union } from '../../host/lists.js';
import { parentSteps } from '../../host/parent-steps.js';
import { recordOf } from '../../host/records.js';
import { dismissEnclave, releaseEnclave, type SayEnd } from '../../host/release-enclave.js';
import { BASE } from '../../host/stores.js';
import type { CpuPool, Newborn } from '../../host/tree.js';
import { spelledOut } from '../../host/whole-life.js';
import { sortAscending } from '../../topology/ascending.js';
import type { Topology } from '../../topology/topology.js';
import { setCpuOnline } from '../cpu-online.js';
import { onlyOwn, type Steps } from '../profile.js';
import { firstRefusal } from '../rule.js';
import { coresOfLowest, type Part, runsFor } from './capacity.js';
import { launchContext, partsOf, passesAll, VM_KNOWN, VM_RULES } from './rules.js';
import { type Launch, plainPart } from './split.js';

const KIB = 1024;
/** Events of the two ends; whole, since a name put together at each end is a string at each end. */
const TERMINATED = 'enclave.terminated';
const CRASHED = 'enclave.crashed';

/**
 * Every thread is for VMs: one pool entry per core of the topology, over all nodes. The lists are those
 * that cores have when they come back (host/lists), so that equal hosts share them from the start.
 */
export function wholePool({ cores }: Topology): CpuPool {
  return {
    threadsPerCore: cores[0].length,
    parentCores: cores.length,
    node: -1,
    avail: cores.map((cpus) => cpus.map(alone).reduce(union)),
    text: '',
  };
}

export const VM_STEPS: Steps = {
  ...parentSteps({ endEnclave: releaseEnclave, boot: poolAgain }),
  'parent.set-online': setCpuOnline,
  'vm.launch': (host, command) => {
    const decision = launch(host, command);
    const [admit] = decision.effects;
    return admit?.kind === 'admit' ? { ...decision, effects: spelledOut(admit) } : decision;
  },
  'vm.terminate': (host, command) => end(releaseEnclave, host, command, TERMINATED),
  'vm.crash': (host, command) => end(releaseEnclave, host, command, CRASHED),
};

/** The same, a launch and an end in one effect each. */
export const VM_WHOLES: Steps = onlyOwn({
  'vm.launch': launch,
  'vm.terminate': (host, command) => end(dismissEnclave, host, command, TERMINATED),
  'vm.crash': (host, command) => end(dismissEnclave, host, command, CRASHED),
});

function launch(host: Host, request: Launch): Decision {
  const part = plainPart(host, request);
  if (part !== undefined) return admitted(host, request, [part], part.threads);
  const context = launchContext(host, request);
  const refusal = passesAll(context) ? undefined : firstRefusal(VM_RULES, context);
  if (refusal !== undefined) {
    return { effects: [], facts: { events: [{ name: 'enclave.rejected' }] }, refusal };
  }
  const parts = partsOf(context) ?? [];
  return admitted(host, request, parts, threadsOf(parts));
}

function admitted(
  host: Host,
  request: Launch,
  parts: readonly Part[],
  threads: readonly number[],
): Decision {
  const uid = host.tree.counters.nextSlot;
  const admit: Admit = {
    kind: 'admit',
    enclave: newbornOf(host, request, uid, parts, threads),
    cores: (parts.length === 1 ? parts[0].cores : undefined) ?? coresOfLowest(host, threads),
    claims: claimsFor(host, parts),
  };
  return { effects: [admit], facts: { uid, events: [{ name: 'enclave.running', uid }] } };
}

function claimsFor({ memory }: Host, parts: readonly Part[]): Admit['claims'] {
  if (parts.length === 1) {
    const { node, frames } = parts[0];
    const runs = runsFor(memory[node].base, frames);
    return runs.length > 0 ? [{ node, size: BASE, runs }] : [];
  }
  return parts
    .map(({ node, frames }) => ({ node, size: BASE, runs: runsFor(memory[node].base, frames) }))
    .filter(({ runs }) => runs.length > 0);
}

function newbornOf(
  host: Host,
  request: Launch,
  uid: number,
  parts: readonly Part[],
  vcpus: readonly number[],
): Newborn {
  let memoryBytes = 0;
  for (let i = 0; i < parts.length; i++) {
    memoryBytes += parts[i].frames * host.memory[parts[i].node].frameKib * KIB;
  }
  return {
    uid,
    state: 'running',
    node: parts.length === 1 ? host.topology.nodes[parts[0].node].id : -1,
    vcpus,
    memoryBytes,
    request: { vcpus: request.vcpus, memoryMib: request.memoryMib, imageBytes: 0 },
  };
}

/** The threads of all parts, ascending. */
function threadsOf(parts: readonly Part[]): readonly number[] {
  if (parts.length === 1) return parts[0].threads;
  return sortAscending(parts.flatMap(({ threads }) => threads));
}

type End = CommandOf<'vm.terminate' | 'vm.crash'>;

/** `name`: of the event. */
function end(say: SayEnd, host: Host, { uid }: End, name: string): Decision {
  const vm = recordOf(host.tree, uid);
  if (vm === undefined) return unknownVm(uid);
  return { effects: say(host, vm), facts: { uid, events: [{ name, uid }] } };
}

/** After a boot the host offers every thread again. */
function poolAgain({ topology, tree }: Host): Effect[] {
  const to = wholePool(topology);
  const effects: Effect[] = [];
  for (const cpu of to.avail.flat()) {
    if (tree.online[cpu] === 1) effects.push({ kind: 'set-online', cpu, to: 0 });
  }
  effects.push({ kind: 'set-pool', from: tree.pool, to });
  return effects;
}

function unknownVm(uid: number): Decision {
  const refusal = firstRefusal([VM_KNOWN], { uid, known: false });
  return refusal === undefined ? { effects: [], facts: {} } : { effects: [], facts: {}, refusal };
}
