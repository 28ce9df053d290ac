/**
 * What the two commands of the mutation test are asked for.
 *
 * Invariant: no word is passed over, and none leads to a run or a table of something else: what is wrong
 * is told in one line before anything is run or written.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { parseArgs } from 'node:util';
import { argumentProblem } from '../../bench/arguments.js';
import { filesOfRoom, ROOMS, roomOf } from './rooms.js';

export interface Wrong {
  readonly problem: string;
}

/** The files that `npm run mutate` is asked for, each once. */
export function filesAsked(args: readonly string[]): readonly string[] | Wrong {
  let changed: boolean | undefined;
  let words: string[];
  try {
    const options = { changed: { type: 'boolean' } } as const;
    const read = parseArgs({ args: [...args], options, allowPositionals: true });
    [changed, words] = [read.values.changed, read.positionals];
  } catch (error) {
    return { problem: argumentProblem(error) };
  }
  if (changed === true) return changedFiles(words);
  if (words.length === 0) return ROOMS.flatMap(filesOfRoom);
  const named = words.map(filesNamed);
  const unknown = named.indexOf(undefined);
  if (unknown === -1) return [...new Set(named.flatMap((files) => files ?? []))];
  const rooms = ROOMS.map(({ name }) => name).join(', ');
  return { problem: `${words[unknown]} is no room (${rooms}) and no file that is mutated` };
}

/** By the name of a room, or of a file; undefined = it is neither. */
function filesNamed(name: string): readonly string[] | undefined {
  const room = ROOMS.find((one) => one.name === name);
  if (room !== undefined) return filesOfRoom(room);
  const around = roomOf(name);
  return around !== undefined && filesOfRoom(around).includes(name) ? [name] : undefined;
}

function changedFiles([ref = 'HEAD', another]: readonly string[]): readonly string[] | Wrong {
  if (another !== undefined) return { problem: `--changed takes one commit, not ${another} too` };
  const asked = ['rev-parse', '--verify', '--quiet', `${ref}^{commit}`];
  const { status, stdout } = spawnSync('git', asked, { encoding: 'utf8' });
  if (status !== 0) return { problem: `--changed ${ref}: there is no such commit here` };
  return changedSince(stdout.trim()).filter(roomOf);
}

/** Files of core/ that differ from a commit, new ones included. */
function changedSince(commit: string): string[] {
  const git = (...args: string[]) => execFileSync('git', args, { encoding: 'utf8' }).split('\n');
  const changed = git('diff', '--name-only', '--diff-filter=d', commit, '--', 'core');
  return [...changed, ...git('ls-files', '--others', '--exclude-standard', 'core')].filter((file) =>
    file.endsWith('.ts'),
  );
}

/** Survivors of a file at most that `npm run mutate:summary` is to ask the compiler of. */
export function mostAsked(args: readonly string[]): number | Wrong {
  let asking: string | undefined;
  try {
    const options = { asking: { type: 'string' } } as const;
    asking = parseArgs({ args: [...args], options }).values.asking;
  } catch (error) {
    return { problem: argumentProblem(error) };
  }
  if (asking === undefined) return Infinity;
  if (/^\d{1,9}$/.test(asking)) return Number(asking);
  return { problem: `--asking needs a whole number from 0, got "${asking}"` };
}
