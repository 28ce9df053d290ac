/**
 * Handles of one extent store: which slot is live, where its extent starts, which generation it is.
 *
 * A handle packs generation, tag and slot into one safe integer. The slot says where to look, the
 * generation grows each time the slot is vacated, and the tag tells stores apart, so that neither a
 * stale handle nor one of a sister store with another tag ever reads as live.
 *
 * Invariant: a slot is live (place >= 0) or listed once in `vacant`; a slot whose generations are
 * used up is in neither and is never used again, so no handle value is issued twice.
 * Trade-off: the table is immutable and copied on each change, which makes a mark a reference.
 */
import type { Handle } from './extent-store.js';

const SLOTS = 2 ** 24;
const TAGS = 2 ** 8;
const GENERATIONS = 2 ** 21;

export interface HandleTable {
  readonly tag: number;
  /** Slot → start frame of its extent; -1 = vacant. */
  readonly places: readonly number[];
  /** Slot → generation of the handle it has, or would issue next; from 1. */
  readonly generations: readonly number[];
  /** Vacant slots; the last one vacated is used first. */
  readonly vacant: readonly number[];
}

/** A table without slots. `tag`: 0…255. */
export function emptyTable(tag: number): HandleTable {
  if (!Number.isInteger(tag) || tag < 0 || tag >= TAGS) throw new Error(`tag ${tag}: not 0…255`);
  return { tag, places: [], generations: [], vacant: [] };
}

/** A table with one more live handle, whose extent starts at `start`. */
export function issue(table: HandleTable, start: number): { table: HandleTable; handle: Handle } {
  const fresh = table.vacant.length === 0;
  const slot = table.vacant.at(-1) ?? table.places.length;
  if (slot >= SLOTS) throw new Error(`more than ${SLOTS} extents in one store`);
  const generations = fresh ? [...table.generations, 1] : table.generations;
  const vacant = fresh ? table.vacant : table.vacant.slice(0, -1);
  const next = { tag: table.tag, places: put(table.places, slot, start), generations, vacant };
  return { table: next, handle: handleOf(next, slot) };
}

/** The table after the extent of a live handle is gone: the handle is stale from now on. */
export function retire(table: HandleTable, handle: Handle): HandleTable {
  const slot = liveSlot(table, handle);
  const generation = table.generations[slot] + 1;
  const spent = generation >= GENERATIONS;
  return {
    tag: table.tag,
    places: put(table.places, slot, -1),
    generations: put(table.generations, slot, generation),
    vacant: spent ? table.vacant : [...table.vacant, slot],
  };
}

/** The table after the extent of a live handle begins at another frame. */
export function move(table: HandleTable, handle: Handle, start: number): HandleTable {
  return { ...table, places: put(table.places, liveSlot(table, handle), start) };
}

/** Start frame of the extent a live handle names. Throws on a stale or foreign handle. */
export function placeOf(table: HandleTable, handle: Handle): number {
  return table.places[liveSlot(table, handle)];
}

/** How many handles are live. */
export function liveCount(table: HandleTable): number {
  let live = 0;
  for (const place of table.places) if (place >= 0) live++;
  return live;
}

function liveSlot(table: HandleTable, handle: Handle): number {
  const slot = handle % SLOTS;
  if (!(slot >= 0 && slot < table.places.length && handleOf(table, slot) === handle)) {
    throw new Error(`handle ${handle} is stale, or of another store`);
  }
  if (table.places[slot] < 0) throw new Error(`handle ${handle} was never issued`);
  return slot;
}

function handleOf(table: HandleTable, slot: number): Handle {
  return (table.generations[slot] * TAGS + table.tag) * SLOTS + slot;
}

function put(list: readonly number[], index: number, value: number): readonly number[] {
  const copy = list.slice();
  copy[index] = value;
  return copy;
}
