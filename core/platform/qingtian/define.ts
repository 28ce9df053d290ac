/**
 * The first step of a start: QT 04 capacity and QT 05 define, with every rule in declared order.
 *
 * Invariant: a refused define changes nothing; an accepted one adds a record in state `defined` that
 * owns neither cores nor pages yet. Its node is chosen here and kept: the first node that has it all.
 * Trade-off: nothing is held back for the record, so another start may take the cores in between;
 * each later step looks again.
 */
import type { CommandOf } from '../../host/command.js';
import { threadsOf } from '../../host/cores.js';
import type { Decision, HostEvent } from '../../host/decision.js';
import type { Effect } from '../../host/effect.js';
import type { Host } from '../../host/host.js';
import { newEnclave } from '../../host/tree.js';
import type { Refusal } from '../../refusal/refusal.js';
import { firstRefusal, type Rule } from '../rule.js';
import { type StartContext, startContext } from './context.js';
import { pickCores, supplyOf } from './pool-supply.js';
import { refusalOf, STAGE_RULES } from './step-rules.js';
import type { QingtianVersion } from './versions.js';

type Define = CommandOf<'qingtian.define'>;

/** `rules`: every row that a start must pass, in order. */
export function define(
  version: QingtianVersion,
  rules: readonly Rule<StartContext>[],
): (host: Host, command: Define) => Decision {
  return (host, command) => {
    const context = startContext(version, host, command.request);
    const refusal = firstRefusal(rules, context) ?? refusedBelow(command);
    if (refusal !== undefined) return rejected(refusal);
    return defined(context);
  };
}

function refusedBelow(command: Define): Refusal | undefined {
  if (command.capacity === false) {
    return refusalOf(STAGE_RULES.capacity, {}, 'the capacity of the sandbox is not known');
  }
  if (command.accepted === false) {
    return refusalOf(STAGE_RULES.define, {}, 'the sandbox could not be defined');
  }
  return undefined;
}

/** A start that a rule refused: nothing changes. */
export function rejected(refusal: Refusal): Decision {
  const events: HostEvent[] = [{ name: 'enclave.rejected', cause: refusal.rule }];
  return { effects: [], facts: { events }, refusal };
}

function defined(context: StartContext): Decision {
  const { host, request, memoryMib } = context;
  const { counters, pool } = host.tree;
  const uid = counters.nextSlot;
  const [{ position }] = supplyOf(context).byRuns;
  const node = host.topology.nodes[position].id;
  const enclave = newEnclave({
    uid,
    state: 'defined',
    cid: request.cid,
    debug: request.debug ? 1 : 0,
    node,
    parentCores: pool.parentCores,
    threadsPerCore: pool.threadsPerCore,
    request: { vcpus: request.vcpus, memoryMib, imageBytes: request.image.bytes },
  });
  const effects: Effect[] = [
    { kind: 'set-counter', name: 'nextSlot', from: uid, to: uid + 1 },
    { kind: 'add-enclave', enclave },
  ];
  return {
    effects,
    facts: { uid, cid: request.cid, node, events: events(context, uid, position) },
  };
}

/** The request with what was defaulted (Q15), and the waste of rounding and whole cores (N24). */
function events(context: StartContext, uid: number, position: number): HostEvent[] {
  const { host, request, memoryMib } = context;
  const { defaulted } = request;
  const list: HostEvent[] = [{ name: 'enclave.requested', uid, detail: { defaulted } }];
  const wastedMib = memoryMib - request.memoryMib;
  if (wastedMib > 0) {
    const detail = { askedMib: request.memoryMib, givenMib: memoryMib, wastedMib };
    list.push({ name: 'waste.page-rounding', uid, detail });
  }
  const cores = pickCores(host, position, request.vcpus) ?? [];
  const threads = threadsOf(cores).length;
  const wastedThreads = threads - request.vcpus;
  if (wastedThreads > 0) {
    const detail = { askedVcpus: request.vcpus, takenThreads: threads, wastedThreads };
    list.push({ name: 'waste.whole-cores', uid, detail });
  }
  return list;
}
