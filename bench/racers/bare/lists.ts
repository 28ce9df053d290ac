/**
 * The lists of the bare granule-aware search: pieces by their size, runs by their whole granules.
 *
 * Two of a kind, written out, so that each knows where its bins and its bits lie. Invariant: a bin's bit
 * is set iff it has a node. Trade-off: see `words`.
 */
import * as layout from './layout.js';
import * as words from './words.js';

const { EDGE, NODE, PIECE_BINS, WHOLE_BINS, WHOLES, MEMORY } = layout;
const { lowestBit } = words;
const M = MEMORY;
const N = NODE;

/** Bits of the bins that are not empty, and of the words of those. */
const B = new Int32Array(64);
const PIECES_TOP = 32;
const WHOLE_BITS = 33;
const WHOLES_TOP = 49;

export function emptyLists(): void {
  B.fill(0);
}

export function putPiece(size: number, given: number): void {
  const W = M.words;
  const head = (size & (PIECE_BINS - 1)) << 1;
  const node = given & N;
  const first = W[head + 1];
  W[node] = head;
  W[node + 1] = first;
  W[head + 1] = node;
  W[first & N] = node;
  if (first === 0) {
    const row = (size >> 5) & 31;
    B[row] |= 1 << size;
    B[PIECES_TOP] |= 1 << row;
  }
}

export function takePiece(given: number): void {
  const W = M.words;
  const node = given & N;
  const previous = W[node] & N;
  const next = W[node + 1] & N;
  W[previous + 1] = next;
  W[next] = previous;
  if (next === 0 && previous < WHOLES) {
    const size = previous >> 1;
    const row = (size >> 5) & 31;
    const rest = B[row] & ~(1 << size);
    B[row] = rest;
    if (rest === 0) B[PIECES_TOP] &= ~(1 << row);
  }
}

export function wholeBin(granules: number): number {
  if (granules < 64) return granules;
  const octave = 26 - Math.clz32(granules);
  return (octave << 5) + (granules >> octave);
}

export function putWhole(bin: number, given: number): void {
  const W = M.words;
  const head = ((bin & (WHOLE_BINS - 1)) << 1) + WHOLES;
  const node = given & N;
  const first = W[head + 1];
  W[node] = head;
  W[node + 1] = first;
  W[head + 1] = node;
  W[first & N] = node;
  if (first === 0) {
    const row = (bin >> 5) & 15;
    B[WHOLE_BITS + row] |= 1 << bin;
    B[WHOLES_TOP] |= 1 << row;
  }
}

export function takeWhole(given: number): void {
  const W = M.words;
  const node = given & N;
  const previous = W[node] & N;
  const next = W[node + 1] & N;
  W[previous + 1] = next;
  W[next] = previous;
  if (next === 0 && previous < EDGE) {
    const bin = (previous - WHOLES) >> 1;
    const row = (bin >> 5) & 15;
    const rest = B[WHOLE_BITS + row] & ~(1 << bin);
    B[WHOLE_BITS + row] = rest;
    if (rest === 0) B[WHOLES_TOP] &= ~(1 << row);
  }
}

/** The least size of a piece from this one on, 0 when there is none. */
export function pieceFrom(size: number): number {
  let row = (size >> 5) & 31;
  let bits = B[row] & (-1 << size);
  if (bits === 0) {
    const rows = B[PIECES_TOP] & (-2 << row);
    if (rows === 0) return 0;
    row = lowestBit(rows) & 31;
    bits = B[row];
  }
  return (row << 5) | lowestBit(bits);
}

export function wholeFrom(bin: number): number {
  if (bin >= WHOLE_BINS) return 0;
  let row = (bin >> 5) & 15;
  let bits = B[WHOLE_BITS + row] & (-1 << bin);
  if (bits === 0) {
    const rows = B[WHOLES_TOP] & (-2 << row);
    if (rows === 0) return 0;
    row = lowestBit(rows) & 15;
    bits = B[WHOLE_BITS + row];
  }
  return (row << 5) | lowestBit(bits);
}
