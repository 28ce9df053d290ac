/**
 * A board of frames, one square each: which page pool a frame is in, and who holds it.
 *
 * The memory of the naive oracle. Nothing is summarised, indexed or kept sorted: every question walks
 * the squares. Invariant: it shares no code and no constant with core/. Trade-off: O(frames) for
 * every answer, so a board is for nodes of some thousand frames at most.
 */

/** Who holds a page: nobody, someone who pinned it and let go, nobody ever again. */
export const NOBODY = 0;
export const PINNED_ONLY = 1;
export const LOST = 2;

/** Frames of the parent that no pool can have. */
export const KEPT = 255;

/** Frames that days of uptime took: no pool can have them until the parent is booted again. */
export const AGED = 254;

/** Holder number of an enclave, by its slot or id. */
export function enclaveHolder(uid: number): number {
  return 1_000_000 + uid;
}

/** Holder number of a task (an address space). */
export function taskHolder(task: number): number {
  return 500_000 + task;
}

export interface FrameBoard {
  readonly frames: number;
  /** Per frame: 0 = the parent's and free, 1 + i = page pool i, else AGED or KEPT. */
  readonly pool: Uint8Array;
  /** Per frame of a pool: its holder. */
  readonly holder: Int32Array;
}

/** A board whose first `kept` frames are the parent's for good, and some are until a boot. */
export function frameBoard(frames: number, kept: number, aged: readonly number[] = []): FrameBoard {
  const pool = new Uint8Array(frames).fill(KEPT, 0, kept);
  for (const f of aged) pool[f] = AGED;
  return { frames, pool, holder: new Int32Array(frames) };
}

/** First frames of every aligned page that is wholly the parent's, ascending. */
export function parentPages(board: FrameBoard, pageFrames: number): number[] {
  const places: number[] = [];
  for (let place = 0; place + pageFrames <= board.frames; place += pageFrames) {
    let whole = true;
    for (let f = place; f < place + pageFrames && whole; f++) whole = board.pool[f] === 0;
    if (whole) places.push(place);
  }
  return places;
}

/** First frames of the pages of pool `size` with a given holder, ascending. */
export function pagesHeldBy(
  board: FrameBoard,
  size: number,
  pageFrames: number,
  holder: number,
): number[] {
  const pages: number[] = [];
  for (let page = 0; page + pageFrames <= board.frames; page += pageFrames) {
    if (board.pool[page] === 1 + size && board.holder[page] === holder) pages.push(page);
  }
  return pages;
}

/** Pages of pool `size`, whoever holds them. */
export function poolPages(board: FrameBoard, size: number, pageFrames: number): number {
  let frames = 0;
  for (const pool of board.pool) if (pool === 1 + size) frames++;
  return frames / pageFrames;
}

export function parentFrames(board: FrameBoard): number {
  let frames = 0;
  for (const pool of board.pool) if (pool === 0) frames++;
  return frames;
}

export function movePage(board: FrameBoard, page: number, pageFrames: number, pool: number): void {
  board.pool.fill(pool, page, page + pageFrames);
  board.holder.fill(NOBODY, page, page + pageFrames);
}

export function holdPage(
  board: FrameBoard,
  page: number,
  pageFrames: number,
  holder: number,
): void {
  board.holder.fill(holder, page, page + pageFrames);
}

/** Everything that pools have goes back to the parent. */
export function clearBoard({ pool, holder }: FrameBoard): void {
  for (let f = 0; f < pool.length; f++) if (pool[f] < AGED) pool[f] = 0;
  holder.fill(NOBODY);
}

/** Days of uptime are forgotten. */
export function rejuvenate({ pool }: FrameBoard): void {
  for (let f = 0; f < pool.length; f++) if (pool[f] === AGED) pool[f] = 0;
}

/**
 * What is wrong with a choice of pages, or undefined: one run where there is one, otherwise the lowest.
 * @param free first frames of the free pages, ascending
 * @param frames all frames of those chosen, likewise
 * @param wanted how many pages
 */
export function wrongChoice(
  free: readonly number[],
  frames: readonly number[],
  wanted: number,
  pageFrames: number,
): string | undefined {
  const pages = frames.filter((frame) => frame % pageFrames === 0);
  if (frames.length !== wanted * pageFrames || pages.length !== wanted) {
    return `${frames.length} frames for ${wanted} pages of ${pageFrames}`;
  }
  const taken = pages.find((page) => !free.includes(page));
  if (taken !== undefined) return `page ${taken} was not free`;
  const asOne = pages.every((page, i) => page === pages[0] + i * pageFrames);
  const couldBeOne = free.some((page, i) => {
    return free[i + wanted - 1] === page + (wanted - 1) * pageFrames;
  });
  if (couldBeOne && !asOne) return 'a run of that length was free, and was not taken';
  if (!couldBeOne && pages.some((page, i) => page !== free[i])) return 'not the lowest pages';
  return undefined;
}
