/*
 * The granule-aware policy of core/memory/granule-index, line by line: pieces (ragged ends) in bins by
 * exact size, runs in bins by their whole granules; fewest granules destroyed, then touched, then best
 * fit, in a bounded search with an exhaustive one before refusing.
 */
#ifndef GRANULE_INDEX_H
#define GRANULE_INDEX_H
#include "layout.h"

enum { GRANULES = POLICY_WORDS, HEAD, TAIL, HEAD_NODE, TAIL_NODE = HEAD_NODE + 2,
       WHOLE_NODE = TAIL_NODE + 2, FILED = WHOLE_NODE + 2 };
enum { SEARCH = 12, FINE_SHIFT = 5, FINE = 1 << FINE_SHIFT, NO_LIMIT = INT32_MAX };

static Bins pieces, wholes;
static int32_t max_piece;
static int32_t found_place;
#ifndef BARE
/* Runs as long as the longest, while its length is known. */
static int32_t longest_runs;
#endif
static int32_t best_at, best_place, best_destroyed, best_touched, best_frames;

static inline int32_t whole_bin(int32_t granules) {
  if (granules < FINE) return granules;
  int32_t octave = 31 - __builtin_clz((uint32_t)granules) - FINE_SHIFT;
  return ((octave + 1) << FINE_SHIFT) | ((granules >> octave) & (FINE - 1));
}

static int32_t index_open(int32_t base, int32_t frames) {
  max_piece = frames < 2 * GRANULE - 2 ? frames : 2 * GRANULE - 2;
  pieces = bins_at(base, max_piece + 1);
  wholes = bins_at(base + pieces.words, whole_bin(frames >> GRANULE_SHIFT) + 1);
  return pieces.words + wholes.words;
}

static inline void refile_piece(int32_t *w, int32_t size_word, int32_t node, int32_t size) {
  if (w[size_word] != 0) take_node(w, &pieces, node);
  if (size != 0) put_node(w, &pieces, size, node);
  w[size_word] = size;
}

static inline void index_update(int32_t *w, int32_t at, int32_t start, int32_t frames) {
  int32_t granules = whole_granules(start, frames);
  int32_t head = frames, tail = 0;
  if (granules > 0) {
    head = -start & (GRANULE - 1);
    tail = (start + frames) & (GRANULE - 1);
  }
  if (head != w[at + HEAD]) refile_piece(w, at + HEAD, at + HEAD_NODE, head);
  if (tail != w[at + TAIL]) refile_piece(w, at + TAIL, at + TAIL_NODE, tail);
  int32_t before = w[at + GRANULES];
#ifndef BARE
  int32_t was = w[at + FILED];
  w[at + FILED] = frames;
  if (granules > 0 && frames > longest_run) {
    longest_run = frames;
    longest_runs = 1;
  } else {
    if (granules > 0 && frames == longest_run) longest_runs++;
    if (before > 0 && was == longest_run && --longest_runs == 0) longest_run = UNKNOWN;
  }
#endif
  if (granules == before) return;
#ifndef BARE
  if (granules > most_granules) most_granules = granules;
  else if (before == most_granules) most_granules = UNKNOWN;
#endif
  w[at + GRANULES] = granules;
  w[FREE_GRANULES] += granules - before;
  int32_t from = whole_bin(before), to = whole_bin(granules);
  if (from == to) return;
  if (from != 0) take_node(w, &wholes, at + WHOLE_NODE);
  if (to != 0) put_node(w, &wholes, to, at + WHOLE_NODE);
}

static inline int32_t place_in_piece(int32_t start, int32_t size, int32_t frames) {
  int32_t below = GRANULE - (start & (GRANULE - 1));
  int32_t above = size - below;
  if (above < frames || (below >= frames && below <= above)) return start;
  return start + size - frames;
}

static inline int32_t any_piece(const int32_t *w, int32_t frames) {
  int32_t size = least_from(w, &pieces.filled, frames);
  if (size < 0) return 0;
  int32_t node = w[pieces.base + size];
  int32_t at = record_of(node);
  int32_t start = w[at + START];
  if (w[at + GRANULES] == 0) found_place = place_in_piece(start, size, frames);
  else if (node == at + HEAD_NODE) found_place = start;
  else found_place = start + w[at + FRAMES] - frames;
  return at;
}

static int32_t aligned_piece(const int32_t *w, int32_t frames, int32_t align, int32_t limit) {
  int32_t size = least_from(w, &pieces.filled, frames);
  while (size >= 0) {
    for (int32_t node = w[pieces.base + size]; node != 0; node = w[node + NEXT]) {
      int32_t at = record_of(node);
      int32_t start = w[at + START];
      int32_t first = node == at + HEAD_NODE ? start : start + w[at + FRAMES] - size;
      int32_t place = align_up(first, align);
      if (place + frames <= first + size) {
        found_place = place;
        return at;
      }
      if (--limit <= 0) return 0;
    }
    size = size < max_piece ? least_from(w, &pieces.filled, size + 1) : -1;
  }
  return 0;
}

static inline void weigh_place(int32_t at, int32_t place, int32_t frames, int32_t whole_start,
                               int32_t whole_end, int32_t run_frames) {
  int32_t end = place + frames;
  int32_t last = (end + GRANULE - 1) >> GRANULE_SHIFT;
  int32_t touched = last - (place >> GRANULE_SHIFT);
  int32_t outer = end > whole_end ? last - (whole_end >> GRANULE_SHIFT) : 0;
  int32_t under = place < whole_start ? (whole_start >> GRANULE_SHIFT) - (place >> GRANULE_SHIFT) : 0;
  int32_t destroyed = touched - outer - under;
  if (best_at != 0) {
    if (destroyed > best_destroyed) return;
    if (destroyed == best_destroyed) {
      if (touched > best_touched) return;
      if (touched == best_touched && run_frames >= best_frames) return;
    }
  }
  best_at = at;
  best_place = place;
  best_destroyed = destroyed;
  best_touched = touched;
  best_frames = run_frames;
}

static inline void weigh(const int32_t *w, int32_t at, int32_t frames, int32_t align) {
  int32_t start = w[at + START];
  int32_t run = w[at + FRAMES];
  int32_t end = start + run;
  if (run < frames) return;
  int32_t whole_start = start + w[at + HEAD];
  int32_t whole_end = end - w[at + TAIL];
  int32_t low = align == 1 ? start : align_up(start, align);
  if (low + frames > end) return;
  weigh_place(at, low, frames, whole_start, whole_end, run);
  int32_t high = align == 1 ? end - frames : (end - frames) / align * align;
  if (high != low) weigh_place(at, high, frames, whole_start, whole_end, run);
  if (whole_start != start) {
    int32_t place = align_up(whole_start, align);
    if (place + frames <= end) weigh_place(at, place, frames, whole_start, whole_end, run);
  }
  if (whole_end != end && whole_end - frames >= start) {
    int32_t place = align == 1 ? whole_end - frames : (whole_end - frames) / align * align;
    if (place >= start) weigh_place(at, place, frames, whole_start, whole_end, run);
  }
}

static void search_wholes(const int32_t *w, int32_t frames, int32_t align, int32_t least,
                          int32_t limit) {
  int32_t left = limit;
  int32_t lowest = whole_bin(least);
  int32_t bin = lowest < wholes.count ? least_from(w, &wholes.filled, lowest) : -1;
  int32_t good_destroyed = frames >> GRANULE_SHIFT ? frames >> GRANULE_SHIFT : 1;
  int32_t good_touched = (frames + GRANULE - 1) >> GRANULE_SHIFT;
  while (bin >= 0) {
    for (int32_t node = w[wholes.base + bin]; node != 0; node = w[node + NEXT]) {
      weigh(w, record_of(node), frames, align);
      if (best_at != 0) {
        if (best_destroyed <= good_destroyed && best_touched <= good_touched) return;
        if (limit == NO_LIMIT) return;
      }
      if (--left <= 0) return;
    }
    bin = bin + 1 < wholes.count ? least_from(w, &wholes.filled, bin + 1) : -1;
  }
}

static inline int32_t ceil_granules(int32_t frames) {
  return frames <= 0 ? 0 : (frames + GRANULE - 1) >> GRANULE_SHIFT;
}

static int32_t index_find(const int32_t *w, int32_t frames, int32_t align) {
  if (frames <= max_piece) {
    int32_t at = align == 1 ? any_piece(w, frames) : aligned_piece(w, frames, align, SEARCH);
    if (at != 0) return at;
  }
  int32_t lost = GRANULE % align == 0 ? 0 : align - 1;
  int32_t ends = align % GRANULE == 0 ? GRANULE - 1 : 2 * (GRANULE - 1);
  int32_t least = ceil_granules(frames - ends) > 1 ? ceil_granules(frames - ends) : 1;
  best_at = 0;
  search_wholes(w, frames, align, least, SEARCH);
  if (best_at == 0) search_wholes(w, frames, align, ceil_granules(frames + lost), SEARCH);
  if (best_at == 0) search_wholes(w, frames, align, least, NO_LIMIT);
  if (best_at == 0) {
    if (align == 1 || frames > max_piece) return 0;
    return aligned_piece(w, frames, align, NO_LIMIT);
  }
  found_place = best_place;
  return best_at;
}

#endif
