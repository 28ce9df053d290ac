/**
 * Every rule row of the Nitro profile, in the order of a launch, and the rows each command meets.
 *
 * Invariant: each refusal of a step names a row of `NITRO_RULES`; a test drives random commands and
 * looks. Rows of one call are in the driver's own order, which differs from call to call.
 */
import type { Command } from '../../host/command.js';
import type { Decision } from '../../host/decision.js';
import type { Host } from '../../host/host.js';
import { diagnoseRules, PASS, type Rule, refuse, type Verdict } from '../rule.js';
import { ADD_VCPU_LATE_RULES, ADD_VCPU_RULES } from './add-vcpu.js';
import { ANSWERED } from './answered.js';
import { CREATE_VM_RULES } from './create-vm.js';
import { COPY_OUT, OPEN_FILE, openEnclave } from './file.js';
import { HOTPLUG_RULES } from './hotplug.js';
import { HUGEPAGES_RULES } from './hugepages.js';
import { DEVICE_BOUND, HYPERVISOR_RULES } from './hypervisor.js';
import { IMAGE_LOAD_INFO_RULES } from './image-load-info.js';
import { MEMORY_RULES, PAGE_MAPPED, PAGE_RULES, RANGE_RULES } from './memory-rules.js';
import {
  POOL_PARSE_RULES,
  POOL_SET_RULES,
  POOL_STORE_RULES,
  POOL_WRITE_RULES,
  poolCpus,
} from './pool-rules.js';
import { START_RULES } from './start-rules.js';
import { MAP_PAGE_RULES, TOUCH_RULES, UNMAP_RULES } from './task-rules.js';

export const PARENT_RUNNING: Rule<{ readonly host: Host }> = {
  id: 'nitro.parent-running',
  sentence: 'Enclaves exist only while the parent instance runs.',
  source: 'nitro RULES.md §6.2',
  requirements: [],
  checkedAt: 'parent',
  layer: 'parent',
  codes: [],
  remedy: 'Start the parent instance first.',
  check: ({ host: { tree } }) =>
    tree.parent === 'running'
      ? PASS
      : refuse({ parent: tree.parent }, `the parent instance is ${tree.parent}`),
};

const ALL: readonly Rule<never>[] = [
  PARENT_RUNNING,
  ...HUGEPAGES_RULES,
  ...POOL_WRITE_RULES,
  ...POOL_PARSE_RULES,
  ...POOL_SET_RULES,
  ...POOL_STORE_RULES,
  ...HOTPLUG_RULES,
  ...CREATE_VM_RULES,
  OPEN_FILE,
  ...MAP_PAGE_RULES,
  ...TOUCH_RULES,
  ...UNMAP_RULES,
  ...IMAGE_LOAD_INFO_RULES,
  ...MEMORY_RULES,
  PAGE_MAPPED,
  ...PAGE_RULES,
  ...RANGE_RULES,
  ...ADD_VCPU_RULES,
  ...ADD_VCPU_LATE_RULES,
  ...START_RULES,
  COPY_OUT,
  DEVICE_BOUND,
  ...HYPERVISOR_RULES,
  ANSWERED,
];

/** Each row once; rows that several calls share stand where they are first met. */
export const NITRO_RULES: readonly Rule<never>[] = [...new Set(ALL)];

/**
 * Verdicts on one command: each row that looks only at the state before it, then the row that
 * refused later on the way, if one did (`decision`: what the step decided).
 */
export function diagnoseNitro(
  host: Host,
  command: Command,
  decision: Decision,
): readonly Verdict[] | undefined {
  const early = earlyVerdicts(host, command);
  if (early === undefined) return undefined;
  const { refusal } = decision;
  if (refusal === undefined || early.some(({ rule }) => rule === refusal.rule)) return early;
  const outcome = refuse(refusal.numbers, refusal.message);
  return [...early, { rule: refusal.rule, outcome }];
}

function earlyVerdicts(host: Host, command: Command): Verdict[] | undefined {
  const parent = diagnoseRules([PARENT_RUNNING], { host });
  switch (command.kind) {
    case 'nitro.write-pool':
      return [...parent, ...diagnosePool(host, command)];
    case 'nitro.create-vm':
      return [...parent, ...diagnoseRules(CREATE_VM_RULES, { host })];
    case 'nitro.hotplug':
      return [...parent, ...diagnoseRules(HOTPLUG_RULES, { host, command })];
    case 'nitro.add-vcpu':
    case 'nitro.image-load-info':
    case 'nitro.set-memory':
    case 'nitro.start':
    case 'nitro.close':
    case 'nitro.poll':
      return [...parent, ...diagnoseFile(host, command)];
    default:
      return command.kind.startsWith('nitro.') ? parent : undefined;
  }
}

type FileCommand = Extract<Command, { kind: `nitro.${string}`; slot: number }>;

function diagnoseFile(host: Host, command: FileCommand): Verdict[] {
  const open = diagnoseRules([OPEN_FILE], { host, slot: command.slot });
  const enclave = openEnclave(host, command.slot);
  if (enclave === undefined) return open;
  switch (command.kind) {
    case 'nitro.add-vcpu': {
      const rows = [...ADD_VCPU_RULES, ...ADD_VCPU_LATE_RULES];
      return [...open, ...diagnoseRules(rows, { host, enclave, command })];
    }
    case 'nitro.image-load-info':
      return [...open, ...diagnoseRules(IMAGE_LOAD_INFO_RULES, { host, enclave, command })];
    case 'nitro.set-memory':
      return [...open, ...diagnoseRules(MEMORY_RULES, { host, enclave, command })];
    case 'nitro.start':
      return [...open, ...diagnoseRules(START_RULES, { host, enclave, command })];
    default:
      return open;
  }
}

/** The rows about CPUs say "not applicable" by their absence when the text names none. */
function diagnosePool(
  host: Host,
  command: { readonly text: string; readonly capable?: boolean },
): Verdict[] {
  const { topology, tree } = host;
  const { text } = command;
  const cpus = poolCpus(topology, text);
  const online = [...tree.online];
  for (const cpu of tree.pool.avail.flat()) online[cpu] = 1;
  return [
    ...diagnoseRules(POOL_WRITE_RULES, { host, command }),
    ...diagnoseRules(POOL_PARSE_RULES, { topology, text }),
    ...(cpus.length === 0 ? [] : diagnoseRules(POOL_SET_RULES, { topology, online, cpus })),
    ...diagnoseRules(POOL_STORE_RULES, { text }),
  ];
}
