/**
 * Every hugepage starts on a multiple of its size and is one contiguous run.
 *
 * Invariant: whole pages are judged inside their node, frame 0 being aligned to every size; donated
 * physical ranges by the granule of 2 MiB that the hypervisor interface has (NE_MIN_MEM_REGION_SIZE).
 * Trade-off: an extent is a run of frames, so contiguity can only fail by a part of a page.
 */
import { OUTSIDE } from '../memory/node-memory.js';
import type { Always, Violation } from './invariant.js';

const ID = 'aligned-contiguous';
const GRANULE_BYTES = 2 * 1024 * 1024;

export const alignedContiguous: Always = {
  id: ID,
  sentence: 'Every hugepage starts on a multiple of its size and is one contiguous run.',
  kind: 'always',
  check({ host, extents }) {
    const found: Violation[] = [];
    host.memory.forEach(({ pools }, node) => {
      pools.forEach(({ store, pageFrames }, size) => {
        for (const { start, frames, owner } of extents(store)) {
          if (owner === OUTSIDE || (start % pageFrames === 0 && frames % pageFrames === 0))
            continue;
          const message =
            `frames [${start}, +${frames}) in page pool ${size} of node ${node} ` +
            `are not whole pages of ${pageFrames} frames`;
          found.push({ invariant: ID, message, numbers: { start, frames, pageFrames }, node });
        }
      });
    });
    for (const { uid, donated } of host.tree.records) {
      for (let i = 0; i < donated.length; i += 2) {
        const [phys, bytes] = [donated[i], donated[i + 1]];
        if (phys % GRANULE_BYTES === 0 && bytes % GRANULE_BYTES === 0) continue;
        const message = `enclave ${uid} was given ${bytes} bytes at ${phys}, not whole 2 MiB pages`;
        found.push({ invariant: ID, message, numbers: { phys, bytes }, enclave: uid });
      }
    }
    return found;
  },
};
