/**
 * A naive host of plain VMs: which threads and how many frames of which node each VM gets.
 *
 * One array entry per CPU and per 2 MiB frame, everything counted anew for every question. Invariant: it
 * shares no code with core/ but the type of a command. Trade-off: which of several equal places in memory
 * a store gives is its own business; the twin checks that the place was admissible (`adopt`) and follows.
 */
import type { Command, CommandOf } from '../../../core/host/command.js';
import { enclaveHolder, NOBODY } from './frame-board.js';
import { NaiveMachine, type NaiveShape, OK, refusal, type Verdict } from './naive-machine.js';

const FRAME_MIB = 2;

type Launch = CommandOf<'vm.launch'>;

/** What a VM has on one node. */
interface Part {
  readonly node: number;
  readonly threads: readonly number[];
  readonly frames: number;
}

export interface TwinVm {
  readonly id: number;
  /** As asked for; what it got may be a frame more. */
  readonly vcpus: number;
  readonly mib: number;
  readonly parts: readonly Part[];
}

export class VmTwin extends NaiveMachine {
  parent: 'running' | 'stopped' | 'terminated' = 'running';
  readonly vms: TwinVm[] = [];
  nextId = 0;

  constructor(shape: NaiveShape) {
    super(shape);
    this.online.fill(false);
  }

  /** What the command comes to; done when it is. */
  take(command: Command): Verdict {
    switch (command.kind) {
      case 'parent.boot':
        if (this.parent !== 'stopped') return refusal('lifecycle');
        this.parent = 'running';
        this.startKernel();
        this.online.fill(false);
        return OK;
      case 'parent.stop':
      case 'parent.crash':
        if (this.parent !== 'running') return refusal('lifecycle');
        this.goDown('stopped');
        return OK;
      case 'parent.terminate':
        if (this.parent === 'terminated') return refusal('lifecycle');
        this.goDown('terminated');
        return OK;
      case 'parent.set-online':
        if (this.parent !== 'running') return refusal('cpu-parent-running');
        if (command.cpu >= this.cpus) return refusal('cpu-present');
        return refusal(command.cpu === 0 ? 'cpu-0-stays' : 'cpu-of-parent');
      case 'vm.launch':
        return this.launch(command);
      case 'vm.terminate':
      case 'vm.crash':
        return this.end(command.uid);
      default:
        return refusal('command-of-profile');
    }
  }

  /**
   * Follows the store's choice for a VM that was just launched: `frames`, ascending, of one node. What is
   * wrong with the choice, or undefined.
   */
  adopt(id: number, node: number, frames: readonly number[]): string | undefined {
    const wanted = this.partOn(id, node)?.frames ?? 0;
    if (frames.length !== wanted) return `${frames.length} frames on node ${node} for ${wanted}`;
    const { holder } = this.boards[node];
    const taken = frames.find((frame) => !this.isFree(node, frame));
    if (taken !== undefined) return `frame ${taken} of node ${node} was not free`;
    const runs = frames.filter((frame, i) => i === 0 || frame !== frames[i - 1] + 1).length;
    const fewest = this.fewestRuns(node, wanted);
    if (runs !== fewest) return `${runs} runs of frames on node ${node}, ${fewest} were enough`;
    for (const frame of frames) holder[frame] = enclaveHolder(id);
    return undefined;
  }

  /** Threads of a node that no VM has, ascending. */
  freeThreads(node: number): number[] {
    const taken = this.vms.flatMap(({ parts }) => parts.flatMap(({ threads }) => threads));
    const free: number[] = [];
    for (let cpu = 0; cpu < this.cpus; cpu++) {
      if (this.nodeOf(cpu) === node && !taken.includes(cpu)) free.push(cpu);
    }
    return free;
  }

  private launch(ask: Launch): Verdict {
    const found = this.parent === 'running' ? this.placeFor(ask) : 'vm-host-runs';
    if (typeof found === 'string') return refusal(found);
    const id = this.nextId++;
    this.vms.push({ id, vcpus: ask.vcpus, mib: ask.memoryMib, parts: found });
    return { result: 'ok', told: { uid: id } };
  }

  private placeFor(ask: Launch): Part[] | string {
    const { vcpus, memoryMib: mib, nodes, blind = false } = ask;
    if ([vcpus, mib, nodes].some((number) => number <= 0 || number % 1 !== 0)) return 'vm-shape';
    if (!blind && vcpus % nodes !== 0) return 'vm-even-split';
    const all = this.boards.map((_, node) => node);
    const on = ask.on ?? all;
    if (on.some((node, i) => !all.includes(node) || on.indexOf(node) !== i)) return 'vm-nodes';
    if (!blind && nodes > on.length) return 'vm-nodes';
    const threads = on.map((node) => this.freeThreads(node).length);
    if (sum(threads) < vcpus) return 'vm-vcpus';
    const frames = on.map((node) => this.freeFrames(node));
    if (sum(frames) * FRAME_MIB < mib) return 'vm-memory';
    const parts = blind ? this.asItComes(on, vcpus, mib) : this.evenly(on, vcpus, mib, nodes);
    return parts ?? 'vm-node-fit';
  }

  private evenly(on: readonly number[], vcpus: number, mib: number, nodes: number) {
    const frames = Math.ceil(mib / nodes / FRAME_MIB);
    const share = vcpus / nodes;
    const fit = on.filter((node) => {
      return this.freeThreads(node).length >= share && this.freeFrames(node) >= frames;
    });
    if (fit.length < nodes) return undefined;
    return fit.slice(0, nodes).map((node): Part => {
      return { node, threads: this.freeThreads(node).slice(0, share), frames };
    });
  }

  /** Node after node gives what it has, until it is enough. */
  private asItComes(on: readonly number[], vcpus: number, mib: number): Part[] {
    let [threadsLeft, framesLeft] = [vcpus, Math.ceil(mib / FRAME_MIB)];
    const parts: Part[] = [];
    for (const node of on) {
      const threads = this.freeThreads(node).slice(0, threadsLeft);
      const frames = Math.min(framesLeft, this.freeFrames(node));
      threadsLeft -= threads.length;
      framesLeft -= frames;
      if (threads.length > 0 || frames > 0) parts.push({ node, threads, frames });
    }
    return parts;
  }

  private end(id: number): Verdict {
    const at = this.vms.findIndex((vm) => vm.id === id);
    if (at < 0) return refusal('vm-unknown');
    this.vms.splice(at, 1);
    this.letGo((holder) => holder === enclaveHolder(id));
    return { result: 'ok', told: { uid: id } };
  }

  private goDown(to: 'stopped' | 'terminated'): void {
    if (this.parent === 'running') this.online.fill(true);
    this.vms.length = 0;
    this.letGo(() => true);
    this.parent = to;
  }

  private letGo(whose: (holder: number) => boolean): void {
    for (const { holder } of this.boards) {
      for (let f = 0; f < holder.length; f++) if (whose(holder[f])) holder[f] = NOBODY;
    }
  }

  private partOn(id: number, node: number): Part | undefined {
    return this.vms.find((vm) => vm.id === id)?.parts.find((part) => part.node === node);
  }

  private isFree(node: number, frame: number): boolean {
    const { pool, holder } = this.boards[node];
    return pool[frame] === 0 && holder[frame] === NOBODY;
  }

  private freeFrames(node: number): number {
    return sum(this.freeRuns(node));
  }

  /** Lengths of the runs of free frames. */
  private freeRuns(node: number): number[] {
    const runs: number[] = [];
    let length = 0;
    for (let f = 0; f <= this.boards[node].frames; f++) {
      if (f < this.boards[node].frames && this.isFree(node, f)) length++;
      else if (length > 0) {
        runs.push(length);
        length = 0;
      }
    }
    return runs;
  }

  /** As many as it takes when the longest go first. */
  private fewestRuns(node: number, frames: number): number {
    let left = frames;
    const longest = this.freeRuns(node).sort((a, b) => b - a);
    const needed = longest.findIndex((length) => {
      left -= length;
      return left <= 0;
    });
    return frames === 0 ? 0 : needed + 1;
  }
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((all, one) => all + one, 0);
}
