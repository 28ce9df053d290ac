/**
 * The administrator takes a parent's CPU offline or online, on platforms whose pool is not the
 * driver's (the Nitro driver has its own hotplug step with its own quirks).
 *
 * Invariant: CPU 0 stays online, a CPU of the pool or of an enclave is nobody's to switch, and the
 * parent keeps the vCPUs that its platform says it keeps. Trade-off: a real kernel would let it go
 * below; that the platform's floor holds for whoever takes CPUs away is a declared reading.
 */

import type { Command, CommandOf } from '../host/command.js';
import { threadsOf } from '../host/cores.js';
import type { Decision } from '../host/decision.js';
import type { Host } from '../host/host.js';
import { formatCpulist } from '../topology/cpulist.js';
import { counted } from '../units/counted.js';
import type { OfflineCause } from './guarantees.js';
import { firstRefusal, notApplicable, PASS, type Rule, refuse } from './rule.js';

interface OnlineContext {
  readonly host: Host;
  readonly cpu: number;
  readonly online: boolean;
}

function row(
  given: Pick<Rule<OnlineContext>, 'id' | 'sentence' | 'remedy' | 'check'>,
): Rule<OnlineContext> {
  const source = 'Linux CPU hotplug; declared model for this platform';
  return { ...given, source, requirements: [], checkedAt: 'parent', layer: 'parent', codes: [] };
}

export const CPU_ONLINE_RULES: readonly Rule<OnlineContext>[] = [
  row({
    id: 'cpu-parent-running',
    sentence: 'CPUs are switched in a parent VM that runs.',
    remedy: 'Boot the parent VM first.',
    check: ({ host: { tree } }) =>
      tree.parent === 'running'
        ? PASS
        : refuse({ state: tree.parent }, `the parent VM is ${tree.parent}`),
  }),
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
  row({
    id: 'cpu-parent-floor',
    sentence: 'The parent VM keeps its least number of vCPUs, whoever takes CPUs from it.',
    remedy: 'Bring another CPU online first, or reserve fewer.',
    check: ({ host, cpu, online }) => {
      const minVcpus = host.profile.guarantees?.parentFloor?.(host).vcpus;
      if (minVcpus === undefined) return notApplicable('the platform names no such number');
      if (online || host.tree.online[cpu] === 0) return PASS;
      const vcpusLeft = host.tree.online.reduce((sum, one) => sum + one, 0) - 1;
      if (vcpusLeft >= minVcpus) return PASS;
      const left = `${counted(vcpusLeft, 'vCPU')} would be left to the parent`;
      return refuse({ vcpusLeft, minVcpus }, left);
    },
  }),
];

export function setCpuOnline(host: Host, command: CommandOf<'parent.set-online'>): Decision {
  const { cpu, online } = command;
  const refusal = firstRefusal(CPU_ONLINE_RULES, { host, cpu, online });
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
