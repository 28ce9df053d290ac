/** Where this package lies, from the sources and from dist/ alike, and the files shipped with it. */
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** A scenario of scenarios/library by file name. */
export function libraryFile(name: string): string {
  return join(packageRoot(), 'scenarios', 'library', name);
}

/** The folder of package.json. */
export function packageRoot(): string {
  const here = dirname(fileURLToPath(import.meta.url));
  for (let folder = here; ; folder = dirname(folder)) {
    if (existsSync(join(folder, 'package.json'))) return folder;
    if (folder === dirname(folder)) throw new Error(`no package.json above ${here}`);
  }
}
