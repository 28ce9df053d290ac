/**
 * A naive twin of a node's memory: one owner number and one claim number per frame, scanned
 * linearly.
 *
 * It shares no code with core/ and works by another method, so that both can only agree by being
 * right. Owner 0 is free. A claim is what one handle names: frames taken together.
 * Trade-off: every question costs O(frames); use it on nodes of at most some hundred frames.
 */

export interface NaiveRun {
  readonly start: number;
  readonly frames: number;
  readonly owner: number;
  /** 0 when free. */
  readonly claim: number;
}

export interface NaiveMemory {
  readonly owners: number[];
  readonly claims: number[];
  nextClaim: number;
}

export function naiveMemory(frames: number): NaiveMemory {
  return { owners: Array(frames).fill(0), claims: Array(frames).fill(0), nextClaim: 1 };
}

export function naiveCopy(m: NaiveMemory): NaiveMemory {
  return { owners: [...m.owners], claims: [...m.claims], nextClaim: m.nextClaim };
}

/** True when every frame of the run exists and is free. */
export function naiveIsFree(m: NaiveMemory, start: number, frames: number): boolean {
  for (let f = start; f < start + frames; f++) if (m.owners[f] !== 0) return false;
  return true;
}

/** Every aligned start at which `frames` free frames follow, ascending. */
export function naivePlaces(m: NaiveMemory, frames: number, align: number): number[] {
  const places: number[] = [];
  for (let f = 0; f + frames <= m.owners.length; f += align) {
    if (naiveIsFree(m, f, frames)) places.push(f);
  }
  return places;
}

/** Of those places the one in the shortest surrounding free run, lowest first; -1 if none. */
export function naiveBestFit(m: NaiveMemory, frames: number, align: number): number {
  let best = -1;
  let bestRun = Infinity;
  for (const place of naivePlaces(m, frames, align)) {
    let first = place;
    let end = place + frames;
    while (first > 0 && m.owners[first - 1] === 0) first--;
    while (end < m.owners.length && m.owners[end] === 0) end++;
    if (end - first < bestRun) {
      best = place;
      bestRun = end - first;
    }
  }
  return best;
}

/** Takes a free run; returns its claim number. */
export function naiveTake(m: NaiveMemory, start: number, frames: number, owner: number): number {
  if (!naiveIsFree(m, start, frames)) throw new Error('naive: not free');
  const claim = m.nextClaim++;
  for (let f = start; f < start + frames; f++) {
    m.owners[f] = owner;
    m.claims[f] = claim;
  }
  return claim;
}

/**
 * Returns a run inside one claim. Of two parts that stay, the upper one becomes a new claim, whose
 * number is returned; otherwise 0.
 */
export function naiveReturn(m: NaiveMemory, start: number, frames: number): number {
  const claim = m.claims[start];
  for (let f = start; f < start + frames; f++) {
    if (claim === 0 || m.claims[f] !== claim) throw new Error('naive: not one claim');
    m.owners[f] = 0;
    m.claims[f] = 0;
  }
  const below = start > 0 && m.claims[start - 1] === claim;
  if (!below || m.claims[start + frames] !== claim) return 0;
  const upper = m.nextClaim++;
  for (let f = start + frames; m.claims[f] === claim; f++) m.claims[f] = upper;
  return upper;
}

/** Gives all frames of a claim to another owner. */
export function naiveReown(m: NaiveMemory, claim: number, owner: number): void {
  m.claims.forEach((c, f) => {
    if (c === claim) m.owners[f] = owner;
  });
}

/** Consecutive frames of one claim, and free stretches, in address order. */
export function naiveRuns(m: NaiveMemory): NaiveRun[] {
  const runs: NaiveRun[] = [];
  for (let start = 0; start < m.owners.length; ) {
    let end = start + 1;
    while (end < m.owners.length && m.claims[end] === m.claims[start]) end++;
    const owner = m.owners[start];
    runs.push({ start, frames: end - start, owner, claim: m.claims[start] });
    start = end;
  }
  return runs;
}

export function naiveFreeFrames(m: NaiveMemory): number {
  return m.owners.filter((owner) => owner === 0).length;
}

export function naiveLargestRun(m: NaiveMemory): number {
  let largest = 0;
  let run = 0;
  for (const owner of m.owners) {
    run = owner === 0 ? run + 1 : 0;
    if (run > largest) largest = run;
  }
  return largest;
}

/** Frame states of a hugepage pool, page by page. */
export interface NaiveHugepages {
  /** Frame → free in the parent (true) or not. */
  readonly free: boolean[];
  /** First frame of each pool page → in use. */
  readonly pages: Map<number, boolean>;
}

/** Writes `target` to nr_hugepages, one page at a time; returns the pages there are afterwards. */
export function naiveWriteHugepages(h: NaiveHugepages, pageFrames: number, target: number): number {
  const put = (page: number, value: boolean) => h.free.fill(value, page, page + pageFrames);
  while (h.pages.size < target) {
    let page = 0;
    const isWhole = () => h.free.slice(page, page + pageFrames).every((frame) => frame);
    while (page + pageFrames <= h.free.length && !isWhole()) page += pageFrames;
    if (page + pageFrames > h.free.length) break;
    h.pages.set(page, false);
    put(page, false);
  }
  while (h.pages.size > target) {
    const unused = [...h.pages].filter(([, inUse]) => !inUse).map(([page]) => page);
    if (unused.length === 0) break;
    const highest = Math.max(...unused);
    h.pages.delete(highest);
    put(highest, true);
  }
  return h.pages.size;
}
