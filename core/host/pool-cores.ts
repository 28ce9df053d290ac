/**
 * Cores on their way between the CPU pool and a whole life (whole-life, mapped-life).
 *
 * Invariant: a list of the pool is replaced, never written in place, so lists may be shared; taking and
 * returning the same cores are inverses. Trade-off: by position in the pool, whichever node that is.
 */
import * as lists from './lists.js';
import type { HostTree, OwnedCore } from './tree.js';

// Its own constants: V8 folds those, an imported binding it loads and checks for each core.
const { NO_THREADS, union, without } = lists;

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
