/**
 * Frames that nobody holds in any state of a scope: they would only pad it.
 *
 * A frame is held where a task or an enclave has it, or its page, or where the driver keeps that; that
 * the page pool has it says only that somebody could. Invariant: what a scope keeps idle on purpose it
 * declares, with why; a frame that is held all the same, or is not there, is told as well. Trade-off:
 * that a frame is held once is all that is asked; what of it is read, `unread-fields` tells.
 */
import type { Host } from '../host/host.js';
import { FREE } from '../memory/extent-store.js';
import { HOLE, OUTSIDE, PARENT, POOL } from '../memory/node-memory.js';
import { FIRST_NODE } from './host-keys.js';
import type { HostModel } from './host-model.js';
import { type Scope, upTo } from './scope.js';
import type { NodePart } from './view.js';
import type { VisitedTable } from './visited.js';

/** Base: frames that no task and no enclave has by themselves. */
const NOBODYS: ReadonlySet<number> = new Set([FREE, HOLE, PARENT]);

/** What is wrong with the frames of a finished search, in words; [] = nothing. */
export function idleFrames(
  { idle = [] }: Scope,
  { keys, host }: HostModel,
  visited: VisitedTable,
): string[] {
  const held = heldIn(host, visited, keys.registers.nodes.part);
  const nodes = Math.max(held.length, ...idle.map(({ node }) => node + 1));
  return upTo(nodes).flatMap((node) => {
    const declared = idle.flatMap((one) => (one.node === node ? one.frames : []));
    const frames = Math.max(held[node]?.length ?? 0, ...declared.map((frame) => frame + 1));
    return upTo(frames).flatMap((frame) => {
      const wrong = wrongWith(held[node]?.[frame], declared.includes(frame));
      return wrong === undefined ? [] : [`padding: frame ${frame} of node ${node} is ${wrong}`];
    });
  });
}

/** @param held undefined = there is no such frame */
function wrongWith(held: boolean | undefined, declared: boolean): string | undefined {
  if (held === undefined) return 'declared idle, and not there';
  if (held === !declared) return undefined;
  return held ? 'held, though declared idle' : 'held in no state';
}

/** By node, by frame. */
function heldIn(
  { memory }: Host,
  visited: VisitedTable,
  partOf: (number: number) => NodePart,
): boolean[][] {
  const key = new Int32Array(visited.words);
  const seen = memory.map(() => new Set<number>());
  for (let state = 0; state < visited.size; state++) {
    visited.read(state, key);
    for (let node = 0; node < seen.length; node++) seen[node].add(key[FIRST_NODE + node]);
  }
  return seen.map((numbers, node) => {
    const parts = [...numbers].map(partOf);
    return upTo(memory[node].base.frames).map((at) => parts.some((part) => isHeld(part, at)));
  });
}

/** Cells of the base store, then of each page pool: owner · 2 + (1 where an extent begins). */
function isHeld([base, ...pools]: NodePart, frame: number): boolean {
  const owner = base[frame] >> 1;
  const pool = pools[owner - POOL];
  if (pool === undefined) return !NOBODYS.has(owner);
  const holder = pool[frame] >> 1;
  return holder !== FREE && holder !== OUTSIDE;
}
