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
import type { Effect } from '../../host/effect.js';
import type { Host } from '../../host/host.js';
import { enclaveOwner } from '../../host/owner.js';
import { physOf } from '../../host/physical.js';
import { newEnclave } from '../../host/tree.js';
import { MIB } from '../../units/size.js';
import { firstRefusal, type Rule } from '../rule.js';
import { type StartContext, startContext } from './context.js';
import { rejected } from './define.js';
import { nodesByRuns, pickCores, pickRuns, reservedSize } from './pool-supply.js';
import type { QingtianVersion } from './versions.js';

/** `rules`: every row that a start must pass, in order. */
export function launchAtOnce(
  version: QingtianVersion,
  rules: readonly Rule<StartContext>[],
): (host: Host, command: CommandOf<'qingtian.launch'>) => Decision {
  return (host, { request }) => {
    const context = startContext(version, host, request);
    const refusal = firstRefusal(rules, context);
    return refusal === undefined ? started(context) : rejected(refusal);
  };
}

function started(context: StartContext): Decision {
  const { host, request, memoryMib } = context;
  const { counters, pool } = host.tree;
  const [{ position }] = nodesByRuns(context);
  const runs = pickRuns(context, position, memoryMib);
  const indices = pickCores(host, position, request.vcpus);
  if (runs === undefined || indices === undefined) {
    throw new Error('the rules passed a start that the pool cannot give');
  }
  const uid = counters.nextSlot;
  const size = reservedSize(host, position);
  const node = host.topology.nodes[position].id;
  const enclave = newEnclave({
    uid,
    state: 'running',
    cid: request.cid,
    debug: request.debug ? 1 : 0,
    node,
    parentCores: pool.parentCores,
    threadsPerCore: pool.threadsPerCore,
    vcpus: threadsOf(pool.avail, indices, request.vcpus),
    memoryBytes: memoryMib * MIB,
    donated: physicalRuns(host, position, runs),
    request: { vcpus: request.vcpus, memoryMib, imageBytes: request.image.bytes },
  });
  const effects: Effect[] = [
    { kind: 'set-counter', name: 'nextSlot', from: uid, to: uid + 1 },
    { kind: 'add-enclave', enclave },
    { kind: 'claim', node: position, size, runs, owner: enclaveOwner(uid), uid },
  ];
  for (let i = 0; i < indices.length; i++) {
    const index = indices[i];
    effects.push({ kind: 'take-core', uid, index, cpus: pool.avail[index] });
  }
  const events = [{ name: 'enclave.running', uid }];
  return { effects, facts: { uid, cid: request.cid, node, events } };
}

/** The first `vcpus` threads of the cores, ascending. */
function threadsOf(
  avail: readonly (readonly number[])[],
  indices: readonly number[],
  vcpus: number,
): number[] {
  const threads: number[] = [];
  let ascending = true;
  for (let i = 0; i < indices.length; i++) {
    const cpus = avail[indices[i]];
    for (let k = 0; k < cpus.length && threads.length < vcpus; k++) {
      ascending &&= threads.length === 0 || threads[threads.length - 1] < cpus[k];
      threads.push(cpus[k]);
    }
  }
  return ascending ? threads : threads.sort((a, b) => a - b);
}

/** Flat [phys, bytes, …] of flat [start, frames, …]. */
function physicalRuns(host: Host, position: number, runs: readonly number[]): number[] {
  const bytesPerFrame = host.memory[position].frameKib * 1024;
  const ranges: number[] = [];
  for (let i = 0; i < runs.length; i += 2) {
    ranges.push(physOf(host, position, runs[i]), runs[i + 1] * bytesPerFrame);
  }
  return ranges;
}
