/**
 * The profile `vm`: a host without carve-out, its requests served as plain VMs, for fleet traces.
 *
 * Invariant: nothing of an enclave platform is promised here: VMs may share cores thread by thread
 * and span nodes, no CID, no image, no floor for a parent. Trade-off: the host keeps nothing for
 * itself; a trace's own sizes already leave that out.
 */
import { QINGTIAN_HYPERVISOR } from '../../host/hypervisor.js';
import { switchedOffAlone } from '../cpu-online.js';
import type { Profile } from '../profile.js';
import { diagnoseRules } from '../rule.js';
import { launchContext, VM_KNOWN, VM_RULES } from './rules.js';
import { VM_STEPS, VM_WHOLES, wholePool } from './steps.js';

export function vmProfile(): Profile {
  return VM;
}

const VM: Profile = {
  platform: 'vm',
  id: 'vm@1',
  title: 'Plain VMs without carve-out',
  rules: [...VM_RULES, VM_KNOWN],
  steps: VM_STEPS,
  wholes: VM_WHOLES,
  parentDefaults: { region: 'any' },
  hypervisor: QINGTIAN_HYPERVISOR,
  resolveOptions: (named) => {
    const unknown = Object.keys(named);
    if (unknown.length === 0) return { options: {} };
    return { problems: unknown.map((name) => `vm has no option "${name}"`) };
  },
  diagnose: (host, command) =>
    command.kind === 'vm.launch'
      ? diagnoseRules(VM_RULES, launchContext(host, command))
      : undefined,
  derivedFacts: () => ({
    notApplicable: 'plain VMs are bounded by the free threads and frames of the host alone',
  }),
  guarantees: {
    surface: 'vmInstance',
    numaLocal: false,
    wholeCores: false,
    reservedCids: [],
    countsReserved: false,
    caps: () => ({}),
    offlineCause: switchedOffAlone,
  },
  memoryFromParent: true,
  firstPool: wholePool,
};
