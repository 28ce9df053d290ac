/**
 * Every rule row of the Nitro profile, in the order of a launch, and the rows each command meets.
 *
 * Invariant: each refusal of a step names a row of `NITRO_RULES`; a test drives random commands and
 * looks. Rows of one call are in the driver's own order, which differs from call to call.
 */
import type { Command, CommandKind, CommandOf } from '../../host/command.js';
import type { Decision } from '../../host/decision.js';
import type { Host } from '../../host/host.js';
import {
  diagnoseRules,
  notApplicable,
  type Outcome,
  PASS,
  type Rule,
  refuse,
  type Verdict,
} from '../rule.js';
import { ADD_VCPU_LATE_RULES, ADD_VCPU_RULES, vcpuContext } from './add-vcpu.js';
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
  poolText,
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

/** What the catalogue documents; an explicit topology is taken at its word. */
export const PARENT_TYPE: Rule<{ readonly host: Host }> = {
  id: 'nitro.parent-type',
  sentence: 'The parent is of an instance type with enclave support; bare metal has none.',
  source: 'EC2 DescribeInstanceTypes, NitroEnclavesSupport; nitro RULES.md §2.6',
  requirements: ['Q13'],
  checkedAt: 'parent',
  layer: 'parent',
  codes: [],
  remedy: 'Choose a type for which the catalogue says "enclaves yes".',
  check: ({ host: { parent } }) => {
    if (parent.enclaves === undefined) return notApplicable('the topology is explicit');
    return parent.enclaves === 'supported'
      ? PASS
      : refuse({ type: parent.flavor }, `${parent.flavor} does not support enclaves`);
  },
};

const ALL: readonly Rule<never>[] = [
  PARENT_RUNNING,
  PARENT_TYPE,
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

const ASKED: readonly Rule<never>[] = [DEVICE_BOUND, ...HYPERVISOR_RULES, ANSWERED];
const FILE: readonly Rule<never>[] = [PARENT_RUNNING, OPEN_FILE];
/** The driver finds its PCI device only on a parent with enclave support. */
const DRIVER: readonly Rule<never>[] = [PARENT_RUNNING, PARENT_TYPE];

/** The rows each command meets, in the driver's order for it. */
const ROWS_MET: Readonly<Partial<Record<CommandKind, readonly Rule<never>[]>>> = {
  'nitro.write-pool': [
    ...DRIVER,
    ...POOL_WRITE_RULES,
    ...POOL_PARSE_RULES,
    ...POOL_SET_RULES,
    ...POOL_STORE_RULES,
    ANSWERED,
  ],
  'nitro.write-hugepages': [PARENT_RUNNING, ...HUGEPAGES_RULES],
  'nitro.create-vm': [...DRIVER, ...CREATE_VM_RULES, ...ASKED, COPY_OUT],
  'nitro.add-vcpu': [...FILE, ...ADD_VCPU_RULES, ...ADD_VCPU_LATE_RULES, ...ASKED, COPY_OUT],
  'nitro.image-load-info': [...FILE, ...IMAGE_LOAD_INFO_RULES, COPY_OUT],
  'nitro.set-memory': [
    ...FILE,
    ...MEMORY_RULES,
    PAGE_MAPPED,
    ...PAGE_RULES,
    ...RANGE_RULES,
    ...ASKED,
  ],
  'nitro.start': [...FILE, ...START_RULES, ...ASKED, COPY_OUT],
  'nitro.close': FILE,
  'nitro.poll': FILE,
  'nitro.hotplug': [PARENT_RUNNING, ...HOTPLUG_RULES, ANSWERED],
  'nitro.map-page': [PARENT_RUNNING, ...MAP_PAGE_RULES],
  'nitro.touch': [PARENT_RUNNING, ...TOUCH_RULES],
  'nitro.unmap': [PARENT_RUNNING, ...UNMAP_RULES],
};

/**
 * A verdict on every row the command meets, in order. Rows that look only at the state before it are
 * evaluated by themselves. The others look at what the step finds on its way (a page, a merged range,
 * a request): they passed if the step got beyond them, and are not applicable behind a refusal.
 * `decision`: what the step decided.
 */
export function diagnoseNitro(
  host: Host,
  command: Command,
  decision: Decision,
): readonly Verdict[] | undefined {
  const early = earlyVerdicts(host, command);
  if (early === undefined) return undefined;
  const known = new Map(early.map(({ rule, outcome }) => [rule, outcome]));
  const { refusal } = decision;
  if (refusal !== undefined && !known.has(refusal.rule)) {
    known.set(refusal.rule, refuse(refusal.numbers, refusal.message));
  }
  const rows = [...new Set((ROWS_MET[command.kind] ?? []).map(({ id }) => id))];
  const listed = [...rows, ...[...known.keys()].filter((id) => !rows.includes(id))];
  let refused = false;
  return listed.map((rule) => {
    const outcome = known.get(rule) ?? (refused ? notReached(refusal?.rule) : PASS);
    refused ||= rule === refusal?.rule;
    return { rule, outcome };
  });
}

function notReached(by: string | undefined): Outcome {
  return notApplicable(`looks at what comes after the refusal by ${by}`);
}

function earlyVerdicts(host: Host, command: Command): Verdict[] | undefined {
  const parent = diagnoseRules([PARENT_RUNNING], { host });
  switch (command.kind) {
    case 'nitro.write-pool':
      return [...parent, ...diagnoseRules([PARENT_TYPE], { host }), ...diagnosePool(host, command)];
    case 'nitro.create-vm':
      return [...parent, ...diagnoseRules([PARENT_TYPE, ...CREATE_VM_RULES], { host })];
    case 'nitro.hotplug':
      return [...parent, ...diagnoseRules(HOTPLUG_RULES, { host, command })];
    case 'nitro.add-vcpu':
    case 'nitro.image-load-info':
    case 'nitro.set-memory':
    case 'nitro.start':
      return [...parent, ...diagnoseOpen(host, command)];
    default:
      return command.kind.startsWith('nitro.') ? parent : undefined;
  }
}

type OpenCommand = CommandOf<
  'nitro.add-vcpu' | 'nitro.image-load-info' | 'nitro.set-memory' | 'nitro.start'
>;

/** Rows behind that of the open file, which is the refusal or passed. */
function diagnoseOpen(host: Host, command: OpenCommand): Verdict[] {
  const enclave = openEnclave(host, command.slot);
  if (enclave === undefined) return [];
  switch (command.kind) {
    case 'nitro.add-vcpu': {
      const rows = [...ADD_VCPU_RULES, ...ADD_VCPU_LATE_RULES];
      return diagnoseRules(rows, vcpuContext({ host, enclave, command }));
    }
    case 'nitro.image-load-info':
      return diagnoseRules(IMAGE_LOAD_INFO_RULES, { host, enclave, command });
    case 'nitro.set-memory':
      return diagnoseRules(MEMORY_RULES, { host, enclave, command });
    case 'nitro.start':
      return diagnoseRules(START_RULES, { host, enclave, command });
  }
}

/** The one row about CPUs that looks at their absence. */
const NOT_EMPTY = 'nitro.pool-not-empty';

/** The rows about CPUs are not applicable when the text names none. */
function diagnosePool(
  host: Host,
  command: { readonly text: string; readonly capable?: boolean },
): Verdict[] {
  const { topology, tree } = host;
  const { text } = command;
  const read = poolText(topology, text);
  const cpus = poolCpus(read);
  const online = [...tree.online];
  for (const cpu of tree.pool.avail.flat()) online[cpu] = 1;
  return [
    ...diagnoseRules(POOL_WRITE_RULES, { host, command }),
    ...diagnoseRules(POOL_PARSE_RULES, read),
    ...(cpus.length === 0
      ? POOL_SET_RULES.filter(({ id }) => id !== NOT_EMPTY).map(({ id }) => ({
          rule: id,
          outcome: notApplicable('no CPU is named'),
        }))
      : diagnoseRules(POOL_SET_RULES, { topology, online, cpus })),
    ...diagnoseRules(POOL_STORE_RULES, { text }),
  ];
}
