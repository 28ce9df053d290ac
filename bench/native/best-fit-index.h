/*
 * Segregated good fit, the policy of core/memory/best-fit-index line by line, but that each record notes
 * what its run is filed under (ours is told; in C a note is one cheap load and store): runs in bins by length,
 * exact below 1,024 frames, then 32 bins per octave; the best of a bounded look into one bin.
 */
#ifndef BEST_FIT_INDEX_H
#define BEST_FIT_INDEX_H
#include "layout.h"

enum { GRANULES = POLICY_WORDS, FILED, NODE };
enum { SEARCH = 32, EXACT_SHIFT = 10, EXACT = 1 << EXACT_SHIFT, FINE_SHIFT = 5 };

static Bins bins;
static int32_t node_frames;
static int32_t found_place;

static inline int32_t length_bin(int32_t frames) {
  if (frames < EXACT) return frames;
  int32_t octave = 31 - __builtin_clz((uint32_t)frames);
  int32_t fine = (frames >> (octave - FINE_SHIFT)) & ((1 << FINE_SHIFT) - 1);
  return EXACT + ((octave - EXACT_SHIFT) << FINE_SHIFT) + fine;
}

static int32_t index_open(int32_t base, int32_t frames) {
  node_frames = frames;
  bins = bins_at(base, length_bin(frames) + 1);
  return bins.words;
}

static inline void index_update(int32_t *w, int32_t at, int32_t start, int32_t frames) {
  int32_t granules = whole_granules(start, frames);
#ifndef BARE
  if (granules != w[at + GRANULES]) most_granules = UNKNOWN;
  if (frames > longest_run) longest_run = frames;
  else if (w[at + FILED] == longest_run) longest_run = UNKNOWN;
#endif
  w[FREE_GRANULES] += granules - w[at + GRANULES];
  w[at + GRANULES] = granules;
  int32_t from = length_bin(w[at + FILED]), to = length_bin(frames);
  w[at + FILED] = frames;
  if (from == to) return;
  if (from != 0) take_node(w, &bins, at + NODE);
  if (to != 0) put_node(w, &bins, to, at + NODE);
}

static inline int32_t best_in(const int32_t *w, int32_t bin, int32_t frames, int32_t align) {
  int32_t best = 0, best_frames = 0, best_start = 0, left = SEARCH;
  for (int32_t node = w[bins.base + bin]; node != 0; node = w[node + NEXT]) {
    int32_t at = record_of(node);
    int32_t start = w[at + START], run = w[at + FRAMES];
    int32_t place = align == 1 ? start : align_up(start, align);
    int shorter = best == 0 || run < best_frames || (run == best_frames && start < best_start);
    if (shorter && place + frames <= start + run) {
      best = at;
      best_frames = run;
      best_start = start;
      found_place = place;
    }
    if (--left <= 0 && best != 0) break;
  }
  return best;
}

static int32_t index_find(const int32_t *w, int32_t frames, int32_t align) {
  if (frames > node_frames) return 0;
  int32_t bin = least_from(w, &bins.filled, length_bin(frames));
  while (bin >= 0) {
    int32_t at = best_in(w, bin, frames, align);
    if (at != 0) return at;
    bin = bin + 1 < bins.count ? least_from(w, &bins.filled, bin + 1) : -1;
  }
  return 0;
}

#endif
