/**
 * Cores on their way between the CPU pool and a whole life (whole-life, mapped-life).
 *
 * Invariant: a list of the pool is replaced, never written in place, so lists may be shared; taking and
 * returning the same cores are inverses. Trade-off: by position in the pool, whichever node that is.
 */
import { NO_THREADS, union, without } from './lists.js';
import type { HostTree, OwnedCore } from './tree.js';

export function takeCores({ pool: { avail } }: HostTree, cores: readonly OwnedCore[]): void {
  for (let i = 0; i < cores.length; i++) {
    const { index, cpus } = cores[i];
    // A core taken whole is the pool's own list.
    avail[index] = avail[index] === cpus ? NO_THREADS : without(avail[index], cpus);
  }
}

export function returnCores({ pool: { avail } }: HostTree, cores: readonly OwnedCore[]): void {
  for (let i = 0; i < cores.length; i++) {
    const { index, cpus } = cores[i];
    avail[index] = union(avail[index], cpus);
  }
}
