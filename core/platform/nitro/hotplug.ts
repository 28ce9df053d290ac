/**
 * The administrator takes a CPU of the parent offline or brings it back (sysfs).
 *
 * The kernel does not know about the pool, so it brings a pool CPU back when told to (quirk
 * `pool-cpu-online`). Invariant: under the isolating hypervisor no thread of a core with a donated vCPU
 * comes online.
 */
import type { CommandOf } from '../../host/command.js';
import type { Decision } from '../../host/decision.js';
import type { Host } from '../../host/host.js';
import { firstRefusal, PASS, type Rule, refuse } from '../rule.js';
import { done, openCall, refused } from './call.js';
import { enclaveOnCore } from './donated-core.js';
import { isLastOnline, LAST_ONLINE_ERRNO } from './last-online.js';
import { driverRow } from './row.js';

type Hotplug = CommandOf<'nitro.hotplug'>;

interface HotplugContext {
  readonly host: Host;
  readonly command: Hotplug;
}

const EIO = 5;
const ENODEV = 19;

export const HOTPLUG_RULES: readonly Rule<HotplugContext>[] = [
  driverRow({
    id: 'cpu-present',
    sentence: 'Only a CPU that is present can change.',
    source: 'conformance format, section 1, cpuHotplug',
    number: ENODEV,
    layer: 'parent',
    remedy: 'Use the id of a CPU this host has.',
    check: ({ host, command: { cpu } }) =>
      (host.topology.coreOf[cpu] ?? -1) < 0 ? refuse({ cpu }, `there is no CPU ${cpu}`) : PASS,
  }),
  driverRow({
    id: 'cpu-last-online',
    sentence: 'The last online CPU of the parent stays online.',
    source: 'Linux 6.1 kernel/cpu.c, _cpu_down; the recorded emulation has no such check',
    number: LAST_ONLINE_ERRNO,
    layer: 'parent',
    remedy: 'Bring another CPU of the parent online first.',
    check: ({ host, command: { cpu, online } }) => {
      if (online || !isLastOnline(host, host.tree.online, cpu)) return PASS;
      return refuse({ cpu }, `CPU ${cpu} is the last one online`);
    },
  }),
  driverRow({
    id: 'hypervisor-cpu-donated',
    sentence:
      'A core with a vCPU donated to an enclave stays offline in the parent till the close.',
    source: '§1.7 [M]',
    number: EIO,
    layer: 'hypervisor',
    requirements: ['N12'],
    remedy: 'End the enclave first.',
    check: ({ host, command: { cpu, online } }) => {
      if (!online || host.hypervisor.kind === 'permissive') return PASS;
      const owner = enclaveOnCore(host, cpu);
      return owner === undefined
        ? PASS
        : refuse({ cpu, owner }, `enclave ${owner} has a vCPU on the core of CPU ${cpu}`);
    },
  }),
];

export function hotplug(host: Host, command: Hotplug): Decision {
  const call = openCall();
  const refusal = firstRefusal(HOTPLUG_RULES, { host, command });
  if (refusal !== undefined) return refused(call, refusal);
  const to = command.online ? 1 : 0;
  const { cpu } = command;
  if (host.tree.online[cpu] !== to) call.effects.push({ kind: 'set-online', cpu, to });
  return done(call);
}
