/**
 * The administrator takes a parent's CPU offline or online, on platforms whose pool is not the
 * driver's (the Nitro driver has its own hotplug step with its own quirks).
 *
 * Invariant: CPU 0 stays online, and a CPU of the pool or of an enclave is nobody's to switch.
 */

import type { Command, CommandOf } from '../host/command.js';
import { threadsOf } from '../host/cores.js';
import type { Decision } from '../host/decision.js';
import type { Host } from '../host/host.js';
import { formatCpulist } from '../topology/cpulist.js';
import type { OfflineCause } from './guarantees.js';
import { firstRefusal, PASS, type Rule, refuse } from './rule.js';

interface OnlineContext {
  readonly host: Host;
  readonly cpu: number;
}

function row(
  given: Pick<Rule<OnlineContext>, 'id' | 'sentence' | 'remedy' | 'check'>,
): Rule<OnlineContext> {
  const source = 'Linux CPU hotplug; declared model for this platform';
  return { ...given, source, requirements: [], checkedAt: 'parent', layer: 'parent', codes: [] };
}

export const CPU_ONLINE_RULES: readonly Rule<OnlineContext>[] = [
  row({
    id: 'cpu-present',
    sentence: 'Only a CPU that is present can go offline or online.',
    remedy: 'Name a CPU of the parent.',
    check: ({ host: { topology }, cpu }) =>
      (topology.coreOf[cpu] ?? -1) >= 0 ? PASS : refuse({ cpu }, `there is no CPU ${cpu}`),
  }),
  row({
    id: 'cpu-0-stays',
    sentence: 'CPU 0 stays online.',
    remedy: 'Choose another CPU.',
    check: ({ cpu }) => (cpu === 0 ? refuse({ cpu }, 'CPU 0 cannot go offline') : PASS),
  }),
  row({
    id: 'cpu-of-parent',
    sentence: 'CPUs of the pool and of enclaves are switched by the reservation alone.',
    remedy: 'Stop the reservation service first, or choose a CPU that the parent runs on.',
    check: ({ host: { tree }, cpu }) => {
      const owned = tree.records.flatMap(({ cores }) => threadsOf(cores));
      const pooled = [...tree.pool.avail.flat(), ...owned];
      if (!pooled.includes(cpu)) return PASS;
      return refuse({ cpu, pool: formatCpulist(pooled) }, `CPU ${cpu} is in the pool`);
    },
  }),
];

export function setCpuOnline(host: Host, command: CommandOf<'parent.set-online'>): Decision {
  const { cpu, online } = command;
  const refusal = firstRefusal(CPU_ONLINE_RULES, { host, cpu });
  if (refusal !== undefined) return { effects: [], facts: {}, refusal };
  const to = online ? 1 : 0;
  if (host.tree.online[cpu] === to) return { effects: [], facts: {} };
  return { effects: [{ kind: 'set-online', cpu, to }], facts: {} };
}

/** On such a platform a CPU goes offline with nobody to have it by the administrator alone. */
export function switchedOffAlone(command: Command): OfflineCause | undefined {
  if (command.kind !== 'parent.set-online' || command.online) return undefined;
  return { kind: 'switched-off', cpu: command.cpu };
}
