/**
 * Writing the CPU pool: the ne_cpus parameter of the driver (nitro RULES.md §2.2, §2.3).
 *
 * A write first tears the old pool down and only then looks at the new text, so a refused write
 * leaves no pool at all (quirk `pool-torn-down-first`); only the two EPERM checks come before.
 * Invariant: after the step the pool is either exactly the CPUs of the accepted text, offline and
 * in whole cores on one node, or empty. Trade-off: CPU by CPU the kernel may fail to offline or
 * online; what it leaves behind is kept.
 */
import type { CommandOf } from '../../host/command.js';
import type { Decision } from '../../host/decision.js';
import type { Host } from '../../host/host.js';
import { type CpuPool, emptyPool } from '../../host/tree.js';
import type { Refusal } from '../../refusal/refusal.js';
import { firstRefusal } from '../rule.js';
import { answeredRefusal } from './answered.js';
import { attempt, type Call, done, openCall, refused } from './call.js';
import { mayComeOnline } from './donated-core.js';
import { isLastOnline, LAST_ONLINE_ERRNO } from './last-online.js';
import {
  POOL_PARSE_RULES,
  POOL_SET_RULES,
  POOL_STORE_RULES,
  POOL_WRITE_RULES,
  poolCpus,
  poolText,
  siblingsOnline,
  WHY_OF_RULE,
} from './pool-rules.js';

const NO_NODE = -1;

type PoolWrite = CommandOf<'nitro.write-pool'>;

export function writePool(host: Host, command: PoolWrite): Decision {
  const call = openCall(command.answers);
  const denied = firstRefusal(POOL_WRITE_RULES, { host, command });
  if (denied !== undefined) return refusedWrite(call, denied);
  const online = [...host.tree.online];
  onlineAll(host, call, online, host.tree.pool.avail.flatMap(eachOnce));
  const pool = setUp(host, call, online, upToZero(command.text));
  if ('rule' in pool) {
    call.effects.push({ kind: 'set-pool', from: host.tree.pool, to: emptyPool(NO_NODE) });
    addOnlineEffects(call, host, online);
    return refusedWrite(call, pool);
  }
  call.effects.push({ kind: 'set-pool', from: host.tree.pool, to: pool });
  addOnlineEffects(call, host, online);
  return done(call);
}

/** The kernel's strings end at their first zero byte: list parser, length and copy see no more. */
function upToZero(text: string): string {
  return text.split('\0', 1)[0];
}

function refusedWrite(call: Call, refusal: Refusal): Decision {
  return refused(call, refusal, { why: WHY_OF_RULE.get(refusal.rule) ?? 'offline-failed' });
}

function setUp(host: Host, call: Call, online: number[], text: string): CpuPool | Refusal {
  const { topology } = host;
  const read = poolText(topology, text);
  const unread = firstRefusal(POOL_PARSE_RULES, read);
  if (unread !== undefined) return unread;
  const cpus = poolCpus(read);
  const refusal = firstRefusal(POOL_SET_RULES, { topology, online, cpus });
  if (refusal !== undefined) return refusal;
  const avail = numberCores(cpus, (cpu) => siblingsOnline(topology, online, cpu));
  // Quirk `pool-threads-of-lowest`: hosts with mixed cores get a table of the wrong size.
  const threadsPerCore = avail[0].length;
  const failed = offlineAll(host, call, online, cpus);
  if (failed !== undefined) {
    onlineAll(host, call, online, cpus);
    return failed;
  }
  const tooLong = firstRefusal(POOL_STORE_RULES, { text });
  if (tooLong !== undefined) {
    onlineAll(host, call, online, avail.flat());
    return tooLong;
  }
  const parentCores = Math.floor(topology.nrCpuIds / threadsPerCore);
  return { threadsPerCore, parentCores, node: topology.nodeOf[cpus[0]], avail, text };
}

/**
 * Core index = place in the order of first-seen CPUs, ascending; not the hardware's core number.
 */
function numberCores(cpus: readonly number[], siblings: (cpu: number) => number[]): number[][] {
  const cores: number[][] = [];
  const seen = new Set<number>();
  for (const cpu of cpus) {
    if (seen.has(cpu)) continue;
    const core = siblings(cpu);
    for (const sibling of core) seen.add(sibling);
    cores.push(core);
  }
  return cores;
}

/** Threads of one core; a thread that joined its own core (quirk `cores-joined`) counts once. */
function eachOnce(core: readonly number[]): number[] {
  return [...new Set(core)];
}

/** Takes CPUs offline in order; stops at the first that the kernel refuses. */
function offlineAll(
  host: Host,
  call: Call,
  online: number[],
  cpus: readonly number[],
): Refusal | undefined {
  for (const cpu of cpus) {
    const failed = attempt(call, 'CPU_OFFLINE');
    const errno = failed === 0 && isLastOnline(host, online, cpu) ? LAST_ONLINE_ERRNO : failed;
    if (errno !== 0) return answeredRefusal('CPU_OFFLINE', errno);
    online[cpu] = 0;
  }
  return undefined;
}

/**
 * Brings CPUs back; one that the kernel or the hypervisor refuses is only logged: quirk
 * `pool-cpu-stays-offline`.
 */
function onlineAll(host: Host, call: Call, online: number[], cpus: readonly number[]): void {
  for (const cpu of cpus) {
    if (attempt(call, 'CPU_ONLINE') === 0 && mayComeOnline(host, cpu)) online[cpu] = 1;
  }
}

function addOnlineEffects(call: Call, host: Host, online: readonly number[]): void {
  host.tree.online.forEach((was, cpu) => {
    const to = online[cpu] === 1 ? 1 : 0;
    if (was !== to) call.effects.push({ kind: 'set-online', cpu, to });
  });
}
