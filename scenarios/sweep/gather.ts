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
  const missing: number[] = [];
  const count = taskCount(plan);
  for (let position = 0; position < count && !collected.isDone; position++) {
    const { id } = taskAt(plan, position);
    const { whole, damaged } = findBlock(folders, id);
    if (whole !== undefined) {
      collected.add(position, whole.rows);
      blocks[blockFile(id)] = laterFrom(whole.from, id);
      madeGood.push(...damaged.map((one) => ({ ...one, from: whole.from })));
    } else if (damaged.length === 0) missing.push(position);
    else problems.push(...damaged.map(({ file, what }) => ({ file, path: '', message: what })));
    onBlock?.(position + 1, count);
  }
  if (missing.length > 0) problems.push(missingProblem(folders, missing, count));
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

function missingProblem(
  folders: readonly SweepFolder[],
  missing: readonly number[],
  count: number,
): Problem {
  const { length } = missing;
  return {
    file: folders.map(({ path }) => path).join(', '),
    path: '',
    message: `${length} of ${counted(count, 'block')} ${length === 1 ? 'is' : 'are'} missing; ${whoseBlocks(folders, missing)}`,
    suggestion: 'run the shards that are missing, or --resume those that did not end',
  };
}

const MOST_NAMED = 8;

/** Of one division into shards: which of them lack blocks, and which are not there; else what is given. */
function whoseBlocks(folders: readonly SweepFolder[], missing: readonly number[]): string {
  const shards = folders.map(({ manifest: { shard } }) => shard);
  const of = shards[0]?.of;
  if (of === undefined || shards.some((shard) => shard?.of !== of)) {
    const given = shards.map((one) =>
      one === undefined ? 'a whole sweep' : `shard ${one.index}/${one.of}`,
    );
    return `given: ${given.join(', ')}`;
  }
  const there = new Set(shards.map((shard) => shard?.index));
  const lacking = [...new Set(missing.map((position) => (position % of) + 1))];
  const told = lacking
    .sort((a, b) => a - b)
    .slice(0, MOST_NAMED)
    .map((index) => `shard ${index}/${of} ${there.has(index) ? 'did not end' : 'is not given'}`);
  const more = lacking.length - told.length;
  return `${told.join(', ')}${more > 0 ? ` and ${counted(more, 'more shard')}` : ''}`;
}
