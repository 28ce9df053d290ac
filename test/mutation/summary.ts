/**
 * The table of the mutation test: puts what the runs left into reports/kept/mutation.json and writes
 * reports/kept/mutation.md from it: per room and file the mutants, the score, every survivor in one line.
 *
 * The compiler is asked of every survivor, which takes up to a second each; `-- --asking 6` asks it only
 * in files that have six at most and counts the others as survivors. Exit code 1 when a survivor has
 * no explanation in survivors.json, or there are more or fewer of one text than are explained, a file was
 * never measured or has changed since, or a room that was measured is below its bound; 2 at arguments that there are not, and nothing is
 * written. Invariant: the table is a function of the two kept files and of core/ as it is. Trade-off: a room
 * in part measured is judged by that part, and says so.
 */
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { mostAsked } from './arguments.js';
import type { Explained } from './explained.js';
import { KEPT, readKept, withRuns } from './kept.js';
import { problemsOf, tableOf } from './table.js';

const TABLE = 'reports/kept/mutation.md';
const EXPLAINED = new URL('survivors.json', import.meta.url);

const most = mostAsked(process.argv.slice(2));
if (typeof most !== 'number') console.error(`mutate:summary: ${most.problem}`);
process.exitCode = typeof most === 'number' ? summarize(most) : 2;

function summarize(most: number): number {
  const explained: Explained = JSON.parse(readFileSync(EXPLAINED, 'utf8'));
  const kept = withRuns(readKept(), most);
  write(KEPT, `${JSON.stringify(kept, null, 1)}\n`);
  write(TABLE, tableOf(kept, explained));
  const problems = problemsOf(kept, explained);
  for (const problem of problems) console.log(problem);
  console.log(`${TABLE}: ${Object.keys(kept).length} files, ${problems.length} problems`);
  return problems.length === 0 ? 0 : 1;
}

function write(path: string, text: string): void {
  writeFileSync(`${path}.new`, text);
  renameSync(`${path}.new`, path);
}
