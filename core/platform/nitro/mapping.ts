/**
 * Mappings of tasks: finding the page behind a user address, and a mapping's first touch.
 *
 * A hugetlb mapping of the host's own pools is reserved when made and gets its page, on a node,
 * when first touched. Invariant: mappings are kept by ascending address and never overlap. Source:
 * conformance format, section 3 (node choice).
 */
import type { Effect } from '../../host/effect.js';
import type { Host } from '../../host/host.js';
import { taskOwner } from '../../host/owner.js';
import { physOf } from '../../host/physical.js';
import { isPromise, type Mapping, SHARED_TASK } from '../../host/tree.js';
import { firstAbove } from './by-address.js';
import type { PinnedPage } from './memory-rules.js';

/** What a page reads as when looked up by an address inside it (quirk `tail-page-size`). */
const TAIL_BYTES = 4096;

/** Position of the mapping that covers an address for a task; -1 = none. */
export function findMapping(mappings: readonly Mapping[], address: number, task: number): number {
  const at = firstAbove(mappings, address) - 1;
  if (at < 0) return -1;
  const mapping = mappings[at];
  const seen = mapping.task === SHARED_TASK || mapping.task === task;
  return seen && address < mapping.address + mappedBytes(mapping) ? at : -1;
}

/** Length in user memory; a page not yet there counts. */
export function mappedBytes(mapping: Mapping): number {
  let pages = isPromise(mapping) ? 1 : 0;
  for (let i = 1; i < mapping.runs.length; i += 2) pages += mapping.runs[i];
  return pages * mapping.pageBytes;
}

/** The page of a touched mapping at an address inside it. */
export function pageAt(mapping: Mapping, address: number): PinnedPage {
  const { pageBytes, runs, node } = mapping;
  const offset = address - mapping.address;
  const huge = mapping.huge === 1;
  let page = Math.floor(offset / pageBytes);
  for (let i = 0; i < runs.length; i += 2) {
    if (page < runs[i + 1]) {
      const inside = offset % pageBytes;
      const phys = runs[i] + page * pageBytes + inside;
      return { phys, bytes: inside === 0 ? pageBytes : TAIL_BYTES, huge, node };
    }
    page -= runs[i + 1];
  }
  throw new Error(`address ${address} is outside the mapping at ${mapping.address}`);
}

export interface Touched {
  readonly mapping: Mapping;
  readonly effects: readonly Effect[];
}

/**
 * Places an untouched page: the node at position `local` first, else the lowest with a free page.
 * Undefined when no node has one.
 */
export function touchPage(host: Host, position: number, local: number): Touched | undefined {
  const mapping = host.tree.mappings[position];
  const { size, task } = mapping;
  for (const node of [local, ...host.memory.keys()]) {
    const pool = host.memory[node]?.pools[size];
    if (pool === undefined) continue;
    const { store, pageFrames } = pool;
    const start = store.findLowest(pageFrames, pageFrames);
    if (start < 0) continue;
    const runs = [physOf(host, node, start), 1];
    const touched = { ...mapping, node: host.topology.nodes[node].id, runs };
    const owner = taskOwner(task);
    return {
      mapping: touched,
      effects: [
        { kind: 'claim', node, size, runs: [start, pageFrames], owner, uid: -1 },
        { kind: 'map', mapping: touched, position, replaces: mapping },
      ],
    };
  }
  return undefined;
}
