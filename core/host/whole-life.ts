/**
 * A whole life in two effects: an enclave that comes up at once, and one that ends at once.
 *
 * What an engine of millions of launches needs: a launch of eight cores as one effect instead of
 * eleven. Invariant: `admit` leaves the tree and the stores that its spelled-out effects leave, and
 * `dismiss` those that `releaseEnclave` leaves, so nothing here is a rule of its own (held by property
 * tests). Trade-off: what lies between the first effect and the last cannot be seen, so whatever
 * studies single effects (the explorer, planted faults) takes the spelled-out steps.
 */
import type { NodeMemory } from '../memory/node-memory.js';
import type { Admit, Dismiss, Effect } from './effect.js';
import { enclaveOwner } from './owner.js';
import { returnCores, takeCores } from './pool-cores.js';
import { putRecord, removeRecord } from './records.js';
import { allocRun, poolStore } from './stores.js';
import { copyEnclave, type HostTree, newEnclave, type OwnedExtent } from './tree.js';

interface Writable {
  readonly tree: HostTree;
  readonly memory: readonly NodeMemory[];
}

export function admit({ tree, memory }: Writable, effect: Admit): void {
  const { enclave: given, cores, claims } = effect;
  takeCores(tree, cores);
  const extents = claimed(memory, claims, enclaveOwner(given.uid));
  tree.counters.nextSlot = given.uid + 1;
  putRecord(tree, newEnclave(given, cores, extents));
}

function claimed(
  memory: readonly NodeMemory[],
  claims: Admit['claims'],
  owner: number,
): OwnedExtent[] {
  if (claims.length === 1 && claims[0].runs.length === 2) {
    const { node, size, runs } = claims[0];
    const handle = allocRun(poolStore(memory[node], size), runs, 0, owner);
    // One extent, one element: a list that grows from nothing takes room for seventeen.
    return [{ node, size, handle }];
  }
  const extents: OwnedExtent[] = [];
  for (let i = 0; i < claims.length; i++) {
    const { node, size, runs } = claims[i];
    const store = poolStore(memory[node], size);
    for (let k = 0; k < runs.length; k += 2) {
      extents.push({ node, size, handle: allocRun(store, runs, k, owner) });
    }
  }
  return extents;
}

export function dismiss({ tree, memory }: Writable, effect: Dismiss): void {
  const { uid, cores, extents } = effect.enclave;
  returnCores(tree, cores);
  for (let i = extents.length - 1; i >= 0; i--) {
    const { node, size, handle } = extents[i];
    // Scrubbed and freed at once: nobody can look in between.
    poolStore(memory[node], size).free(handle);
  }
  removeRecord(tree, uid);
}

export function undoAdmit(tree: HostTree, { enclave, cores }: Admit): void {
  returnCores(tree, cores);
  removeRecord(tree, enclave.uid);
  tree.counters.nextSlot = enclave.uid;
}

export function undoDismiss(tree: HostTree, { enclave }: Dismiss): void {
  takeCores(tree, enclave.cores);
  putRecord(tree, copyEnclave(enclave));
}

/** The same launch, one effect for each thing that changes. */
export function spelledOut({ enclave, cores, claims }: Admit): Effect[] {
  const { uid } = enclave;
  const owner = enclaveOwner(uid);
  return [
    { kind: 'set-counter', name: 'nextSlot', from: uid, to: uid + 1 },
    { kind: 'add-enclave', enclave: newEnclave(enclave) },
    ...cores.map(({ index, cpus }) => ({ kind: 'take-core', uid, index, cpus }) as const),
    ...claims.map((claim) => ({ kind: 'claim', ...claim, owner, uid }) as const),
  ];
}
