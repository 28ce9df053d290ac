/**
 * From a catalogue entry to a parent's CPU layout and usable memory, with the origin of each part.
 *
 * Invariant: a type whose number of NUMA nodes nobody measured stays unknown; a guess never looks
 * like a fact. Two rules may fill the rest, and what they fill is marked `inferred`:
 *  - CPUs: nodes are equal blocks of cores and thread n and n + cores share a core. All 1161
 *    measured layouts of the catalogue follow it, one-thread types included.
 *  - usable memory: a share of the installed memory per node, `USABLE_SHARES` below.
 * Trade-off: the share is a median; the real value depends on the guest kernel by a percent or two.
 */
import type { InstanceType } from './catalogue.js';
import { parseStrictCpulist } from './cpulist.js';
import { regularCores, regularNodes } from './regular.js';
import { type Architecture, buildTopology, type NumaNode, type Topology } from './topology.js';

/** Where a part of an answer comes from. */
export type Origin = 'documented' | 'measured' | 'inferred';

/** Usable MiB of each node, in the order of `topology.nodes`. */
export interface UsableMemory {
  readonly mib: readonly number[];
  readonly how: Origin;
}

export type InstanceTopology =
  | {
      readonly known: true;
      readonly topology: Topology;
      /** Which CPUs are on which node. */
      readonly nodeCpus: Origin;
      /** Which threads form a core. */
      readonly siblings: Origin;
      readonly usableMibPerNode: UsableMemory;
    }
  | { readonly known: false; readonly reason: string };

/**
 * Usable memory per 1000 of installed memory per node, by installed size per node: in each band the
 * (lower) median over all measured nodes of enclave-capable types, rounded down to a whole number.
 */
export const USABLE_SHARES: readonly {
  readonly upToMib: number;
  readonly perMille: number;
}[] = [
  { upToMib: 4_096, perMille: 930 },
  { upToMib: 16_384, perMille: 954 },
  { upToMib: 65_536, perMille: 963 },
  { upToMib: 262_144, perMille: 967 },
  { upToMib: Number.POSITIVE_INFINITY, perMille: 968 },
];

/** The layout of a type as a freshly booted Linux parent sees it, with default CPU options. */
export function topologyOf(type: InstanceType): InstanceTopology {
  if (type.architecture !== 'x86_64' && type.architecture !== 'arm64') {
    return { known: false, reason: `${type.name} runs macOS; a parent VM runs Linux` };
  }
  if (type.numaNodes === undefined) {
    const reason = `nobody published the number of NUMA nodes of ${type.name}`;
    return { known: false, reason };
  }
  const { cores: coreCount, threadsPerCore } = type;
  const cores = regularCores({ cores: coreCount, threadsPerCore });
  const nodes = measuredNodes(type) ?? regularNodes(cores, type.numaNodes);
  return {
    known: true,
    topology: build(type.name, type.architecture, cores, nodes),
    nodeCpus: type.measured.includes('numaCpus') ? 'measured' : 'inferred',
    siblings: siblingsOrigin(type),
    usableMibPerNode: usableMemory(type, type.numaNodes),
  };
}

/** Usable MiB the share rule gives a node with `installedMib` of installed memory. */
export function inferUsableMib(installedMib: number): number {
  for (const { upToMib, perMille } of USABLE_SHARES) {
    if (installedMib <= upToMib) return Math.floor((installedMib * perMille) / 1000);
  }
  throw new Error(`no usable share covers a node of ${installedMib} MiB`);
}

function usableMemory(type: InstanceType, nodes: number): UsableMemory {
  if (type.usableMibPerNode) return { mib: type.usableMibPerNode, how: 'measured' };
  const each = inferUsableMib(Math.floor(type.memoryMib / nodes));
  return { mib: new Array<number>(nodes).fill(each), how: 'inferred' };
}

/** One thread a core is documented and leaves nothing to number; pairs follow from the CPU ranges. */
function siblingsOrigin(type: InstanceType): Origin {
  if (type.threadsPerCore === 1) return 'documented';
  return 'inferred';
}

function measuredNodes(type: InstanceType): NumaNode[] | undefined {
  return type.numaCpus?.map((text, id) => {
    const list = parseStrictCpulist(text);
    if ('problem' in list) throw new Error(`catalogue, ${type.name}: ${list.problem}`);
    return { id, cpus: list.cpus };
  });
}

function build(
  name: string,
  architecture: Architecture,
  cores: readonly (readonly number[])[],
  nodes: readonly NumaNode[],
): Topology {
  const built = buildTopology({ architecture, cores, nodes });
  if ('problems' in built) throw new Error(`catalogue, ${name}: ${built.problems[0].message}`);
  return built.topology;
}
