/**
 * The parent VM that a scenario describes: its topology and each node's usable memory.
 *
 * Invariant: what comes out is built by `buildTopology`, so it is consistent; what cannot be built
 * is a list of findings at the keys that contradict each other, all at once.
 * Trade-off: without explicit `cores`, the present CPU ids are numbered regularly in ascending
 * order, as the two numberings seen in practice do; odd machines list their cores.
 */
import { type HoleKib, holeProblems } from '../../core/memory/holes.js';
import { findInstanceType, nearestInstanceTypes } from '../../core/topology/catalogue.js';
import { formatCpulist, parseStrictCpulist } from '../../core/topology/cpulist.js';
import { type InstanceTopology, topologyOf } from '../../core/topology/instance-topology.js';
import { regularCores } from '../../core/topology/regular.js';
import {
  buildTopology,
  type Topology,
  type TopologyProblem,
  type TopologySpec,
} from '../../core/topology/topology.js';
import { formatPath, parsePath } from './path.js';
import { type Finding, quoteValue } from './problem.js';
import type { Scenario } from './scenario.js';

type ParentInput = Scenario['parent'];
type TopologyInput = NonNullable<ParentInput['topology']>;

export interface ParentShape {
  readonly topology: Topology;
  /** MiB each node can use, in the order of `topology.nodes`. */
  readonly usableMibPerNode: readonly number[];
  /** The holes of each node where the file gives any; absent = those assumed of the architecture. */
  readonly holesKibPerNode?: readonly (readonly HoleKib[])[];
  /** The catalogue's answer with the origin of its parts; absent for an explicit topology. */
  readonly catalogue?: Extract<InstanceTopology, { readonly known: true }>;
}

/** What there is to say of a parent with `type` and `topology`. */
export const BOTH: Finding = {
  path: ['parent', 'topology'],
  atKey: true,
  message: '`type` and `topology` contradict each other; keep one',
};

/** The shape of a scenario's parent, or everything that keeps it from having one. */
export function parentShape(
  parent: ParentInput,
): ParentShape | { readonly findings: readonly Finding[] } {
  if (parent.type !== undefined && parent.topology !== undefined) return { findings: [BOTH] };
  if (parent.type !== undefined) return shapeOfType(parent.type);
  if (parent.topology !== undefined) return shapeOfTopology(parent.topology);
  const message = 'a parent needs `type` or `topology`';
  const suggestion = 'write type: m5.16xlarge, or topology: with nodes';
  return { findings: [{ path: ['parent'], message, suggestion }] };
}

function shapeOfType(name: string): ParentShape | { findings: Finding[] } {
  const path = ['parent', 'type'];
  const type = findInstanceType(name);
  if (type === undefined) {
    const near = nearestInstanceTypes(name, 3).map((t) => `\`${t.name}\``);
    const suggestion =
      near.length > 0 ? `did you mean ${near.join(' or ')}?` : '`hypercarve catalog` lists them';
    return {
      findings: [{ path, message: `unknown instance type ${quoteValue(name)}`, suggestion }],
    };
  }
  const catalogue = topologyOf(type);
  if (!catalogue.known) {
    const suggestion = 'describe the parent with `topology`';
    return { findings: [{ path, message: catalogue.reason, suggestion }] };
  }
  return {
    topology: catalogue.topology,
    usableMibPerNode: catalogue.usableMibPerNode.mib,
    catalogue,
  };
}

/** What contradicts itself in the CPUs, cores and page sizes of a topology. */
export function topologyFindings(input: TopologyInput): readonly Finding[] {
  const built = readTopology(input);
  return 'findings' in built ? built.findings : [];
}

function readTopology(
  input: TopologyInput,
): { readonly topology: Topology } | { readonly findings: readonly Finding[] } {
  const read = specOfTopology(input);
  if ('findings' in read) return read;
  const built = buildTopology(read.spec);
  if (!('problems' in built)) return built;
  return { findings: oncePerKey(built.problems.map((problem) => toFinding(problem, input))) };
}

function shapeOfTopology(input: TopologyInput): ParentShape | { findings: readonly Finding[] } {
  const built = readTopology(input);
  if ('findings' in built) return built;
  const { topology } = built;
  const findings = memoryFindings(input, topology.pageSizesKib[0]);
  if (findings.length > 0) return { findings };
  const holesKibPerNode = holesOf(input);
  return {
    topology,
    usableMibPerNode: input.nodes.map(({ memory }) => memory),
    ...(holesKibPerNode === undefined ? {} : { holesKibPerNode }),
  };
}

/** Holes of every node once one node gives any. */
export function holesOf({ nodes }: TopologyInput): HoleKib[][] | undefined {
  if (nodes.every(({ holes }) => holes === undefined)) return undefined;
  return nodes.map(({ holes }) => holes ?? []);
}

/** Memory on some node, and holes that lie in their node, apart. */
function memoryFindings({ nodes }: TopologyInput, frameKib: number): Finding[] {
  const path = ['parent', 'topology', 'nodes'];
  if (nodes.every(({ memory }) => memory === 0)) return [{ path, message: 'no node has memory' }];
  return nodes.flatMap(({ memory, holes = [] }, node) =>
    holeProblems(holes, { installedMib: memory, frameKib }).map(({ index, message }) => ({
      path: [...path, node, 'holes', index],
      message,
    })),
  );
}

/** A wrong numbering breaks every core alike: the first at a key stands for the rest. */
function oncePerKey(findings: readonly Finding[]): Finding[] {
  const first = new Map<string, Finding>();
  for (const finding of findings) {
    const key = formatPath(finding.path);
    if (!first.has(key)) first.set(key, finding);
  }
  return [...first.values()];
}

/** The file's topology as the core room takes it: CPU lists read, cores numbered. */
export function specOfTopology(
  input: TopologyInput,
): { readonly spec: TopologySpec } | { readonly findings: readonly Finding[] } {
  const findings: Finding[] = [];
  const read = (text: string, ...path: (string | number)[]): readonly number[] => {
    const list = parseStrictCpulist(text);
    if ('cpus' in list) return list.cpus;
    findings.push({ path: ['parent', 'topology', ...path], message: list.problem });
    return [];
  };
  const nodes = input.nodes.map(({ cpus }, id) => ({ id, cpus: read(cpus, 'nodes', id, 'cpus') }));
  const offline = input.offline === undefined ? [] : read(input.offline, 'offline');
  const explicit = input.cores?.map((text, core) => read(text, 'cores', core));
  const lastLevelCaches = input.lastLevelCaches?.map((text, i) => read(text, 'lastLevelCaches', i));
  if (explicit === undefined) findings.push(...onTwoNodes(nodes));
  if (findings.length > 0) return { findings };
  const present = [...new Set(nodes.flatMap((node) => node.cpus))].sort((a, b) => a - b);
  const cores = explicit ?? numberCores(present, input, findings);
  if (explicit !== undefined) findings.push(...uncovered(present, explicit.flat()));
  if (findings.length > 0) return { findings };
  const { architecture, pageSizes: pageSizesKib } = input;
  return { spec: { cores, nodes, offline, architecture, pageSizesKib, lastLevelCaches } };
}

/** Told before cores are counted: CPUs named twice are one each, and may not make whole cores. */
function onTwoNodes(nodes: readonly { readonly cpus: readonly number[] }[]): Finding[] {
  const placed = new Map<number, number>();
  return nodes.flatMap(({ cpus }, id) => {
    const again = cpus.filter((cpu) => placed.has(cpu));
    for (const cpu of cpus) if (!placed.has(cpu)) placed.set(cpu, id);
    if (again.length === 0) return [];
    const message = `CPU ${formatCpulist(again)} is already on NUMA node ${placed.get(again[0])}`;
    return [{ path: ['parent', 'topology', 'nodes', id, 'cpus'], message }];
  });
}

function numberCores(
  present: readonly number[],
  { threadsPerCore, numbering }: TopologyInput,
  findings: Finding[],
): number[][] {
  const path = ['parent', 'topology', 'nodes'];
  if (present.length === 0) {
    findings.push({ path, message: 'no node has a CPU' });
    return [];
  }
  if (present.length % threadsPerCore !== 0) {
    const message = `${present.length} CPUs do not make whole cores of ${threadsPerCore} threads`;
    findings.push({ path, message, suggestion: 'change threadsPerCore, or list `cores`' });
    return [];
  }
  const layout = { cores: present.length / threadsPerCore, threadsPerCore, numbering };
  return regularCores(layout).map((threads) => threads.map((position) => present[position]));
}

/** Nodes and explicit cores must name the same CPUs. */
function uncovered(present: readonly number[], inCores: readonly number[]): Finding[] {
  const onNode = new Set(present);
  const inCore = new Set(inCores);
  const coreless = present.filter((cpu) => !inCore.has(cpu));
  const nodeless = inCores.filter((cpu) => !onNode.has(cpu));
  const path = ['parent', 'topology', 'cores'];
  return [
    ...(coreless.length > 0
      ? [{ path, message: `no core names CPU ${formatCpulist(coreless)}` }]
      : []),
    ...(nodeless.length > 0
      ? [{ path, message: `CPU ${formatCpulist(nodeless)} is on no node` }]
      : []),
  ];
}

/** The core room's paths carry one step more than the file has (a CPU list is one text there). */
function toFinding(problem: TopologyProblem, input: TopologyInput): Finding {
  const { code, message } = problem;
  const root = ['parent', 'topology'];
  if (code === 'bad-page-size') {
    return { path: [...root, 'pageSizes'], message };
  }
  const steps = parsePath(problem.path) ?? [];
  const inFile = input.cores === undefined && steps[0] === 'cores' ? ['nodes'] : steps;
  const path = [...root, ...(inFile[0] === 'nodes' ? inFile.slice(0, 3) : inFile.slice(0, 2))];
  if (code === 'offline-not-present') return { path: [...root, 'offline'], message };
  if (code !== 'core-across-nodes' || input.cores !== undefined) return { path, message };
  const other = input.numbering === 'block' ? 'adjacent' : 'block';
  return { path, message, suggestion: `numbering is ${input.numbering}; is it ${other}?` };
}
