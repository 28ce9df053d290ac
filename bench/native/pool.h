/*
 * The extent pool of core/memory/extent-pool in C: records of one cache line with boundary tags, an
 * address table with any one extent of each block, handles with generations, and what ours counts at each
 * operation: the longest run, the most whole granules in one, the lowest free frame. The journal is left
 * out: the baseline pays for what an allocator must do, not for undo. INDEX names the policy's header. With
 * BARE there is no address table, no generation and no such count either: a handle is a record, and what
 * is wrong with it goes unnoticed.
 */
#ifndef POOL_H
#define POOL_H
#ifdef __wasm__
#include "wasm-memory.h"
#else
#include <stdlib.h>
#include <string.h>
#endif
#include INDEX

enum { RECORDS_PER_OPERATION = 3 };

static int32_t *words;
static size_t room;
static int32_t first_record;
static int32_t address_base, block_shift;
static Levels address_filled;

static int32_t address_open(int32_t base, int32_t frames) {
  block_shift = GRANULE_SHIFT + 2;
  while (((int64_t)frames + (1 << block_shift) - 1) >> block_shift > LEVEL_BITS) block_shift++;
  int32_t blocks = (frames + (1 << block_shift) - 1) >> block_shift;
  address_base = base;
  address_filled = levels_at(base + blocks, blocks);
  return blocks + address_filled.words;
}

static inline void enter_address(int32_t *w, int32_t at) {
#ifdef BARE
  (void)w, (void)at;
#else
  int32_t start = w[at + START];
  int32_t entry = address_base + (start >> block_shift);
  int32_t last = w[entry];
  w[entry] = at;
  if (last == 0) add_member(w, &address_filled, start >> block_shift);
#endif
}

static inline void leave_address(int32_t *w, int32_t at) {
#ifdef BARE
  (void)w, (void)at;
#else
  int32_t block = w[at + START] >> block_shift;
  int32_t entry = address_base + block;
  int32_t below = w[at + BELOW], above = w[at + ABOVE];
  if (below != 0 && w[below + START] >> block_shift == block) {
    w[entry] = below;
  } else if (above != 0 && w[above + START] >> block_shift == block) {
    w[entry] = above;
  } else {
    w[entry] = 0;
    remove_member(w, &address_filled, block);
  }
#endif
}

static inline int32_t take_record(int32_t *w) {
  int32_t vacant = w[VACANT];
  if (vacant != 0) {
    w[VACANT] = w[vacant + ABOVE];
    return vacant;
  }
  int32_t at = w[END];
  memset(w + at, 0, RECORD_WORDS * sizeof *w);
  w[at + GENERATION] = 1;
  w[END] = at + RECORD_WORDS;
  return at;
}

static inline int32_t cut_above(int32_t *w, int32_t at, int32_t frames) {
  int32_t fresh = take_record(w);
  int32_t above = w[at + ABOVE];
  w[at + FRAMES] -= frames;
  w[fresh + START] = w[at + START] + w[at + FRAMES];
  w[fresh + FRAMES] = frames;
  w[fresh + OWNER] = w[at + OWNER];
  w[fresh + BELOW] = at;
  w[fresh + ABOVE] = above;
  w[at + ABOVE] = fresh;
  if (above != 0) w[above + BELOW] = fresh;
  enter_address(w, fresh);
  return fresh;
}

static inline int32_t cut_below(int32_t *w, int32_t at, int32_t frames) {
  int32_t fresh = take_record(w);
  int32_t below = w[at + BELOW];
  int32_t start = w[at + START];
  w[at + START] = start + frames;
  w[at + FRAMES] -= frames;
  w[fresh + START] = start;
  w[fresh + FRAMES] = frames;
  w[fresh + OWNER] = w[at + OWNER];
  w[fresh + BELOW] = below;
  w[fresh + ABOVE] = at;
  w[at + BELOW] = fresh;
  if (below != 0) w[below + ABOVE] = fresh;
#ifndef BARE
  int32_t block = start >> block_shift;
  w[address_base + block] = fresh;
  if ((start + frames) >> block_shift != block) enter_address(w, at);
#endif
  return fresh;
}

static inline void absorb_above(int32_t *w, int32_t at, int32_t gone) {
  int32_t above = w[gone + ABOVE];
  leave_address(w, gone);
  w[at + FRAMES] += w[gone + FRAMES];
  w[at + ABOVE] = above;
  if (above != 0) w[above + BELOW] = at;
  w[gone + OWNER] = VACATED;
  w[gone + ABOVE] = w[VACANT];
  w[VACANT] = gone;
}

static void make_room(void) {
  if ((size_t)words[END] + RECORDS_PER_OPERATION * RECORD_WORDS <= room) return;
  words = realloc(words, 2 * room * sizeof *words);
  if (words == NULL) abort();
  memset(words + room, 0, room * sizeof *words);
  room *= 2;
}

static void pool_open(int32_t frames) {
  int32_t used = HEADER_WORDS + address_open(HEADER_WORDS, frames);
  used += index_open(used, frames);
  first_record = (used + RECORD_WORDS - 1) & -RECORD_WORDS;
  room = (size_t)first_record + 8 * RECORD_WORDS;
  words = calloc(room, sizeof *words);
  if (words == NULL) abort();
  words[END] = first_record;
  int32_t at = take_record(words);
  words[at + FRAMES] = frames;
  words[FREE_FRAMES] = frames;
  enter_address(words, at);
  index_update(words, at, 0, frames);
}

static inline void pool_close(void) { free(words); }
static inline size_t pool_bytes(void) { return (size_t)words[END] * sizeof *words; }

static inline uint64_t handle_of(const int32_t *w, int32_t at) {
#ifdef BARE
  (void)w;
  return (uint32_t)at;
#else
  return ((uint64_t)(uint32_t)w[at + GENERATION] << 32) | (uint32_t)((at - first_record) >> RECORD_SHIFT);
#endif
}

/* A handle; 0 when no place fits. */
static inline uint64_t pool_alloc(int32_t frames, int32_t align) {
  int32_t at = index_find(words, frames, align);
  if (at == 0) return 0;
  make_room();
  int32_t *w = words;
  int32_t place = found_place;
  w[FREE_FRAMES] -= frames;
  int32_t start = w[at + START];
  int32_t lower = place - start;
  int32_t upper = w[at + FRAMES] - lower - frames;
  int32_t held = at;
  if (lower == 0) {
    if (upper > 0) held = cut_below(w, at, frames);
    index_update(w, at, place + frames, upper);
  } else {
    held = cut_above(w, at, frames + upper);
    index_update(w, at, start, lower);
    if (upper > 0) {
      int32_t rest = cut_above(w, held, upper);
      w[rest + OWNER] = FREE;
      index_update(w, rest, place + frames, upper);
    }
  }
  w[held + OWNER] = 1;
  return handle_of(w, held);
}

static inline int32_t record_of_handle(uint64_t handle) {
#ifdef BARE
  return (int32_t)handle;
#else
  int32_t at = first_record + ((int32_t)(handle & 0xffffff) << RECORD_SHIFT);
  if (at >= words[END] || words[at + OWNER] <= FREE || handle_of(words, at) != handle) abort();
  return at;
#endif
}

static inline int32_t pool_start(uint64_t handle) { return words[record_of_handle(handle) + START]; }

static inline void pool_free(uint64_t handle) {
  int32_t *w = words;
  int32_t at = record_of_handle(handle);
#ifndef BARE
  w[at + GENERATION]++;
#endif
  int32_t start = w[at + START], frames = w[at + FRAMES];
  w[FREE_FRAMES] += frames;
#ifndef BARE
  if (start < lowest_free) lowest_free = start;
#endif
  w[at + OWNER] = FREE;
  int32_t above = w[at + ABOVE], below = w[at + BELOW];
  if (above != 0 && w[above + OWNER] == FREE) {
    frames += w[above + FRAMES];
    index_update(w, above, start, 0);
    absorb_above(w, at, above);
  }
  if (below != 0 && w[below + OWNER] == FREE) {
    int32_t first = w[below + START];
    frames += w[below + FRAMES];
    absorb_above(w, below, at);
    index_update(w, below, first, frames);
  } else {
    index_update(w, at, start, frames);
  }
}

#endif
