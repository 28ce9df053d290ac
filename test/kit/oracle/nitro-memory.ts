/**
 * Hugepages of the naive Nitro twin: pools, mappings, and what is donated to a slot.
 *
 * Invariant: a page has one holder on the board, and the twin's lists only say who may get it next.
 * It shares no code with core/ but the type of a command.
 */
import type { Answers, Command } from '../../../core/host/command.js';
import {
  enclaveHolder,
  holdPage,
  LOST,
  movePage,
  NOBODY,
  PINNED_ONLY,
  pagesHeldBy,
  parentPages,
  poolPages,
  taskHolder,
} from './frame-board.js';
import { NaiveMachine, type Verdict } from './naive-machine.js';
import type { TwinMapping, TwinPage, TwinRegion, TwinSlot } from './nitro-slot.js';

const FRAME_BYTES = 2 * 1024 * 1024;
const LOWEST_ADDRESS = 17592186044416;
const DONE: Verdict = { result: 0 };

type Of<K extends Command['kind']> = Extract<Command, { readonly kind: K }>;

export class NitroMemory extends NaiveMachine {
  /** Newest first. */
  readonly slots: TwinSlot[] = [];
  /** By address. */
  readonly mappings: TwinMapping[] = [];
  /** The enclave device is there. */
  bound = true;
  pins = 0;

  protected writeHugepages({ node, pageKib, text }: Of<'nitro.write-hugepages'>): Verdict {
    const pageFrames = pageKib / 2048;
    const size = this.shape.pageFrames.indexOf(pageFrames);
    if (size < 0 || node < 0 || node >= this.shape.nodes) return refused(19);
    const board = this.boards[node];
    const had = poolPages(board, size, pageFrames);
    const wanted = Math.max(Number(text), had - Math.max(0, this.unpromised(size)));
    let pages = had;
    if (wanted > had) {
      const places = parentPages(board, pageFrames).slice(0, wanted - had);
      for (const place of places) movePage(board, place, pageFrames, 1 + size);
      pages += places.length;
    }
    while (pages > wanted) {
      const highest = pagesHeldBy(board, size, pageFrames, NOBODY).at(-1);
      if (highest === undefined) break;
      movePage(board, highest, pageFrames, 0);
      pages--;
    }
    return { result: 0, told: { pages } };
  }

  /** Free pages of a size anywhere, less those that mappings wait for. */
  private unpromised(size: number): number {
    const pageFrames = this.shape.pageFrames[size];
    let pages = 0;
    for (const board of this.boards) {
      pages += pagesHeldBy(board, size, pageFrames, NOBODY).length;
    }
    for (const one of this.mappings) if (one.size === size && one.page === undefined) pages--;
    return pages;
  }

  protected mapPage({ task, pageKib }: Of<'nitro.map-page'>): Verdict {
    const size = this.shape.pageFrames.indexOf(pageKib / 2048);
    if (size < 0) return refused(22);
    if (this.unpromised(size) < 1) return refused(12);
    const last = this.mappings.at(-1);
    const top = last === undefined ? LOWEST_ADDRESS : last.address + this.pageBytes(last.size);
    const step = this.pageBytes(size);
    const address = Math.ceil(top / step) * step;
    this.mappings.push({ address, size, task, page: undefined });
    return { result: 0, told: { address } };
  }

  protected touch({ address, localNode }: Of<'nitro.touch'>): Verdict {
    const mapping = this.mappings.find((one) => one.address === address);
    if (mapping === undefined) return refused(14);
    if (mapping.page !== undefined) return { result: 0, told: { node: mapping.page.node } };
    const { size, task } = mapping;
    const pageFrames = this.shape.pageFrames[size];
    for (const node of [localNode, ...this.boards.keys()]) {
      const board = this.boards[node];
      if (board === undefined) continue;
      const frame = pagesHeldBy(board, size, pageFrames, NOBODY)[0];
      if (frame === undefined) continue;
      mapping.page = { node, frame, size };
      holdPage(board, frame, pageFrames, taskHolder(task));
      return { result: 0, told: { node } };
    }
    return refused(14);
  }

  protected unmap(address: number): Verdict {
    const at = this.mappings.findIndex((one) => one.address === address);
    if (at < 0) return refused(22);
    const { page, task } = this.mappings[at];
    this.mappings.splice(at, 1);
    if (page !== undefined && this.holderOf(page) === taskHolder(task)) {
      const pinned = this.slots.some((slot) => pins(slot, page));
      this.give(page, pinned ? PINNED_ONLY : NOBODY);
    }
    return DONE;
  }

  protected setMemory(slot: TwinSlot, command: Of<'nitro.set-memory'>): Verdict {
    const { task, answers } = command;
    if (command.flags !== 0n) return refused(274);
    if (slot.state !== 'INIT') return refused(270);
    if (task !== slot.task) return refused(5);
    if (command.bytes % 2097152n !== 0n) return refused(259);
    if (command.address % 2097152n !== 0n) return refused(261);
    const address = Number(command.address);
    const bytes = Number(command.bytes);
    // Inclusive below, exclusive above: how the driver compares, an empty range included.
    const overlaps = ({ address: a, bytes: b }: TwinRegion) =>
      (a <= address && address < a + b) || (address <= a && address + bytes > a);
    if (slot.regions.some(overlaps)) return refused(262);
    if (bytes === 0) return refused(12);
    const pages: TwinPage[] = [];
    for (let at = address; at < address + bytes; ) {
      const mapping = this.mappings.find((one) => {
        return (
          one.task === task && one.address <= at && at < one.address + this.pageBytes(one.size)
        );
      });
      const page = mapping?.page;
      if (mapping === undefined || page === undefined) return refused(14);
      const isHead = mapping.address === at;
      if (!isHead || page.node !== slot.node) {
        this.pins++;
        if (this.holderOf(page) === taskHolder(task)) this.give(page, LOST);
        return refused(isHead ? 264 : 273);
      }
      pages.push(page);
      at += this.pageBytes(page.size);
    }
    slot.regions.push({ address, bytes, pages });
    this.pins += pages.length;
    return this.donate(slot, pages, task, answers);
  }

  /** Physically adjacent pages go together; the first request that is refused ends it. */
  private donate(
    slot: TwinSlot,
    pages: readonly TwinPage[],
    task: number,
    answers?: Answers,
  ): Verdict {
    const runs: TwinPage[][] = [];
    for (const page of pages) {
      const before = runs.at(-1)?.at(-1);
      const end = before === undefined ? -1 : before.frame + this.shape.pageFrames[before.size];
      if (end === page.frame) runs.at(-1)?.push(page);
      else runs.push([page]);
    }
    for (const [i, run] of runs.entries()) {
      if (!this.bound) return refused(19);
      const told = i === 0 ? errnoOf(answers, 'SLOT_ADD_MEM') : 0;
      if (told !== 0) return refused(told);
      if (slot.cid !== 0) return refused(114);
      const elsewhere = (page: TwinPage) =>
        this.slots.some((one) => one !== slot && one.donated.some((has) => same(has, page)));
      if (run.some(elsewhere)) return refused(16);
      if (run.some((page) => this.holderOf(page) !== taskHolder(task))) return refused(13);
      for (const page of run) {
        this.give(page, enclaveHolder(slot.slot));
        slot.donated.push(page);
        slot.bytes += this.pageBytes(page.size);
      }
      slot.ranges++;
    }
    return DONE;
  }

  /** A page of a closed slot: back to who maps it, else held while pinned, else free. */
  protected letGo(slot: TwinSlot, page: TwinPage): void {
    const holder = this.holderOf(page);
    if (holder !== enclaveHolder(slot.slot) && holder !== PINNED_ONLY) return;
    const user = this.mappings.find((one) => one.page !== undefined && same(one.page, page));
    const pinned = this.slots.some((one) => pins(one, page));
    if (user !== undefined) this.give(page, taskHolder(user.task));
    else this.give(page, pinned ? PINNED_ONLY : NOBODY);
  }

  private pageBytes(size: number): number {
    return this.shape.pageFrames[size] * FRAME_BYTES;
  }

  private holderOf({ node, frame }: TwinPage): number {
    return this.boards[node].holder[frame];
  }

  private give({ node, frame, size }: TwinPage, holder: number): void {
    holdPage(this.boards[node], frame, this.shape.pageFrames[size], holder);
  }
}

function same(a: TwinPage, b: TwinPage): boolean {
  return a.node === b.node && a.frame === b.frame;
}

function pins({ regions }: TwinSlot, page: TwinPage): boolean {
  return regions.some(({ pages }) => pages.some((one) => same(one, page)));
}

export function refused(errno: number): Verdict {
  return { result: -errno };
}

export function errnoOf(answers: Answers | undefined, kind: keyof Answers): number {
  const answer = answers?.[kind];
  return answer?.nth === 1 ? answer.errno : 0;
}
