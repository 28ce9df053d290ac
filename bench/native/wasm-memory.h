/*
 * What the pool needs of a C library where there is none: memory of a WebAssembly module, handed out in
 * a row and taken back all at once. The loader gives it pages enough for any trace of the bench.
 */
#ifndef WASM_MEMORY_H
#define WASM_MEMORY_H
#include <stddef.h>
#include <stdint.h>

extern unsigned char __heap_base;
static unsigned char *next_bytes = &__heap_base;

#define memset __builtin_memset
#define memcpy __builtin_memcpy

static _Noreturn void abort(void) { __builtin_trap(); }
static void free(void *block) { (void)block; }

static void *calloc(size_t count, size_t size) {
  void *block = next_bytes;
  next_bytes += (count * size + 63) & ~(size_t)63;
  memset(block, 0, count * size);
  return block;
}

/* Of the last block only, which grows where it is. */
static void *realloc(void *block, size_t size) {
  next_bytes = (unsigned char *)block + ((size + 63) & ~(size_t)63);
  return block;
}

#endif
