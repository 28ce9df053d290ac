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

/** Parts by ascending node; undefined when no allowed choice of nodes fits. */
export function splitOver(host: Host, request: Launch): readonly Part[] | undefined {
  return request.blind === true ? blindSplit(host, request) : evenSplit(host, request);
}

/** Positions the request may use: those proposed, else all. */
export function allowedNodes({ topology }: Host, { on }: Launch): number[] {
  if (on === undefined) return topology.nodes.map((_, position) => position);
  return on.map((id) => nodePosition(topology, id));
}

/** The part of an even split that would lie on the node at a position. */
export function evenPart(host: Host, { vcpus, memoryMib, nodes }: Launch, node: number): Part {
  return { node, vcpus: vcpus / nodes, frames: framesFor(host, node, memoryMib / nodes) };
}

export function fits(host: Host, { node, vcpus, frames }: Part): boolean {
  return frames <= freeFramesOf(host, node) && vcpus <= countFreeThreads(host, node);
}

function evenSplit(host: Host, request: Launch): Part[] | undefined {
  const parts: Part[] = [];
  for (const node of allowedNodes(host, request)) {
    const part = evenPart(host, request, node);
    if (fits(host, part)) parts.push(part);
    if (parts.length === request.nodes) return parts.sort((a, b) => a.node - b.node);
  }
  return undefined;
}

function blindSplit(host: Host, request: Launch): Part[] | undefined {
  const parts: Part[] = [];
  let vcpusLeft = request.vcpus;
  let mibLeft = request.memoryMib;
  for (const node of allowedNodes(host, request)) {
    const frameMib = host.memory[node].frameKib / 1024;
    const vcpus = Math.min(vcpusLeft, countFreeThreads(host, node));
    const frames = Math.min(framesFor(host, node, mibLeft), freeFramesOf(host, node));
    vcpusLeft -= vcpus;
    mibLeft = Math.max(0, mibLeft - frames * frameMib);
    if (vcpus > 0 || frames > 0) parts.push({ node, vcpus, frames });
  }
  return vcpusLeft === 0 && mibLeft === 0 ? parts.sort((a, b) => a.node - b.node) : undefined;
}
