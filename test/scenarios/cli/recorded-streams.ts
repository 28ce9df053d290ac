/** Streams that remember what a command wrote, as plain text at 80 columns. */
import type { Streams } from '../../../scenarios/cli/streams.js';

export interface RecordedStreams extends Streams {
  readonly stdout: () => string;
  readonly stderr: () => string;
}

export function recordedStreams(width = 80): RecordedStreams {
  const written = { out: '', err: '' };
  return {
    out: (text) => {
      written.out += text;
    },
    err: (text) => {
      written.err += text;
    },
    errAsIs: (text) => {
      written.err += text;
    },
    style: { color: false, width, unicode: true },
    stdout: () => written.out,
    stderr: () => written.err,
  };
}
