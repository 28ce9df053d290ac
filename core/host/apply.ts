/**
 * Applying effects: the only writer of a host.
 *
 * Reads nothing but what an effect names and checks nothing: `decide` has checked. The same function
 * changes a live host in place and an Immer draft of its tree. `undoTree` takes the tree back, effect
 * by effect in reverse; the stores roll back to their marks (host/undo).
 *
 * Invariant: for every host and decision, undo(apply(host)) equals host, value for value.
 * Trade-off: records that arrive inside an effect are copied in, so that a host never shares a
 * mutable record with a decision somebody else may apply again.
 */

import type { ExtentStore } from '../memory/extent-store.js';
import type { NodeMemory } from '../memory/node-memory.js';
import { releasePages, reservePages } from '../memory/node-memory.js';
import { coreAt, withCore } from './cores.js';
import type { Claim, CoreMove, Effect, EnclaveFieldChange, HandleMove } from './effect.js';
import { removeAt, removeFrom, union, without } from './lists.js';
import { admitMapped, dismissMapped, undoAdmitMapped, undoDismissMapped } from './mapped-life.js';
import { isEnclaveOwner } from './owner.js';
import { putRecord, removeRecord, theRecord } from './records.js';
import { allocRun, poolStore } from './stores.js';
import {
  type CpuPool,
  copyEnclave,
  type Enclave,
  type HostTree,
  isPromise,
  type Mapping,
  type Reservation,
} from './tree.js';
import { admit, dismiss, undoAdmit, undoDismiss } from './whole-life.js';

/** What apply writes to. `memory` is by node position, as in the topology. */
export interface Writable {
  readonly tree: HostTree;
  readonly memory: readonly NodeMemory[];
}

/** Carries out all effects in order. */
export function apply(host: Writable, effects: readonly Effect[]): void {
  for (let i = 0; i < effects.length; i++) applyEffect(host, effects[i]);
}

function applyEffect(host: Writable, effect: Effect): void {
  const { tree, memory } = host;
  switch (effect.kind) {
    case 'admit':
      admit(host, effect);
      return;
    case 'dismiss':
      dismiss(host, effect);
      return;
    case 'admit-mapped':
      admitMapped(host, effect);
      return;
    case 'dismiss-mapped':
      dismissMapped(host, effect);
      return;
    case 'set-parent':
      tree.parent = effect.to;
      return;
    case 'set-online':
      tree.online[effect.cpu] = effect.to;
      return;
    case 'set-pool':
      tree.pool = copyPool(effect.to);
      return;
    case 'set-reservation':
      tree.reservation = copyReservation(effect.to);
      return;
    case 'resize-pages': {
      const change = effect.grow ? reservePages : releasePages;
      change(memory[effect.node], effect.size, effect.runs);
      return;
    }
    case 'take-core':
      moveCore(tree, effect, true);
      return;
    case 'return-core':
      moveCore(tree, effect, false);
      return;
    case 'add-vcpu':
      insertSorted(theRecord(tree, effect.uid).vcpus, effect.cpu);
      return;
    case 'add-enclave':
      putRecord(tree, copyEnclave(effect.enclave));
      return;
    case 'drop-enclave':
      removeRecord(tree, effect.enclave.uid);
      return;
    case 'set-enclave':
      setField(theRecord(tree, effect.uid), effect, 'to');
      return;
    case 'add-region':
      theRecord(tree, effect.uid).regions.splice(effect.position, 0, effect.region);
      return;
    case 'donate':
      theRecord(tree, effect.uid).donated.push(effect.phys, effect.bytes);
      return;
    case 'claim':
      claim(host, effect);
      return;
    case 'give': {
      const store = poolStore(memory[effect.node], effect.size);
      markUnscrubbed(tree, store, effect);
      store.setOwner(effect.handle, effect.to);
      return;
    }
    case 'scrub':
      poolStore(memory[effect.node], effect.size).setOwner(effect.handle, effect.to);
      return;
    case 'release':
      release(host, effect);
      return;
    case 'map':
      changeMapping(tree, effect.position, effect.replaces, effect.mapping);
      return;
    case 'unmap':
      changeMapping(tree, effect.position, effect.mapping, undefined);
      return;
    case 'set-counter':
      tree.counters[effect.name] = effect.to;
      return;
  }
}

/** What the way back needs and no effect says for sure. */
export interface Beforehand {
  /** How long the tree's `dirty` list was: whether an effect lengthens it, only the stores know. */
  readonly dirtyRuns: number;
  /** Where a CPU is switched: an effect that switches off what is off already is its own inverse. */
  readonly online: readonly number[] | undefined;
}

/** Before these effects are applied to the tree. */
export function beforehand(tree: HostTree, effects: readonly Effect[]): Beforehand {
  const switches = effects.some(({ kind }) => kind === 'set-online');
  return { dirtyRuns: tree.dirty.length, online: switches ? tree.online.slice() : undefined };
}

/** Takes the tree back by the inverse of each effect, last first. The stores are not touched. */
export function undoTree(
  tree: HostTree,
  effects: readonly Effect[],
  { dirtyRuns, online }: Beforehand,
): void {
  tree.dirty.length = dirtyRuns;
  for (let i = effects.length - 1; i >= 0; i--) undoEffect(tree, effects[i]);
  for (let cpu = 0; online !== undefined && cpu < online.length; cpu++) {
    tree.online[cpu] = online[cpu];
  }
}

function undoEffect(tree: HostTree, effect: Effect): void {
  switch (effect.kind) {
    case 'set-parent':
      tree.parent = effect.from;
      return;
    case 'set-pool':
      tree.pool = copyPool(effect.from);
      return;
    case 'set-reservation':
      tree.reservation = copyReservation(effect.from);
      return;
    case 'admit':
      undoAdmit(tree, effect);
      return;
    case 'dismiss':
      undoDismiss(tree, effect);
      return;
    case 'admit-mapped':
      undoAdmitMapped(tree, effect);
      return;
    case 'dismiss-mapped':
      undoDismissMapped(tree, effect);
      return;
    case 'take-core':
      moveCore(tree, effect, false);
      return;
    case 'return-core':
      moveCore(tree, effect, true);
      return;
    case 'add-vcpu':
      removeFrom(theRecord(tree, effect.uid).vcpus, effect.cpu);
      return;
    case 'add-enclave':
      removeRecord(tree, effect.enclave.uid);
      return;
    case 'drop-enclave':
      putRecord(tree, copyEnclave(effect.enclave));
      return;
    case 'set-enclave':
      setField(theRecord(tree, effect.uid), effect, 'from');
      return;
    case 'add-region':
      theRecord(tree, effect.uid).regions.splice(effect.position, 1);
      return;
    case 'donate':
      theRecord(tree, effect.uid).donated.length -= 2;
      return;
    case 'claim':
      if (effect.uid >= 0) theRecord(tree, effect.uid).extents.length -= effect.runs.length / 2;
      return;
    case 'release':
      if (effect.uid >= 0) {
        const { node, size, handle } = effect;
        theRecord(tree, effect.uid).extents.push({ node, size, handle });
      }
      return;
    case 'map':
      changeMapping(tree, effect.position, effect.mapping, effect.replaces);
      return;
    case 'unmap':
      changeMapping(tree, effect.position, undefined, effect.mapping);
      return;
    case 'set-counter':
      tree.counters[effect.name] = effect.from;
      return;
    case 'set-online':
    case 'resize-pages':
    case 'give':
    case 'scrub':
      return;
  }
}

function claim(host: Writable, effect: Claim): void {
  const { node, size, owner, uid, runs } = effect;
  const store = poolStore(host.memory[node], size);
  for (let i = 0; i < runs.length; i += 2) {
    const handle = allocRun(store, runs, i, owner);
    if (uid >= 0) theRecord(host.tree, uid).extents.push({ node, size, handle });
  }
}

function release(host: Writable, effect: HandleMove<'release'>): void {
  const { node, size, handle, uid } = effect;
  const store = poolStore(host.memory[node], size);
  markUnscrubbed(host.tree, store, effect);
  store.free(handle);
  if (uid >= 0) theRecord(host.tree, uid).extents.pop();
}

/**
 * What an enclave owned and nobody wiped goes on to somebody else. Whose it was the store says: what the
 * effect says of it is the word of whoever may have forgotten the scrub.
 */
function markUnscrubbed(
  tree: HostTree,
  store: ExtentStore,
  { node, handle }: HandleMove<'give' | 'release'>,
): void {
  const { start, frames, owner } = store.at(handle);
  if (isEnclaveOwner(owner)) tree.dirty.push({ node, start, frames, enclave: owner });
}

/** Puts `to` where `from` is in the list of mappings; undefined = none there. */
function changeMapping(
  { mappings, promised }: HostTree,
  position: number,
  from: Mapping | undefined,
  to: Mapping | undefined,
): void {
  if (from !== undefined && isPromise(from)) promised[from.size]--;
  if (to !== undefined && isPromise(to)) promised[to.size]++;
  if (from === undefined) {
    if (to === undefined) return;
    if (position === mappings.length) mappings.push(to);
    else mappings.splice(position, 0, to);
  } else if (to === undefined) removeAt(mappings, position);
  else mappings[position] = to;
}

/** Moves threads between pool and enclave at one core index; OR-ing, as the driver does. */
function moveCore(tree: HostTree, move: CoreMove<'take-core' | 'return-core'>, take: boolean) {
  const enclave = theRecord(tree, move.uid);
  const { avail } = tree.pool;
  const { index, cpus } = move;
  if (take) {
    avail[index] = without(avail[index], cpus);
    enclave.cores = withCore(enclave.cores, index, union(coreAt(enclave.cores, index), cpus));
  } else {
    const left = without(coreAt(enclave.cores, index) ?? [], cpus);
    enclave.cores = withCore(enclave.cores, index, left);
    avail[index] = union(avail[index], cpus);
  }
}

function setField(enclave: Enclave, change: EnclaveFieldChange, which: 'from' | 'to'): void {
  // The union pairs each field with its own value type; TypeScript cannot follow the pair here.
  (enclave as unknown as Record<string, unknown>)[change.field] = change[which];
}

/** Field by field, since a spread may give each copy a hidden class of its own. */
export function copyPool(pool: CpuPool): CpuPool {
  const { threadsPerCore, parentCores, node, avail, text } = pool;
  return { threadsPerCore, parentCores, node, avail: avail.slice(), text };
}

export function copyReservation({ state, pageKib, memoryMib }: Reservation): Reservation {
  return { state, pageKib, memoryMib };
}

function insertSorted(list: number[], value: number): void {
  let i = list.length;
  while (i > 0 && list[i - 1] > value) i--;
  list.splice(i, 0, value);
}
