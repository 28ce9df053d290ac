/* What a word of the pool means; the same as core/memory/extent-layout, without the journal's needs. */
#ifndef LAYOUT_H
#define LAYOUT_H
#include "bins.h"

enum { FREE_FRAMES = 6, FREE_GRANULES = 7, VACANT = 8, END = 9, HEADER_WORDS = 16 };
enum { START, FRAMES, OWNER, GENERATION, BELOW, ABOVE, POLICY_WORDS };
enum { RECORD_SHIFT = 4, RECORD_WORDS = 16, LEVEL_BITS = 32768 };
enum { FREE = 0, VACATED = -1 };
enum { GRANULE_SHIFT = 9, GRANULE = 1 << GRANULE_SHIFT };

#ifndef BARE
/* What our pools answer at once, as far as it is known; a frame up to which all are held. */
enum { UNKNOWN = INT32_MAX };
static int32_t longest_run = UNKNOWN, most_granules = UNKNOWN, lowest_free;
#endif

static inline int32_t record_of(int32_t word) { return word & -RECORD_WORDS; }

static inline int32_t align_up(int32_t value, int32_t step) {
  return (value + step - 1) / step * step;
}

static inline int32_t whole_granules(int32_t start, int32_t frames) {
  int32_t first = (start + GRANULE - 1) >> GRANULE_SHIFT;
  int32_t count = ((start + frames) >> GRANULE_SHIFT) - first;
  return count > 0 ? count : 0;
}

#endif
