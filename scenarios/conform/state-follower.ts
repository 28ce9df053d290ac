/**
 * The change that each call makes to a host, in the words of the driver recordings.
 *
 * Invariant: the change is the RFC 7386 patch of the recorded format; a new enclave is compared
 * with the format's defaults, so that only what differs from them is named. Trade-off: only the
 * field that an effect writes is written down anew and compared, since most calls touch one field of
 * one enclave. The naive twin, which writes down all of it, must agree (test/device/driver-oracle),
 * and so must the whole state, written down after each call (test/device/state-follower).
 */

import { coreAt } from '../../core/host/cores.js';
import type { Effect, EnclaveField } from '../../core/host/effect.js';
import { recordOf } from '../../core/host/records.js';
import type { Enclave, HostTree } from '../../core/host/tree.js';
import { formatCpulist } from '../../core/topology/cpulist.js';
import {
  type DriverState,
  driverState,
  type EnclaveState,
  enclaveState,
  hex,
  type JsonMap,
  newEnclaveState,
  offlineCpus,
  poolState,
  writeCore,
} from './driver-state.js';
import { type Json, jsonEqual, mergeDiff } from './merge-patch.js';

/** What a recording calls a field of an enclave; it does not look at the others. */
const FIELD_NAMES: Readonly<Partial<Record<EnclaveField, string>>> = {
  fd: 'fd',
  state: 'state',
  memoryBytes: 'mem',
  ranges: 'nr',
  event: 'event',
  listed: 'listed',
};

/** The state of a live host, kept in step with what calls do to it. */
export class StateFollower {
  /** As of the last `follow`; changed in place. */
  readonly state: DriverState;
  readonly #tree: HostTree;
  readonly #maxRanges: number;
  #patch: JsonMap | undefined;

  /** `maxRanges`: the hypervisor's answer on this host. */
  constructor(tree: HostTree, maxRanges: number) {
    this.state = driverState(tree);
    this.#tree = tree;
    this.#maxRanges = maxRanges;
  }

  /**
   * The patch that one call's effects are; undefined = nothing changed. They have all been applied,
   * so the first on a field finds its last value, and later ones find nothing more to say.
   */
  follow(effects: readonly Effect[]): JsonMap | undefined {
    if (effects.length === 0) return undefined;
    this.#patch = undefined;
    let cpus = false;
    for (let i = 0; i < effects.length; i++) {
      const effect = effects[i];
      // One list of all CPUs, so it is written once for all of them.
      if (effect.kind === 'set-online') cpus = true;
      else this.#take(effect);
    }
    if (cpus) this.#takeTop('offline', offlineCpus(this.#tree));
    return this.#patch;
  }

  /** Kinds without a case change nothing that a recording sees. */
  #take(effect: Effect): void {
    switch (effect.kind) {
      case 'set-counter':
        if (Object.hasOwn(this.state, effect.name)) {
          this.#takeTop(effect.name, this.#tree.counters[effect.name]);
        }
        return;
      case 'set-pool':
        this.#takePool();
        return;
      case 'take-core':
      case 'return-core':
        this.#takeAvail(effect.index);
        this.#takeEnclave(effect.uid, effect);
        return;
      case 'add-enclave':
      case 'drop-enclave':
        this.#takeEnclave(effect.enclave.uid, effect);
        return;
      case 'add-vcpu':
      case 'set-enclave':
      case 'add-region':
        this.#takeEnclave(effect.uid, effect);
        return;
    }
  }

  #takeTop(key: string, value: Json): void {
    if (write(this.state, key, value)) this.#change()[key] = value;
  }

  #takePool(): void {
    const { pool } = this.#tree;
    this.#takeTop('param', pool.text);
    const after = poolState(pool);
    const change = mergeDiff(this.state.pool, after);
    this.state.pool = after;
    if (change !== undefined) this.#change().pool = change as JsonMap;
  }

  #takeAvail(index: number): void {
    const { avail } = this.state.pool;
    if (!writeCore(avail, index, this.#tree.pool.avail[index])) return;
    inside(inside(this.#change(), 'pool'), 'avail')[index] = avail[index] ?? null;
  }

  #takeEnclave(uid: number, effect: Effect): void {
    const record = recordOf(this.#tree, uid);
    const known: EnclaveState | undefined = this.state.enclaves[uid];
    if (record !== undefined && known !== undefined) this.#takeField(record, known, effect);
    else if (record !== undefined) {
      const after = enclaveState(record);
      this.state.enclaves[uid] = after;
      const defaults = newEnclaveState(this.#tree.pool, this.#maxRanges);
      const change = mergeDiff(defaults, after) ?? {};
      inside(this.#change(), 'enclaves')[uid] = change as JsonMap;
    } else if (known !== undefined) {
      delete this.state.enclaves[uid];
      inside(this.#change(), 'enclaves')[uid] = null;
    }
  }

  #takeField(record: Enclave, known: EnclaveState, effect: Effect): void {
    switch (effect.kind) {
      case 'take-core':
      case 'return-core': {
        const { cores } = known;
        if (!writeCore(cores, effect.index, coreAt(record.cores, effect.index))) return;
        inside(this.#changeOf(record), 'cores')[effect.index] = cores[effect.index] ?? null;
        return;
      }
      case 'add-vcpu': {
        const vcpus = formatCpulist(record.vcpus);
        if (write(known, 'vcpus', vcpus)) this.#changeOf(record).vcpus = vcpus;
        return;
      }
      case 'set-enclave': {
        const name = FIELD_NAMES[effect.field];
        if (name === undefined) return;
        const value: Json = record[effect.field];
        if (write(known, name, value)) this.#changeOf(record)[name] = value;
        return;
      }
      case 'add-region': {
        const { address, bytes, pages } = effect.region;
        const key = hex(address);
        const region = [bytes, pages.length / 2];
        if (write(known.regions, key, region)) {
          inside(this.#changeOf(record), 'regions')[key] = region;
        }
        return;
      }
    }
  }

  #change(): JsonMap {
    this.#patch ??= {};
    return this.#patch;
  }

  #changeOf({ uid }: Enclave): JsonMap {
    return inside(inside(this.#change(), 'enclaves'), uid);
  }
}

/** The object at a key of a patch, which is one if it is there at all. */
function inside(patch: JsonMap, key: string | number): JsonMap {
  patch[key] ??= {};
  return patch[key] as JsonMap;
}

/** Puts a value in its place; false = it was there already. */
function write(state: JsonMap, key: string, value: Json): boolean {
  if (jsonEqual(state[key], value)) return false;
  state[key] = value;
  return true;
}
