/**
 * What the parent VM itself occupies on a node, from a description: fresh, after days, or explicit.
 *
 * `fresh` [M]: a boot node has the firmware and kernel at the bottom and, where memory reaches
 * beyond 3 GiB, the 32-bit PCI hole from 3 to 4 GiB. All else that is installed but not usable
 * (memory map, hash tables, early allocations) lies at the top, where Linux's early allocator takes
 * from, with a few single blocks just below it. So nearly all 1 GiB places are whole.
 * `uptime` [M]: the same, plus unmovable 2 MiB blocks at uniformly drawn places, one per 16 GiB and
 * day unless told otherwise. Day d uses the first draws of one stream, so the frames held on day
 * d+1 contain those of day d. Each block spoils one 2 MiB place but a whole 1 GiB place. A boot
 * frees exactly these blocks, which is why laying them tells where they are.
 * `explicit`: the free list is given (a capture of a real host); all else is the parent's.
 * Holes other than that one are given (`holes`), and then are all there are.
 *
 * Invariant: equal descriptions give equal layouts; free frames of `fresh` are exactly the usable
 * MiB; no free KiB vanishes: what is smaller than a frame is counted as ragged.
 * Trade-off: page cache and daemons are movable, and count as free.
 */
import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { seededStream } from '../units/seeded-stream.js';
import type { ExtentStore } from './extent-store.js';
import { FREE } from './extent-store.js';
import { type HoleKib, layHoles } from './holes.js';
import type { NodeMemory } from './node-memory.js';
import { HOLE, PARENT } from './node-memory.js';

interface Booted {
  /** MiB of the node that the parent can give away or use, right after boot. */
  readonly usableMib: number;
  /** This node holds firmware, kernel and (x86) the PCI hole: node 0. */
  readonly bootNode: boolean;
  /** There is a hole from 3 to 4 GiB on the boot node (x86). Default: true. */
  readonly pciHole?: boolean;
}

export interface FreshFootprint extends Booted {
  readonly kind: 'fresh';
}

export interface UptimeFootprint extends Booted {
  readonly kind: 'uptime';
  /** Whole days since boot, ≥ 0; day 0 is fresh. */
  readonly days: number;
  /** 32-bit integer; each node draws from a stream of its own. */
  readonly seed: number;
  /** Unmovable 2 MiB blocks a day on this node. Default: one per 16 GiB of the node, at least 1. */
  readonly blocksPerDay?: number;
}

export interface ExplicitFootprint {
  readonly kind: 'explicit';
  /** [startKib, lengthKib] of free memory, from the node's first byte; disjoint, in any order. */
  readonly freeKib: readonly (readonly [number, number])[];
}

export type Footprint = FreshFootprint | UptimeFootprint | ExplicitFootprint;

const HOLE_START_MIB = 3072;
const HOLE_END_MIB = 4096;
/** Firmware, DMA zone, kernel image and initrd. */
const KERNEL_MIB = 96;
/** What the kernel groups unmovable pages by (pageblock). */
const BLOCK_KIB = 2048;
const STRAY_BLOCKS = 4;
const STRAY_STRIDE = 8;
const KIB_PER_DAILY_BLOCK = 16 * 1024 * 1024;

/**
 * Frames of the address line of a node with `installedMib` of memory: on a boot node that reaches
 * beyond 3 GiB the PCI hole lies in between and makes the line 1 GiB longer than the memory.
 */
export function framesForNode(installedMib: number, frameKib: number, pciHole: boolean): number {
  const hole = pciHole && installedMib > HOLE_START_MIB ? HOLE_END_MIB - HOLE_START_MIB : 0;
  return Math.floor(((installedMib + hole) * 1024) / frameKib);
}

/** What a footprint came to. */
export interface Laid {
  /** Free memory that is smaller than a frame, and so lost, in KiB. */
  readonly raggedFreeKib: number;
  /** Flat [startFrame, frames, …] that days of uptime took: one extent of PARENT each. */
  readonly uptimeRuns: readonly number[];
}

/** Fills the wholly free base store of a node, given holes first. */
export function layFootprint(
  memory: NodeMemory,
  footprint: Footprint,
  holes: readonly HoleKib[] = [],
): Laid {
  if (memory.base.freeFrames !== memory.base.frames) {
    throw new Error(`node ${memory.node} already has a footprint`);
  }
  layHoles(memory, holes);
  switch (footprint.kind) {
    case 'fresh':
      return { raggedFreeKib: layFresh(memory, footprint), uptimeRuns: [] };
    case 'uptime': {
      const raggedFreeKib = layFresh(memory, footprint);
      return { raggedFreeKib, uptimeRuns: scatterBlocks(memory, footprint) };
    }
    case 'explicit':
      return { raggedFreeKib: layExplicit(memory, footprint.freeKib), uptimeRuns: [] };
  }
}

function layFresh({ base, frameKib, node }: NodeMemory, booted: Booted): number {
  const { usableMib, bootNode, pciHole = true } = booted;
  const toFrames = (mib: number) => Math.ceil((mib * 1024) / frameKib);
  const holeStart = toFrames(HOLE_START_MIB);
  if (bootNode && pciHole && base.frames > holeStart) {
    const holeEnd = Math.min(base.frames, toFrames(HOLE_END_MIB));
    base.allocAt(holeStart, holeEnd - holeStart, HOLE);
  }
  const usableFrames = Math.floor((usableMib * 1024) / frameKib);
  let left = base.freeFrames - usableFrames;
  if (!Number.isInteger(usableMib) || usableMib < 0 || left < 0) {
    throw new Error(`node ${node}: ${usableMib} MiB usable, ${base.freeFrames} frames installed`);
  }
  const kernel = bootNode ? Math.min(left, toFrames(KERNEL_MIB)) : 0;
  takeUp(base, kernel);
  left -= kernel;
  const blockFrames = framesOfBlock(frameKib);
  const strays = Math.min(STRAY_BLOCKS, Math.floor(left / (2 * blockFrames)));
  const top = takeDown(base, left - strays * blockFrames, base.frames);
  for (let i = 1; i <= strays; i++) {
    takeDown(base, blockFrames, Math.max(top - i * STRAY_STRIDE * blockFrames, 0));
  }
  // On a node too small for the strides, what is still owed comes from the top.
  takeDown(base, base.freeFrames - usableFrames, base.frames);
  return usableMib * 1024 - usableFrames * frameKib;
}

/** Takes the lowest free frames for the parent. */
function takeUp(base: ExtentStore, wanted: number): void {
  let left = wanted;
  for (const { start, frames, owner } of [...base.extents()]) {
    if (left === 0) break;
    if (owner !== FREE) continue;
    const taken = Math.min(left, frames);
    base.allocAt(start, taken, PARENT);
    left -= taken;
  }
}

/** Takes the highest free frames below `limit` for the parent; returns the lowest one taken. */
function takeDown(base: ExtentStore, wanted: number, limit: number): number {
  let left = wanted;
  let lowest = limit;
  for (const { start, frames, owner } of [...base.extents()].reverse()) {
    if (left === 0) break;
    const end = Math.min(start + frames, limit);
    if (owner !== FREE || end <= start) continue;
    const taken = Math.min(left, end - start);
    lowest = end - taken;
    base.allocAt(lowest, taken, PARENT);
    left -= taken;
  }
  return lowest;
}

/** Takes the drawn blocks that are free; returns them as flat runs. */
function scatterBlocks({ base, frameKib, node }: NodeMemory, uptime: UptimeFootprint): number[] {
  const { days, seed } = uptime;
  const aDay = uptime.blocksPerDay ?? defaultBlocksPerDay(base.frames * frameKib);
  if (!Number.isInteger(days) || days < 0 || !Number.isInteger(aDay) || aDay < 0) {
    throw new Error(`uptime of ${days} days with ${aDay} blocks a day`);
  }
  const blockFrames = framesOfBlock(frameKib);
  const blocks = Math.floor(base.frames / blockFrames);
  const stream = seededStream(seed, node + 1);
  const runs: number[] = [];
  for (let draw = 0; draw < days * aDay && blocks > 0; draw++) {
    const start = uniformInt(stream, 0, blocks - 1) * blockFrames;
    const run = base.covering(start);
    const isFree = run.owner === FREE && start + blockFrames <= run.start + run.frames;
    if (!isFree) continue;
    base.allocAt(start, blockFrames, PARENT);
    runs.push(start, blockFrames);
  }
  return runs;
}

function defaultBlocksPerDay(nodeKib: number): number {
  return Math.max(1, Math.floor(nodeKib / KIB_PER_DAILY_BLOCK));
}

function framesOfBlock(frameKib: number): number {
  return Math.max(1, Math.floor(BLOCK_KIB / frameKib));
}

function layExplicit(memory: NodeMemory, freeKib: ExplicitFootprint['freeKib']): number {
  const { base, frameKib, node } = memory;
  const nodeKib = base.frames * frameKib;
  let raggedFreeKib = 0;
  let frame = 0;
  for (const [start, length] of joined(freeKib)) {
    if (start < 0 || length < 0 || start + length > nodeKib) {
      throw new Error(`node ${node}: free [${start}, +${length}) KiB of a node of ${nodeKib} KiB`);
    }
    requireNoHole(memory, start, length);
    const first = Math.ceil(start / frameKib);
    const end = Math.max(first, Math.floor((start + length) / frameKib));
    raggedFreeKib += length - (end - first) * frameKib;
    takeBetween(base, frame, first);
    frame = end;
  }
  takeBetween(base, frame, base.frames);
  return raggedFreeKib;
}

/** Takes what is free of the frames [first, end) for the parent. */
function takeBetween(base: ExtentStore, first: number, end: number): void {
  for (let at = first; at < end; ) {
    const run = base.covering(at);
    const until = Math.min(run.start + run.frames, end);
    if (run.owner === FREE) base.allocAt(at, until - at, PARENT);
    at = until;
  }
}

function requireNoHole({ base, frameKib, node }: NodeMemory, start: number, length: number): void {
  for (let kib = start; kib < start + length; ) {
    const run = base.covering(Math.floor(kib / frameKib));
    if (run.owner === HOLE) {
      throw new Error(
        `node ${node}: free [${start}, +${length}) KiB reaches into the hole at ` +
          `${run.start * frameKib} KiB`,
      );
    }
    kib = (run.start + run.frames) * frameKib;
  }
}

/** The runs in address order, touching ones joined. Throws when two overlap. */
function joined(runs: ExplicitFootprint['freeKib']): [start: number, length: number][] {
  const result: [number, number][] = [];
  for (const [start, length] of [...runs].sort((a, b) => a[0] - b[0])) {
    if (!Number.isInteger(start) || !Number.isInteger(length)) {
      throw new Error(`free [${start}, +${length}) is not in whole KiB`);
    }
    const last = result.at(-1);
    const end = last === undefined ? -Infinity : last[0] + last[1];
    if (start < end) throw new Error(`free memory at ${start} KiB is listed twice`);
    if (last !== undefined && start === end) last[1] += length;
    else result.push([start, length]);
  }
  return result;
}
