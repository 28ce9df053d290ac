/**
 * The blocks of several folders of one sweep, read in canonical order.
 *
 * Invariant: gives every block that the tables need, whole, or names each folder's damaged ones and
 * what is missing. The stop rule is asked as in a local run, so blocks beyond it are left out.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Problem } from '../schema/problem.js';
import { Collected } from './collect.js';
import { type Plan, taskAt, taskCount } from './plan.js';
import { blockFile, type SweepFolder } from './sweep-folder.js';

export interface Gathered {
  readonly plan: Plan;
  readonly collected: Collected;
  /** Path in the run folder → text. */
  readonly blocks: Readonly<Record<string, string>>;
}

/** `folders`: at least one, all of one sweep; `onBlock`: told of the blocks looked for so far. */
export function gatherBlocks(
  folders: readonly SweepFolder[],
  onBlock?: (done: number, of: number) => void,
): Gathered | { readonly problems: readonly Problem[] } {
  const { shard: _shard, tables: _tables, ...plan } = folders[0].manifest;
  const collected = new Collected(plan);
  const blocks: Record<string, string> = {};
  const problems: Problem[] = [];
  let missing = 0;
  const count = taskCount(plan);
  for (let position = 0; position < count && !collected.isDone; position++) {
    const { id } = taskAt(plan, position);
    let found = false;
    for (const folder of folders) {
      const rows = folder.readBlock(id);
      const file = join(folder.path, blockFile(id));
      if (typeof rows === 'string') problems.push({ file, path: '', message: rows });
      else if (rows !== undefined && !found) {
        found = true;
        collected.add(position, rows);
        blocks[blockFile(id)] = readFileSync(file, 'utf8');
      }
    }
    if (!found) missing++;
    onBlock?.(position + 1, count);
  }
  if (missing > 0) problems.push(missingProblem(folders, missing, count));
  return problems.length > 0 ? { problems } : { plan, collected, blocks };
}

function missingProblem(folders: readonly SweepFolder[], missing: number, count: number): Problem {
  const given = folders.map(({ manifest: { shard } }) =>
    shard === undefined ? 'a whole sweep' : `shard ${shard.index}/${shard.of}`,
  );
  return {
    file: folders.map(({ path }) => path).join(', '),
    path: '',
    message: `${missing} of ${count} blocks are missing; given: ${given.join(', ')}`,
    suggestion: 'run the shards that are missing, or --resume those that did not end',
  };
}
