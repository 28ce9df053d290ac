/**
 * Regular CPU layouts: equal cores, equal nodes, one of the two sibling numberings seen in practice.
 *
 * Invariant: ids are 0 … cores × threadsPerCore − 1, each in exactly one core, and node k gets the
 * k-th equal run of consecutive cores (nodes are blocks, never interleaved by CPU parity).
 * Trade-off: SMT off is `threadsPerCore: 1` with its own dense numbering; it is not derived from a
 * machine with SMT on, because switching SMT off at launch renumbers the CPUs.
 */
import {
  type FieldChecks,
  mapping,
  number,
  oneOf,
  optional,
  problemText,
  text,
} from '../units/field-checks.js';
import {
  type Architecture,
  buildTopology,
  MOST_CPU_IDS,
  type NumaNode,
  type Topology,
} from './topology.js';

/**
 * How the threads of a core are numbered. `block`: core c is c, c + cores, … (x86 guests of EC2:
 * CPU n and n + half); `adjacent`: core c is 2c, 2c + 1 with two threads.
 */
export type SiblingNumbering = 'block' | 'adjacent';

export interface RegularLayout {
  readonly cores: number;
  /** 1 = SMT off. */
  readonly threadsPerCore: number;
  /** By default `block`. */
  readonly numbering?: SiblingNumbering;
}

/**
 * The threads of each core, ascending. Throws unless both counts are positive integers and their
 * product is at most `MOST_CPU_IDS`.
 */
export function regularCores(layout: RegularLayout): number[][] {
  const { cores, threadsPerCore, numbering = 'block' } = layout;
  if (!isCount(cores) || !isCount(threadsPerCore)) {
    throw new Error(`cannot number ${cores} cores of ${threadsPerCore} threads`);
  }
  if (cores * threadsPerCore > MOST_CPU_IDS) {
    throw new Error(`${cores} cores of ${threadsPerCore} threads: at most ${MOST_CPU_IDS} CPUs`);
  }
  return Array.from({ length: cores }, (_, core) =>
    Array.from({ length: threadsPerCore }, (_, thread) =>
      numbering === 'block' ? core + thread * cores : core * threadsPerCore + thread,
    ),
  );
}

/** Spreads cores over `count` nodes 0, 1, … in equal blocks. Throws when they do not divide. */
export function regularNodes(cores: readonly (readonly number[])[], count: number): NumaNode[] {
  if (!isCount(count) || cores.length % count !== 0) {
    throw new Error(`cannot spread ${cores.length} cores over ${count} equal nodes`);
  }
  const share = cores.length / count;
  return Array.from({ length: count }, (_, id) => ({
    id,
    cpus: cores
      .slice(id * share, (id + 1) * share)
      .flat()
      .sort((a, b) => a - b),
  }));
}

export interface WholeLayout extends RegularLayout {
  readonly nodes: number;
  readonly architecture?: Architecture;
}

const WHOLE_LAYOUT: FieldChecks<WholeLayout> = {
  cores: number,
  threadsPerCore: number,
  numbering: optional(oneOf('block', 'adjacent')),
  nodes: number,
  architecture: optional(text),
};
const wholeLayout = mapping(WHOLE_LAYOUT);

/**
 * A whole regular topology. What a caller gets wrong is thrown: a TypeError names fields that are
 * missing, that nobody reads, or of another type, an Error a layout that is impossible.
 */
export function regularTopology(layout: WholeLayout): Topology {
  const wrong = wholeLayout(layout).map(problemText);
  if (wrong.length > 0) throw new TypeError(`the layout of a topology: ${wrong.join('; ')}`);
  const cores = regularCores(layout);
  const nodes = regularNodes(cores, layout.nodes);
  const built = buildTopology({ cores, nodes, architecture: layout.architecture });
  if ('problems' in built) throw new Error(built.problems[0].message);
  return built.topology;
}

function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value > 0;
}
