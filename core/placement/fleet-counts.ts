/**
 * The counts of a fleet that placement policies look at, kept beside the hosts.
 *
 * Threads are counted along with the effects of each decision, memory is read from the stores, which
 * know it. A parent shows no more free threads than the caps of its platform leave to one more enclave, on
 * their number and on the vCPUs of all, so that nobody proposes it in vain. Invariant: after each event the counts of a touched parent equal a fresh
 * count (tested). Trade-off: where a program of many steps ran, its parent is counted anew.
 */
import type { Effect } from '../host/effect.js';
import type { Host } from '../host/host.js';
import { nodePosition } from '../host/physical.js';
import type { OwnedCore } from '../host/tree.js';
import type { ExtentStore } from '../memory/extent-store.js';
import { type PagePool, pagesOf } from '../memory/node-memory.js';
import { type FleetCaps, fleetCaps, NO_CAP } from './fleet-caps.js';
import type { FleetAsk, NarrowedView } from './fleet-view.js';

const KIB_PER_MIB = 1024;
const KIB_PER_GIB = 1024 ** 2;
const UNREAD = -1;

/** What each field means: fleet-view. Only the shipped policies see these counts themselves. */
export class FleetCounts implements NarrowedView {
  readonly hosts: number;
  readonly firstNode: Int32Array;
  freeThreads: Int32Array;
  readonly poolThreads: Int32Array;
  readonly freeMib: Int32Array;
  readonly pageKib: Int32Array;
  readonly closed: Uint8Array;
  readonly running: Int32Array;
  readonly lastEnd: Float64Array;
  readonly wholeGib: (place: number) => number;
  only: number | undefined = undefined;
  /** How many parents show fewer threads than lie idle there. */
  atCaps = 0;
  private readonly fleet: readonly Host[];
  private readonly caps: FleetCaps | undefined;
  /** By node place: threads that nobody has; the same list as `shown` where there are no caps. */
  private readonly idle: Int32Array;
  /** The same, but no more than the parent's caps leave to one more enclave. */
  private readonly shown: Int32Array;
  /** By parent: vCPUs that its caps leave to one more enclave. */
  private readonly left: Int32Array;
  /** By parent: 1 = it shows fewer threads than lie idle there. */
  private readonly held: Uint8Array;
  /** By parent: vCPUs that all may have together, where its pool has more threads than that. */
  private readonly mostTotal: Int32Array;
  /** By parent: of the pages reserved there. */
  private readonly widestKib: Int32Array;
  /** By node place: whole GiB, read when asked for; UNREAD after its memory changed. */
  private readonly gib: Int32Array;
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
    this.caps = fleetCaps(fleet);
    this.idle = new Int32Array(places);
    this.shown = this.caps === undefined ? this.idle : new Int32Array(places);
    this.freeThreads = this.shown;
    this.left = new Int32Array(fleet.length).fill(NO_CAP);
    this.held = new Uint8Array(fleet.length);
    this.mostTotal = new Int32Array(fleet.length).fill(NO_CAP);
    this.poolThreads = new Int32Array(places);
    this.gib = new Int32Array(places);
    this.pageKib = new Int32Array(places);
    this.widestKib = new Int32Array(fleet.length);
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
      if (this.gib[place] === UNREAD) this.gib[place] = this.readGib(place);
      return this.gib[place];
    };
  }

  /** A parent that may not be proposed now, or is none. */
  isShut(host: number): boolean {
    return this.closed[host] !== 0 || (this.only !== undefined && this.only !== host);
  }

  /** An ask for so many vCPUs is more than this parent's caps leave to one more enclave. */
  keepsOut(host: number, vcpus: number): boolean {
    return vcpus > this.left[host];
  }

  /**
   * Where caps forbid an ask that this parent refused, closes the open parents that must refuse it too;
   * those it closed, undefined = caps are not the reason.
   */
  closeForbidden(host: number, ask: FleetAsk): number[] | undefined {
    const { caps, closed, widestKib } = this;
    if (caps?.forbids(host, ask, widestKib[host]) !== true) return undefined;
    const shut: number[] = [];
    for (let other = 0; other < this.hosts; other++) {
      if (closed[other] !== 0 || !caps.forbids(other, ask, widestKib[other])) continue;
      closed[other] = 1;
      shut.push(other);
    }
    return shut;
  }

  /** Until `heedCaps`, parents show all the threads that lie idle there. */
  disregardCaps(): void {
    this.freeThreads = this.idle;
  }

  heedCaps(): void {
    this.freeThreads = this.shown;
  }

  /** Counts a parent from its tree and stores. */
  recount(host: number): void {
    const { tree, topology, memory, profile } = this.fleet[host];
    const { firstNode, idle, poolThreads } = this;
    const base = firstNode[host];
    idle.fill(0, base, firstNode[host + 1]);
    for (const cpus of tree.pool.avail) {
      for (const cpu of cpus) {
        const position = nodePosition(topology, topology.nodeOf[cpu]);
        if (position >= 0) idle[base + position]++;
      }
    }
    for (let place = base; place < firstNode[host + 1]; place++) poolThreads[place] = idle[place];
    for (const { cores } of tree.records) {
      for (const { cpus } of cores) {
        poolThreads[base + nodePosition(topology, topology.nodeOf[cpus[0]])] += cpus.length;
      }
    }
    this.mostTotal[host] = this.mostTotalOf(host);
    this.readMemory(host);
    this.widestKib[host] = 0;
    for (const [i, { pools }] of memory.entries()) {
      const sizes = profile.memoryFromParent === true ? [] : reservedKib(pools);
      this.pageKib[base + i] = sizes.length === 1 ? sizes[0] : 0;
      this.widestKib[host] = Math.max(this.widestKib[host], ...sizes);
    }
    this.countRunning(host, tree.records.length);
  }

  /** Follows one decision on a parent; without effects the parent is counted anew. */
  follow(host: number, effects: readonly Effect[] | undefined): void {
    if (effects === undefined) {
      this.recount(host);
      return;
    }
    for (let i = 0; i < effects.length; i++) this.followCores(host, effects[i]);
    this.readMemory(host);
    this.countRunning(host, this.fleet[host].tree.records.length);
  }

  private countRunning(host: number, running: number): void {
    this.running[host] = running;
    if (this.caps === undefined) return;
    const isFull = running >= this.caps.mostEnclaves[host];
    const left = isFull ? 0 : this.leftOfTotal(host);
    this.left[host] = left;
    let held = 0;
    for (let place = this.firstNode[host]; place < this.firstNode[host + 1]; place++) {
      const threads = this.idle[place];
      if (threads > left) held = 1;
      this.shown[place] = threads > left ? left : threads;
    }
    this.atCaps += held - this.held[host];
    this.held[host] = held;
  }

  /** A pool that has no more threads than all may have of vCPUs never meets that cap. */
  private mostTotalOf(host: number): number {
    if (this.caps === undefined) return NO_CAP;
    let threads = 0;
    for (let place = this.firstNode[host]; place < this.firstNode[host + 1]; place++) {
      threads += this.poolThreads[place];
    }
    const most = this.caps.mostVcpusTotal[host];
    return threads > most ? most : NO_CAP;
  }

  /** Counted as it was asked, whatever cores it came to. */
  private leftOfTotal(host: number): number {
    const most = this.mostTotal[host];
    if (most === NO_CAP) return NO_CAP;
    const { records } = this.fleet[host].tree;
    let vcpus = 0;
    for (let i = 0; i < records.length; i++) vcpus += records[i].request.vcpus;
    return most - vcpus;
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
      this.idle[this.firstNode[host]] += sign * threadsIn(cores);
      return;
    }
    for (let i = 0; i < cores.length; i++) this.count(host, cores[i].cpus, sign);
  }

  /** Threads of one core, `sign` times. */
  private count(host: number, cpus: readonly number[], sign: 1 | -1): void {
    const { topology } = this.fleet[host];
    const position = nodePosition(topology, topology.nodeOf[cpus[0]]);
    this.idle[this.firstNode[host] + position] += sign * cpus.length;
  }

  private readMemory(host: number): void {
    for (let place = this.firstNode[host]; place < this.firstNode[host + 1]; place++) {
      const stores = this.stores[place];
      let frames = 0;
      for (let i = 0; i < stores.length; i++) frames += stores[i].freeFrames;
      this.freeMib[place] = Math.floor((frames * this.frameKib[place]) / KIB_PER_MIB);
      this.gib[place] = UNREAD;
    }
  }

  private readGib(place: number): number {
    const unit = KIB_PER_GIB / this.frameKib[place];
    return this.stores[place].reduce((sum, store) => sum + store.freeUnits(unit), 0);
  }
}

function threadsIn(cores: readonly OwnedCore[]): number {
  let threads = 0;
  for (let i = 0; i < cores.length; i++) threads += cores[i].cpus.length;
  return threads;
}

/** The sizes of the pages that are reserved on a node, free or in use. */
function reservedKib(pools: readonly PagePool[]): number[] {
  const isReserved = (pool: PagePool) => pool.store.freeFrames > 0 || pagesOf(pool) > 0;
  return pools.filter(isReserved).map(({ pageKib }) => pageKib);
}
