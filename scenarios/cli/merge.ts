/**
 * `merge`: the shards of a sweep put together into the folder that one machine would have made.
 *
 * Invariant: nothing is written unless every block that the tables need is there and whole; the
 * inputs are only read. A task that several folders hold is taken from the first that has it whole.
 */
import { existsSync, realpathSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { renderSweep } from '../../reports/sweep/render.js';
import { CheckProgress } from '../engine/check-progress.js';
import { writeFolderAtomically } from '../schema/folder.js';
import { formatProblems, type Problem } from '../schema/problem.js';
import { finishedFiles, summaryText } from '../sweep/finished-files.js';
import { gatherBlocks } from '../sweep/gather.js';
import { isFree, readFolder, type SweepFolder } from '../sweep/sweep-folder.js';
import { BAD_INPUT, type ExitCode, FAILED, OK } from './exit-code.js';
import type { Streams } from './streams.js';

export interface MergeOptions {
  readonly out?: string;
  readonly json?: boolean;
}

export function merge(
  paths: readonly string[],
  { out, json = false }: MergeOptions,
  streams: Streams,
): ExitCode {
  const fail = (...problems: readonly Problem[]): ExitCode => {
    streams.err(`${formatProblems(problems)}\n`);
    return BAD_INPUT;
  };
  if (out === undefined) {
    return fail({ file: 'merge', path: '', message: 'name a folder to write: --out FOLDER' });
  }
  if (!isFree(out)) {
    return fail({ file: out, path: '', message: 'exists already; nothing was changed' });
  }
  const opened = paths.map(readFolder);
  const problems = opened.flatMap((one) => ('message' in one ? [one] : []));
  const folders = opened.flatMap((one): SweepFolder[] => ('message' in one ? [] : [one]));
  if (problems.length > 0) return fail(...problems);
  const inside = folders.find(({ path }) => liesIn(out, path));
  if (inside !== undefined) {
    const message = `lies in ${inside.path}, which is only read`;
    return fail({ file: out, path: '', message, suggestion: 'choose another --out' });
  }
  const { sweepId, title } = folders[0].manifest;
  const others = folders.filter(({ manifest }) => manifest.sweepId !== sweepId);
  if (others.length > 0) {
    const message = `is of another sweep than ${folders[0].path} ("${title}")`;
    return fail(...others.map(({ path }) => ({ file: path, path: '', message })));
  }
  const progress = new CheckProgress('merge', streams.err);
  const gathered = gatherBlocks(folders, progress.steps('blocks read'));
  if ('problems' in gathered) return fail(...gathered.problems);
  const { plan, collected, blocks, madeGood } = gathered;
  for (const { file, what, from } of madeGood) {
    streams.err(`merge: ${file}: ${what}; the block is whole in ${from}, and taken from there\n`);
  }
  const { summary, files } = finishedFiles(plan, collected);
  const problem = writeFolderAtomically(out, { ...files, ...blocks }, 'manifest.json');
  if (problem !== undefined) return fail(problem);
  streams.out(json ? summaryText(summary) : renderSweep(summary, streams.style));
  if (!json) streams.out(`run folder: ${out}\n`);
  return summary.variants.every(({ violations }) => violations === 0) ? OK : FAILED;
}

/** Links followed, as far as the path exists. */
function liesIn(path: string, folder: string): boolean {
  const way = relative(realpathSync(folder), whereItWouldBe(resolve(path)));
  return way === '' || (way !== '..' && !way.startsWith(`..${sep}`) && resolve(way) !== way);
}

function whereItWouldBe(path: string): string {
  if (existsSync(path) || dirname(path) === path) return realpathSync(path);
  return join(whereItWouldBe(dirname(path)), relative(dirname(path), path));
}
