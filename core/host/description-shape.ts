/**
 * The fields of a description of a parent, each of its type: the first thing that is looked at.
 *
 * Invariant: a description without problems here can be read to its end without a TypeError, and has
 * no field that nobody reads. The type of the table makes a field that is added to describe.ts without
 * a line here an error. Trade-off: shape alone, all problems at once; whether sizes, ids and names are
 * sensible is said one step later, by whom they are for.
 */
import { platformNamed } from '../platform/names.js';
import type { Topology, TopologySpec } from '../topology/topology.js';
import {
  anything,
  type Check,
  type FieldChecks,
  type FieldProblem,
  flag,
  isMapping,
  listOf,
  mapping,
  number,
  oneOf,
  optional,
  problemsIn,
  should,
  text,
  whole,
} from '../units/field-checks.js';
import type { HostDescription, MemoryLayout } from './describe.js';
import type { HypervisorModel } from './hypervisor.js';

const cpus = listOf(number, 'a list of CPU ids');
const cpuLists = listOf(cpus, 'a list of lists of CPU ids');

/** Those of a built topology, too: it describes the same parent as what it was built of. */
const TOPOLOGY: FieldChecks<TopologySpec & Topology> = {
  nrCpuIds: optional(number),
  cores: cpuLists,
  nodes: listOf(mapping({ id: number, cpus }), 'a list of NUMA nodes'),
  offline: optional(cpus),
  architecture: optional(text),
  pageSizesKib: optional(listOf(number, 'a list of sizes in KiB')),
  lastLevelCaches: optional(cpuLists),
  nodeOf: anything,
  coreOf: anything,
};

const run = should(
  'a pair of whole KiB: start and length',
  (value) =>
    Array.isArray(value) && value.length === 2 && value.every((one) => typeof one === 'number'),
);
const runsOfNodes = listOf(listOf(run, 'a list of runs'), 'a list of runs for each node');

const LAYOUTS: {
  readonly [Kind in MemoryLayout['kind']]: FieldChecks<
    Extract<MemoryLayout, { readonly kind: Kind }>
  >;
} = {
  fresh: { kind: text },
  uptime: { kind: text, days: number, seed: number },
  explicit: { kind: text, freeKib: runsOfNodes },
};

/** A layout of a kind that there is not is told later, with those that there are. */
const layout: Check = (value) => {
  if (!isMapping(value)) return noLayout(value);
  const { kind } = value;
  return typeof kind === 'string' && Object.hasOwn(LAYOUTS, kind)
    ? problemsIn(value, LAYOUTS[kind as keyof typeof LAYOUTS])
    : [];
};
const noLayout = should('a mapping with a kind: fresh, uptime or explicit', isMapping);

const HYPERVISOR: FieldChecks<HypervisorModel> = {
  kind: optional(oneOf('permissive', 'isolating')),
  maxEnclaves: optional(whole),
  maxRanges: optional(whole),
  firstSlot: optional(whole),
  firstCid: optional(whole),
};

const PARENT: FieldChecks<NonNullable<HostDescription['parent']>> = {
  flavor: optional(text),
  region: optional(text),
  os: optional(oneOf('linux', 'other')),
  bareMetal: optional(flag),
};

const DESCRIPTION: FieldChecks<HostDescription> = {
  profile: anything,
  type: optional(text),
  topology: optional(mapping(TOPOLOGY)),
  memoryMib: optional(listOf(number, 'a list of MiB, one size for each node')),
  holesKib: optional(runsOfNodes),
  layout: optional(layout),
  extentPolicy: anything,
  parent: optional(mapping(PARENT)),
  options: optional(should('a mapping of option names to values', isMapping)),
  hypervisor: optional(mapping(HYPERVISOR)),
};

/** The fields of a description, and what is wrong with a value that claims to be one. */
export function descriptionProblems(value: unknown): readonly FieldProblem[] {
  if (!isMapping(value)) {
    const message = `a description is a mapping of ${Object.keys(DESCRIPTION).join(', ')}`;
    return [{ path: [], message }];
  }
  return [...problemsIn(value, DESCRIPTION), ...profileProblems(value.profile)];
}

/** A name that there is not gives no profile; what else is none says how one is had. */
function profileProblems(profile: unknown): readonly FieldProblem[] {
  if (isMapping(profile) && typeof profile.resolveOptions === 'function') return [];
  const path = ['profile'];
  if (profile === undefined) return [{ path, message: 'there is no such profile' }];
  const message = 'should be a profile, as findProfile gives it';
  const named = typeof profile === 'string' && platformNamed(profile) !== undefined;
  return named ? [{ path, message, suggestion: `findProfile('${profile}')` }] : [{ path, message }];
}
