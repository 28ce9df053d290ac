/**
 * The reservation of 1 GiB pages on a 24 TiB node in which two of three granules are spoilt by one
 * unmovable block each. Invariant: as many pages as are asked for are there, and are released again.
 */
import { planHugepages } from '../../core/memory/hugepages.js';
import {
  createNodeMemory,
  PARENT,
  releasePages,
  reservePages,
} from '../../core/memory/node-memory.js';
import { GRANULE } from '../trace-file.js';
import type { Body, Work } from './measure.js';

const FRAME_KIB = 2048;
const GIB_KIB = 1024 ** 2;
const PAGES = 64;

export function pageBodies(): readonly Body[] {
  return [
    { name: `reserve and release ${PAGES} 1G pages, fragmented 24 TiB`, prepare: preparePages },
  ];
}

function preparePages(): Work {
  const frames = 24 * 1024 * GRANULE;
  const shape = { node: 0, frameKib: FRAME_KIB, frames, pageSizesKib: [FRAME_KIB, GIB_KIB] };
  const memory = createNodeMemory(shape);
  for (let granule = 0; granule < frames / GRANULE; granule++) {
    if (granule % 3 !== 2) memory.base.allocAt(granule * GRANULE + (granule % GRANULE), 1, PARENT);
  }
  const plan = planHugepages(memory, 1, PAGES);
  if (plan.resulting !== PAGES) throw new Error(`${plan.resulting} pages instead of ${PAGES}`);
  return {
    batch: 1,
    run: () => {
      const grow = planHugepages(memory, 1, PAGES);
      reservePages(memory, 1, grow.runs);
      releasePages(memory, 1, planHugepages(memory, 1, 0).runs);
    },
  };
}
