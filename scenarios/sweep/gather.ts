/**
 * The blocks of several folders of one sweep, read in canonical order.
 *
 * Invariant: gives every block that the tables need, whole, and names the damaged ones that another
 * folder made good; or names the damaged ones that none did, and what is missing. The stop rule is asked as in a local run, so blocks beyond it are left out.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { counted } from '../../core/units/counted.js';
import type { RunRow } from '../../reports/sweep/run-row.js';
import type { Problem } from '../schema/problem.js';
import { blockDamage } from './block.js';
import { Collected } from './collect.js';
import { type Plan, taskAt, taskCount } from './plan.js';
import { blockFile, type SweepFolder } from './sweep-folder.js';

export interface Gathered {
  readonly plan: Plan;
  readonly collected: Collected;
  /** Path in the run folder → its text, read again, since all of them together may be large. */
  readonly blocks: Readonly<Record<string, () => string>>;
  /** Damaged blocks, each with the folder that has it whole. */
  readonly madeGood: readonly (Damaged & { readonly from: string })[];
}

export interface Damaged {
  readonly file: string;
  readonly what: string;
}

/** `folders`: at least one, all of one sweep; `onBlock`: told of the blocks looked for so far. */
export function gatherBlocks(
  folders: readonly SweepFolder[],
  onBlock?: (done: number, of: number) => void,
): Gathered | { readonly problems: readonly Problem[] } {
  const { shard: _shard, tables: _tables, ...plan } = folders[0].manifest;
  const collected = new Collected(plan);
  const blocks: Record<string, () => string> = {};
  const problems: Problem[] = [];
  const madeGood: (Damaged & { from: string })[] = [];
  let missing = 0;
  const count = taskCount(plan);
  for (let position = 0; position < count && !collected.isDone; position++) {
    const { id } = taskAt(plan, position);
    const { whole, damaged } = findBlock(folders, id);
    if (whole !== undefined) {
      collected.add(position, whole.rows);
      blocks[blockFile(id)] = laterFrom(whole.from, id);
      madeGood.push(...damaged.map((one) => ({ ...one, from: whole.from })));
    } else if (damaged.length === 0) missing++;
    else problems.push(...damaged.map(({ file, what }) => ({ file, path: '', message: what })));
    onBlock?.(position + 1, count);
  }
  if (missing > 0) problems.push(missingProblem(folders, missing, count));
  return problems.length > 0 ? { problems } : { plan, collected, blocks, madeGood };
}

/** A function of its own, since one written in the loop would keep the rows beside it alive. */
function laterFrom(folder: string, task: string): () => string {
  return () => readAgain(folder, task);
}

/** The text of a block that was whole; throws where it is no more. */
function readAgain(folder: string, task: string): string {
  const file = join(folder, blockFile(task));
  const text = existsSync(file) ? readFileSync(file, 'utf8') : undefined;
  const wrong = text === undefined ? 'is not there any more' : blockDamage(task, text);
  if (text === undefined || wrong !== undefined)
    throw new Error(`${file} ${wrong}; it was whole a moment before`);
  return text;
}

/** A block in the first folder that has it whole, and where it is damaged. */
function findBlock(folders: readonly SweepFolder[], task: string) {
  const damaged: Damaged[] = [];
  let whole: { readonly rows: readonly RunRow[]; readonly from: string } | undefined;
  for (const folder of folders) {
    const rows = folder.readBlock(task);
    if (typeof rows === 'string') {
      damaged.push({ file: join(folder.path, blockFile(task)), what: rows });
    } else if (rows !== undefined) whole ??= { rows, from: folder.path };
  }
  return { whole, damaged };
}

function missingProblem(folders: readonly SweepFolder[], missing: number, count: number): Problem {
  const given = folders.map(({ manifest: { shard } }) =>
    shard === undefined ? 'a whole sweep' : `shard ${shard.index}/${shard.of}`,
  );
  return {
    file: folders.map(({ path }) => path).join(', '),
    path: '',
    message: `${missing} of ${counted(count, 'block')} ${missing === 1 ? 'is' : 'are'} missing; given: ${given.join(', ')}`,
    suggestion: 'run the shards that are missing, or --resume those that did not end',
  };
}
