/*
 * The C twin for WebAssembly: one call per operation, or one per replay of a trace that lies in its memory.
 * A handle crosses as a double, as JavaScript keeps it. Built as replay.c is, with -DINDEX.
 */
#include "pool.h"

enum { SLOT_MASK = 0xffffff, ALIGNED = 1 << 28, IS_FREE = 1 << 30 };
#define EXPORT(name) __attribute__((export_name(name)))

static int32_t *operations;
static uint64_t *handles;

/* Where the words of a trace of so many operations are to be written; takes all other memory back. */
EXPORT("trace") int32_t *trace(int32_t count, int32_t slots) {
  next_bytes = (unsigned char *)(((uintptr_t)&__heap_base + 63) & ~(uintptr_t)63);
  operations = calloc(2 * (size_t)count + 1, sizeof *operations);
  handles = calloc((size_t)slots + 1, sizeof *handles);
  return operations;
}

EXPORT("open") void open_pool(int32_t frames) { pool_open(frames); }
EXPORT("alloc") double alloc(int32_t frames, int32_t align) { return (double)pool_alloc(frames, align); }
EXPORT("release") void release(double handle) { pool_free((uint64_t)handle); }
EXPORT("start") int32_t start_of(double handle) { return pool_start((uint64_t)handle); }

EXPORT("replay") void replay(int32_t from, int32_t end) {
  const int32_t *ops = operations;
  for (int32_t i = from; i < end; i++) {
    int32_t word = ops[2 * i];
    uint64_t *slot = handles + (word & SLOT_MASK);
    if (word & IS_FREE) {
      if (*slot != 0) pool_free(*slot);
      *slot = 0;
    } else {
      *slot = pool_alloc(ops[2 * i + 1], word & ALIGNED ? GRANULE : 1);
    }
  }
}

/* The same loop with an allocator that does nothing. */
EXPORT("floor") int32_t floor_replay(int32_t from, int32_t end) {
  const int32_t *ops = operations;
  uint64_t held = 0;
  for (int32_t i = from; i < end; i++) {
    int32_t word = ops[2 * i];
    uint64_t *slot = handles + (word & SLOT_MASK);
    if (word & IS_FREE) {
      if (*slot != 0) held -= *slot;
      *slot = 0;
    } else {
      *slot = (uint64_t)ops[2 * i + 1] + (word & ALIGNED ? GRANULE : 1);
      held += *slot;
    }
  }
  return held == 1;
}
