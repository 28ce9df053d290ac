/**
 * How a VM is split over nodes: evenly over as many as it asks for, or as it comes when it is blind.
 *
 * Invariant: parts add up to the request, memory rounded up to whole frames per node; a part fits on
 * its node now. Trade-off: without a proposal the lowest nodes that fit are taken, first fit; better
 * choices are a placement policy's.
 */
import type { CommandOf } from '../../host/command.js';
import type { Host } from '../../host/host.js';
import { NO_THREADS } from '../../host/lists.js';
import { nodePosition } from '../../host/physical.js';
import { framesFor, lowestOn, lowestThreads, type Part } from './capacity.js';

export type Launch = CommandOf<'vm.launch'>;

/** What one of the nodes that a request may use has free. */
export interface NodeRoom {
  /** Position; -1 = a proposed node that is not there. */
  readonly node: number;
  /** Its lowest free threads: as many as the VM has vCPUs, or all where there are fewer. */
  readonly threads: readonly number[];
  /** Free frames. */
  readonly frames: number;
}

/** The proposed nodes in their order, else all of the host. */
export type Room = readonly NodeRoom[];

export function roomFor(host: Host, { on, vcpus }: Launch): Room {
  const { topology } = host;
  if (on === undefined) return topology.nodes.map((_, node) => roomOn(host, node, vcpus));
  if (on.length === 1) return [roomOn(host, nodePosition(topology, on[0]), vcpus)];
  return on.map((id) => roomOn(host, nodePosition(topology, id), vcpus));
}

function roomOn(host: Host, node: number, vcpus: number): NodeRoom {
  if (node < 0) return { node, threads: NO_THREADS, frames: 0 };
  const { freeFrames } = host.memory[node].base;
  return { node, threads: lowestThreads(host, node, vcpus), frames: freeFrames };
}

/**
 * The one part of a VM that asks for one node, names it, and fits there, as most do: what every row would
 * pass, found without a walk over them. undefined = ask the rows.
 */
export function plainPart(host: Host, request: Launch): Part | undefined {
  const { vcpus, memoryMib, nodes, blind, on } = request;
  if (host.tree.parent !== 'running' || nodes !== 1 || blind === true) return undefined;
  if (on === undefined || on.length !== 1 || !isCount(vcpus) || !isCount(memoryMib))
    return undefined;
  const node = nodePosition(host.topology, on[0]);
  const frames = framesFor(host, node, memoryMib);
  if (node < 0 || frames > host.memory[node].base.freeFrames) return undefined;
  const { threads, cores } = lowestOn(host, node, vcpus);
  return threads.length === vcpus ? { node, threads, cores, frames } : undefined;
}

export const isCount = (value: number) => Number.isSafeInteger(value) && value > 0;

/** Parts by ascending node; undefined when no allowed choice of nodes fits. */
export function splitOver(host: Host, request: Launch, room: Room): readonly Part[] | undefined {
  if (request.blind === true) return blindSplit(host, request, room);
  return request.nodes === 1 ? onOne(host, request, room) : evenSplit(host, request, room);
}

function evenSplit(
  host: Host,
  { vcpus, memoryMib, nodes }: Launch,
  room: Room,
): Part[] | undefined {
  const share = vcpus / nodes;
  const parts: Part[] = [];
  for (const { node, threads, frames } of room) {
    const wanted = framesFor(host, node, memoryMib / nodes);
    if (wanted > frames || share > threads.length) continue;
    parts.push({ node, threads: threads.slice(0, share), frames: wanted });
    if (parts.length === nodes) return ascending(parts);
  }
  return undefined;
}

/** The first node that has all of it; a list of one, made as one. */
function onOne(host: Host, { vcpus, memoryMib }: Launch, room: Room): Part[] | undefined {
  for (let i = 0; i < room.length; i++) {
    const { node, threads, frames } = room[i];
    const wanted = framesFor(host, node, memoryMib);
    if (wanted <= frames && vcpus <= threads.length) return [{ node, threads, frames: wanted }];
  }
  return undefined;
}

function blindSplit(host: Host, request: Launch, room: Room): Part[] | undefined {
  const parts: Part[] = [];
  let vcpusLeft = request.vcpus;
  let mibLeft = request.memoryMib;
  for (const { node, threads, frames: free } of room) {
    if (node < 0) continue;
    const frameMib = host.memory[node].frameKib / 1024;
    const vcpus = Math.min(vcpusLeft, threads.length);
    const frames = Math.min(framesFor(host, node, mibLeft), free);
    vcpusLeft -= vcpus;
    mibLeft = Math.max(0, mibLeft - frames * frameMib);
    if (vcpus > 0 || frames > 0) parts.push({ node, threads: threads.slice(0, vcpus), frames });
  }
  return vcpusLeft === 0 && mibLeft === 0 ? ascending(parts) : undefined;
}

function ascending(parts: Part[]): Part[] {
  return parts.length === 1 ? parts : parts.sort((a, b) => a.node - b.node);
}
