/**
 * How a VM is split over nodes: evenly over as many as it asks for, or as it comes when it is blind.
 *
 * Invariant: parts add up to the request, memory rounded up to whole frames per node; a part fits on
 * its node now. Trade-off: without a proposal the lowest nodes that fit are taken, first fit; better
 * choices are a placement policy's.
 */
import type { CommandOf } from '../../host/command.js';
import type { Host } from '../../host/host.js';
import { nodePosition } from '../../host/physical.js';
import { countFreeThreads, framesFor, freeFramesOf, type Part } from './capacity.js';

export type Launch = CommandOf<'vm.launch'>;

/** What the nodes that a request may use have free; the three lists run together. */
export interface Room {
  /** Positions: those proposed, else all; -1 = a proposed node that is not there. */
  readonly allowed: readonly number[];
  /** Exact where there are fewer than the VM has vCPUs, else at least so many. */
  readonly threads: readonly number[];
  readonly frames: readonly number[];
}

export function roomFor(host: Host, { on, vcpus }: Launch): Room {
  const { topology } = host;
  const count = on === undefined ? topology.nodes.length : on.length;
  const allowed = new Array<number>(count);
  const threads = new Array<number>(count);
  const frames = new Array<number>(count);
  for (let i = 0; i < count; i++) {
    const node = on === undefined ? i : nodePosition(topology, on[i]);
    allowed[i] = node;
    threads[i] = node < 0 ? 0 : countFreeThreads(host, node, vcpus);
    frames[i] = node < 0 ? 0 : freeFramesOf(host, node);
  }
  return { allowed, threads, frames };
}

/** Parts by ascending node; undefined when no allowed choice of nodes fits. */
export function splitOver(host: Host, request: Launch, room: Room): readonly Part[] | undefined {
  return request.blind === true ? blindSplit(host, request, room) : evenSplit(host, request, room);
}

function evenSplit(
  host: Host,
  { vcpus, memoryMib, nodes }: Launch,
  { allowed, threads, frames }: Room,
): Part[] | undefined {
  const share = vcpus / nodes;
  if (nodes === 1) return onOne(host, vcpus, memoryMib, { allowed, threads, frames });
  const parts: Part[] = [];
  for (let i = 0; i < allowed.length; i++) {
    const node = allowed[i];
    const wanted = framesFor(host, node, memoryMib / nodes);
    if (wanted <= frames[i] && share <= threads[i]) {
      parts.push({ node, vcpus: share, frames: wanted });
      if (parts.length === nodes) return ascending(parts);
    }
  }
  return undefined;
}

/** The first node that has all of it; a list of one, made as one. */
function onOne(
  host: Host,
  vcpus: number,
  memoryMib: number,
  { allowed, threads, frames }: Room,
): Part[] | undefined {
  for (let i = 0; i < allowed.length; i++) {
    const node = allowed[i];
    const wanted = framesFor(host, node, memoryMib);
    if (wanted <= frames[i] && vcpus <= threads[i]) return [{ node, vcpus, frames: wanted }];
  }
  return undefined;
}

function blindSplit(
  host: Host,
  request: Launch,
  { allowed, threads, frames: free }: Room,
): Part[] | undefined {
  const parts: Part[] = [];
  let vcpusLeft = request.vcpus;
  let mibLeft = request.memoryMib;
  for (let i = 0; i < allowed.length; i++) {
    const node = allowed[i];
    if (node < 0) continue;
    const frameMib = host.memory[node].frameKib / 1024;
    const vcpus = Math.min(vcpusLeft, threads[i]);
    const frames = Math.min(framesFor(host, node, mibLeft), free[i]);
    vcpusLeft -= vcpus;
    mibLeft = Math.max(0, mibLeft - frames * frameMib);
    if (vcpus > 0 || frames > 0) parts.push({ node, vcpus, frames });
  }
  return vcpusLeft === 0 && mibLeft === 0 ? ascending(parts) : undefined;
}

function ascending(parts: Part[]): Part[] {
  return parts.length === 1 ? parts : parts.sort((a, b) => a.node - b.node);
}
