/**
 * A line of few frames as an extent store: what the explorer's hosts keep their memory in.
 *
 * One cell a frame: owner · 2, plus 1 where an extent begins. A handle is the first frame + 1, so
 * that equal ownership has equal handles however it came about, and the state of a node is its
 * cells and nothing else. Search policy: lowest address first, as the pool of `first-fit` policy.
 *
 * Invariant: see `extent-store`; free neighbours are one extent. Trade-off: a stale handle whose
 * frame begins another extent is not detected (there are no generations), and every operation is
 * linear in the frames, which are few. A test holds it equal to the real pool, choice by choice.
 */
import type { Extent, ExtentStore, Handle, StoreMark } from '../memory/extent-store.js';
import { FREE } from '../memory/extent-store.js';

const BEGINS = 1;
/** The view writes a cell as one UTF-16 unit (view.ts). */
const MOST_OWNER = 2 ** 15 - 1;

export class FrameLine implements ExtentStore {
  readonly frames: number;
  readonly granuleFrames: number;
  /** Owner · 2 + (1 where an extent begins). */
  readonly cells: Int32Array;

  constructor(frames: number, granuleFrames: number) {
    this.frames = frames;
    this.granuleFrames = granuleFrames;
    this.cells = new Int32Array(frames);
    this.cells[0] = FREE * 2 + BEGINS;
  }

  get freeFrames(): number {
    let free = 0;
    for (let i = 0; i < this.frames; i++) if (this.cells[i] >> 1 === FREE) free++;
    return free;
  }

  /** Takes on other cells as the whole state. */
  load(cells: Int32Array): void {
    for (let i = 0; i < this.frames; i++) this.cells[i] = cells[i];
  }

  find(frames: number, align: number): number {
    return this.findLowest(frames, align);
  }

  findLowest(frames: number, align: number, from = 0): number {
    for (let start = 0; start < this.frames; ) {
      const end = this.endOf(start);
      const place = Math.ceil(Math.max(start, from) / align) * align;
      if (this.cells[start] >> 1 === FREE && place + frames <= end) return place;
      start = end;
    }
    return -1;
  }

  largestFreeRun(): number {
    let most = 0;
    for (const { owner, frames } of this.extents()) {
      if (owner === FREE && frames > most) most = frames;
    }
    return most;
  }

  largestGranuleRun(): number {
    const unit = this.granuleFrames;
    let most = 0;
    for (const { owner, start, frames } of this.extents()) {
      if (owner !== FREE) continue;
      const granules = Math.floor((start + frames) / unit) - Math.ceil(start / unit);
      most = Math.max(most, granules * unit);
    }
    return most;
  }

  freeUnits(unit: number): number {
    let units = 0;
    for (const { owner, start, frames } of this.extents()) {
      if (owner !== FREE) continue;
      units += Math.max(0, Math.floor((start + frames) / unit) - Math.ceil(start / unit));
    }
    return units;
  }

  alloc(frames: number, align: number, owner: number): Handle {
    const place = this.find(frames, align);
    return place < 0 ? 0 : this.allocAt(place, frames, owner);
  }

  allocAt(start: number, frames: number, owner: number): Handle {
    const { cells } = this;
    const end = start + frames;
    if (start < 0 || frames < 1 || end > this.frames || !canHold(owner)) {
      throw new Error(`frames [${start}, +${frames}) of ${this.frames} for owner ${owner}`);
    }
    for (let i = start; i < end; i++) {
      if (cells[i] >> 1 !== FREE) throw new Error(`frames [${start}, +${frames}) are not all free`);
    }
    this.paint(start, end, owner);
    if (end < this.frames) cells[end] |= BEGINS;
    return start + 1;
  }

  free(handle: Handle): void {
    const start = this.startOf(handle);
    this.vacate(start, this.endOf(start));
  }

  freeRange(start: number, frames: number): void {
    const { cells } = this;
    const end = start + frames;
    const inside = this.covering(start);
    if (inside.owner === FREE || end > inside.start + inside.frames || frames < 1) {
      throw new Error(`frames [${start}, +${frames}) are not inside one held extent`);
    }
    if (end < this.frames) cells[end] |= BEGINS;
    this.vacate(start, end);
  }

  setOwner(handle: Handle, owner: number): void {
    if (!canHold(owner)) throw new Error(`owner ${owner} cannot hold`);
    const start = this.startOf(handle);
    this.paint(start, this.endOf(start), owner);
  }

  at(handle: Handle): Extent {
    return this.extentFrom(this.startOf(handle));
  }

  covering(frame: number): Extent {
    if (frame < 0 || frame >= this.frames) throw new Error(`frame ${frame} of ${this.frames}`);
    let start = frame;
    while ((this.cells[start] & BEGINS) === 0) start--;
    return this.extentFrom(start);
  }

  extents(): Extent[] {
    const found: Extent[] = [];
    for (let start = 0; start < this.frames; start = this.endOf(start)) {
      found.push(this.extentFrom(start));
    }
    return found;
  }

  mark(): StoreMark {
    // A mark is a copy of the cells; only this class makes or reads one.
    return this.cells.slice() as unknown as StoreMark;
  }

  rollback(mark: StoreMark): void {
    this.load(mark as unknown as Int32Array);
  }

  fork(): ExtentStore {
    const fork = new FrameLine(this.frames, this.granuleFrames);
    fork.load(this.cells);
    return fork;
  }

  snapshot(): Uint8Array {
    return new Uint8Array(this.cells.slice().buffer);
  }

  restore(bytes: Uint8Array): void {
    if (bytes.length !== 4 * this.frames) throw new Error('a snapshot of another store');
    this.load(new Int32Array(bytes.slice().buffer));
  }

  verifyIndex(): string[] {
    const { cells } = this;
    const problems = (cells[0] & BEGINS) === 0 ? ['no extent begins at frame 0'] : [];
    for (let i = 1; i < this.frames; i++) {
      const begins = (cells[i] & BEGINS) !== 0;
      const [before, owner] = [cells[i - 1] >> 1, cells[i] >> 1];
      if (!begins && owner !== before) problems.push(`frame ${i}: a new owner, no new extent`);
      if (begins && owner === FREE && before === FREE) problems.push(`frame ${i}: cut free run`);
    }
    return problems;
  }

  /** One extent of an owner over [start, end). */
  private paint(start: number, end: number, owner: number): void {
    for (let i = start; i < end; i++) this.cells[i] = owner * 2;
    this.cells[start] |= BEGINS;
  }

  /** Frees [start, end), joined with free neighbours. */
  private vacate(start: number, end: number): void {
    const { cells } = this;
    this.paint(start, end, FREE);
    if (start > 0 && cells[start - 1] >> 1 === FREE) cells[start] = FREE * 2;
    if (end < this.frames && cells[end] >> 1 === FREE) cells[end] = FREE * 2;
  }

  private startOf(handle: Handle): number {
    const start = handle - 1;
    const cell = start >= 0 && start < this.frames ? this.cells[start] : 0;
    if ((cell & BEGINS) === 0 || cell >> 1 === FREE) throw new Error(`handle ${handle} is stale`);
    return start;
  }

  private endOf(start: number): number {
    let end = start + 1;
    while (end < this.frames && (this.cells[end] & BEGINS) === 0) end++;
    return end;
  }

  private extentFrom(start: number): Extent {
    const owner = this.cells[start] >> 1;
    const frames = this.endOf(start) - start;
    return { start, frames, owner, handle: owner === FREE ? 0 : start + 1 };
  }
}

function canHold(owner: number): boolean {
  return owner > FREE && owner <= MOST_OWNER;
}
