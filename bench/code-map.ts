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
  const addresses = Float64Array.from(counts.keys()).sort();
  const names = new Array<string>(addresses.length).fill(OUTSIDE);
  // A newer piece may begin inside an older one or end there: the last to be written has the address.
  for (const { start, end, name } of pieces) {
    for (let at = firstFrom(addresses, start); addresses[at] < end; at++) names[at] = name;
  }
  const sums = new Map<string, number>();
  for (const [at, address] of addresses.entries()) {
    const name = shortName(names[at]);
    sums.set(name, (sums.get(name) ?? 0) + (counts.get(address) ?? 0));
  }
  return [...sums].sort(([, a], [, b]) => b - a);
}

/** Position of the first address that is not below. */
function firstFrom(addresses: Float64Array, from: number): number {
  let low = 0;
  let high = addresses.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (addresses[middle] < from) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** "JS:*launch file:///…/dist/core/host/x.js:12:3" → "launch core/host/x.js:12 *": `*` = optimised. */
function shortName(name: string): string {
  const match = /^[A-Za-z]+:([*^~+]?)(\S*) (?:file:\/\/)?\S*?\/dist\/(\S+?):(\d+):\d+$/.exec(name);
  if (match === null) return name;
  const [, tier, called, file, line] = match;
  return `${called === '' ? '(anonymous)' : called} ${file}:${line} ${tier}`.trimEnd();
}
