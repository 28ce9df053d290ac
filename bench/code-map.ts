/**
 * Which function an executed address lies in, by the map that V8 writes of the code it makes.
 *
 * Invariant: where a piece of memory held several functions one after the other, the one written last
 * counts: code is only thrown away for newer. Trade-off: what lies outside (system libraries, and all of
 * the runtime where its symbols are missing or are moved at each start) is one entry.
 */

export interface CodePiece {
  readonly start: number;
  readonly end: number;
  readonly name: string;
}

/** Of the lines "start size name" (hexadecimal) of `--perf-basic-prof`. */
export function readCodeMap(text: string): CodePiece[] {
  return text.split('\n').flatMap((line) => {
    const [start = '', size = '', ...name] = line.split(' ');
    const from = Number.parseInt(start, 16);
    const length = Number.parseInt(size, 16);
    return length > 0 ? [{ start: from, end: from + length, name: name.join(' ') }] : [];
  });
}

/** Of the lines "address size kind name" of `nm -S`: V8's built-ins and what else the runtime is made of. */
export function readSymbols(text: string): CodePiece[] {
  return text.split('\n').flatMap((line) => {
    const [, start, size, name] = /^([0-9a-f]+) ([0-9a-f]+) [tTwW] (.+)$/.exec(line) ?? [];
    if (name === undefined) return [];
    const from = Number.parseInt(start, 16);
    return [{ start: from, end: from + Number.parseInt(size, 16), name }];
  });
}

export const OUTSIDE = '(outside the program and the runtime)';

/** Executed instructions by the name of the function they lie in, most first. */
export function countByFunction(
  pieces: readonly CodePiece[],
  counts: ReadonlyMap<number, number>,
): [name: string, count: number][] {
  // Of equal starts the sort keeps the order, so the last of them is the newest.
  const sorted = [...pieces].sort((a, b) => a.start - b.start);
  const sums = new Map<string, number>();
  for (const [address, count] of counts) {
    const name = nameAt(sorted, address);
    sums.set(name, (sums.get(name) ?? 0) + count);
  }
  return [...sums].sort(([, a], [, b]) => b - a);
}

function nameAt(sorted: readonly CodePiece[], address: number): string {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle].start <= address) low = middle + 1;
    else high = middle;
  }
  const piece = sorted[low - 1];
  return piece !== undefined && address < piece.end ? shortName(piece.name) : OUTSIDE;
}

/** "JS:*launch file:///…/dist/core/host/x.js:12:3" → "launch core/host/x.js:12 *": `*` = optimised. */
function shortName(name: string): string {
  const match = /^[A-Za-z]+:([*^~+]?)(\S*) (?:file:\/\/)?\S*?\/dist\/(\S+?):(\d+):\d+$/.exec(name);
  if (match === null) return name;
  const [, tier, called, file, line] = match;
  return `${called === '' ? '(anonymous)' : called} ${file}:${line} ${tier}`.trimEnd();
}
