/**
 * A whole start in one decision: what the launch program does when nobody comes in between and
 * nothing below the rules refuses.
 *
 * The engine starts millions of enclaves, one after the other; seven steps that each look again for
 * what nobody could have taken are then wasted. Invariant: the host afterwards equals the one the
 * program of steps leaves, value for value, and a refusal is the same row (held by a property test).
 * Trade-off: its events say only that the enclave runs; who wants the steps runs the program.
 */
import type { CommandOf } from '../../host/command.js';
import type { Decision } from '../../host/decision.js';
import type { Admit } from '../../host/effect.js';
import type { Host } from '../../host/host.js';
import { physOf } from '../../host/physical.js';
import type { OwnedCore } from '../../host/tree.js';
import { spelledOut } from '../../host/whole-life.js';
import { sortAscending } from '../../topology/ascending.js';
import { MIB } from '../../units/size.js';
import { firstRefusal, type Rule } from '../rule.js';
import { type StartContext, startContext } from './context.js';
import { rejected } from './define.js';
import { runsOn, supplyOf } from './pool-supply.js';
import { everyRowAllows } from './start-rules.js';
import type { QingtianVersion } from './versions.js';

type Launch = (host: Host, command: CommandOf<'qingtian.launch'>) => Decision;

/** `rules`: every row that a start must pass, in order. The start is one effect. */
export function launchWhole(
  version: QingtianVersion,
  rules: readonly Rule<StartContext>[],
): Launch {
  return (host, { request }) => {
    const context = startContext(version, host, request);
    const refusal = everyRowAllows(context) ? undefined : firstRefusal(rules, context);
    return refusal === undefined ? started(context) : rejected(refusal);
  };
}

/** The same start, one effect for each thing that changes. */
export function launchAtOnce(launch: Launch): Launch {
  return (host, command) => {
    const decision = launch(host, command);
    const [admit] = decision.effects;
    return admit?.kind === 'admit' ? { ...decision, effects: spelledOut(admit) } : decision;
  };
}

function started(context: StartContext): Decision {
  const { host, request, memoryMib } = context;
  const { counters, pool } = host.tree;
  const supply = supplyOf(context).byRuns[0];
  const { position, cores, size } = supply;
  const runs = runsOn(context, supply);
  if (runs === undefined || cores === undefined) {
    throw new Error('the rules passed a start that the pool cannot give');
  }
  const uid = counters.nextSlot;
  const node = host.topology.nodes[position].id;
  const admit: Admit = {
    kind: 'admit',
    enclave: {
      uid,
      state: 'running',
      cid: request.cid,
      debug: request.debug ? 1 : 0,
      node,
      parentCores: pool.parentCores,
      threadsPerCore: pool.threadsPerCore,
      vcpus: threadsOf(cores, request.vcpus),
      memoryBytes: memoryMib * MIB,
      donated: physicalRuns(host, position, runs),
      request: { vcpus: request.vcpus, memoryMib, imageBytes: request.image.bytes },
    },
    cores,
    claims: [{ node: position, size, runs }],
  };
  const events = [{ name: 'enclave.running', uid }];
  return { effects: [admit], facts: { uid, cid: request.cid, node, events } };
}

/**
 * The first `vcpus` threads of the cores, ascending. Put together sibling by sibling: where the
 * numbers of siblings are half a machine apart, that is in order already.
 */
function threadsOf(cores: readonly OwnedCore[], vcpus: number): number[] {
  // As long as it will be: a list that grows from nothing takes room for seventeen.
  const threads = new Array<number>(vcpus);
  let count = 0;
  let highest = -1;
  let isInOrder = true;
  for (let sibling = 0; count < vcpus; sibling++) {
    let before = 0;
    for (let i = 0; i < cores.length; i++) {
      const { cpus } = cores[i];
      if (sibling < cpus.length && before + sibling < vcpus) {
        const cpu = cpus[sibling];
        threads[count++] = cpu;
        if (cpu < highest) isInOrder = false;
        highest = cpu;
      }
      before += cpus.length;
    }
  }
  return isInOrder ? threads : sortAscending(threads);
}

/** Flat [phys, bytes, …] of flat [start, frames, …]. */
function physicalRuns(host: Host, position: number, runs: readonly number[]): number[] {
  const bytesPerFrame = host.memory[position].frameKib * 1024;
  if (runs.length === 2) return [physOf(host, position, runs[0]), runs[1] * bytesPerFrame];
  const ranges = new Array<number>(runs.length);
  for (let i = 0; i < runs.length; i += 2) {
    ranges[i] = physOf(host, position, runs[i]);
    ranges[i + 1] = runs[i + 1] * bytesPerFrame;
  }
  return ranges;
}
