/**
 * Facts that follow from Nitro's rules for a parent: computed from the host, never typed in.
 *
 * The pool lies on one node and never holds the core of CPU 0; an enclave takes whole cores, at
 * least 64 MiB in pages of 2 MiB or a multiple, and four times its image. Invariant: every number is
 * reached by the reservation script and nitro-cli, and one step more is refused; tests show both.
 * Trade-off: counted on cores that have all threads online, and before anything was reserved.
 * Source: nitro RULES.md §1.4, §1.5 START_ENCLAVE, §2.3, §3.5, §5.2 step 7.
 */
import type { Host } from '../../host/host.js';
import type { NodeMemory } from '../../memory/node-memory.js';
import { counted } from '../../units/counted.js';
import { formatMib, MIB } from '../../units/size.js';
import type { Derived } from '../derived.js';
import { GRANULE_BYTES } from './merge.js';
import { PARENT_TYPE } from './rules.js';
import { MIN_MEMORY_BYTES } from './start-rules.js';

/** Memory is at least this many times the image (nitro-cli, E26). */
export const MEMORY_PER_IMAGE = 4;

const MIN_MIB = MIN_MEMORY_BYTES / MIB;

/** The most of each that some pool allows; all 0 where no enclave fits any node. */
export interface MostFacts {
  /** Enclaves at once. */
  readonly enclaves: number;
  /** vCPUs of one enclave. */
  readonly vcpus: number;
  /** Memory of one enclave. */
  readonly memoryMib: number;
}

/** Each maximum by itself, over the nodes that a pool may lie on: they need not be of one node. */
export function mostOf(host: Host): MostFacts {
  const all = host.topology.nodes.map((_, node) => mostOnNode(host, node));
  const most = (of: (facts: MostFacts) => number) => Math.max(0, ...all.map(of));
  return {
    enclaves: most(({ enclaves }) => enclaves),
    vcpus: most(({ vcpus }) => vcpus),
    memoryMib: most(({ memoryMib }) => memoryMib),
  };
}

/** vCPUs that no enclave can ever get, because the pool is on one node and spares CPU 0's core. */
export function parentKeepsAtLeast(host: Host): number {
  const online = host.tree.online.reduce((sum, one) => sum + one, 0);
  const pools = host.topology.nodes.map((_, node) => movableCores(host, node).flat().length);
  return online - Math.max(0, ...pools);
}

/** Largest image in bytes that fits a memory in MiB. */
export function largestImageBytes(memoryMib: number): number {
  return Math.floor((memoryMib * MIB) / MEMORY_PER_IMAGE);
}

export function derivedFacts(host: Host): Derived {
  if (PARENT_TYPE.check({ host }).verdict === 'refuse') {
    return { facts: ['no enclave: the instance type does not support them'] };
  }
  const { enclaves, vcpus, memoryMib } = mostOf(host);
  if (enclaves === 0) return { facts: ['no enclave fits this parent'] };
  const imageMib = (mib: number) => formatMib(Math.floor(largestImageBytes(mib) / MIB));
  return {
    facts: [
      `at most ${counted(enclaves, 'enclave')} at once, all on one NUMA node`,
      `${vcpuStep(host)} to ${vcpus} vCPUs per enclave; ` +
        `the parent keeps at least ${parentKeepsAtLeast(host)}`,
      `${formatMib(MIN_MIB)} to ${formatMib(memoryMib)} per enclave`,
      `image at most ${imageMib(MIN_MIB)} in ${formatMib(MIN_MIB)}, ` +
        `${imageMib(memoryMib)} in ${formatMib(memoryMib)}`,
    ],
  };
}

function mostOnNode(host: Host, node: number): MostFacts {
  const cores = movableCores(host, node);
  const memory = host.memory[node];
  const { hypervisor } = host;
  const slots = hypervisor.kind === 'isolating' ? hypervisor.maxEnclaves : Number.MAX_SAFE_INTEGER;
  const enclaves = Math.min(slots, cores.length, smallestEnclaves(memory));
  if (enclaves === 0) return { enclaves: 0, vcpus: 0, memoryMib: 0 };
  const vcpus = cores.reduce((sum, core) => sum + core.length, 0);
  return { enclaves, vcpus, memoryMib: mostMib(memory, hypervisor.maxRanges) };
}

/** Cores that may be in the pool: every thread online, not the core of CPU 0. */
function movableCores({ topology, tree }: Host, node: number): (readonly number[])[] {
  const { id } = topology.nodes[node];
  return topology.cores.filter(
    (threads) =>
      topology.nodeOf[threads[0]] === id &&
      !threads.includes(0) &&
      threads.every((cpu) => tree.online[cpu] === 1),
  );
}

function vcpuStep({ topology }: Host): number {
  return Math.min(...topology.cores.map((core) => core.length));
}

/** Page sizes the driver takes, in frames, largest first. */
function usablePages({ pools }: NodeMemory): number[] {
  return pools
    .filter(({ pageKib }) => (pageKib * 1024) % GRANULE_BYTES === 0)
    .map(({ pageFrames }) => pageFrames)
    .reverse();
}

/** Enclaves of the least memory that the node's free places have pages for. */
function smallestEnclaves(memory: NodeMemory): number {
  const page = usablePages(memory).at(-1);
  if (page === undefined) return 0;
  const pagesEach = Math.ceil((MIN_MIB * 1024) / (page * memory.frameKib));
  return Math.floor(memory.base.freeUnits(page) / pagesEach);
}

/**
 * Memory of an enclave that gets every page: nitro-cli maps each page by itself, so each is a
 * physical range of its own, and ranges are limited.
 */
function mostMib(memory: NodeMemory, maxRanges: number): number {
  let ranges = maxRanges;
  let frames = 0;
  for (const page of usablePages(memory)) {
    const whole = memory.base.freeUnits(page) - frames / page;
    const pages = Math.min(ranges, Math.floor(whole));
    ranges -= pages;
    frames += pages * page;
  }
  return Math.floor((frames * memory.frameKib) / 1024);
}
