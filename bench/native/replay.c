/*
 * Replays a trace file against the pool in pool.h, one replay per line of standard input:
 *   replay A B   answers the nanoseconds of processor time of the operations from A up to B
 *   floor A B    the same with an allocator that does nothing
 *   place FILE   writes one Int32 per operation: where it was placed, or -1; answers the pool's bytes
 *   window A B   replays and marks the operations from A up to B for native/steps; answers nothing
 * Built with -DINDEX='"granule-index.h"' or '"best-fit-index.h"'. Exits with 2 on a bad file.
 */
#include <signal.h>
#include <stdio.h>
#include <time.h>
#include "pool.h"

enum { MAGIC_WORD = 0x414c4c31, TRACE_HEADER = 8, SLOT_MASK = 0xffffff };
enum { ALIGNED = 1 << 28, IS_FREE = 1 << 30 };

static int32_t header[TRACE_HEADER];
static int32_t *operations;
static uint64_t *handles;

static int64_t now_ns(void) {
  struct timespec t;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static void load(const char *path) {
  FILE *file = fopen(path, "rb");
  if (file == NULL || fread(header, sizeof header, 1, file) != 1 || header[0] != MAGIC_WORD) exit(2);
  size_t count = 2 * (size_t)header[2];
  operations = malloc(count * sizeof *operations + 1);
  handles = calloc((size_t)header[3] + 1, sizeof *handles);
  if (operations == NULL || handles == NULL) abort();
  if (fread(operations, sizeof *operations, count, file) != count) exit(2);
  fclose(file);
  /* More than the node is refused as one frame more is; int32 sums of larger sizes would not hold. */
  for (size_t i = 1; i < count; i += 2)
    if (operations[i] > header[1]) operations[i] = header[1] + 1;
}

static inline void run(int32_t from, int32_t end) {
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

static int64_t replay(int32_t from, int32_t end) {
  memset(handles, 0, (size_t)header[3] * sizeof *handles);
  pool_open(header[1]);
  run(0, from);
  int64_t started = now_ns();
  run(from, end);
  int64_t took = now_ns() - started;
  pool_close();
  return took;
}

static void window(int32_t from, int32_t end) {
  /* What native/steps waits for: the signal, and that many bytes written at once. */
  enum { END = 7778 };
  static char nothing[END];
  FILE *sink = fopen("/dev/null", "wb");
  if (sink == NULL || setvbuf(sink, NULL, _IONBF, 0) != 0) exit(2);
  memset(handles, 0, (size_t)header[3] * sizeof *handles);
  pool_open(header[1]);
  run(0, from);
  raise(SIGUSR2);
  run(from, end);
  fwrite(nothing, 1, END, sink);
  fclose(sink);
  pool_close();
}

static uint64_t floor_run(int32_t from, int32_t end) {
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
  return held;
}

static int64_t floor_replay(int32_t from, int32_t end) {
  memset(handles, 0, (size_t)header[3] * sizeof *handles);
  uint64_t held = floor_run(0, from);
  int64_t started = now_ns();
  held += floor_run(from, end);
  int64_t took = now_ns() - started;
  return took + (held == 1);
}

static void place(const char *path) {
  FILE *file = fopen(path, "wb");
  if (file == NULL) exit(2);
  memset(handles, 0, (size_t)header[3] * sizeof *handles);
  pool_open(header[1]);
  size_t most = 0;
  for (int32_t i = 0; i < header[2]; i++) {
    int32_t word = operations[2 * i], start = -1;
    uint64_t *slot = handles + (word & SLOT_MASK);
    if (word & IS_FREE) {
      if (*slot != 0) pool_free(*slot);
      *slot = 0;
    } else {
      *slot = pool_alloc(operations[2 * i + 1], word & ALIGNED ? GRANULE : 1);
      if (*slot != 0) start = pool_start(*slot);
    }
    if (pool_bytes() > most) most = pool_bytes();
    fwrite(&start, sizeof start, 1, file);
  }
  fclose(file);
  pool_close();
  printf("%zu\n", most);
}

int main(int argc, char **argv) {
  static char line[4096];
  int32_t from, end;
  if (argc != 2) return 2;
  load(argv[1]);
  while (fgets(line, sizeof line, stdin) != NULL) {
    line[strcspn(line, "\n")] = 0;
    if (sscanf(line, "replay %d %d", &from, &end) == 2) printf("%lld\n", (long long)replay(from, end));
    else if (sscanf(line, "floor %d %d", &from, &end) == 2)
      printf("%lld\n", (long long)floor_replay(from, end));
    else if (strncmp(line, "place ", 6) == 0) place(line + 6);
    else if (sscanf(line, "window %d %d", &from, &end) == 2) window(from, end);
    else return 2;
    fflush(stdout);
  }
  return 0;
}
