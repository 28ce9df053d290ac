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
import { putFirst, removeAt, union, without } from './lists.js';
import { enclaveOwner, SCRUBBED } from './owner.js';
import { allocRun, poolStore } from './stores.js';
import { copyEnclave, type Enclave, type HostTree, newEnclave } from './tree.js';

interface Writable {
  readonly tree: HostTree;
  readonly memory: readonly NodeMemory[];
}

export function admit({ tree, memory }: Writable, effect: Admit): void {
  const { enclave: given, indices, cpus, claims } = effect;
  const { uid } = given;
  const { avail } = tree.pool;
  const { cores, extents } = addRecord(tree, given);
  for (let i = 0; i < indices.length; i++) {
    const index = indices[i];
    avail[index] = without(avail[index], cpus[i]);
    cores[index] = cpus[i];
  }
  const owner = enclaveOwner(uid);
  for (let i = 0; i < claims.length; i++) {
    const { node, size, runs } = claims[i];
    const store = poolStore(memory[node], size);
    for (let k = 0; k < runs.length; k += 2) {
      extents.push({ node, size, handle: allocRun(store, runs, k, owner) });
    }
  }
}

/** The record as it stands in the tree: a draft's own, where the tree is one. */
function addRecord(tree: HostTree, given: Admit['enclave']): Enclave {
  const { uid, vcpus, donated } = given;
  const record = newEnclave(given);
  // The lists of an effect stay the effect's own.
  if (vcpus !== undefined) record.vcpus = vcpus.slice();
  if (donated !== undefined) record.donated = donated.slice();
  tree.counters.nextSlot = uid + 1;
  tree.enclaves[uid] = record;
  putFirst(tree.order, uid);
  return record;
}

export function dismiss({ tree, memory }: Writable, effect: Dismiss): void {
  const { enclave, position } = effect;
  const { uid, cores, extents } = enclave;
  const { avail } = tree.pool;
  // Core indices are the pool's; counting up beats listing keys, which become strings.
  for (let index = 0; index < avail.length; index++) {
    const cpus: readonly number[] | undefined = cores[index];
    if (cpus !== undefined) avail[index] = union(avail[index], cpus);
  }
  for (let i = extents.length - 1; i >= 0; i--) {
    const { node, size, handle } = extents[i];
    const store = poolStore(memory[node], size);
    store.setOwner(handle, SCRUBBED);
    store.free(handle);
  }
  delete tree.enclaves[uid];
  removeAt(tree.order, position);
}

export function undoAdmit(tree: HostTree, { enclave, indices, cpus }: Admit): void {
  const { avail } = tree.pool;
  for (let i = indices.length - 1; i >= 0; i--) {
    avail[indices[i]] = union(avail[indices[i]], cpus[i]);
  }
  delete tree.enclaves[enclave.uid];
  tree.order.shift();
  tree.counters.nextSlot = enclave.uid;
}

export function undoDismiss(tree: HostTree, { enclave, position }: Dismiss): void {
  const { avail } = tree.pool;
  for (let index = 0; index < avail.length; index++) {
    const cpus: readonly number[] | undefined = enclave.cores[index];
    if (cpus !== undefined) avail[index] = without(avail[index], cpus);
  }
  tree.enclaves[enclave.uid] = copyEnclave(enclave);
  tree.order.splice(position, 0, enclave.uid);
}

/** The same launch, one effect for each thing that changes. */
export function spelledOut({ enclave, indices, cpus, claims }: Admit): Effect[] {
  const { uid } = enclave;
  const owner = enclaveOwner(uid);
  return [
    { kind: 'set-counter', name: 'nextSlot', from: uid, to: uid + 1 },
    { kind: 'add-enclave', enclave: newEnclave(enclave) },
    ...indices.map((index, i) => ({ kind: 'take-core', uid, index, cpus: cpus[i] }) as const),
    ...claims.map((claim) => ({ kind: 'claim', ...claim, owner, uid }) as const),
  ];
}
