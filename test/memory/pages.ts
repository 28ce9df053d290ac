/** Set-up of the page-pool tests: small nodes with given free frames, and plans carried out. */
import { planHugepages } from '../../core/memory/hugepages.js';
import type { NodeMemory } from '../../core/memory/node-memory.js';
import {
  createNodeMemory,
  HOLE,
  releasePages,
  reservePages,
} from '../../core/memory/node-memory.js';

/** Page sizes of 1, 2 and 8 frames: small stand-ins for 2 MiB … 1 GiB. */
export const SMALL_SIZES_KIB = [2048, 4096, 16384];

/** A node drawn as text, one character per frame: "." free, "#" hole. */
export function drawnNode(picture: string, pageSizesKib = SMALL_SIZES_KIB): NodeMemory {
  const frames = picture.length;
  const memory = createNodeMemory({ node: 0, frameKib: 2048, frames, pageSizesKib });
  [...picture].forEach((char, frame) => {
    if (char === '#') memory.base.allocAt(frame, 1, HOLE);
  });
  return memory;
}

/** Plans and carries out one write to nr_hugepages; returns the pages there are. */
export function writeHugepages(memory: NodeMemory, sizeIndex: number, target: number): number {
  const plan = planHugepages(memory, sizeIndex, target);
  (plan.grow ? reservePages : releasePages)(memory, sizeIndex, plan.runs);
  return plan.resulting;
}
