/**
 * Which code computes the runs of a sweep: one hash of all of it, what it depends on included.
 *
 * The version moves when somebody moves it; this moves when the code does. The bundle step (test/bundle.ts)
 * packs the task of a sweep with everything it reaches into one text, hashes that and writes the hash
 * beside the command line. Invariant: equal sources and dependencies give an equal hash on any machine,
 * wherever they lie, and a change of comments or layout changes none; a run id has no part of it.
 * Trade-off: a change that no result shows makes another build, too.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../cli/package-root.js';

/** In `dist/cli`. */
export const BUILD_FILE = 'engine-build.txt';
/** Sources that were run as they are, and never built. */
const UNBUILT = 'unbuilt';

let known: string | undefined;

/** Lower-case hex; read once, so that what a process says of itself does not change while it runs. */
export function engineBuild(): string {
  if (known !== undefined) return known;
  const file = join(packageRoot(), 'dist', 'cli', BUILD_FILE);
  known = existsSync(file) ? readFileSync(file, 'utf8').trim() : UNBUILT;
  return known;
}

/** As much of it as a person compares. */
export function shownBuild(build: unknown): string {
  return typeof build === 'string' ? build.slice(0, 12) : 'an unknown build';
}
