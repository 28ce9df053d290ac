/*
 * A set of up to 32,768 small integers in three levels of 32-bit words,
 * level 0 has one bit per member, a bit of level 1 or 2 says that the word below it is not zero. The
 * idea of core/memory/bit-levels; here the three levels lie in a row and a struct names them.
 */
#ifndef BITS_H
#define BITS_H
#include <stdint.h>

typedef struct { int32_t low, mid, top, words; } Levels;

static Levels levels_at(int32_t base, int32_t size) {
  int32_t low_words = size > 32 ? (size + 31) / 32 : 1;
  int32_t mid_words = (low_words + 31) / 32;
  Levels set = {base, base + low_words, base + low_words + mid_words, low_words + mid_words + 1};
  return set;
}

static inline int lowest_bit(uint32_t word) { return __builtin_ctz(word); }
static inline int highest_bit(uint32_t word) { return 31 - __builtin_clz(word); }

static inline void add_member(int32_t *w, const Levels *set, int32_t n) {
  w[set->low + (n >> 5)] |= (int32_t)(1u << (n & 31));
  w[set->mid + (n >> 10)] |= (int32_t)(1u << ((n >> 5) & 31));
  w[set->top] |= (int32_t)(1u << ((n >> 10) & 31));
}

static inline void remove_member(int32_t *w, const Levels *set, int32_t n) {
  int32_t low = set->low + (n >> 5);
  w[low] &= (int32_t)~(1u << (n & 31));
  if (w[low] != 0) return;
  int32_t mid = set->mid + (n >> 10);
  w[mid] &= (int32_t)~(1u << ((n >> 5) & 31));
  if (w[mid] == 0) w[set->top] &= (int32_t)~(1u << ((n >> 10) & 31));
}

/* The least member of a word's row whose word number is `word`. */
static inline int32_t least_in(const int32_t *w, const Levels *set, int32_t word) {
  return word * 32 + lowest_bit((uint32_t)w[set->low + word]);
}

/* The least member >= n; -1 when there is none. */
static inline int32_t least_from(const int32_t *w, const Levels *set, int32_t n) {
  uint32_t here = (uint32_t)w[set->low + (n >> 5)] & (~0u << (n & 31));
  if (here != 0) return (n & -32) | lowest_bit(here);
  uint32_t middle = (uint32_t)w[set->mid + (n >> 10)] & (~1u << ((n >> 5) & 31));
  if (middle != 0) return least_in(w, set, (n >> 10) * 32 + lowest_bit(middle));
  uint32_t top = (uint32_t)w[set->top] & (~1u << ((n >> 10) & 31));
  if (top == 0) return -1;
  int32_t row = lowest_bit(top);
  return least_in(w, set, row * 32 + lowest_bit((uint32_t)w[set->mid + row]));
}

#endif
