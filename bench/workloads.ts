/**
 * The workloads the allocator is measured on: seeded streams of allocations, frees and probes.
 *
 * The unit is one 2 MiB frame. Sizes follow the enclave mix below, 64 MiB to 256 GiB; half of the
 * whole-GiB sizes ask for 1 GiB alignment. `churn` keeps the volume asked for and not yet freed near
 * a share of the node ("offered occupancy"): below it, it asks; at it, it frees a random live
 * request. Refusals are not known here: a replay skips a refused request and ignores its free.
 *
 * Invariant: equal (name, seed) give the equal stream on every machine; every free names a slot in
 * use; slots are reused, the last one freed first.
 * Trade-off: the stream does not react to the allocator, so that all are asked the same questions.
 */
import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import type { RandomGenerator } from 'pure-rand/types/RandomGenerator';

export const GIB_FRAMES = 512;
const MIB_PER_FRAME = 2;
const NODE_1T = 1024 * GIB_FRAMES;

export type OperationKind = 'alloc' | 'free' | 'probe';

/** Operations as parallel columns. A probe asks for one aligned GiB and keeps it. */
export interface Workload {
  readonly name: string;
  readonly seed: number;
  readonly frames: number;
  /** Slots 0…slots-1 occur. */
  readonly slots: number;
  readonly slot: Int32Array;
  /** Size in frames; 0 = a free. */
  readonly size: Int32Array;
  /** 1 = starts on a multiple of 1 GiB. */
  readonly aligned: Uint8Array;
  readonly probe: Uint8Array;
}

export type WorkloadName = 'a70' | 'a90' | 'c16g' | 'd24t' | 'b_mix' | 'b_rand' | 'e1t_fine';

interface ChurnSpec {
  readonly kind: 'churn';
  readonly frames: number;
  /** Percent of the node. */
  readonly offered: number;
  readonly maxFrames: number;
  readonly sizes: 'enclaves' | 'fine';
}

interface ProbeSpec {
  readonly kind: 'probe';
  /** What is freed after the fill: every other request, or a random half. */
  readonly freed: 'every-other' | 'random-half';
}

const whole = { kind: 'churn', maxFrames: Infinity, sizes: 'enclaves' } as const;

export const WORKLOADS: Readonly<Record<WorkloadName, ChurnSpec | ProbeSpec>> = {
  a70: { ...whole, frames: NODE_1T, offered: 70 },
  a90: { ...whole, frames: NODE_1T, offered: 90 },
  c16g: { ...whole, frames: 16 * GIB_FRAMES, offered: 90, maxFrames: 4 * GIB_FRAMES },
  d24t: { ...whole, frames: 24 * NODE_1T, offered: 90 },
  b_mix: { kind: 'probe', freed: 'every-other' },
  b_rand: { kind: 'probe', freed: 'random-half' },
  e1t_fine: { ...whole, frames: NODE_1T, offered: 90, sizes: 'fine' },
};

const PROBES = 512;

/** The stream of a named workload. `operations` counts churn; the probe workloads end by themselves. */
export function workload(name: WorkloadName, seed: number, operations = 1_000_000): Workload {
  const spec = WORKLOADS[name];
  const random = xoroshiro128plus(seed);
  const stream =
    spec.kind === 'churn' ? churn(spec, random, operations) : fillThenProbe(spec, random);
  const frames = spec.kind === 'churn' ? spec.frames : NODE_1T;
  return { name, seed, frames, ...stream.columns() };
}

/** Weight in thousandths, and the sizes in MiB: one, or uniform between two (both included). */
const ENCLAVE_MIX: readonly (readonly [weight: number, fromMib: number, toMib: number])[] = [
  [140, 64, 64],
  [120, 128, 128],
  [130, 256, 256],
  [140, 512, 512],
  [40, 768, 768],
  [120, 64, 1024],
  [100, 1024, 1024],
  [70, 2048, 2048],
  [20, 3072, 3072],
  [50, 4096, 4096],
  [10, 6144, 6144],
  [25, 8192, 8192],
  [5, 12288, 12288],
  [12, 16384, 16384],
  [5, 1024, 16384],
  [6, 32768, 32768],
  [4, 65536, 65536],
  [2, 131072, 131072],
  [1, 262144, 262144],
];
const MIX_WEIGHT = ENCLAVE_MIX.reduce((sum, [weight]) => sum + weight, 0);

/** A size in frames drawn from the enclave mix. */
export function enclaveFrames(random: RandomGenerator): number {
  let ticket = uniformInt(random, 0, MIX_WEIGHT - 1);
  for (const [weight, fromMib, toMib] of ENCLAVE_MIX) {
    ticket -= weight;
    if (ticket < 0) {
      return uniformInt(random, fromMib / MIB_PER_FRAME, toMib / MIB_PER_FRAME);
    }
  }
  throw new Error('the weights of the mix do not add up');
}

/** 1 … 64 frames, log-uniform by octaves: an octave first, then uniform inside it. */
function fineFrames(random: RandomGenerator): number {
  const octave = uniformInt(random, 0, 5);
  return uniformInt(random, 2 ** octave, 2 ** (octave + 1));
}

function churn(spec: ChurnSpec, random: RandomGenerator, operations: number): Stream {
  const target = Math.floor((spec.frames * spec.offered) / 100);
  const stream = new Stream();
  const live: { slot: number; size: number }[] = [];
  let volume = 0;
  let draw = nextSize(spec, random);
  for (let i = 0; i < operations; i++) {
    if (volume + draw <= target) {
      live.push({ slot: stream.alloc(draw, isAligned(draw, random)), size: draw });
      volume += draw;
      draw = nextSize(spec, random);
      continue;
    }
    const at = uniformInt(random, 0, live.length - 1);
    const last = live.length - 1;
    const gone = live[at];
    live[at] = live[last];
    live.length = last;
    volume -= gone.size;
    stream.free(gone.slot);
  }
  return stream;
}

function nextSize(spec: ChurnSpec, random: RandomGenerator): number {
  if (spec.sizes === 'fine') return fineFrames(random);
  let size = enclaveFrames(random);
  while (size > spec.maxFrames) size = enclaveFrames(random);
  return size;
}

function isAligned(size: number, random: RandomGenerator): boolean {
  return size % GIB_FRAMES === 0 && uniformInt(random, 0, 1) === 1;
}

/** Fills 1 TiB in the order of the draws, frees half of the requests, then probes for 1G pages. */
function fillThenProbe(spec: ProbeSpec, random: RandomGenerator): Stream {
  const stream = new Stream();
  const slots: number[] = [];
  let volume = 0;
  for (let size = enclaveFrames(random); volume + size <= NODE_1T; size = enclaveFrames(random)) {
    slots.push(stream.alloc(size, isAligned(size, random)));
    volume += size;
  }
  for (const [i, slot] of slots.entries()) {
    const goes = spec.freed === 'every-other' ? i % 2 === 0 : uniformInt(random, 0, 1) === 1;
    if (goes) stream.free(slot);
  }
  for (let i = 0; i < PROBES; i++) stream.probe();
  return stream;
}

/** Collects operations; gives slots out, the last one freed first. */
class Stream {
  private readonly slot: number[] = [];
  private readonly size: number[] = [];
  private readonly aligned: number[] = [];
  private readonly probes: number[] = [];
  private readonly vacant: number[] = [];
  private slots = 0;

  alloc(size: number, aligned: boolean): number {
    return this.take(size, aligned, false);
  }

  probe(): void {
    this.take(GIB_FRAMES, true, true);
  }

  free(slot: number): void {
    this.push(slot, 0, false, false);
    this.vacant.push(slot);
  }

  columns(): Pick<Workload, 'slots' | 'slot' | 'size' | 'aligned' | 'probe'> {
    return {
      slots: this.slots,
      slot: Int32Array.from(this.slot),
      size: Int32Array.from(this.size),
      aligned: Uint8Array.from(this.aligned),
      probe: Uint8Array.from(this.probes),
    };
  }

  private take(size: number, aligned: boolean, probe: boolean): number {
    const slot = this.vacant.pop() ?? this.slots++;
    this.push(slot, size, aligned, probe);
    return slot;
  }

  private push(slot: number, size: number, aligned: boolean, probe: boolean): void {
    this.slot.push(slot);
    this.size.push(size);
    this.aligned.push(aligned ? 1 : 0);
    this.probes.push(probe ? 1 : 0);
  }
}
