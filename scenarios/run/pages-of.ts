/** Pages an enclave holds by size, read from the stores. Invariant: sums to its memory in pages. */
import type { Host } from '../../core/host/host.js';
import { poolStore } from '../../core/host/stores.js';
import type { Enclave } from '../../core/host/tree.js';

/** Page size in KiB → pages; memory outside page pools counts as frames. */
export function pagesHeld(host: Host, { extents, regions }: Enclave): Record<string, number> {
  const pages: Record<string, number> = {};
  const add = (kib: number, count: number) => {
    pages[kib] = (pages[kib] ?? 0) + count;
  };
  for (const { node, size, handle } of extents) {
    const memory = host.memory[node];
    const { frames } = poolStore(memory, size).at(handle);
    const pool = size < 0 ? undefined : memory.pools[size];
    add(pool?.pageKib ?? memory.frameKib, frames / (pool?.pageFrames ?? 1));
  }
  for (const { pages: pinned } of regions) {
    for (let i = 1; i < pinned.length; i += 2) add(pinned[i] / 1024, 1);
  }
  return pages;
}
