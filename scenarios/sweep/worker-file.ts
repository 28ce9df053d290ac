/**
 * Where the built worker entry points lie, seen from the sources, from dist/ and from the bundle.
 *
 * Invariant: workers always run what was built, since Node reads no types.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../cli/package-root.js';

/** Absolute path of a bundled entry point of scenarios/workers; throws Error when nothing is built. */
export function workerFile(name: string): string {
  const file = join(packageRoot(), 'dist', 'cli', `${name}.js`);
  if (!existsSync(file)) throw new Error(`${file} is missing: run \`npm run build\` first`);
  return file;
}
