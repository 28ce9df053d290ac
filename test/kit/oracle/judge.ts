/**
 * The judge between a host and its naive twin: after each command, are they the same?
 *
 * It reads the host (states, owners of every frame and CPU, counters) and translates owner codes into
 * the twin's holder numbers; it is the only place that knows both. Invariant: a difference is told
 * in words, the first one found; nothing is written. Trade-off: owners are compared frame by frame,
 * in O(frames), so hosts under judgement stay small.
 */
import { threadsOf } from '../../../core/host/cores.js';
import type { Decision } from '../../../core/host/decision.js';
import type { Host } from '../../../core/host/host.js';
import { HELD, isEnclaveOwner, ownerNumber } from '../../../core/host/owner.js';
import { locate } from '../../../core/host/physical.js';
import { recordOf, theRecord, uidsOf } from '../../../core/host/records.js';
import type { Enclave } from '../../../core/host/tree.js';
import { FREE } from '../../../core/memory/extent-store.js';
import { freePages, LEAKED, OUTSIDE, POOL, pagesOf } from '../../../core/memory/node-memory.js';
import {
  AGED,
  enclaveHolder,
  type FrameBoard,
  KEPT,
  LOST,
  NOBODY,
  PINNED_ONLY,
  poolPages,
  taskHolder,
} from './frame-board.js';
import type { NaiveMachine, Verdict } from './naive-machine.js';
import type { TwinPage } from './nitro-slot.js';
import type { NitroTwin } from './nitro-twin.js';
import type { QingtianTwin } from './qingtian-twin.js';

const FRAME_BYTES = 2 * 1024 * 1024;

/** What two sides say, when it differs. */
export function differ(what: string, host: unknown, twin: unknown): string | undefined {
  return host === twin ? undefined : `${what}: host ${String(host)}, twin ${String(twin)}`;
}

/** A host's result against the twin's: rule or return value, and each number the twin tells. */
export function resultDifference(decision: Decision, verdict: Verdict): string | undefined {
  const { facts, refusal } = decision;
  const got = typeof verdict.result === 'number' ? (facts.rc ?? 'no rc') : (refusal?.rule ?? 'ok');
  if (got !== verdict.result) return differ('result', got, verdict.result);
  if (verdict.told === undefined) return undefined;
  const told: Readonly<Record<string, unknown>> = { ...facts };
  for (const name in verdict.told) {
    if (told[name] !== verdict.told[name]) return differ(name, told[name], verdict.told[name]);
  }
  return undefined;
}

/** CPUs that the parent runs on. */
export function cpusDifference(host: Host, twin: NaiveMachine): string | undefined {
  const { online } = host.tree;
  for (let cpu = 0; cpu < online.length; cpu++) {
    if ((online[cpu] === 1) !== twin.online[cpu]) {
      return differ(`CPU ${cpu} online`, online[cpu] === 1, twin.online[cpu]);
    }
  }
  return undefined;
}

/** Owners of all frames and the parent's CPUs, and the counters of every page pool. */
export function machineDifference(host: Host, twin: NaiveMachine): string | undefined {
  const ofCpus = cpusDifference(host, twin);
  if (ofCpus !== undefined) return ofCpus;
  if (host.tree.dirty.length > 0) return 'frames were returned unscrubbed';
  for (let node = 0; node < host.memory.length; node++) {
    const found = nodeDifference(host, node, twin.boards[node]);
    if (found !== undefined) return `node ${node}, ${found}`;
  }
  return undefined;
}

function nodeDifference({ memory }: Host, node: number, board: FrameBoard): string | undefined {
  const { base, pools } = memory[node];
  for (const { start, frames, owner } of base.extents()) {
    const pool = owner === FREE ? 0 : owner < POOL ? KEPT : owner - POOL + 1;
    for (let f = start; f < start + frames; f++) {
      const said = board.pool[f] === AGED ? KEPT : board.pool[f];
      if (said !== pool) return differ(`frame ${f}, pool`, pool, said);
    }
  }
  const inPool = pools.map(() => 0);
  const free = pools.map(() => 0);
  for (let f = 0; f < board.frames; f++) {
    const size = board.pool[f] - 1;
    if (size < 0 || size >= pools.length) continue;
    inPool[size]++;
    if (board.holder[f] === NOBODY) free[size]++;
  }
  for (const [size, pool] of pools.entries()) {
    const counted =
      differ(`pages of size ${size}`, pagesOf(pool) * pool.pageFrames, inPool[size]) ??
      differ(`free pages of size ${size}`, freePages(pool) * pool.pageFrames, free[size]);
    if (counted !== undefined) return counted;
    if (inPool[size] === 0) continue;
    for (const { start, frames, owner } of pool.store.extents()) {
      if (owner === OUTSIDE) continue;
      const holder = holderOf(owner);
      for (let f = start; f < start + frames; f++) {
        if (board.holder[f] !== holder) return differ(`frame ${f}`, holder, board.holder[f]);
      }
    }
  }
  return undefined;
}

/** An owner code of a page pool as the twin's holder number. */
function holderOf(owner: number): number {
  if (owner === FREE) return NOBODY;
  if (owner === LEAKED) return LOST;
  if (owner === HELD) return PINNED_ONLY;
  return isEnclaveOwner(owner) ? enclaveHolder(ownerNumber(owner)) : taskHolder(ownerNumber(owner));
}

/** Node, frame by frame, of what the store says enclave `uid` holds; ascending. */
export function framesOfEnclave(host: Host, node: number, holder: number): number[] {
  const held: number[] = [];
  for (const { store } of host.memory[node].pools) {
    for (const { start, frames, owner } of store.extents()) {
      if (owner === OUTSIDE || holderOf(owner) !== holder) continue;
      for (let f = start; f < start + frames; f++) held.push(f);
    }
  }
  return held.sort((a, b) => a - b);
}

const QINGTIAN_STATES = ['defined', 'mapped', 'populated', 'loaded', 'equipped', 'starting'];

export function qingtianDifference(host: Host, twin: QingtianTwin): string | undefined {
  const { tree } = host;
  const found =
    differ('parent', tree.parent, twin.parent) ??
    differ('service', tree.reservation.state, twin.service) ??
    differ('reserved MiB', tree.reservation.memoryMib, reservedMib(twin)) ??
    differ('reserved page', tree.reservation.pageKib, (twin.pool?.pageMib ?? 0) * 1024) ??
    differ('next id', tree.counters.nextSlot, twin.nextId) ??
    differ('enclaves', tree.records.length, twin.enclaves.length);
  if (found !== undefined) return found;
  for (const one of twin.enclaves) {
    const record = recordOf(tree, one.id);
    if (record === undefined) return `enclave ${one.id} has no record`;
    const wrong =
      differ('state', record.state, QINGTIAN_STATES[one.step] ?? 'running') ??
      differ('cid', record.cid, one.cid) ??
      differ('node', record.node, one.node) ??
      differ('console', record.console === 1, one.console) ??
      differ('debug', record.debug === 1, one.debug) ??
      requestDifference(record, one.vcpus, one.mib, one.imageBytes) ??
      differ('bytes', record.memoryBytes, one.step >= 2 ? one.mib * 1024 * 1024 : 0) ??
      donationDifference(host, record, one.step >= 2 ? heldBy(twin, one.id) : NO_FRAMES) ??
      differ('vCPUs', record.vcpus.join(), one.given.join()) ??
      differ('cores', sortedCpus([threadsOf(record.cores)]), sortedCpus([one.owned]));
    if (wrong !== undefined) return `enclave ${one.id}, ${wrong}`;
  }
  const busy = new Set(twin.enclaves.flatMap(({ owned }) => owned));
  const left = (twin.pool?.cores ?? []).flat().filter((cpu) => !busy.has(cpu));
  return differ('pool CPUs', sortedCpus(tree.pool.avail), sortedCpus([left]));
}

export function nitroDifference(host: Host, twin: NitroTwin): string | undefined {
  const { tree } = host;
  const { counters, pool } = tree;
  const found =
    differ('parent', tree.parent, twin.parent) ??
    differ('bound', counters.bound === 1, twin.bound) ??
    differ('pins', counters.pinned, twin.pins) ??
    differ('next slot', counters.nextSlot, twin.nextSlot) ??
    differ('next cid', counters.nextCid, twin.nextCid) ??
    differ('pool node', pool.node, twin.pool.node) ??
    differ('pool cores', cores(pool.avail), cores(twin.pool.cores)) ??
    differ('slots', uidsOf(tree).join(), twin.slots.map(({ slot }) => slot).join()) ??
    differ('mappings', tree.mappings.length, twin.mappings.length);
  if (found !== undefined) return found;
  for (const one of twin.slots) {
    const record = theRecord(tree, one.slot);
    const owned = record.cores.map(({ index, cpus }) => `${index}:${cpus.join()}`);
    const twinOwned = [...one.owned].sort(([a], [b]) => a - b);
    const wrong =
      differ('state', record.state, one.state) ??
      differ('cid', record.cid, one.cid) ??
      differ('file', record.fd, one.fd) ??
      differ('listed', record.listed === 1, one.listed) ??
      differ('hang-up', record.event === 1, one.hup) ??
      differ('debug', record.debug === 1, one.debug) ??
      // The driver is told no request: what is asked for comes call by call.
      requestDifference(record, 0, 0, 0) ??
      differ('vCPUs', record.vcpus.join(), one.vcpus.join()) ??
      differ('bytes', record.memoryBytes, one.bytes) ??
      differ('ranges', record.ranges, one.ranges) ??
      differ('regions', record.regions.length, one.regions.length) ??
      donationDifference(host, record, framesOfPages(twin, one.donated)) ??
      differ('cores', owned.join(' '), twinOwned.map(([i, c]) => `${i}:${c.join()}`).join(' '));
    if (wrong !== undefined) return `slot ${one.slot}, ${wrong}`;
  }
  return undefined;
}

/** Frames of the pool, whoever has them, in MiB. */
function reservedMib({ pool, boards }: QingtianTwin): number {
  if (pool === undefined) return 0;
  const size = pool.pageMib === 1024 ? 1 : 0;
  return 2 * poolPages(boards[pool.node], size, 1);
}

/** What was asked for: whoever weighs an image against its enclave's memory reads it of the record. */
export function requestDifference(
  { request: { vcpus, memoryMib, imageBytes } }: Enclave,
  ...twin: readonly [vcpus: number, mib: number, imageBytes: number]
): string | undefined {
  return (
    differ('vCPUs asked for', vcpus, twin[0]) ??
    differ('MiB asked for', memoryMib, twin[1]) ??
    differ('bytes of the image', imageBytes, twin[2])
  );
}

/** What the hypervisor was given for an enclave, against frames numbered by `numberOf`. */
function donationDifference(
  host: Host,
  { donated }: Enclave,
  twin: ReadonlySet<number>,
): string | undefined {
  let given = 0;
  for (let i = 0; i < donated.length; i += 2) {
    const [phys, bytes] = [donated[i], donated[i + 1]];
    const place = locate(host, phys);
    if (place === undefined || phys % FRAME_BYTES !== 0 || bytes % FRAME_BYTES !== 0) {
      return `donated: ${bytes} bytes at ${phys} are no whole frames`;
    }
    for (let k = 0; k < bytes / FRAME_BYTES; k++) {
      const number = numberOf(place.node, place.frame + k);
      if (!twin.has(number)) return `donated: host frame ${place.frame + k}, not the twin's`;
      given++;
    }
  }
  return differ('frames donated', given, twin.size);
}

/** Nodes of a judged host have fewer frames. */
const MOST_FRAMES = 1 << 20;

function numberOf(node: number, frame: number): number {
  return node * MOST_FRAMES + frame;
}

function framesOfPages({ shape }: NaiveMachine, pages: readonly TwinPage[]): Set<number> {
  const frames = new Set<number>();
  for (const { node, frame, size } of pages) {
    for (let i = 0; i < shape.pageFrames[size]; i++) frames.add(numberOf(node, frame + i));
  }
  return frames;
}

/** All frames that an enclave holds on the twin's boards. */
function heldBy({ boards }: NaiveMachine, id: number): Set<number> {
  const frames = new Set<number>();
  for (const [node, { holder }] of boards.entries()) {
    for (let f = 0; f < holder.length; f++) {
      if (holder[f] === enclaveHolder(id)) frames.add(numberOf(node, f));
    }
  }
  return frames;
}

const NO_FRAMES: ReadonlySet<number> = new Set();

function cores(list: readonly (readonly number[])[]): string {
  return list.map((cpus) => cpus.join()).join(' ');
}

export function sortedCpus(list: readonly (readonly number[])[]): string {
  return list
    .flat()
    .sort((a, b) => a - b)
    .join();
}
