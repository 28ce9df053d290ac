/**
 * Facts that follow from the rules: computed from options and host, never typed in.
 *
 * Invariant: every number here is reachable, and one step more is refused; the tests show both by
 * asking the rules. Trade-off: "most enclaves" is counted for the smallest enclave on one node (or
 * all nodes where the pool may span them), which is the most there can be.
 * Source: QingTian Enclave user guide, constraints; derived (b.4).
 */
import type { Host } from '../../host/host.js';
import { counted } from '../../units/counted.js';
import { formatMib, MIB } from '../../units/size.js';
import type { Derived } from '../derived.js';
import { nodeVcpuLimit, totalVcpuLimit } from './nodes.js';
import { type QingtianOptions, resolveOptions } from './options.js';
import { movableCores } from './pool-plan.js';
import type { QingtianVersion } from './versions.js';

/** What one page size allows an enclave. */
export interface PageFacts {
  readonly pageMib: number;
  readonly maxPages: number;
  readonly minMib: number;
  readonly maxMib: number;
  readonly stepMib: number;
  /** Largest image file whose fourfold still fits. */
  readonly maxImageBytes: number;
}

/** Sizes strictly between the two that no page size reaches. */
export interface Gap {
  readonly aboveMib: number;
  readonly belowMib: number;
}

export interface VcpuRange {
  readonly min: number;
  /** 0 = no enclave fits a node of this size. */
  readonly max: number;
}

/** Page sizes that hugepage_size may name. */
const PAGES_MIB = [2, 1024] as const;

export function pageFacts(options: QingtianOptions): PageFacts[] {
  const { maxPages, minMemoryMib, imageRatio } = options;
  return PAGES_MIB.map((pageMib) => {
    const minMib = Math.ceil(minMemoryMib / pageMib) * pageMib;
    const maxMib = maxPages * pageMib;
    const maxImageBytes = Math.floor((maxMib * MIB) / imageRatio);
    return { pageMib, maxPages, minMib, maxMib, stepMib: pageMib, maxImageBytes };
  });
}

/** Gaps of more than one step between the ranges of two page sizes. */
export function unreachableGaps(options: QingtianOptions): Gap[] {
  const facts = pageFacts(options);
  return facts.slice(1).flatMap((larger, i) => {
    const { maxMib } = facts[i];
    return larger.minMib > maxMib + facts[i].stepMib
      ? [{ aboveMib: maxMib, belowMib: larger.minMib }]
      : [];
  });
}

/** vCPUs an enclave may have on the node at a position. */
export function vcpuRange(host: Host, options: QingtianOptions, position: number): VcpuRange {
  const limit = Math.min(nodeVcpuLimit(host.topology, options, position), totalVcpuLimit(options));
  return { min: 2, max: limit < 2 ? 0 : limit - (limit % 2) };
}

/** The most enclaves of the smallest shape that a parent without any pool can hold. */
export function mostEnclaves(version: QingtianVersion, host: Host): number {
  const options = resolveOptions(version, host.options);
  const positions = host.topology.nodes.map((_, position) => position);
  const sizes = pageFacts(options).map((facts) => {
    const each = positions.map((position) => onNode(host, options, position, facts));
    const placed =
      options.poolNodes === 'many'
        ? each.reduce((sum, count) => sum + count, 0)
        : Math.max(0, ...each);
    return Math.min(placed, byFloors(host, options, facts));
  });
  const most = Math.min(Math.max(0, ...sizes), Math.floor(totalShare(options)));
  return options.maxEnclaves === 'none' ? most : Math.min(most, options.maxEnclaves);
}

/** The derived facts of a parent in words, for a report. */
export function derivedFacts(version: QingtianVersion, host: Host): Derived {
  const options = resolveOptions(version, host.options);
  const ranges = host.topology.nodes.map((_, position) => vcpuRange(host, options, position).max);
  const most = Math.max(0, ...ranges);
  const pages = pageFacts(options).map(({ pageMib, minMib, maxMib, maxImageBytes }) => {
    const name = `${formatMib(pageMib)} pages`;
    if (minMib > maxMib) return `${name}: too few of them per enclave for the least memory`;
    return (
      `${name}: ${formatMib(minMib)} to ${formatMib(maxMib)} per enclave, ` +
      `image at most ${formatMib(Math.floor(maxImageBytes / MIB))}`
    );
  });
  const gaps = unreachableGaps(options).map(
    ({ aboveMib, belowMib }) =>
      `no enclave between ${formatMib(aboveMib)} and ${formatMib(belowMib)}`,
  );
  const facts = [
    `at most ${counted(mostEnclaves(version, host), 'enclave')} on this parent`,
    most === 0
      ? 'no node is large enough for an enclave of 2 vCPUs'
      : `2 to ${most} vCPUs per enclave`,
    ...pages,
    ...gaps,
  ];
  return { facts };
}

/** Enclaves of 2 vCPUs that the total allows. */
function totalShare(options: QingtianOptions): number {
  if (options.vcpuTotalScope === 'per-enclave') return Number.POSITIVE_INFINITY;
  return totalVcpuLimit(options) / 2;
}

/** Smallest enclaves on pages of one size that a node holds. */
function onNode(
  host: Host,
  options: QingtianOptions,
  position: number,
  { pageMib, minMib, maxMib }: PageFacts,
): number {
  if (minMib > maxMib || vcpuRange(host, options, position).max < 2) return 0;
  const unpooled = { online: host.tree.online, memory: host.memory };
  let enclaves = 0;
  let threads = 0;
  for (const core of movableCores(host.topology, unpooled, position)) {
    threads += core.length;
    if (threads < 2) continue;
    enclaves++;
    threads = 0;
  }
  const { base, frameKib, pools } = host.memory[position];
  if (!pools.some((pool) => pool.pageKib === pageMib * 1024)) return 0;
  const pages = base.freeUnits((pageMib * 1024) / frameKib);
  return Math.min(enclaves, Math.floor((pages * pageMib) / minMib));
}

/** Enclaves that the parent's floors leave room for. */
function byFloors(host: Host, options: QingtianOptions, { minMib }: PageFacts): number {
  const online = host.tree.online.reduce((sum, one) => sum + one, 0);
  const spareMib = host.parent.memoryMib - options.parentMemoryMib;
  const byVcpus = Math.floor((online - options.parentVcpus) / 2);
  return Math.max(0, Math.min(byVcpus, Math.floor(spareMib / minMib)));
}
