/*
 * Numbered bins, each a doubly linked list of nodes (two words inside a record: previous, next), with
 * the set of bins that are not empty; as in core/memory/bin-lists.
 */
#ifndef BINS_H
#define BINS_H
#include "bits.h"

enum { PREVIOUS = 0, NEXT = 1 };

typedef struct { int32_t base, count; Levels filled; int32_t words; } Bins;

static Bins bins_at(int32_t base, int32_t count) {
  Bins bins = {base, count, levels_at(base + count, count), 0};
  bins.words = count + bins.filled.words;
  return bins;
}

static inline void put_node(int32_t *w, const Bins *bins, int32_t bin, int32_t node) {
  int32_t head = bins->base + bin;
  int32_t next = w[head];
  w[node + PREVIOUS] = head - NEXT;
  w[node + NEXT] = next;
  w[head] = node;
  if (next == 0) add_member(w, &bins->filled, bin);
  else w[next + PREVIOUS] = node;
}

static inline void take_node(int32_t *w, const Bins *bins, int32_t node) {
  int32_t previous = w[node + PREVIOUS];
  int32_t next = w[node + NEXT];
  w[previous + NEXT] = next;
  if (next != 0) w[next + PREVIOUS] = previous;
  else if (previous < bins->base + bins->count)
    remove_member(w, &bins->filled, previous + NEXT - bins->base);
}

#endif
