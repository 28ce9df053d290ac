/**
 * What happens when standard output or error cannot be written.
 *
 * Invariant: a reader that goes away (`| head`) is no error: what it no longer reads is dropped and
 * the exit code stays the command's. Anything else, such as a full disk, ends the process at once
 * with a sentence that says so.
 */
import { INTERNAL } from './exit-code.js';

/** To be called before the stream is first written; once is enough. */
export function tellWriteErrors(stream: NodeJS.WriteStream): void {
  stream.on('error', onWriteError);
}

function onWriteError({ code, message }: NodeJS.ErrnoException): void {
  if (code === 'EPIPE' || code === 'ERR_STREAM_DESTROYED') return;
  process.stderr.write(`hypercarve: cannot write the output: ${message}\n`);
  process.exit(INTERNAL);
}
