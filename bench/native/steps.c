/*
 * Counts what a program executes between two marks: starts the command, lets it run to where it
 * sends itself SIGUSR2, and from there on steps its first thread instruction by instruction up to
 * where it writes END bytes in one call. Prints one line: instructions, conditional jumps, those of jumps that
 * were never taken (what a compiler of JavaScript checks, it checks with a jump it does not expect),
 * and distinct instructions. With "--counts FILE" before the command that file has the number of the
 * process in its first line and in each further one an address, in hexadecimal, and how often it was
 * executed. For Linux on x86-64; nothing else has these registers.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

enum { END = 7778, WRITE_CALL = 1, ADDRESSES = 1 << 18, SYSCALL = 0x050f };

typedef unsigned long long Word;
typedef struct { Word address, count, taken; } Seen;
static Seen seen[ADDRESSES];

static Seen *seen_at(Word address) {
  Word i = (address * 0x9e3779b97f4a7c15ULL) >> 46;
  while (seen[i].address != 0 && seen[i].address != address) i = (i + 1) % ADDRESSES;
  seen[i].address = address;
  return &seen[i];
}

/* Bytes of a conditional jump; 0 for any other instruction. */
static int jump_length(Word code) {
  if ((code & 0xf0) == 0x70) return 2;
  return (code & 0xff) == 0x0f && (code >> 8 & 0xf0) == 0x80 ? 6 : 0;
}

static struct user_regs_struct registers(pid_t child) {
  struct user_regs_struct now;
  if (ptrace(PTRACE_GETREGS, child, 0, &now) != 0) exit(1);
  return now;
}

/* To the next stop; the signal to pass on, 0 for a trap of our own. */
static int wait_for(pid_t child) {
  int status;
  if (waitpid(child, &status, 0) < 0 || !WIFSTOPPED(status)) exit(1);
  int signal = WSTOPSIG(status) & 0x7f;
  return signal == SIGTRAP ? 0 : signal;
}

static void run_to_begin(pid_t child) {
  for (int signal = 0; signal != SIGUSR2; signal = wait_for(child))
    ptrace(PTRACE_CONT, child, 0, signal);
}

static void write_counts(const char *path, pid_t child) {
  FILE *file = fopen(path, "w");
  if (file == NULL) exit(1);
  fprintf(file, "%d\n", (int)child);
  for (int i = 0; i < ADDRESSES; i++)
    if (seen[i].count != 0) fprintf(file, "%llx %llu\n", seen[i].address, seen[i].count);
  if (fclose(file) != 0) exit(1);
}

int main(int argc, char **argv) {
  const char *counts = argc > 2 && strcmp(argv[1], "--counts") == 0 ? argv[2] : NULL;
  char **command = argv + (counts == NULL ? 1 : 3);
  if (command[0] == NULL) return 2;
  pid_t child = fork();
  if (child == 0) {
    ptrace(PTRACE_TRACEME, 0, 0, 0);
    execvp(command[0], command);
    _exit(2);
  }
  wait_for(child);
  ptrace(PTRACE_SETOPTIONS, child, 0, PTRACE_O_EXITKILL);
  run_to_begin(child);
  Word steps = 0, jumps = 0, checks = 0, distinct = 0, fall = 0;
  Seen *jump = NULL;
  for (int signal = 0;; steps++) {
    struct user_regs_struct now = registers(child);
    Word code = (Word)ptrace(PTRACE_PEEKTEXT, child, now.rip, 0);
    if (jump != NULL && now.rip != fall) jump->taken++;
    if ((code & 0xffff) == SYSCALL && now.rax == WRITE_CALL && now.rdx == END) break;
    Seen *here = seen_at(now.rip);
    here->count++;
    int length = jump_length(code);
    jump = length == 0 ? NULL : here;
    fall = now.rip + length;
    jumps += length != 0;
    ptrace(PTRACE_SINGLESTEP, child, 0, signal);
    signal = wait_for(child);
  }
  for (int i = 0; i < ADDRESSES; i++) {
    if (seen[i].count == 0) continue;
    distinct++;
    Word code = (Word)ptrace(PTRACE_PEEKTEXT, child, seen[i].address, 0);
    if (jump_length(code) != 0 && seen[i].taken == 0) checks += seen[i].count;
  }
  if (counts != NULL) write_counts(counts, child);
  printf("%llu %llu %llu %llu\n", steps, jumps, checks, distinct);
  kill(child, SIGKILL);
  return 0;
}
