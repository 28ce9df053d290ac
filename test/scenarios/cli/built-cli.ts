/** Runs the built command line as a user does: a process of its own. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('../../../dist/cli/main.js', import.meta.url));

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Surroundings {
  readonly input?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
}

/** The command line that runs the built program; throws when nothing is built. */
export function builtMain(): string {
  if (!existsSync(MAIN)) throw new Error('dist/ is missing: run `npm run build` first');
  return MAIN;
}

export function hypercarve(args: readonly string[], surroundings: Surroundings = {}): Ended {
  return runNode([builtMain(), ...args], surroundings);
}

/** A program with its arguments, run by this very Node. */
export function runNode(args: readonly string[], surroundings: Surroundings = {}): Ended {
  const { input = '', env = {}, cwd } = surroundings;
  const { PATH = '' } = process.env;
  const { status, stdout, stderr } = spawnSync(process.execPath, args, {
    input,
    cwd,
    env: { PATH, ...env },
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
  return { code: status, stdout, stderr };
}
