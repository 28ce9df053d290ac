/**
 * Where a command writes, and how its text may look there.
 *
 * Invariant: commands write through this face only, results to `out`, everything else to `err`, so a
 * test can read along and `--json` leaves nothing else on standard output. What becomes of text that
 * cannot be written is write-error.ts's.
 */
import { decideStyle, type Style } from '../../reports/terminal/style.js';
import { fittedLines } from './fitted-lines.js';

export interface Streams {
  readonly out: (text: string) => void;
  /** A message: in a terminal its lines are fitted to it, in a pipe each stays one line. */
  readonly err: (text: string) => void;
  /** Beside the result, too, but to be copied or read by a program: not fitted. */
  readonly errAsIs: (text: string) => void;
  /** Of standard output. */
  readonly style: Style;
}

/** The streams of this process. */
export function processStreams(): Streams {
  const { stdout, stderr, env } = process;
  return {
    out: (text) => void stdout.write(text),
    err: (text) => void stderr.write(fittedLines(text, stderr.isTTY ? stderr.columns : undefined)),
    errAsIs: (text) => void stderr.write(text),
    style: decideStyle({ env, isTTY: stdout.isTTY === true, columns: stdout.columns }),
  };
}
