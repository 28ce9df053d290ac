/**
 * A workload written to a CSV file: demand that can be looked at, edited, and asked of another fleet.
 *
 * Invariant: under the given name there is a whole table or nothing, and no file is overwritten.
 */
import { appendFileSync, closeSync, existsSync, openSync, renameSync, rmSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import { nearestWord } from '../../../core/units/nearest-word.js';
import { writeRefusal } from '../../schema/folder.js';
import type { Problem } from '../../schema/problem.js';
import type { FleetRequest } from '../request.js';
import { type GroupUse, groupColumns, TRACE_FORMATS, type TraceFormat } from './columns.js';
import { traceLines } from './write-trace.js';

/** Lines written at once. */
const BLOCK_LINES = 4096;

/**
 * Why nothing was written; undefined = the table is there. `onRows`: told of the rows written so far, after
 * each block; false = stop, and leave nothing.
 */
export async function writeDemand(
  file: string,
  requests: Iterable<FleetRequest>,
  format: string,
  groups: GroupUse = 'ignore',
  onRows: (rows: number) => boolean = () => true,
): Promise<Problem | 'stopped' | undefined> {
  const problem = (message: string): Problem => ({ file, path: '', message });
  if (!isFormat(format)) {
    const known = Object.keys(TRACE_FORMATS);
    const near = nearestWord(format, known) ?? known.join(', ');
    return {
      file: `--columns ${format}`,
      path: '',
      message: 'no such columns',
      suggestion: `try ${near}`,
    };
  }
  if (groups === 'keep' && groupColumns(TRACE_FORMATS[format], groups) === undefined) {
    const message = 'the demand has groups, and these columns cannot say them';
    return { file: `--columns ${format}`, path: '', message, suggestion: 'use hypercarve' };
  }
  if (existsSync(file)) return problem('exists already; not overwritten');
  const temporary = `${file}.${process.pid}.new`;
  try {
    const lines = traceLines(requests, TRACE_FORMATS[format], groups);
    if (await writeLines(temporary, lines, onRows)) {
      renameSync(temporary, file);
      return undefined;
    }
    rmSync(temporary, { force: true });
    return 'stopped';
  } catch (error) {
    rmSync(temporary, { force: true });
    return problem(`cannot be written: ${writeRefusal(error)}`);
  }
}

function isFormat(name: string): name is TraceFormat {
  return Object.hasOwn(TRACE_FORMATS, name);
}

/** False: it was stopped. */
async function writeLines(
  file: string,
  lines: Iterable<string>,
  onRows: (rows: number) => boolean,
): Promise<boolean> {
  const descriptor = openSync(file, 'wx');
  try {
    let block: string[] = [];
    // The first line is the header.
    let rows = -1;
    for (const line of lines) {
      block.push(`${line}\n`);
      if (block.length < BLOCK_LINES) continue;
      appendFileSync(descriptor, block.join(''));
      rows += block.length;
      block = [];
      // A signal is heard in a pause only.
      await setImmediate();
      if (!onRows(rows)) return false;
    }
    appendFileSync(descriptor, block.join(''));
    return true;
  } finally {
    closeSync(descriptor);
  }
}
