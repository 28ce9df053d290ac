/** Exit codes of the command line; other programs rely on them. */

/** All went as expected. */
export const OK = 0;
/** An expectation, a vector or an invariant failed, or a search gave up before it had seen all. */
export const FAILED = 1;
/** The input is wrong; nothing was written. */
export const BAD_INPUT = 2;
/** The program itself is at fault, or its output cannot be written. */
export const INTERNAL = 70;

/** Ctrl-C: what was done is kept, and the message says how to go on. */
export const INTERRUPTED = 130;

export type ExitCode =
  | typeof OK
  | typeof FAILED
  | typeof BAD_INPUT
  | typeof INTERNAL
  | typeof INTERRUPTED;
