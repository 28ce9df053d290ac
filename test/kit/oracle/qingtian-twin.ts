/**
 * A naive QingTian host: the launch pipeline, the reservation and the parent, from the user guide.
 *
 * One array entry per CPU and per 2 MiB frame, everything counted anew for every question. Invariant:
 * it shares no code with core/ but the type of a command, and knows the default reading of 2022-10
 * only. Trade-off: which of several equal places a page pool gives is the allocator's own business;
 * the twin checks that the place was admissible (`adopt`) and follows.
 */
import type { Command, QingtianConf, QingtianRequest } from '../../../core/host/command.js';
import {
  clearBoard,
  enclaveHolder,
  holdPage,
  movePage,
  NOBODY,
  pagesHeldBy,
  parentFrames,
  parentPages,
  wrongChoice,
} from './frame-board.js';
import { NaiveMachine, type NaiveShape, OK, refusal, type Verdict } from './naive-machine.js';

/** How far a launch has come: the number of the step it waits for. */
const STEPS = ['map', 'add-memory', 'load-image', 'add-cpu', 'start', 'heartbeat'];
const RUNNING = STEPS.length;
const GUEST_MIB = 2;

export interface TwinEnclave {
  readonly id: number;
  readonly cid: number;
  readonly vcpus: number;
  readonly mib: number;
  readonly node: number;
  readonly debug: boolean;
  readonly imageBytes: number;
  step: number;
  console: boolean;
  /** Threads of the cores it owns, and those it was given as vCPUs. */
  owned: number[];
  given: number[];
}

interface Pool {
  readonly node: number;
  /** Threads of each core, by core index. */
  readonly cores: readonly (readonly number[])[];
  readonly pageMib: number;
}

export class QingtianTwin extends NaiveMachine {
  parent: 'running' | 'stopped' | 'terminated' = 'running';
  service: 'inactive' | 'active' | 'failed' = 'inactive';
  pool: Pool | undefined;
  readonly enclaves: TwinEnclave[] = [];
  nextId = 0;

  /** `shape.pageFrames` must be [1, 512]: 2 MiB and 1 GiB. */
  constructor(shape: NaiveShape) {
    super(shape);
    if (shape.pageFrames.join() !== '1,512') throw new Error('QingTian has 2 MiB and 1 GiB pages');
  }

  /** What the command comes to; done when it is. */
  take(command: Command): Verdict {
    switch (command.kind) {
      case 'parent.boot':
        if (this.parent !== 'stopped') return refusal('lifecycle');
        this.parent = 'running';
        this.startKernel();
        return OK;
      case 'parent.stop':
      case 'parent.crash':
        if (this.parent !== 'running') return refusal('lifecycle');
        this.goDown();
        return OK;
      case 'parent.terminate':
        if (this.parent === 'terminated') return refusal('lifecycle');
        if (this.parent === 'running') this.goDown();
        this.parent = 'terminated';
        return OK;
      case 'parent.set-online':
        return this.switchCpu(command.cpu, command.online);
      case 'qingtian.reserve':
        return this.reserve(command.conf);
      case 'qingtian.unreserve':
        if (this.service !== 'active') return refusal('service-lifecycle');
        if (this.enclaves.length > 0) return refusal('unreserve-live-enclaves');
        this.giveBack();
        this.service = 'inactive';
        return OK;
      case 'qingtian.define':
        return this.define(command.request, command.capacity, command.accepted);
      case 'qingtian.launch':
        return this.launch(command.request);
      case 'qingtian.stop': {
        const one = this.running(command.uid);
        if (one === undefined) return refusal('not-running');
        if (command.accepted === false) return refusal('stop-failed');
        this.end(one);
        return OK;
      }
      case 'qingtian.crash': {
        const one = this.running(command.uid);
        if (one === undefined) return refusal('lifecycle');
        this.end(one);
        return OK;
      }
      case 'qingtian.console-open':
      case 'qingtian.console-read':
      case 'qingtian.console-close':
        return this.console(command.kind, command.uid, command.accepted);
      case 'qingtian.map':
      case 'qingtian.add-memory':
      case 'qingtian.load-image':
      case 'qingtian.add-cpu':
      case 'qingtian.start':
      case 'qingtian.heartbeat':
        return this.step(command.kind.slice('qingtian.'.length), command.uid, command.accepted);
      default:
        return refusal('command-of-profile');
    }
  }

  /**
   * Follows the allocator's choice for an enclave that was just mapped, or launched whole: `frames`, ascending, of its
   * node. What is wrong with the choice, or undefined.
   */
  adopt(id: number, frames: readonly number[]): string | undefined {
    const one = this.enclaves.find((enclave) => enclave.id === id);
    if (one === undefined || this.pool === undefined) return `enclave ${id} is not known`;
    const board = this.boards[one.node];
    const pageFrames = this.pool.pageMib / GUEST_MIB;
    const free = pagesHeldBy(board, this.sizeIndex(), pageFrames, NOBODY);
    const pages = frames.filter((frame) => frame % pageFrames === 0);
    const wrong = wrongChoice(free, frames, one.mib / this.pool.pageMib, pageFrames);
    if (wrong !== undefined) return wrong;
    for (const page of pages) holdPage(board, page, pageFrames, enclaveHolder(id));
    return undefined;
  }

  /** The administrator has what is left to the parent, but for CPU 0, and leaves it two CPUs. */
  private switchCpu(cpu: number, online: boolean): Verdict {
    if (this.parent !== 'running') return refusal('cpu-parent-running');
    if (cpu >= this.cpus) return refusal('cpu-present');
    if (cpu === 0) return refusal('cpu-0-stays');
    if (this.pool?.cores.some((core) => core.includes(cpu))) return refusal('cpu-of-parent');
    const isLess = this.online[cpu] && !online;
    if (isLess && this.cpusOnline() < 3) return refusal('cpu-parent-floor');
    this.online[cpu] = online;
    return OK;
  }

  private reserve(conf: QingtianConf): Verdict {
    if (this.parent !== 'running') return refusal('parent-running');
    if (this.enclaves.length > 0) return refusal('no-live-enclaves');
    // A restart: whatever comes of it, the old pool has gone back first.
    this.giveBack();
    const found = this.findPool(conf);
    if (typeof found === 'string') {
      this.service = 'failed';
      return refusal(found);
    }
    const pageFrames = found.pageMib / GUEST_MIB;
    const board = this.boards[found.node];
    this.pool = found;
    const pages = parentPages(board, pageFrames).slice(0, (conf.memoryMib ?? 0) / found.pageMib);
    for (const page of pages) movePage(board, page, pageFrames, 1 + this.sizeIndex());
    for (const cpu of found.cores.flat()) this.online[cpu] = false;
    this.service = 'active';
    return { result: 'ok', told: { node: found.node, pages: pages.length } };
  }

  private findPool(conf: QingtianConf): Pool | string {
    const { hugepageSizeMib: page, memoryMib: mib, cpuCount: count, cpuList: list } = conf;
    if (page === undefined || mib === undefined) return 'conf-complete';
    if (count === undefined && list === undefined) return 'conf-complete';
    if (page !== 2 && page !== 1024) return 'hugepage-size';
    if (mib <= 0 || mib % page !== 0) return 'conf-memory-multiple';
    if (count !== undefined && list !== undefined) return 'cpu-keys-exclusive';
    if (list?.includes(0)) return 'cpu-list-without-0';
    if (list !== undefined) {
      const known = list.every((cpu) => this.online[cpu]) && new Set(list).size === list.length;
      if (list.length === 0 || !known) return 'cpu-list-known';
    }
    if (count !== undefined && count <= 0) return 'cpu-count-positive';
    if (this.cpusOnline() - (list?.length ?? count ?? 0) < 2) return 'parent-floor-vcpus';
    const { nodes, framesPerNode } = this.shape;
    if (nodes * framesPerNode * GUEST_MIB - mib < 512) return 'parent-floor-memory';
    if (list?.some((cpu) => this.nodeOf(cpu) !== this.nodeOf(list[0]))) return 'pool-one-node';
    const sets = list === undefined ? this.coreSets(count ?? 0) : [list];
    if (sets.length === 0) return 'pool-whole-cores';
    const roomy = sets.filter((set) => {
      return parentFrames(this.boards[this.nodeOf(set[0])]) * GUEST_MIB >= mib;
    });
    if (roomy.length === 0) return 'pool-memory-free';
    const sound = roomy.find((set) => {
      const places = parentPages(this.boards[this.nodeOf(set[0])], page / GUEST_MIB);
      return places.length >= mib / page;
    });
    if (sound === undefined) return 'pool-contiguity';
    const cpus = [...sound].sort((a, b) => a - b);
    const firsts = cpus.filter((cpu, i) => {
      return cpus.findIndex((other) => this.coreOf(other) === this.coreOf(cpu)) === i;
    });
    const cores = firsts.map((first) => {
      return cpus.filter((cpu) => this.coreOf(cpu) === this.coreOf(first));
    });
    return { node: this.nodeOf(cpus[0]), cores, pageMib: page };
  }

  /** Per node that can: whole cores, online, not that of CPU 0, with `count` threads together. */
  private coreSets(count: number): number[][] {
    const sets: number[][] = [];
    for (let node = 0; node < this.shape.nodes; node++) {
      const set: number[] = [];
      for (let cpu = 0; cpu < this.cpus; cpu++) {
        if (this.nodeOf(cpu) !== node || this.coreOf(cpu) === this.coreOf(0)) continue;
        const threads = this.threadsOf(cpu);
        if (threads.some((one) => !this.online[one])) continue;
        if (threads[0] === cpu && set.length + threads.length <= count) set.push(...threads);
      }
      if (set.length === count) sets.push(set);
    }
    return sets;
  }

  private define(ask: QingtianRequest, capacity?: boolean, accepted?: boolean): Verdict {
    const no = this.startRefusal(ask);
    if (no !== undefined) return refusal(no);
    if (capacity === false) return refusal('step-capacity');
    if (accepted === false) return refusal('step-define');
    const node = this.pool?.node ?? -1;
    const { cid, vcpus, memoryMib: mib, debug } = ask;
    const id = this.nextId++;
    const fresh = { step: 0, console: false, owned: [], given: [] };
    this.enclaves.push({ id, cid, vcpus, mib, node, debug, imageBytes: ask.image.bytes, ...fresh });
    return { result: 'ok', told: { uid: id, cid, node } };
  }

  /** Definition and steps, with nobody in between. */
  private launch(ask: QingtianRequest): Verdict {
    const defined = this.define(ask);
    if (defined.result !== 'ok') return defined;
    for (const step of STEPS) this.step(step, this.nextId - 1);
    return defined;
  }

  private startRefusal(ask: QingtianRequest): string | undefined {
    const { image, vcpus, memoryMib: mib, cid } = ask;
    if (this.parent !== 'running') return 'parent-running';
    if (this.enclaves.length >= 2) return 'enclave-count';
    if (ask.defaulted.includes('cid')) return 'cid-given';
    if (cid < 4 || cid > 4294967294) return 'cid-range';
    if (this.enclaves.some((one) => one.cid === cid)) return 'cid-free';
    const parts = ['kernel', 'cmdline', 'ramdisk', 'init'] as const;
    if (image.kind !== 'eif' || parts.some((part) => !image.sections.includes(part))) {
      return 'eif-complete';
    }
    if (image.os !== 'linux') return 'enclave-os';
    if (vcpus < 2 || vcpus % 2 === 1) return 'vcpu-even';
    if (vcpus > this.shape.coresPerNode * this.shape.threadsPerCore - 2) return 'vcpu-node-max';
    if (this.enclaves.reduce((sum, one) => sum + one.vcpus, vcpus) > 62) return 'vcpu-total';
    if (this.pool === undefined) return 'page-size';
    if (mib < 128) return 'memory-min';
    if (mib % this.pool.pageMib !== 0) return 'memory-multiple';
    if (mib > 256 * this.pool.pageMib) return 'memory-max';
    if (image.bytes * 4 > mib * 1024 * 1024) return 'image-ratio';
    if (this.idleCores().flat().length < vcpus) return 'pool-cpus';
    if (this.freePoolMib() < mib) return 'pool-pages';
    return undefined;
  }

  private step(name: string, id: number, accepted = true): Verdict {
    const one = this.enclaves.find((enclave) => enclave.id === id);
    if (one === undefined || STEPS[one.step] !== name) return refusal('lifecycle');
    let can = true;
    if (name === 'map') can = this.freePoolMib() >= one.mib;
    if (name === 'add-cpu') can = this.idleCores().flat().length >= one.vcpus;
    if (!can || !accepted) {
      this.end(one);
      return refusal(`step-${name}`);
    }
    if (name === 'add-cpu') {
      for (const core of this.idleCores()) {
        if (one.owned.length < one.vcpus) one.owned.push(...core);
      }
      one.given = one.owned.slice(0, one.vcpus).sort((a, b) => a - b);
    }
    one.step++;
    return { result: 'ok', told: { uid: id } };
  }

  private console(kind: string, id: number, accepted = true): Verdict {
    const one = this.running(id);
    if (one === undefined) return refusal('not-running');
    if (!one.debug) return refusal('console-debug');
    const opening = kind === 'qingtian.console-open';
    if (opening && one.console) return refusal('console-single');
    if (!opening && !one.console) return refusal('console-opened');
    if (kind === 'qingtian.console-read') return accepted ? OK : refusal('console-read');
    one.console = opening;
    return OK;
  }

  private running(id: number): TwinEnclave | undefined {
    return this.enclaves.find((one) => one.id === id && one.step === RUNNING);
  }

  /** Cores of which the pool has every thread, and no enclave any. */
  private idleCores(): (readonly number[])[] {
    const busy = this.enclaves.flatMap(({ owned }) => owned);
    return (this.pool?.cores ?? []).filter((core) => {
      return core.length === this.shape.threadsPerCore && !busy.includes(core[0]);
    });
  }

  private freePoolMib(): number {
    if (this.pool === undefined) return 0;
    const { node, pageMib } = this.pool;
    const pageFrames = pageMib / GUEST_MIB;
    const free = pagesHeldBy(this.boards[node], this.sizeIndex(), pageFrames, NOBODY);
    return free.length * pageMib;
  }

  private sizeIndex(): number {
    return this.pool?.pageMib === 1024 ? 1 : 0;
  }

  private end(one: TwinEnclave): void {
    for (const { holder } of this.boards) {
      for (let f = 0; f < holder.length; f++) {
        if (holder[f] === enclaveHolder(one.id)) holder[f] = NOBODY;
      }
    }
    this.enclaves.splice(this.enclaves.indexOf(one), 1);
  }

  private giveBack(): void {
    for (const cpu of this.pool?.cores.flat() ?? []) this.online[cpu] = true;
    for (const board of this.boards) clearBoard(board);
    this.pool = undefined;
  }

  private goDown(): void {
    this.enclaves.length = 0;
    this.giveBack();
    this.service = 'inactive';
    this.parent = 'stopped';
  }
}
