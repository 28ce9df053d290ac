/**
 * The machine as a naive oracle sees it: CPUs numbered in blocks, equal cores, equal nodes.
 *
 * Invariant: it shares no code with core/; the numbering is said once more in its own words: thread
 * t of core c is CPU c + t × cores, and node n has the n-th equal share of the cores.
 */
import { type FrameBoard, frameBoard, rejuvenate } from './frame-board.js';

export interface NaiveShape {
  readonly nodes: number;
  readonly coresPerNode: number;
  readonly threadsPerCore: number;
  /** 2 MiB frames of each node, free at first but for the lowest `keptFrames`. */
  readonly framesPerNode: number;
  readonly keptFrames: number;
  /** Per node, the frames that days of uptime took; by default none. */
  readonly agedFrames?: readonly (readonly number[])[];
  /** Page sizes in frames, ascending. */
  readonly pageFrames: readonly number[];
}

export class NaiveMachine {
  readonly shape: NaiveShape;
  readonly cpus: number;
  /** Per CPU: the parent runs on it. */
  readonly online: boolean[];
  readonly boards: FrameBoard[];

  constructor(shape: NaiveShape) {
    this.shape = shape;
    this.cpus = shape.nodes * shape.coresPerNode * shape.threadsPerCore;
    this.online = Array<boolean>(this.cpus).fill(true);
    const { nodes, framesPerNode, keptFrames, agedFrames } = shape;
    this.boards = Array.from({ length: nodes }, (_, node) =>
      frameBoard(framesPerNode, keptFrames, agedFrames?.[node]),
    );
  }

  /** The kernel starts anew: every CPU, and memory that nothing has aged. */
  protected startKernel(): void {
    this.online.fill(true);
    for (const board of this.boards) rejuvenate(board);
  }

  cpusOnline(): number {
    return this.online.filter((on) => on).length;
  }

  coreOf(cpu: number): number {
    return cpu % (this.shape.nodes * this.shape.coresPerNode);
  }

  nodeOf(cpu: number): number {
    return Math.floor(this.coreOf(cpu) / this.shape.coresPerNode);
  }

  /** Every thread of a CPU's core, ascending. */
  threadsOf(cpu: number): number[] {
    const threads: number[] = [];
    for (let one = 0; one < this.cpus; one++) {
      if (this.coreOf(one) === this.coreOf(cpu)) threads.push(one);
    }
    return threads;
  }
}

/** What a command came to: a public result of the platform, told in a few fields. */
export interface Verdict {
  /** The rule that refused, or the kernel's return value; 'ok' and 0 for success. */
  readonly result: string | number;
  /** Numbers told to the caller, by the name the platform gives them. */
  readonly told?: Readonly<Record<string, number | string>>;
}

export const OK: Verdict = { result: 'ok' };

export function refusal(result: string): Verdict {
  return { result };
}
