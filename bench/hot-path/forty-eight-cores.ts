/**
 * The host whose hot path is measured: one node of 48 two-thread cores and 256 GiB, QingTian, 60 CPUs
 * and 16 GiB reserved. Invariant: a launch on it is accepted; a refusal here is a broken bench.
 */
import type { QingtianCommand, QingtianRequest } from '../../core/host/command.js';
import type { Decision } from '../../core/host/decision.js';
import { describeHost } from '../../core/host/describe.js';
import type { Host } from '../../core/host/host.js';
import { runInPlace } from '../../core/host/step.js';
import { launchSteps } from '../../core/platform/qingtian/launch.js';
import { qingtianProfile } from '../../core/platform/qingtian/profile.js';
import { regularCores, regularNodes } from '../../core/topology/regular.js';

const CORES = 48;
const MEMORY_MIB = 256 * 1024;

export const LAUNCH: QingtianRequest = {
  image: {
    bytes: 1_048_576,
    sections: ['kernel', 'cmdline', 'ramdisk', 'init'],
    os: 'linux',
    kind: 'eif',
  },
  vcpus: 4,
  memoryMib: 512,
  cid: 4,
  debug: false,
  defaulted: [],
};

export function fortyEightCores(): Host {
  const cores = regularCores({ cores: CORES, threadsPerCore: 2 });
  const described = describeHost({
    profile: qingtianProfile(),
    topology: { cores, nodes: regularNodes(cores, 1) },
    memoryMib: [MEMORY_MIB],
  });
  if ('problems' in described) {
    throw new Error(described.problems.map(({ message }) => message).join('; '));
  }
  const { host } = described;
  const conf = { hugepageSizeMib: 2, memoryMib: 16 * 1024, cpuCount: 60 };
  accepted(runInPlace(host, { kind: 'qingtian.reserve', conf }));
  return host;
}

type Take = (command: QingtianCommand) => Decision;

/** A launch in one decision, and the termination after it; `take` decides and applies. */
export function launchAndTerminate(take: Take): void {
  terminate(take, accepted(take({ kind: 'qingtian.launch', request: LAUNCH })).facts.uid);
}

/** The same, the launch as its program of steps. */
export function launchStepwise(take: Take): void {
  const program = launchSteps(LAUNCH);
  let turn = program.next();
  while (turn.done !== true) turn = program.next({ decision: accepted(take(turn.value)) });
  terminate(take, turn.value.uid);
}

function terminate(take: Take, uid: number | undefined): void {
  if (uid === undefined) throw new Error('the launch defined no enclave');
  accepted(take({ kind: 'qingtian.stop', uid }));
}

function accepted(decision: Decision): Decision {
  if (decision.refusal !== undefined) throw new Error(decision.refusal.message);
  return decision;
}
