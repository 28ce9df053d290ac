/**
 * What a word of a bare search means. Only names: a module loads its own exports at each use, so those
 * who use them take them into constants of their own (see `core/memory/extent-layout`).
 *
 * Invariant: words up to EDGE are bins, the record at EDGE is everybody's missing neighbour. Trade-off: a
 * granule of 512 frames, and nodes of fewer than 2^20 granules.
 */

import { BURDEN } from './burden.js';

const CAPACITY = 2 ** 21;
/** Never assigned again, so that V8 takes the array itself into the code, unless it is to be in a field. */
export const MEMORY = { words: new Int32Array(CAPACITY) };
if (BURDEN.field) MEMORY.words = new Int32Array(CAPACITY);
/** Masks: of a record, of a list node (two words). As wide as a number, they say nothing of an index. */
const WIDTH = BURDEN.checked ? 0 : CAPACITY;
export const RECORD = WIDTH - 16;
export const NODE = WIDTH - 2;

/** Words of a record: FREE is 1 or 0, the others as in `core/memory`. */
export const START = 0;
export const FRAMES = 1;
export const FREE = 2;
export const BELOW = 3;
export const ABOVE = 4;
export const FIRST_NODE = 8;

/** Bins lie below: bin b of a list is the node 2 · b. */
export const EDGE = 4096;

/** Bits 0…3 of a word tell where in its record it lies. */
export const IN_RECORD = 15;

export const SHIFT = 9;
export const GRANULE = 1 << SHIFT;
export const RAGGED = GRANULE - 1;

/** Of a record that has one, counted at each release. */
export const GENERATION = 6;

/** Of a record under the granule-aware search; the first node is of its head. */
export const GRANULES = 5;
export const TAIL_NODE = FIRST_NODE + 2;
export const WHOLE_NODE = FIRST_NODE + 4;

/** Bins of pieces; then those of runs, which are fewer than half as many. */
export const PIECE_BINS = 1024;
export const WHOLES = 2 * PIECE_BINS;
export const WHOLE_BINS = 512;
