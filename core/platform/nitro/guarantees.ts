/**
 * What a Nitro host promises at every moment, as data for the isolation invariants.
 *
 * Invariant: taken from the rule book, not from what the steps do. Trade-off: the number of
 * enclaves is the hypervisor's limit, which only the isolating model enforces (nitro RULES.md
 * §1.7).
 */
import type { Command } from '../../host/command.js';
import type { Guarantees, OfflineCause } from '../guarantees.js';

const U32_MAX = 0xffff_ffff;

export const NITRO_GUARANTEES: Guarantees = {
  surface: 'driverSlot',
  numaLocal: true,
  wholeCores: true,
  reservedCids: [0, 1, 2, 3, U32_MAX],
  parentCid: 3,
  // Its service writes pools and pages, and keeps no record.
  countsReserved: false,
  parentFloor: () => ({ vcpus: 1, memoryMib: 0 }),
  caps: ({ hypervisor }) => ({
    ...(hypervisor.kind === 'isolating' ? { maxEnclaves: hypervisor.maxEnclaves } : {}),
    minMemoryMib: 64,
  }),
  pinLeak: { quirk: 'pin-leak', by: 'nitro.set-memory' },
  offlineCause,
};

/** Of a pool write the CPUs that kernel or hypervisor do not let come online again are only logged. */
function offlineCause(command: Command): OfflineCause | undefined {
  if (command.kind === 'nitro.hotplug') {
    return command.online ? undefined : { kind: 'switched-off', cpu: command.cpu };
  }
  if (command.kind !== 'nitro.write-pool') return undefined;
  const failing = command.answers?.CPU_ONLINE === undefined ? 0 : 1;
  return { kind: 'not-given-back', quirk: 'pool-cpu-stays-offline', failing };
}
