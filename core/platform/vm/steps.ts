/**
 * The steps of a plain VM: launch, terminate, crash, and a host that goes down under all of them.
 *
 * Invariant: a launch takes all its threads and frames in one decision or nothing, and an end returns
 * exactly those, scrubbed. Trade-off: there is no pipeline of steps; a trace says when a VM was
 * there, not how it came up.
 */
import type { CommandOf } from '../../host/command.js';
import type { Decision } from '../../host/decision.js';
import type { Effect } from '../../host/effect.js';
import type { Host } from '../../host/host.js';
import { enclaveOwner } from '../../host/owner.js';
import { parentSteps } from '../../host/parent-steps.js';
import { releaseEnclave } from '../../host/release-enclave.js';
import { BASE } from '../../host/stores.js';
import { type CpuPool, type Enclave, newEnclave } from '../../host/tree.js';
import type { Topology } from '../../topology/topology.js';
import { setCpuOnline } from '../cpu-online.js';
import type { Steps } from '../profile.js';
import { firstRefusal } from '../rule.js';
import { lowestThreads, type Part, runsFor } from './capacity.js';
import { launchContext, partsOf, VM_KNOWN, VM_RULES } from './rules.js';
import type { Launch } from './split.js';

const KIB = 1024;

/** Every thread is for VMs: one pool entry per core of the topology, over all nodes. */
export function wholePool({ cores }: Topology): CpuPool {
  return {
    threadsPerCore: cores[0].length,
    parentCores: cores.length,
    node: -1,
    avail: cores.map((cpus) => [...cpus]),
    text: '',
  };
}

export const VM_STEPS: Steps = {
  ...parentSteps({ endEnclave: releaseEnclave, boot: poolAgain }),
  'parent.set-online': setCpuOnline,
  'vm.launch': launch,
  'vm.terminate': (host, command) => end(host, command, 'terminated'),
  'vm.crash': (host, command) => end(host, command, 'crashed'),
};

function launch(host: Host, request: Launch): Decision {
  const context = launchContext(host, request);
  const refusal = firstRefusal(VM_RULES, context);
  if (refusal !== undefined) {
    return { effects: [], facts: { events: [{ name: 'enclave.rejected' }] }, refusal };
  }
  const uid = host.tree.counters.nextSlot;
  const parts = partsOf(context) ?? [];
  const vcpus = threadsFor(host, parts);
  const effects: Effect[] = [
    { kind: 'add-enclave', enclave: recordOf(host, request, uid, parts, vcpus) },
    { kind: 'set-counter', name: 'nextSlot', from: uid, to: uid + 1 },
  ];
  takeCores(effects, host.topology, uid, vcpus);
  for (let i = 0; i < parts.length; i++) {
    const { node, frames } = parts[i];
    const runs = runsFor(host.memory[node].base, frames);
    if (runs.length === 0) continue;
    effects.push({ kind: 'claim', node, size: BASE, runs, owner: enclaveOwner(uid), uid });
  }
  return { effects, facts: { uid, events: [{ name: 'enclave.running', uid }] } };
}

function recordOf(
  host: Host,
  request: Launch,
  uid: number,
  parts: readonly Part[],
  vcpus: readonly number[],
): Enclave {
  let memoryBytes = 0;
  for (let i = 0; i < parts.length; i++) {
    memoryBytes += parts[i].frames * host.memory[parts[i].node].frameKib * KIB;
  }
  return newEnclave({
    uid,
    state: 'running',
    node: parts.length === 1 ? host.topology.nodes[parts[0].node].id : -1,
    vcpus: vcpus.slice().sort((a, b) => a - b),
    memoryBytes,
    request: { vcpus: request.vcpus, memoryMib: request.memoryMib, imageBytes: 0 },
  });
}

/** The lowest free threads of each part's node. */
function threadsFor(host: Host, parts: readonly Part[]): number[] {
  if (parts.length === 1) return lowestThreads(host, parts[0].node, parts[0].vcpus);
  return parts.flatMap(({ node, vcpus: count }) => lowestThreads(host, node, count));
}

/** One `take-core` for each core, in the order in which its first thread is listed. */
function takeCores(
  effects: Effect[],
  { coreOf }: Topology,
  uid: number,
  vcpus: readonly number[],
): void {
  const cores: number[] = [];
  const threads: number[][] = [];
  for (let i = 0; i < vcpus.length; i++) {
    const core = coreOf[vcpus[i]];
    // A sibling was listed just before, or, where ids are numbered thread by thread, long before.
    const at = cores.lastIndexOf(core);
    if (at >= 0) threads[at].push(vcpus[i]);
    else {
      cores.push(core);
      threads.push([vcpus[i]]);
    }
  }
  for (let i = 0; i < cores.length; i++) {
    const cpus = threads[i].length === 1 ? threads[i] : threads[i].sort((a, b) => a - b);
    effects.push({ kind: 'take-core', uid, index: cores[i], cpus });
  }
}

type End = CommandOf<'vm.terminate' | 'vm.crash'>;

function end(host: Host, { uid }: End, how: 'terminated' | 'crashed'): Decision {
  const vm: Enclave | undefined = host.tree.enclaves[uid];
  if (vm === undefined) return unknownVm(uid);
  const events = [{ name: `enclave.${how}`, uid }];
  return {
    effects: releaseEnclave(host, vm, host.tree.order.indexOf(uid)),
    facts: { uid, events },
  };
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
