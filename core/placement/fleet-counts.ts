/**
 * The counts of a fleet that placement policies look at, kept beside the hosts.
 *
 * Threads are counted along with the effects of each decision, memory is read from the stores, which
 * know it. Invariant: after each event the counts of a touched parent equal a fresh count (tested).
 * Trade-off: where a program of many steps ran, its parent is counted anew.
 */
import type { Effect } from '../host/effect.js';
import type { Host } from '../host/host.js';
import { nodePosition } from '../host/physical.js';
import type { OwnedCore } from '../host/tree.js';
import type { ExtentStore } from '../memory/extent-store.js';
import type { NarrowedView } from './fleet-view.js';

const KIB_PER_MIB = 1024;
const KIB_PER_GIB = 1024 ** 2;

/** What each field means: fleet-view. Only the shipped policies see these counts themselves. */
export class FleetCounts implements NarrowedView {
  readonly hosts: number;
  readonly firstNode: Int32Array;
  readonly freeThreads: Int32Array;
  readonly freeMib: Int32Array;
  readonly closed: Uint8Array;
  readonly running: Int32Array;
  readonly lastEnd: Float64Array;
  readonly wholeGib: (place: number) => number;
  only: number | undefined = undefined;
  private readonly fleet: readonly Host[];
  /** By node place: the stores an enclave's memory comes from. */
  private readonly stores: (readonly ExtentStore[])[];
  private readonly frameKib: Float64Array;

  constructor(fleet: readonly Host[]) {
    this.fleet = fleet;
    this.hosts = fleet.length;
    this.firstNode = new Int32Array(fleet.length + 1);
    for (const [h, { memory }] of fleet.entries()) {
      this.firstNode[h + 1] = this.firstNode[h] + memory.length;
    }
    const places = this.firstNode[fleet.length];
    this.freeThreads = new Int32Array(places);
    this.freeMib = new Int32Array(places);
    this.frameKib = new Float64Array(places);
    this.closed = new Uint8Array(fleet.length);
    this.running = new Int32Array(fleet.length);
    this.lastEnd = new Float64Array(fleet.length);
    this.stores = fleet.flatMap(({ memory, profile }) =>
      memory.map(({ base, pools }) =>
        profile.memoryFromParent === true ? [base] : pools.map(({ store }) => store),
      ),
    );
    for (const [h, { memory }] of fleet.entries()) {
      for (const [i, node] of memory.entries())
        this.frameKib[this.firstNode[h] + i] = node.frameKib;
      this.recount(h);
    }
    this.wholeGib = (place) => {
      const unit = KIB_PER_GIB / this.frameKib[place];
      return this.stores[place].reduce((sum, store) => sum + store.freeUnits(unit), 0);
    };
  }

  /** A parent that may not be proposed now, or is none. */
  isShut(host: number): boolean {
    return this.closed[host] !== 0 || (this.only !== undefined && this.only !== host);
  }

  /** Counts a parent from its tree and stores. */
  recount(host: number): void {
    const { tree, topology } = this.fleet[host];
    const base = this.firstNode[host];
    this.freeThreads.fill(0, base, this.firstNode[host + 1]);
    for (const cpus of tree.pool.avail) {
      for (const cpu of cpus) {
        const position = nodePosition(topology, topology.nodeOf[cpu]);
        if (position >= 0) this.freeThreads[base + position]++;
      }
    }
    this.readMemory(host);
    this.running[host] = tree.records.length;
  }

  /** Follows one decision on a parent; without effects the parent is counted anew. */
  follow(host: number, effects: readonly Effect[] | undefined): void {
    if (effects === undefined) {
      this.recount(host);
      return;
    }
    for (let i = 0; i < effects.length; i++) this.followCores(host, effects[i]);
    this.readMemory(host);
    this.running[host] = this.fleet[host].tree.records.length;
  }

  private followCores(host: number, effect: Effect): void {
    switch (effect.kind) {
      case 'admit':
      case 'admit-mapped':
        this.countCores(host, effect.cores, -1);
        return;
      case 'dismiss':
      case 'dismiss-mapped':
        this.countCores(host, effect.enclave.cores, 1);
        return;
      case 'take-core':
        this.count(host, effect.cpus, -1);
        return;
      case 'return-core':
        this.count(host, effect.cpus, 1);
    }
  }

  private countCores(host: number, cores: readonly OwnedCore[], sign: 1 | -1): void {
    if (this.firstNode[host + 1] - this.firstNode[host] === 1) {
      let threads = 0;
      for (let i = 0; i < cores.length; i++) threads += cores[i].cpus.length;
      this.freeThreads[this.firstNode[host]] += sign * threads;
      return;
    }
    for (let i = 0; i < cores.length; i++) this.count(host, cores[i].cpus, sign);
  }

  /** Threads of one core, `sign` times. */
  private count(host: number, cpus: readonly number[], sign: 1 | -1): void {
    const { topology } = this.fleet[host];
    const position = nodePosition(topology, topology.nodeOf[cpus[0]]);
    this.freeThreads[this.firstNode[host] + position] += sign * cpus.length;
  }

  private readMemory(host: number): void {
    for (let place = this.firstNode[host]; place < this.firstNode[host + 1]; place++) {
      const stores = this.stores[place];
      let frames = 0;
      for (let i = 0; i < stores.length; i++) frames += stores[i].freeFrames;
      this.freeMib[place] = Math.floor((frames * this.frameKib[place]) / KIB_PER_MIB);
    }
  }
}
