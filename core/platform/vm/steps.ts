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
import { VM_KNOWN, VM_RULES } from './rules.js';
import { type Launch, splitOver } from './split.js';

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

const PARENT = parentSteps({ endEnclave: releaseEnclave });

export const VM_STEPS: Steps = {
  ...PARENT,
  'parent.set-online': setCpuOnline,
  'parent.boot': (host, command) => {
    const decision = PARENT['parent.boot']?.(host, command) ?? { effects: [], facts: {} };
    if (decision.refusal !== undefined) return decision;
    return { ...decision, effects: [...decision.effects, ...poolAgain(host)] };
  },
  'vm.launch': launch,
  'vm.terminate': (host, command) => end(host, command, 'terminated'),
  'vm.crash': (host, command) => end(host, command, 'crashed'),
};

function launch(host: Host, request: Launch): Decision {
  const refusal = firstRefusal(VM_RULES, { host, request });
  if (refusal !== undefined) {
    return { effects: [], facts: { events: [{ name: 'enclave.rejected' }] }, refusal };
  }
  const uid = host.tree.counters.nextSlot;
  const parts = splitOver(host, request) ?? [];
  const vcpus = parts.flatMap(({ node, vcpus: count }) => lowestThreads(host, node, count));
  const effects: Effect[] = [
    { kind: 'add-enclave', enclave: recordOf(host, request, uid, parts, vcpus) },
    { kind: 'set-counter', name: 'nextSlot', from: uid, to: uid + 1 },
  ];
  for (const [index, cpus] of byCore(host.topology, vcpus)) {
    effects.push({ kind: 'take-core', uid, index, cpus });
  }
  for (const { node, frames } of parts) {
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
  const memoryBytes = parts.reduce(
    (sum, { node, frames }) => sum + frames * host.memory[node].frameKib * KIB,
    0,
  );
  return newEnclave({
    uid,
    state: 'running',
    node: parts.length === 1 ? host.topology.nodes[parts[0].node].id : -1,
    vcpus: [...vcpus].sort((a, b) => a - b),
    memoryBytes,
    request: { vcpus: request.vcpus, memoryMib: request.memoryMib, imageBytes: 0 },
  });
}

function byCore({ coreOf }: Topology, cpus: readonly number[]): Map<number, number[]> {
  const cores = new Map<number, number[]>();
  for (const cpu of cpus) {
    const core = cores.get(coreOf[cpu]);
    if (core === undefined) cores.set(coreOf[cpu], [cpu]);
    else core.push(cpu);
  }
  for (const core of cores.values()) core.sort((a, b) => a - b);
  return cores;
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
