/**
 * Who holds which frame, naively: one bit per frame and a count per granule. The referee of the bench.
 *
 * It shares no code with any allocator. Invariant: used[g] = set bits of granule g; bits beyond the
 * node are set from the start. Trade-off: a change costs the words it covers.
 */
import { GRANULE } from './trace-file.js';

const WORDS_PER_GRANULE = GRANULE / 32;

export class Occupancy {
  freeFrames: number;
  /** Whole free granules. */
  freeGranules = 0;
  private readonly frames: number;
  private readonly words: Int32Array;
  private readonly used: Int32Array;

  constructor(frames: number) {
    const granules = Math.ceil(frames / GRANULE);
    this.frames = frames;
    this.words = new Int32Array(granules * WORDS_PER_GRANULE);
    this.used = new Int32Array(granules);
    const beyond = granules * GRANULE - frames;
    this.freeGranules = granules;
    this.freeFrames = granules * GRANULE;
    if (beyond > 0) this.write(frames, beyond, true);
  }

  /** Takes frames; false, and nothing done, when one is beyond the node or held. */
  take(start: number, frames: number): boolean {
    if (start < 0 || start + frames > this.frames || !this.isFree(start, frames)) return false;
    this.write(start, frames, true);
    return true;
  }

  /** Returns frames that were taken together. */
  giveBack(start: number, frames: number): void {
    this.write(start, frames, false);
  }

  /** Whether an aligned place exists: by trying every one. `align` is 1 or a granule. */
  fits(frames: number, align: number): boolean {
    if (frames > this.freeFrames) return false;
    return align === 1 ? this.longestReaches(frames) : this.alignedReaches(frames);
  }

  private longestReaches(frames: number): boolean {
    let run = 0;
    for (const [granule, used] of this.used.entries()) {
      if (used === GRANULE) run = 0;
      else if (used === 0) run += GRANULE;
      else run = this.runThroughGranule(granule, run, frames);
      if (run >= frames) return true;
    }
    return false;
  }

  private runThroughGranule(granule: number, before: number, enough: number): number {
    let run = before;
    const first = granule * WORDS_PER_GRANULE;
    for (let word = first; word < first + WORDS_PER_GRANULE && run < enough; word++) {
      run = this.runThrough(word, run, enough);
    }
    return run;
  }

  /** The free run that goes on after a word; stops early at `enough`. */
  private runThrough(word: number, before: number, enough: number): number {
    const bits = this.words[word];
    if (bits === 0) return before + 32;
    let run = before;
    for (let bit = 0; bit < 32; bit++) {
      run = (bits & (1 << bit)) === 0 ? run + 1 : 0;
      if (run >= enough) return run;
    }
    return run;
  }

  private alignedReaches(frames: number): boolean {
    const whole = Math.floor(frames / GRANULE);
    const rest = frames % GRANULE;
    let run = 0;
    for (const [granule, used] of this.used.entries()) {
      if (run >= whole && (rest === 0 || this.isFree(granule * GRANULE, rest))) return true;
      run = used === 0 ? run + 1 : 0;
    }
    return run >= whole && rest === 0;
  }

  private isFree(start: number, frames: number): boolean {
    for (let at = start; at < start + frames; at = (at | 31) + 1) {
      if ((this.words[at >>> 5] & maskOf(at, start + frames)) !== 0) return false;
    }
    return true;
  }

  private write(start: number, frames: number, held: boolean): void {
    const end = start + frames;
    for (let at = start; at < end; at = (at | 31) + 1) {
      const mask = maskOf(at, end);
      if (held) this.words[at >>> 5] |= mask;
      else this.words[at >>> 5] &= ~mask;
    }
    for (let at = start; at < end; ) {
      const granule = Math.floor(at / GRANULE);
      const next = Math.min(end, (granule + 1) * GRANULE);
      this.count(granule, held ? next - at : at - next);
      at = next;
    }
  }

  private count(granule: number, change: number): void {
    if (this.used[granule] === 0) this.freeGranules--;
    this.used[granule] += change;
    if (this.used[granule] === 0) this.freeGranules++;
    this.freeFrames -= change;
  }
}

/** The bits of one word from frame `at` up to frame `end`. */
function maskOf(at: number, end: number): number {
  const last = Math.min(end - 1, at | 31);
  return (-1 << at) & (-1 >>> (31 - (last & 31)));
}
