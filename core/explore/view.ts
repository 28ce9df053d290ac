/**
 * The declared view: what the explorer tells apart in a host, and under which names.
 *
 * Every field of the tree and every cell of the stores is in the view as it is, except:
 * - an enclave's uid is its place: each place is one operator who has at most one enclave at a
 *   time, so a slot's number does not count for ever;
 * - the order of creation is left out: it orders the effects of one decision and nothing else;
 * - an automatic CID is named by the lowest place that has it; the next one is above all of them, and
 *   is its own name where an enclave was given it by request;
 * - a file number is only open or closed; the count of pins is what the regions explain,
 *   and "some more", "fewer" or neither (a leaked pin counts for ever, too);
 * - a pool without cores is of no node, whatever the driver remembers from before;
 * - the ranges that the hypervisor accepted stand by address, not in the order they came.
 * Invariant: two hosts equal in the view take the same commands to hosts equal in the view again,
 * with the same answers; a test walks at random and checks it. Trade-off: an explicit CID must be
 * below the first automatic one, or be the next one, or the names would not be exact.
 */
import { copyPool } from '../host/apply.js';
import type { Host } from '../host/host.js';
import {
  type CpuPool,
  copyEnclave,
  type DirtyRun,
  type Enclave,
  type HostTree,
  type Mapping,
  type Reservation,
} from '../host/tree.js';
import { extraPins } from '../invariants/page-pins.js';
import type { NodeMemory } from '../memory/node-memory.js';
import { FrameLine } from './frame-line.js';

/** The host apart from CPUs, memory, enclaves and mappings. */
export interface BasePart {
  readonly parent: HostTree['parent'];
  readonly reservation: Reservation;
  readonly bound: number;
  /** Whether the driver holds more pins than the regions explain (1), or fewer (-1). */
  readonly extraPins: number;
  readonly dirty: readonly DirtyRun[];
}

export interface CpuPart {
  readonly online: readonly number[];
  readonly pool: CpuPool;
}

/** Cells of the base store, then of each page pool. */
export type NodePart = readonly Int32Array[];

const OPEN_FILE = 4;

export function textOfBase(part: BasePart): string {
  const { state, pageKib, memoryMib } = part.reservation;
  const dirty = part.dirty.map((d) => `${d.node},${d.start},${d.frames},${d.enclave}`);
  return [part.parent, state, pageKib, memoryMib, part.bound, part.extraPins, ...dirty].join('|');
}

export function baseOf({ tree }: Host): BasePart {
  const { parent, reservation, counters, dirty } = tree;
  return {
    parent,
    reservation,
    bound: counters.bound,
    extraPins: Math.sign(extraPins(tree)),
    dirty: dirty.map((run) => ({ ...run })),
  };
}

export function textOfCpus({ online, pool }: CpuPart): string {
  let text = online.join('');
  for (const cpus of pool.avail) text += `/${cpus}`;
  return `${text}|${nodeOfPool(pool)}|${pool.threadsPerCore}|${pool.parentCores}|${pool.text}`;
}

export function copyCpus({ online, pool }: CpuPart): CpuPart {
  return { online: [...online], pool: { ...copyPool(pool), node: nodeOfPool(pool) } };
}

function nodeOfPool({ avail, node }: CpuPool): number {
  return avail.length === 0 ? -1 : node;
}

/** The stores of a node that was made of frame lines; throws for others. */
export function linesOf({ base, pools }: NodeMemory): FrameLine[] {
  return [base, ...pools.map(({ store }) => store)].map((store) => {
    if (store instanceof FrameLine) return store;
    throw new Error('the explorer needs a host whose memory is made of frame lines');
  });
}

export function textOfNode(part: NodePart): string {
  let text = '';
  for (const cells of part) for (const cell of cells) text += String.fromCharCode(cell);
  return text;
}

/** An enclave under the names of the view; `uid` is 0, since its place is the key's. */
export function namedEnclave(enclave: Enclave, cid: number): Enclave {
  const donated = byAddress(enclave.donated);
  return { ...copyEnclave(enclave), uid: 0, cid, fd: enclave.fd < 0 ? -1 : OPEN_FILE, donated };
}

/** Flat [phys, bytes, …] by ascending address. */
function byAddress(ranges: readonly number[]): number[] {
  const places = ranges.flatMap((_, i) => (i % 2 === 0 ? [i] : []));
  places.sort((a, b) => ranges[a] - ranges[b]);
  return places.flatMap((i) => [ranges[i], ranges[i + 1]]);
}

/** The first CID given by itself; only a driver slot may get one. */
export function firstAutomaticCid({ hypervisor, profile }: Host): number {
  const automatic = profile.guarantees?.surface === 'driverSlot';
  return automatic ? hypervisor.firstCid : Number.POSITIVE_INFINITY;
}

/**
 * The view's name of an enclave's CID. One that somebody asked for ahead of the counter is the counter's
 * own value in a loaded host, above the names of all places.
 */
export function cidName(host: Host, { cid }: Enclave, places: number): number {
  const { tree, hypervisor } = host;
  const first = firstAutomaticCid(host);
  if (cid < first) return cid;
  if (cid === tree.counters.nextCid) return first + places;
  let holder = Number.POSITIVE_INFINITY;
  for (const record of tree.records) {
    if (record.cid === cid && record.uid < holder) holder = record.uid;
  }
  return first + holder - hypervisor.firstSlot;
}

/** The content of an enclave record, told apart by everything but its uid. */
export function textOfEnclave(e: Enclave, cid: number): string {
  let cores = '';
  for (const { index, cpus } of e.cores) cores += `${index}:${cpus};`;
  let regions = '';
  for (const { address, bytes, pages } of e.regions) regions += `${address},${bytes}:${pages};`;
  let extents = '';
  for (const { node, size, handle } of e.extents) extents += `${node},${size},${handle};`;
  const { vcpus, memoryMib, imageBytes } = e.request;
  return (
    `${e.state}|${cid}|${e.debug}|${e.task}|${e.node}|${e.parentCores}|${e.threadsPerCore}|` +
    `${e.vcpus}|${cores}|${e.memoryBytes}|${e.ranges}|${e.maxRanges}|${regions}|${byAddress(e.donated)}|` +
    `${extents}|${vcpus},${memoryMib},${imageBytes}|${e.event}|${e.listed}|${e.fd < 0}|` +
    `${e.deviceState}|${e.console}`
  );
}

export function textOfMappings(mappings: readonly Mapping[]): string {
  let text = '';
  for (const { address, pageBytes, huge, node, runs, task, size } of mappings) {
    text += `${address},${pageBytes},${huge},${node},${runs},${task},${size};`;
  }
  return text;
}
