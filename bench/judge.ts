/**
 * The quality of a replay: what was accepted, what stayed usable, and whether it was lawful.
 *
 * The places an allocator chose are laid into an `Occupancy`, which alone decides. Invariant: `valid`
 * means no overlap, nothing beyond the node, every aligned request aligned. Checkpoints: after
 * operation i (from 0) where i > n/4 and i mod floor(n/64) = 0; unusable@1G there is
 * 1 − 512 × whole free granules / free frames (0 when nothing is free), averaged over them.
 */
import { Occupancy } from './occupancy.js';
import { ALIGNED, FREED, GRANULE, PROBE, SLOT_MASK, type Trace } from './trace-file.js';

export interface Verdict {
  readonly requests: number;
  readonly acceptedRequests: number;
  readonly requestedFrames: number;
  readonly acceptedFrames: number;
  readonly probes: number;
  readonly probesServed: number;
  /**
   * Probes that the frames free at the first one would serve if they lay together: a bound. null where
   * anything but a probe follows the first one, since then it would be none.
   */
  readonly probesBacked: number | null;
  /** Share of free memory not in whole free granules, averaged over the checkpoints. */
  readonly unusable1G: number;
  /** Refusals although a place existed. */
  readonly falseRefusals: number;
  readonly valid: boolean;
  /** The first breach, in words. */
  readonly breach?: string;
}

export interface Manners {
  /** Frames withheld for a request. Default: as asked. */
  readonly heldFrames?: (frames: number, aligned: boolean) => number;
  /** Aligned requests are met inside the slack that `heldFrames` includes. */
  readonly slack?: boolean;
}

/** Judges the places (−1 = refused, or a free) of every operation of a trace. */
export function judge(trace: Trace, places: Int32Array, manners: Manners = {}): Verdict {
  return new Hearing(trace, places, manners).verdict();
}

class Hearing {
  private readonly trace: Trace;
  private readonly places: Int32Array;
  private readonly manners: Manners;
  private readonly occupancy: Occupancy;
  private readonly starts: Int32Array;
  private readonly lengths: Int32Array;
  private readonly asked = { requests: 0, frames: 0, probes: 0 };
  private readonly had = { requests: 0, frames: 0, probes: 0 };
  private falseRefusals = 0;
  private freeAtFirstProbe = 0;
  private areProbesLast = true;
  private readonly probeFrames: number[] = [];
  private breach: string | undefined;

  constructor(trace: Trace, places: Int32Array, manners: Manners) {
    this.trace = trace;
    this.places = places;
    this.manners = manners;
    this.occupancy = new Occupancy(trace.frames);
    this.starts = new Int32Array(trace.slots);
    this.lengths = new Int32Array(trace.slots);
  }

  verdict(): Verdict {
    const { operations } = this.trace;
    const every = Math.max(1, Math.floor(operations / 64));
    let unusable = 0;
    let checkpoints = 0;
    for (let i = 0; i < operations; i++) {
      this.hear(i);
      if (i <= operations / 4 || i % every !== 0) continue;
      unusable += this.unusableNow();
      checkpoints++;
    }
    return {
      requests: this.asked.requests,
      acceptedRequests: this.had.requests,
      requestedFrames: this.asked.frames,
      acceptedFrames: this.had.frames,
      probes: this.asked.probes,
      probesServed: this.had.probes,
      probesBacked: this.probesBacked(),
      unusable1G: checkpoints === 0 ? 0 : unusable / checkpoints,
      falseRefusals: this.falseRefusals,
      valid: this.breach === undefined,
      ...(this.breach === undefined ? {} : { breach: this.breach }),
    };
  }

  /** The smallest probes first: no order of them serves more. */
  private probesBacked(): number | null {
    if (!this.areProbesLast) return null;
    let left = this.freeAtFirstProbe;
    let served = 0;
    for (const frames of this.probeFrames.toSorted((a, b) => a - b)) {
      left -= frames;
      if (left >= 0) served++;
    }
    return served;
  }

  private unusableNow(): number {
    const { freeFrames, freeGranules } = this.occupancy;
    return freeFrames === 0 ? 0 : 1 - (GRANULE * freeGranules) / freeFrames;
  }

  private hear(i: number): void {
    const word = this.trace.words[2 * i];
    const slot = word & SLOT_MASK;
    const isProbe = (word & (PROBE | FREED)) === PROBE;
    if (!isProbe && this.asked.probes > 0) this.areProbesLast = false;
    if ((word & FREED) !== 0) {
      if (this.lengths[slot] > 0) this.occupancy.giveBack(this.starts[slot], this.lengths[slot]);
      this.lengths[slot] = 0;
      return;
    }
    const frames = this.trace.words[2 * i + 1];
    const accepted = this.places[i] >= 0;
    if (isProbe) {
      if (this.asked.probes === 0) this.freeAtFirstProbe = this.occupancy.freeFrames;
      this.asked.probes++;
      this.probeFrames.push(frames);
    } else {
      this.asked.requests++;
      this.asked.frames += frames;
    }
    if (!accepted) {
      this.lengths[slot] = 0;
      if (this.occupancy.fits(frames, (word & ALIGNED) !== 0 ? GRANULE : 1)) this.falseRefusals++;
      return;
    }
    if (isProbe) this.had.probes++;
    else {
      this.had.requests++;
      this.had.frames += frames;
    }
    this.take(i, slot, frames, (word & ALIGNED) !== 0);
  }

  private take(i: number, slot: number, frames: number, aligned: boolean): void {
    const start = this.places[i];
    const held = this.manners.heldFrames?.(frames, aligned) ?? frames;
    if (aligned && this.manners.slack !== true && start % GRANULE !== 0) {
      this.breach ??= `operation ${i}: frame ${start} is not aligned to a granule`;
    }
    if (this.occupancy.take(start, held)) {
      this.starts[slot] = start;
      this.lengths[slot] = held;
    } else {
      this.breach ??= `operation ${i}: [${start}, +${held}) is held or beyond the node`;
      this.lengths[slot] = 0;
    }
  }
}
