/**
 * Named options of the QingTian profile: the readings that the document leaves open, and its caps.
 *
 * Invariant: every default is the literal reading of the version's own document, so a host without
 * options is the document. Two ambiguities need no option: both enclaves use the pool's one page
 * size, and which error wins is the declared order (`diagnose` shows all).
 * Trade-off: caps are options too, so that an engine can ask "what if the limit were higher" without
 * another version; a raised cap is then visible in the run's inputs.
 */
import type { NamedOptions } from '../profile.js';
import type { QingtianVersion } from './versions.js';

export type QingtianOptions = {
  /** "At most 62 in total": of one enclave, of all enclaves of the parent, or both. */
  readonly vcpuTotalScope: 'both' | 'per-enclave' | 'all';
  /** "Node CPUs minus 2": on every node, or only where CPU 0 is. */
  readonly nodeMaxScope: 'every' | 'cpu0';
  /** The parent's memory floor: of its total, or of what stays on the pool's nodes. */
  readonly parentMemoryScope: 'total' | 'node';
  /** A size that is no multiple of the page: refused, or rounded up with the waste reported. */
  readonly memoryRounding: 'reject' | 'round-up';
  /** Even counts only: always, or only where cores have two threads. */
  readonly vcpuEvenness: 'always' | 'smt';
  /** Whether the reserved pool may span NUMA nodes. */
  readonly poolNodes: 'one' | 'many';
  /**
   * Starts at the same time: callers queue them (serialise), a second one is refused (refuse), or
   * their steps may interleave (interleave). Only `refuse` is a rule here; the rest is the caller's.
   */
  readonly concurrency: 'serialise' | 'refuse' | 'interleave';
  /** Physical contiguity: of each page, or of the enclave's memory as one run. */
  readonly contiguity: 'per-page' | 'whole-run';
  /** "<=" (user guide) or "<" (README) for node - 2 and for 62. */
  readonly boundary: 'at-most' | 'below';
  readonly maxEnclaves: number | 'none';
  readonly maxVcpusTotal: number;
  readonly maxPages: number;
  readonly minMemoryMib: number;
  /** Memory must be at least this many times the image. */
  readonly imageRatio: number;
  readonly parentVcpus: number;
  readonly parentMemoryMib: number;
};

/** Allowed values of each option: words, and whether a whole number of at least `min` will do. */
interface Allowed {
  readonly words: readonly string[];
  readonly min?: number;
}

const words = (...list: string[]): Allowed => ({ words: list });
const atLeast = (min: number, ...list: string[]): Allowed => ({ words: list, min });

export const QINGTIAN_OPTIONS: Readonly<Record<keyof QingtianOptions, Allowed>> = {
  vcpuTotalScope: words('both', 'per-enclave', 'all'),
  nodeMaxScope: words('every', 'cpu0'),
  parentMemoryScope: words('total', 'node'),
  memoryRounding: words('reject', 'round-up'),
  vcpuEvenness: words('always', 'smt'),
  poolNodes: words('one', 'many'),
  concurrency: words('serialise', 'refuse', 'interleave'),
  contiguity: words('per-page', 'whole-run'),
  boundary: words('at-most', 'below'),
  maxEnclaves: atLeast(1, 'none'),
  maxVcpusTotal: atLeast(2),
  maxPages: atLeast(1),
  minMemoryMib: atLeast(1),
  imageRatio: atLeast(1),
  parentVcpus: atLeast(0),
  parentMemoryMib: atLeast(0),
};

/** What a version's own document says. */
export function defaultOptions(version: QingtianVersion): QingtianOptions {
  return {
    vcpuTotalScope: 'both',
    nodeMaxScope: 'every',
    parentMemoryScope: 'total',
    memoryRounding: 'reject',
    vcpuEvenness: 'always',
    poolNodes: 'one',
    concurrency: 'serialise',
    contiguity: 'per-page',
    boundary: version.boundary,
    maxEnclaves: version.maxEnclaves,
    maxVcpusTotal: 62,
    maxPages: 256,
    minMemoryMib: 128,
    imageRatio: 4,
    parentVcpus: 2,
    parentMemoryMib: 512,
  };
}

/** What is wrong with a set of named options, in words; empty when sound. */
export function optionProblems(named: NamedOptions): string[] {
  return Object.entries(named).flatMap(([name, value]) => {
    const allowed: Allowed | undefined = Object.hasOwn(QINGTIAN_OPTIONS, name)
      ? QINGTIAN_OPTIONS[name as keyof QingtianOptions]
      : undefined;
    if (allowed === undefined) {
      return [`option ${name} is unknown; known: ${Object.keys(QINGTIAN_OPTIONS).join(', ')}`];
    }
    return accepts(allowed, value)
      ? []
      : [`option ${name} is ${told(value)}; ${describe(allowed)}`];
  });
}

/**
 * The version's defaults with named ones over them. `named` must have no `optionProblems`. Kept per
 * set of named options, since every step of a host asks with the same one; the one asked for last is
 * at hand without a look-up.
 */
export function resolveOptions(version: QingtianVersion, named: NamedOptions): QingtianOptions {
  if (last?.named === named && last.version === version) return last.options;
  const kept = resolved.get(named);
  if (kept?.version === version) {
    last = kept;
    return kept.options;
  }
  // Assigned, not spread: all options of a process then have one hidden class.
  const options: QingtianOptions = Object.assign(defaultOptions(version), named);
  last = { version, named, options };
  resolved.set(named, last);
  return options;
}

interface Resolved {
  readonly version: QingtianVersion;
  readonly named: NamedOptions;
  readonly options: QingtianOptions;
}

const resolved = new WeakMap<NamedOptions, Resolved>();
let last: Resolved | undefined;

function accepts(allowed: Allowed, value: number | string | boolean): boolean {
  if (typeof value === 'string') return allowed.words.includes(value);
  return (
    typeof value === 'number' && Number.isSafeInteger(value) && value >= (allowed.min ?? Infinity)
  );
}

/** A number in quotes is none. */
function told(value: number | string | boolean): string {
  return typeof value === 'string' && /^-?\d+$/.test(value) ? `the text "${value}"` : `${value}`;
}

function describe(allowed: Allowed): string {
  const list = allowed.words.join(', ');
  if (allowed.min === undefined) return `allowed: ${list}`;
  return `allowed: a whole number from ${allowed.min}${list === '' ? '' : `, or ${list}`}`;
}
