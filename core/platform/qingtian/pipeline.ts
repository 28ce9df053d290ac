/**
 * The steps of a launch after `define`, in the order of their codes: 08, 09, 10, 11, 19, 20.
 *
 * `map` claims the pages, `add-memory` donates them, `add-cpu` takes whole cores lowest index first,
 * `heartbeat` makes the enclave visible. Each step looks again for what it needs, since another
 * start may have taken it in between, and fails with its own code then.
 *
 * Invariant: a step that fails returns all the enclave holds and drops its record.
 * Trade-off: that the tool cleans up at once is a declared choice; the documents do not say when.
 */

import type { CommandOf, PipelineKind } from '../../host/command.js';
import { threadsOf } from '../../host/cores.js';
import type { Decision, HostEvent } from '../../host/decision.js';
import type { Effect } from '../../host/effect.js';
import type { Host } from '../../host/host.js';
import { enclaveOwner } from '../../host/owner.js';
import { nodePosition, physOf } from '../../host/physical.js';
import { recordOf } from '../../host/records.js';
import { releaseEnclave } from '../../host/release-enclave.js';
import { poolStore } from '../../host/stores.js';
import type { Enclave } from '../../host/tree.js';
import type { QingtianEvent } from '../../lifecycle/qingtian-enclave.js';
import type { QingtianState } from '../../lifecycle/states.js';
import { lifecycle } from '../../lifecycle/surfaces.js';
import { next } from '../../lifecycle/table.js';
import type { Numbers } from '../../refusal/refusal.js';
import { MIB } from '../../units/size.js';
import { resolveOptions } from './options.js';
import { freePoolMib, pickCores, pickRuns, reservedSize, wholeThreads } from './pool-supply.js';
import { LIFECYCLE, refusalOf, refusedBy, STAGE_RULES, type StageId } from './step-rules.js';
import type { QingtianVersion } from './versions.js';

/** What a step does when nobody refuses: effects, or the numbers of what is missing. */
type Work = (place: Place) => { effects: readonly Effect[] } | { missing: Numbers };

interface Place {
  readonly version: QingtianVersion;
  readonly host: Host;
  readonly enclave: Enclave;
  /** Position of the enclave's node. */
  readonly position: number;
}

interface StageRow {
  readonly stage: StageId;
  readonly event: QingtianEvent;
  readonly work: Work;
}

const STAGES: Readonly<Record<PipelineKind, StageRow>> = {
  'qingtian.map': { stage: 'map', event: 'map', work: mapPages },
  'qingtian.add-memory': { stage: 'add-memory', event: 'addMemory', work: addMemory },
  'qingtian.load-image': { stage: 'load-image', event: 'loadImage', work: nothing },
  'qingtian.add-cpu': { stage: 'add-cpu', event: 'addCpu', work: addCpus },
  'qingtian.start': { stage: 'start', event: 'start', work: nothing },
  'qingtian.heartbeat': { stage: 'heartbeat', event: 'heartbeat', work: nothing },
};

export const PIPELINE_KINDS = Object.keys(STAGES) as readonly PipelineKind[];

/** The step of one kind. */
export function pipelineStep(
  version: QingtianVersion,
): (host: Host, command: CommandOf<PipelineKind>) => Decision {
  return (host, command) => {
    const row = STAGES[command.kind];
    const enclave = recordOf(host.tree, command.uid);
    const from = stateOf(enclave);
    const to = next(lifecycle.qingtianEnclave(), from, row.event);
    if (enclave === undefined || to === undefined) {
      const numbers = { enclave: command.uid, from, event: row.event };
      return refusedBy(LIFECYCLE, numbers, `enclave ${command.uid} is ${from}: no ${row.event}`);
    }
    const position = nodePosition(host.topology, enclave.node);
    const work = row.work({ version, host, enclave, position });
    if ('missing' in work) return abandoned(host, enclave, row, work.missing);
    if (command.accepted === false) return abandoned(host, enclave, row, {});
    return advanced(enclave, to, work.effects);
  };
}

/** State of an enclave record, `absent` when there is none. */
export function stateOf(enclave: Enclave | undefined): QingtianState {
  // A QingTian host only ever stores QingTian's own states.
  return (enclave?.state ?? 'absent') as QingtianState;
}

function advanced({ uid, state }: Enclave, to: QingtianState, work: readonly Effect[]): Decision {
  const move: Effect = { kind: 'set-enclave', uid, field: 'state', from: state, to };
  const events: HostEvent[] = [];
  if (to === 'starting') events.push({ name: 'enclave.starting', uid });
  if (to === 'running')
    events.push({ name: 'enclave.heartbeat', uid }, { name: 'enclave.running', uid });
  return { effects: [...work, move], facts: { uid, events } };
}

function abandoned(host: Host, enclave: Enclave, row: StageRow, missing: Numbers): Decision {
  const { uid } = enclave;
  const rule = STAGE_RULES[row.stage];
  const effects = releaseEnclave(host, enclave);
  const events: HostEvent[] = [{ name: 'enclave.rejected', uid, cause: rule.id }];
  const refusal = refusalOf(
    rule,
    { enclave: uid, ...missing },
    `enclave ${uid}: ${row.stage} failed`,
  );
  return { effects, facts: { uid, events }, refusal };
}

function nothing(): { effects: readonly Effect[] } {
  return { effects: [] };
}

function mapPages({ version, host, enclave, position }: Place): ReturnType<Work> {
  const { uid, request } = enclave;
  const options = resolveOptions(version, host.options);
  const runs = pickRuns({ host, options }, position, request.memoryMib);
  if (runs === undefined) {
    const { memoryMib } = request;
    return { missing: { memoryMib, freeMib: freePoolMib(host, position) } };
  }
  const size = reservedSize(host, position);
  const owner = enclaveOwner(uid);
  return { effects: [{ kind: 'claim', node: position, size, runs, owner, uid }] };
}

function addMemory({ host, enclave }: Place): ReturnType<Work> {
  const { uid, memoryBytes, request } = enclave;
  const effects: Effect[] = enclave.extents.map(({ node, size, handle }) => {
    const memory = host.memory[node];
    const { start, frames } = poolStore(memory, size).at(handle);
    const bytes = frames * memory.frameKib * 1024;
    return { kind: 'donate', uid, phys: physOf(host, node, start), bytes };
  });
  const to = request.memoryMib * MIB;
  effects.push({ kind: 'set-enclave', uid, field: 'memoryBytes', from: memoryBytes, to });
  return { effects };
}

function addCpus({ host, enclave, position }: Place): ReturnType<Work> {
  const { uid, request } = enclave;
  const cores = pickCores(host, position, request.vcpus);
  if (cores === undefined) {
    const { vcpus } = request;
    return { missing: { vcpus, wholeCoreThreads: wholeThreads(host, position) } };
  }
  const effects: Effect[] = cores.map(({ index, cpus }) => {
    return { kind: 'take-core', uid, index, cpus };
  });
  const threads = threadsOf(cores).slice(0, request.vcpus);
  for (const cpu of threads) effects.push({ kind: 'add-vcpu', uid, cpu });
  return { effects };
}
