/**
 * Where a command writes, and how its text may look there.
 *
 * Invariant: commands write through this face only, results to `out`, everything else to `err`, so a
 * test can read along and `--json` leaves nothing else on standard output. A reader that goes away
 * (`| head`) is no error: what it no longer reads is dropped and the exit code stays the command's.
 */
import { decideStyle, type Style } from '../../reports/terminal/style.js';
import { INTERNAL } from './exit-code.js';

export interface Streams {
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  /** Of standard output. */
  readonly style: Style;
}

/** The streams of this process. */
export function processStreams(): Streams {
  const { stdout, stderr, env } = process;
  stdout.on('error', onWriteError);
  stderr.on('error', onWriteError);
  return {
    out: (text) => void stdout.write(text),
    err: (text) => void stderr.write(text),
    style: decideStyle({ env, isTTY: stdout.isTTY === true, columns: stdout.columns }),
  };
}

function onWriteError({ code, message }: NodeJS.ErrnoException): void {
  if (code === 'EPIPE' || code === 'ERR_STREAM_DESTROYED') return;
  process.stderr.write(`hypercarve: cannot write the output: ${message}\n`);
  process.exit(INTERNAL);
}
