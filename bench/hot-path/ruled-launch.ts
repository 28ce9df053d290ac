/**
 * A launch and its termination as a bare loop that asks every rule: what a start costs whose rules are
 * plain comparisons of plain fields, each written out where it is asked.
 *
 * Between the loop that asks nothing (`bare-launch`) and ours: what the rules cost above the former, and what
 * decisions as data, rule rows, records and effects cost above the latter. Invariant: the same rule refuses,
 * or the same threads and frames are taken, as on the host of `forty-eight-cores` (tested). Trade-off: one
 * host under the document's own options, and one "no" a start, by its id; no numbers, codes or remedies.
 */
import type { QingtianRequest } from '../../core/host/command.js';
import type { ExtentStore, Handle } from '../../core/memory/extent-store.js';
import { fortyEightCores, LAUNCH } from './forty-eight-cores.js';

const FREE = -1;
const MIB = 1024 * 1024;
const MOST_ENCLAVES = 2;
const MOST_VCPUS = 62;
const MOST_PAGES = 256;
const MIN_MIB = 128;
const IMAGE_RATIO = 4;
const MIN_CID = 4;
const MAX_CID = 4_294_967_294;
const SECTIONS = ['kernel', 'cmdline', 'ramdisk', 'init'] as const;
const FLAVORS = ['c7e'];
const REGIONS = ['Shanghai-1'];

export interface RuledEnclave {
  readonly uid: number;
  readonly cid: number;
  readonly vcpus: number;
  readonly handle: Handle;
  readonly cores: readonly number[];
  readonly threads: readonly number[];
}

/** One parent VM: plain fields, and the page store that the host of the bench has. */
export class RuledHost {
  readonly enclaves: RuledEnclave[] = [];
  readonly store: ExtentStore;
  private readonly bareMetal: boolean;
  private readonly os: string;
  private readonly family: string;
  private readonly region: string;
  private readonly running = true;
  private readonly nodeVcpus: number;
  private readonly pageMib: number;
  /** By core of the pool: its two threads, and who has it. */
  private readonly lower: Int32Array;
  private readonly upper: Int32Array;
  private readonly owners: Int32Array;
  private nextUid = 0;

  constructor() {
    const { parent, topology, tree, memory } = fortyEightCores();
    const [{ pageKib, store }] = memory[0].pools;
    this.store = store;
    this.bareMetal = parent.bareMetal;
    this.os = parent.os;
    this.family = parent.flavor.toLowerCase().split('.')[0];
    this.region = parent.region;
    this.nodeVcpus = topology.nodes[0].cpus.length;
    this.pageMib = pageKib / 1024;
    const { avail } = tree.pool;
    this.lower = Int32Array.from(avail, ([thread]) => thread);
    this.upper = Int32Array.from(avail, ([, thread]) => thread);
    this.owners = new Int32Array(avail.length).fill(FREE);
  }

  /** The id of the first rule that says no; undefined: it runs. */
  launch(request: QingtianRequest): string | undefined {
    const no = this.refusal(request);
    if (no === undefined) this.take(request);
    return no;
  }

  terminate(uid: number): void {
    const at = this.enclaves.findIndex((one) => one.uid === uid);
    const { cores, handle } = this.enclaves[at];
    for (let i = 0; i < cores.length; i++) this.owners[cores[i]] = FREE;
    this.store.free(handle);
    this.enclaves.splice(at, 1);
  }

  /** Every rule of a start, in the declared order. */
  private refusal({ image, vcpus, memoryMib, cid, defaulted }: QingtianRequest) {
    const { enclaves, pageMib } = this;
    if (this.bareMetal) return 'bare-metal';
    if (this.os !== 'linux') return 'parent-os';
    if (!FLAVORS.includes(this.family)) return 'flavor';
    if (!REGIONS.includes(this.region)) return 'region';
    if (!this.running) return 'parent-running';
    if (enclaves.length >= MOST_ENCLAVES) return 'enclave-count';
    if (defaulted.includes('cid')) return 'cid-given';
    if (!Number.isSafeInteger(cid) || cid < MIN_CID || cid > MAX_CID) return 'cid-range';
    for (let i = 0; i < enclaves.length; i++) if (enclaves[i].cid === cid) return 'cid-free';
    if (image.kind !== 'eif') return 'eif-complete';
    for (let i = 0; i < SECTIONS.length; i++) {
      if (!image.sections.includes(SECTIONS[i])) return 'eif-complete';
    }
    if (image.os !== 'linux') return 'enclave-os';
    if (vcpus % 2 !== 0 || vcpus < 2) return 'vcpu-even';
    if (vcpus > this.nodeVcpus - 2) return 'vcpu-node-max';
    let inUse = vcpus;
    for (let i = 0; i < enclaves.length; i++) inUse += enclaves[i].vcpus;
    if (inUse > MOST_VCPUS) return 'vcpu-total';
    if (pageMib === 0) return 'page-size';
    if (memoryMib < MIN_MIB) return 'memory-min';
    if (memoryMib % pageMib !== 0) return 'memory-multiple';
    if (memoryMib > MOST_PAGES * pageMib) return 'memory-max';
    if (memoryMib * MIB < IMAGE_RATIO * image.bytes) return 'image-ratio';
    let threads = 0;
    for (let core = 0; core < this.owners.length && threads < vcpus; core++) {
      if (this.owners[core] === FREE) threads += 2;
    }
    if (threads < vcpus) return 'pool-cpus';
    if (this.store.freeFrames * pageMib < memoryMib) return 'pool-pages';
    return undefined;
  }

  private take({ vcpus, memoryMib, cid }: QingtianRequest): void {
    const uid = this.nextUid++;
    const { owners, lower, upper } = this;
    const cores: number[] = [];
    for (let core = 0; 2 * cores.length < vcpus; core++) {
      if (owners[core] !== FREE) continue;
      owners[core] = uid;
      cores.push(core);
    }
    // The numbers of siblings are half a machine apart, so that this is ascending.
    const threads: number[] = [];
    for (let i = 0; i < cores.length; i++) threads.push(lower[cores[i]]);
    for (let i = 0; i < cores.length; i++) threads.push(upper[cores[i]]);
    const handle = this.store.alloc(memoryMib / this.pageMib, 1, uid + 1);
    if (handle === 0) throw new Error('the pages lie apart: this loop knows one run only');
    this.enclaves.push({ uid, cid, vcpus, handle, cores, threads });
  }
}

/** The loop's body: one launch, one termination. */
export function launchAndTerminateRuled(): () => void {
  const host = new RuledHost();
  return () => {
    const no = host.launch(LAUNCH);
    if (no !== undefined) throw new Error(`refused by ${no}`);
    host.terminate(host.enclaves[0].uid);
  };
}
