/**
 * What is known of Huawei Cloud flavors that carry QingTian enclaves: names, but no sizes.
 *
 * Invariant: no size is ever stated as a fact. The documents found name flavor families and nothing
 * of their vCPUs, memory or NUMA layout, so a parent is described by explicit numbers, and what
 * `qingtianPreset` adds to them is labelled as an assumption in its answer.
 * Trade-off: a scenario must spell its numbers out; that is longer, and honest.
 *
 * Which family is offered on which date and in which region is a dated rule of the platform profile,
 * not of this file.
 */
import { regularTopology } from './regular.js';
import type { Architecture, Topology } from './topology.js';

export interface QingtianFlavor {
  readonly family: string;
  readonly sizes: 'documented without sizes';
  /** The editions of the public feature pages that name the family. */
  readonly namedIn: string;
  /** Inferred from the processor family; undefined when not even that is documented. */
  readonly inferredArchitecture?: Architecture;
}

const sizes = 'documented without sizes';

/** Flavor families, in name order. kc2 runs on Kunpeng processors. */
export const QINGTIAN_FLAVORS: readonly QingtianFlavor[] = [
  { family: 'c7e', sizes, namedIn: 'manual of 2022-10 and 2022-11' },
  { family: 'c7t', sizes, namedIn: 'manual from 2023-06 on', inferredArchitecture: 'x86_64' },
  { family: 'kc2', sizes, namedIn: 'FAQ of 2025-08', inferredArchitecture: 'arm64' },
];

/** The family of a flavor name: `c7t`, `c7t.*` and `c7t.<size>` all find c7t, in any case. */
export function findQingtianFlavor(name: string): QingtianFlavor | undefined {
  const family = name.toLowerCase().split('.')[0];
  return QINGTIAN_FLAVORS.find((flavor) => flavor.family === family);
}

export interface AssumedTopology {
  readonly topology: Topology;
  readonly usableMibPerNode: { readonly mib: readonly number[]; readonly how: 'assumed' };
  /** What was assumed, for a report to print. */
  readonly assumption: string;
}

/**
 * A topology for a QingTian scenario from explicit numbers: equal nodes, equal memory per node,
 * thread n and n + cores on one core. `memoryMib` is what the parent can use, all nodes together.
 * Says as `problem` which number is no positive integer or does not divide evenly.
 */
export function qingtianPreset(
  vcpus: number,
  memoryMib: number,
  nodes = 1,
  threadsPerCore = 2,
  architecture: Architecture = 'x86_64',
): AssumedTopology | { readonly problem: string } {
  const counts = { vcpus, memoryMib, nodes, threadsPerCore };
  for (const [field, value] of Object.entries(counts)) {
    if (!Number.isSafeInteger(value) || value < 1) {
      return { problem: `${field} must be a positive integer, not ${value}` };
    }
  }
  if (vcpus % (nodes * threadsPerCore) !== 0) {
    const per = `${nodes} equal nodes of whole ${threadsPerCore}-thread cores`;
    return { problem: `${vcpus} vCPUs do not divide into ${per}` };
  }
  if (memoryMib % nodes !== 0) {
    return { problem: `${memoryMib} MiB do not divide into ${nodes} equal nodes` };
  }
  const cores = vcpus / threadsPerCore;
  return {
    topology: regularTopology({ cores, threadsPerCore, nodes, architecture }),
    usableMibPerNode: {
      mib: new Array<number>(nodes).fill(memoryMib / nodes),
      how: 'assumed',
    },
    assumption:
      `assumed, not documented: ${vcpus} vCPUs and ${memoryMib} usable MiB in ${nodes} equal ` +
      `node(s), ${threadsPerCore} thread(s) per core, thread n and n + ${cores} on one core`,
  };
}
