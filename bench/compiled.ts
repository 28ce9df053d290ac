/**
 * The compiled twin of a file of the bench, which is what a process that is measured runs.
 *
 * Users run what the compiler wrote. The loader that runs TypeScript as it stands shapes functions
 * anew and names each closure it makes, which costs an allocation 8 % and a closure more than it does
 * itself. Invariant: what is measured is never older than its source. Trade-off: after a change, the
 * first bench compiles for some seconds; the process that only asks and prints runs uncompiled.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, statSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
/** Written anew by each compilation that changed anything. */
const MARK = join(ROOT, 'dist', '.tsbuildinfo');
/** What a measured process may import. */
const SOURCES = ['core', 'scenarios', 'reports', 'bench'];

let isCurrent = false;

/** `name`: of a module of the bench, such as `engine/entrant-process`. Compiles first where needed. */
export function compiledFile(name: string): string {
  if (!isCurrent) compileIfOlder();
  isCurrent = true;
  return join(ROOT, 'dist', 'bench', `${name}.js`);
}

function compileIfOlder(): void {
  const made = existsSync(MARK) ? statSync(MARK).mtimeMs : Number.NEGATIVE_INFINITY;
  if (SOURCES.every((folder) => newestIn(join(ROOT, folder)) <= made)) return;
  process.stderr.write('compiling what is measured …\n');
  const compiler = join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc');
  const { status, stdout } = spawnSync(process.execPath, [compiler, '-p', ROOT], {
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`nothing to measure, since it does not compile:\n${stdout}`);
  const now = new Date();
  utimesSync(MARK, now, now);
}

function newestIn(folder: string): number {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts'))
    .reduce((newest, path) => Math.max(newest, statSync(join(folder, path)).mtimeMs), 0);
}
