/**
 * The nr_hugepages files a second time: a map of cells, one a smallest page, searched from the start.
 *
 * Invariant: shares no code with core/. Source: conformance format, section 2, emulation: a page of
 * size S takes the lowest S-aligned free place; free pages go back from the highest; those in use,
 * the lowest, stay; text is read as kstrtoul reads it.
 */
export interface NaiveMemory {
  totalKiB: number;
  free: [number, number][];
  reserved?: Record<string, [number, number]>;
}

const UNIT_KIB = 64;

export type NaiveNode = ReturnType<typeof naiveNode>;

/** Page sizes in KiB, ascending. */
export function naiveNode(memory: NaiveMemory, sizesKiB: readonly number[]) {
  const [cellKiB = UNIT_KIB] = sizesKiB;
  const free = freeCells(memory, cellKiB);
  const taken = new Map(sizesKiB.map((size) => [size, [] as number[]] as const));
  const inUse = new Map<number, number>();
  const pagesOf = (size: number) => taken.get(size) ?? [];

  function grow(size: number, wanted: number): void {
    const pages = pagesOf(size);
    const cells = size / cellKiB;
    for (let at = 0; at + cells <= free.length && pages.length < wanted; at += cells) {
      if (free.subarray(at, at + cells).includes(0)) continue;
      free.fill(0, at, at + cells);
      pages.push(at);
    }
    pages.sort((one, other) => one - other);
  }

  /** The count afterwards, or a negative errno. */
  function write(size: number, text: string): number {
    if (!/^[0-9]+\n?$/.test(text)) return -22;
    const wanted = Number(text);
    const pages = pagesOf(size);
    grow(size, wanted);
    const kept = Math.max(wanted, inUse.get(size) ?? 0);
    while (pages.length > kept) {
      const at = pages.pop() ?? 0;
      free.fill(1, at, at + size / cellKiB);
    }
    return pages.length;
  }

  for (const size of [...sizesKiB].reverse()) {
    const [wanted, used] = memory.reserved?.[size] ?? [0, 0];
    write(size, `${wanted}`);
    inUse.set(size, Math.min(used, pagesOf(size).length));
  }
  return {
    write,
    read: (size: number) => pagesOf(size).length,
    counts: () => Object.fromEntries(sizesKiB.map((size) => [size, pagesOf(size).length])),
    used: () => Object.fromEntries([...inUse].filter(([, pages]) => pages > 0)),
  };
}

/** 1 = every 64 KiB unit of the cell is free. */
function freeCells({ totalKiB, free }: NaiveMemory, cellKiB: number): Uint8Array {
  const units = new Uint8Array(Math.ceil(totalKiB / UNIT_KIB));
  for (const [start, length] of free) {
    units.fill(1, start / UNIT_KIB, (start + length) / UNIT_KIB);
  }
  const each = cellKiB / UNIT_KIB;
  return Uint8Array.from({ length: Math.floor(units.length / each) }, (_, cell) =>
    units.subarray(cell * each, (cell + 1) * each).includes(0) ? 0 : 1,
  );
}
