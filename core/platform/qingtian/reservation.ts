/**
 * Steps of the reservation service qt-enclave-env: start (reserve) and stop (unreserve).
 *
 * Starting an active service again is a restart: its pool goes back first. Invariant: a reservation
 * is had whole or not at all; a refusal leaves no CPU offline and no page in a pool.
 * Trade-off: a restart that is refused has already stopped, so the old pool is gone and the service
 * is failed, as a service manager would have it; while enclaves exist it is refused outright.
 * Source: QingTian Enclave user guide, configuring resources (b.1).
 */
import type { CommandOf, QingtianConf } from '../../host/command.js';
import type { Decision, HostEvent } from '../../host/decision.js';
import type { Effect } from '../../host/effect.js';
import type { Host } from '../../host/host.js';
import { NOTHING_RESERVED, poolRuns, returnPool } from '../../host/return-pool.js';
import { type CpuPool, emptyPool, type Reservation } from '../../host/tree.js';
import { lifecycle } from '../../lifecycle/surfaces.js';
import { next } from '../../lifecycle/table.js';
import { releasePages } from '../../memory/node-memory.js';
import type { Refusal } from '../../refusal/refusal.js';
import { formatCpulist } from '../../topology/cpulist.js';
import { siblingsOf, type Topology } from '../../topology/topology.js';
import { existing } from '../../units/counted.js';
import { firstRefusal, type Rule } from '../rule.js';
import { parentContext, type ReserveContext, type Unpooled } from './context.js';
import { type PagePlan, type PoolCandidate, planPages } from './pool-plan.js';
import { chosenCandidate } from './reservation-rules.js';
import { LIVE_ENCLAVES, refusedBy, SERVICE_LIFECYCLE } from './step-rules.js';
import type { QingtianVersion } from './versions.js';

export function reserveContext(
  version: QingtianVersion,
  host: Host,
  conf: QingtianConf,
): ReserveContext {
  return { ...parentContext(version, host), conf, unpooled: unpooledOf(host) };
}

/** Starts the service. `rules`: every row that a reservation must pass, in order. */
export function reserve(
  version: QingtianVersion,
  rules: readonly Rule<ReserveContext>[],
): (host: Host, command: CommandOf<'qingtian.reserve'>) => Decision {
  return (host, { conf }) => {
    const context = reserveContext(version, host, conf);
    const refusal = firstRefusal(rules, context);
    if (refusal !== undefined) return serviceFailed(host, refusal);
    const candidate = chosenCandidate(context);
    if (candidate === undefined) throw new Error('rules passed, but no node gives the pool');
    return reserved(context, candidate, planPages(context, candidate));
  };
}

/** Stops the service; refused while enclaves exist. */
export function unreserve(host: Host): Decision {
  const { reservation, records } = host.tree;
  const to = next(lifecycle.reservationService(), reservation.state, 'stop');
  if (to === undefined) {
    const numbers = { from: reservation.state, event: 'stop' };
    return refusedBy(SERVICE_LIFECYCLE, numbers, `the service is ${reservation.state}`);
  }
  if (records.length > 0) {
    return refusedBy(LIVE_ENCLAVES, { live: records.length }, existing(records.length, 'enclave'));
  }
  return { effects: returnPool(host), facts: { events: [{ name: 'pool.released' }] } };
}

function reserved(
  { host, conf }: ReserveContext,
  candidate: PoolCandidate,
  plan: PagePlan,
): Decision {
  const { tree, topology } = host;
  const restarted = tree.reservation.state === 'active';
  const effects: Effect[] = restarted ? returnPool(host) : [];
  for (const cpu of candidate.cpus) effects.push({ kind: 'set-online', cpu, to: 0 });
  const before = restarted ? emptyPool(0) : tree.pool;
  effects.push({ kind: 'set-pool', from: before, to: poolOf(topology, candidate) });
  for (const { node, size, runs } of plan.pages) {
    effects.push({ kind: 'resize-pages', node, size, runs, grow: true });
  }
  const memoryMib = conf.memoryMib ?? 0;
  effects.push({
    kind: 'set-reservation',
    from: restarted ? NOTHING_RESERVED : { ...tree.reservation },
    to: { state: 'active', pageKib: (conf.hugepageSizeMib ?? 0) * 1024, memoryMib },
  });
  const detail = { cpus: formatCpulist(candidate.cpus), pages: plan.wanted, memoryMib };
  const node = topology.nodes[candidate.nodes[0]].id;
  return {
    effects,
    facts: { node, pages: plan.wanted, events: [{ name: 'pool.reserve', detail }] },
  };
}

/** Cores numbered in ascending order of their first CPU in the pool. */
function poolOf(topology: Topology, { cpus, nodes }: PoolCandidate): CpuPool {
  const byCore = new Map<number, number[]>();
  for (const cpu of cpus) {
    const threads = byCore.get(topology.coreOf[cpu]);
    if (threads === undefined) byCore.set(topology.coreOf[cpu], [cpu]);
    else threads.push(cpu);
  }
  const avail = [...byCore.values()];
  return {
    threadsPerCore: siblingsOf(topology, cpus[0]).length,
    parentCores: topology.cores.length,
    node: topology.nodes[nodes[0]].id,
    avail,
    text: formatCpulist(cpus),
  };
}

function serviceFailed(host: Host, refusal: Refusal): Decision {
  const { numbers } = refusal;
  const events: HostEvent[] = [{ name: 'pool.reserve.rejected', cause: refusal.rule }];
  if (refusal.rule === 'pool-contiguity') {
    events.unshift({ name: 'pool.reserve.partial', detail: numbers });
  }
  const { tree } = host;
  if (tree.parent !== 'running' || tree.records.length > 0) {
    return { effects: [], facts: { events }, refusal };
  }
  const restarted = tree.reservation.state === 'active';
  const effects: Effect[] = restarted ? returnPool(host) : [];
  const from: Reservation = restarted ? NOTHING_RESERVED : { ...tree.reservation };
  const to: Reservation = { ...NOTHING_RESERVED, state: 'failed' };
  effects.push({ kind: 'set-reservation', from, to });
  return { effects, facts: { events }, refusal };
}

/** CPUs and memory once the present pool is given back; the host's own when there is none. */
function unpooledOf(host: Host): Unpooled {
  const { tree, memory } = host;
  if (tree.reservation.state !== 'active' || tree.records.length > 0) {
    return { online: tree.online, memory };
  }
  const online = [...tree.online];
  for (const cpu of tree.pool.avail.flat()) online[cpu] = 1;
  const freed = memory.map((node) => {
    const fork = node.fork();
    fork.pools.forEach((pool, size) => {
      releasePages(fork, size, poolRuns(pool));
    });
    return fork;
  });
  return { online, memory: freed };
}
