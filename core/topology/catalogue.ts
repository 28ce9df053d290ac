/**
 * The instance catalogue: what is publicly documented and measured about EC2 instance types.
 *
 * Invariant: a field that nobody documented or measured is `undefined`, never filled in. What can be
 * derived from the rest, and by which rule, is the business of `instance-topology.ts`.
 * Trade-off: the bundled lines are read on first use and cached (a few milliseconds, once), so that
 * importing the core costs nothing.
 */

import { editDistance } from '../units/edit-distance.js';
import { CATALOGUE_LINES } from './catalogue-data.js';

/** `*_mac` types run macOS on bare metal. */
export type InstanceArchitecture = 'x86_64' | 'arm64' | 'x86_64_mac' | 'arm64_mac';

/** Fields whose origin differs from type to type. */
export type SourcedField = 'numaNodes' | 'numaCpus' | 'usableMibPerNode' | 'siblings';

export interface InstanceType {
  readonly name: string;
  readonly vendor: 'aws';
  readonly enclaves: 'supported' | 'unsupported';
  readonly bareMetal: boolean;
  readonly architecture: InstanceArchitecture;
  readonly vcpus: number;
  readonly cores: number;
  readonly threadsPerCore: number;
  readonly memoryMib: number;
  readonly numaNodes?: number;
  /** One CPU list per node, from node 0. */
  readonly numaCpus?: readonly string[];
  /** MiB per node, from node 0. */
  readonly usableMibPerNode?: readonly number[];
  /** Fields observed on live instances. */
  readonly measured: readonly SourcedField[];
  /** Fields that follow from a rule: the sibling numbering n ↔ n + cores. */
  readonly inferred: readonly SourcedField[];
}

/** Where the facts come from; printed with the catalogue. Columns not listed are documented. */
export const CATALOGUE_SOURCES = {
  documented: 'EC2 DescribeInstanceTypes as stored in getmoto/moto at 0af643a5d',
  numaCpus: 'lscpu on live instances: SpareCores/sc-inspector-data at 804d3c71dda',
  usableMibPerNode: 'probe on live instances: vantage-sh/ec2instances.info at 4ef36cd2',
} as const;

export interface InstanceFilter {
  /** Part of the name, such as `m5.` or `metal`. */
  readonly nameContains?: string;
  readonly enclaves?: InstanceType['enclaves'];
  readonly architecture?: InstanceArchitecture;
}

let cached: ReadonlyMap<string, InstanceType> | undefined;

/** All types by name, in name order. */
function catalogue(): ReadonlyMap<string, InstanceType> {
  cached ??= new Map(CATALOGUE_LINES.split('\n').map((line) => [nameOf(line), parseLine(line)]));
  return cached;
}

/** The type of exactly this name, such as `m5.16xlarge`. */
export function findInstanceType(name: string): InstanceType | undefined {
  return catalogue().get(name);
}

/** The types that pass every given condition, in name order; all of them without a filter. */
export function listInstanceTypes(filter: InstanceFilter = {}): InstanceType[] {
  return [...catalogue().values()].filter(
    (type) =>
      type.name.includes(filter.nameContains ?? '') &&
      (filter.enclaves === undefined || type.enclaves === filter.enclaves) &&
      (filter.architecture === undefined || type.architecture === filter.architecture),
  );
}

/**
 * At most `count` types with a name that may be meant by a misspelt one, closest first, ties in name
 * order: at most a third of its characters differ, or it begins so. None where nothing is near.
 */
export function nearestInstanceTypes(name: string, count: number): InstanceType[] {
  const wanted = name.toLowerCase();
  return [...catalogue().values()]
    .map((type) => ({ type, distance: editDistance(wanted, type.name) }))
    .filter(({ type, distance }) => isNear(wanted, type.name, distance))
    .sort((a, b) => a.distance - b.distance)
    .slice(0, count)
    .map(({ type }) => type);
}

function isNear(wanted: string, name: string, distance: number): boolean {
  if (wanted !== '' && name.startsWith(wanted)) return true;
  return 3 * distance <= Math.max(wanted.length, name.length);
}

function nameOf(line: string): string {
  return line.slice(0, line.indexOf(' '));
}

/** Reads one line of `catalogue-data.ts`; its header names the columns. */
function parseLine(line: string): InstanceType {
  const [name, architecture, flags, shape, memoryMib, nodes, cpus, usable] = line.split(' ');
  const [cores, threadsPerCore] = shape.split('x').map(Number);
  const measured: SourcedField[] = [];
  if (nodes !== '-') measured.push('numaNodes');
  if (cpus !== '-') measured.push('numaCpus');
  if (usable !== '-') measured.push('usableMibPerNode');
  return {
    name,
    vendor: 'aws',
    enclaves: flags.includes('E') ? 'supported' : 'unsupported',
    bareMetal: flags.includes('M'),
    architecture: architecture as InstanceArchitecture,
    vcpus: cores * threadsPerCore,
    cores,
    threadsPerCore,
    memoryMib: Number(memoryMib),
    ...(nodes === '-' ? {} : { numaNodes: Number(nodes) }),
    ...(cpus === '-' ? {} : { numaCpus: cpus.split('/') }),
    ...(usable === '-' ? {} : { usableMibPerNode: usable.split('/').map(Number) }),
    measured,
    inferred: threadsPerCore > 1 ? ['siblings'] : [],
  };
}
