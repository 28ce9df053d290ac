/**
 * `demo`: the flagship scenario on both enclave platforms; what `npm start` shows.
 *
 * Invariant: it is a plain `run` of a shipped file, so what it shows anyone can repeat.
 */
import type { ExitCode } from './exit-code.js';
import { libraryFile } from './package-root.js';
import { run } from './run.js';
import type { Streams } from './streams.js';

const FLAGSHIP = 'flagship.yaml';

export function demo(streams: Streams): Promise<ExitCode> {
  return run(libraryFile(FLAGSHIP), { platform: 'qingtian,nitro' }, streams);
}
