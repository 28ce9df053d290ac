/**
 * A kernel keeps its last CPU: `_cpu_down` answers EBUSY when one CPU is online (Linux 6.1,
 * kernel/cpu.c).
 *
 * Invariant: a running parent has a CPU, whoever asks for it, the administrator or a pool write.
 * Trade-off: the emulation behind the recordings has no such check, so a host with the permissive
 * hypervisor, which is that emulation, has none either.
 */
import type { Host } from '../../host/host.js';

/** EBUSY. */
export const LAST_ONLINE_ERRNO = 16;

/** `online`: one entry a CPU, 1 = online, as it stands in the midst of a step. O(CPUs). */
export function isLastOnline(host: Host, online: readonly number[], cpu: number): boolean {
  if (host.hypervisor.kind === 'permissive' || online[cpu] !== 1) return false;
  return online.every((bit, id) => bit === 0 || id === cpu);
}
