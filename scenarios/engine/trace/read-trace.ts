/**
 * Requests out of a CSV trace, streamed, and everything that is wrong with a trace, line by line.
 *
 * A trace is read twice: once to find its problems before anything runs, once to run it. Invariant: a
 * row is a request or a problem, and requests come by ascending time; a fraction of a vCPU counts as
 * a whole one, what is finer than a millisecond is cut off, an empty end is none, and 0 MiB are asked
 * for as such (a public trace has such a row; the platform judges it). Memory is bounded whatever the
 * length: see unique-ids. Trade-off: ids without any order are looked at in several passes once there
 * are very many.
 */

import { counted } from '../../../core/units/counted.js';
import type { Problem } from '../../schema/problem.js';
import type { FleetRequest, RequestGroup } from '../request.js';
import { type GroupUse, groupColumns, type TraceColumns } from './columns.js';
import { type BlockWatch, fieldsOf, linesOf, readTrouble } from './csv-rows.js';
import { GroupColumn } from './group-column.js';
import { headerProblem } from './header.js';
import { UniqueIds } from './unique-ids.js';

const MOST_PROBLEMS = 50;
const MILLI = 1000;
const SECONDS = 'number of seconds';
const MIB_PER_GIB = 1024;
/** Exact also as MiB out of GiB. */
const MOST = Math.floor(Number.MAX_SAFE_INTEGER / MIB_PER_GIB);

/** Who looks on while a trace is checked, and how much memory that may take. */
export interface TraceCheck {
  /** A block of the file was read; requests found so far. */
  readonly onBlock?: (bytes: Uint8Array, requests: number) => void;
  /** A block of it was read again, for ids that come twice. */
  readonly onIdBlock?: (bytes: Uint8Array) => void;
  /** Ids kept at a time, by default a hundred million. */
  readonly mostIds?: number;
}

export interface TraceSurvey {
  readonly problems: readonly Problem[];
  readonly requests: number;
  readonly firstAskMs: number;
}

/** The first problems of a trace; empty when it can be run. */
export function checkTrace(
  file: string,
  columns: TraceColumns,
  groups: GroupUse = 'ignore',
): readonly Problem[] {
  return surveyTrace(file, columns, groups).problems;
}

/** The first problems of a trace, and how many requests it has, the first of them when, where there are none. */
export function surveyTrace(
  file: string,
  columns: TraceColumns,
  groups: GroupUse = 'ignore',
  check: TraceCheck = {},
): TraceSurvey {
  const problems: Problem[] = [];
  let requests = 0;
  let firstAskMs = 0;
  const onBlock: BlockWatch = (bytes) => check.onBlock?.(bytes, requests);
  const ids = idsOfTrace(file, columns, check);
  try {
    for (const row of rowsOf(file, { columns, groups, ids, onBlock })) {
      if ('message' in row) problems.push(row);
      else if (requests++ === 0) firstAskMs = row.atMs;
      if (problems.length === MOST_PROBLEMS) {
        return { problems: stoppedAfter(problems), requests, firstAskMs };
      }
    }
    const told = new Set(problems.map(({ line }) => line));
    for (const { line, id } of ids?.inFurtherPasses() ?? []) {
      // A share that was given up later on has been looked at in part before.
      if (told.has(line)) continue;
      told.add(line);
      problems.push({ file, line, path: '', message: thereTwice(columns.id, id) });
      if (problems.length === MOST_PROBLEMS) {
        return { problems: stoppedAfter(problems), requests, firstAskMs };
      }
    }
  } catch (error) {
    problems.push({ file, path: '', message: readTrouble(error) });
  }
  if (problems.length === 0 && requests === 0) {
    problems.push({ file, path: '', message: 'the trace has no request' });
  }
  return { problems: byLine(problems), requests, firstAskMs };
}

/** Further passes find what stands further up. */
function byLine(problems: readonly Problem[]): Problem[] {
  return [...problems].sort((a, b) => (a.line ?? 0) - (b.line ?? 0));
}

function idsOfTrace(file: string, columns: TraceColumns, check: TraceCheck = {}) {
  const { id } = columns;
  return id === undefined ? undefined : new UniqueIds(file, id, check.mostIds, check.onIdBlock);
}

/** Nobody has read further. */
function stoppedAfter(found: readonly Problem[]): Problem[] {
  const problems = byLine(found);
  const last = problems[problems.length - 1];
  const suggestion = `reading stopped after ${problems.length} bad lines; there may be more`;
  return [...problems.slice(0, -1), { ...last, suggestion }];
}

/** The requests of a trace that `checkTrace` found sound; throws on a row that is none. */
export function* readTrace(
  file: string,
  columns: TraceColumns,
  groups: GroupUse = 'ignore',
): Generator<FleetRequest> {
  const ids = idsOfTrace(file, columns);
  for (const row of rowsOf(file, { columns, groups, ids })) {
    if ('message' in row) throw new Error(`${row.file}:${row.line}: ${row.message}`);
    yield row;
  }
}

/** How rows are read. */
interface Reading {
  readonly columns: TraceColumns;
  readonly groups: GroupUse;
  /** Of the mapped `id`. */
  readonly ids: UniqueIds | undefined;
  readonly onBlock?: BlockWatch;
}

function* rowsOf(file: string, reading: Reading): Generator<FleetRequest | Problem> {
  const { columns, groups, onBlock } = reading;
  let reader: RowReader | undefined;
  for (const { line, text } of linesOf(file, onBlock)) {
    if (text.trim() === '') continue;
    const fields = fieldsOf(text);
    const problem = (message: string): Problem => ({ file, line, path: '', message });
    if (fields === undefined) {
      yield problem('a quote is not closed on its line; line breaks inside a field are not read');
    } else if (reader === undefined) {
      const wrong = headerProblem(fields, columns, groups);
      if (wrong !== undefined) {
        yield { ...problem(wrong.message), ...wrong };
        return;
      }
      reader = new RowReader(fields, reading);
    } else {
      const read = reader.read(fields, line);
      yield typeof read === 'string' ? problem(read) : read;
    }
  }
}

function thereTwice(column: string | undefined, id: string): string {
  return `${column ?? 'id'} "${id}" is there twice`;
}

/** `what`: a number that would be right. */
function whyNoNumber(name: string, text: string, what = 'whole number'): string {
  const shown = `"${text.slice(0, 40)}"`;
  if (text === '') return `${name} is missing`;
  if (/^-\d+(?:\.\d+)?$/.test(text)) return `${name} is negative: ${text.slice(0, 40)}`;
  if (/^\d+(?:\.\d+)?$/.test(text)) {
    return text.includes('.') && what === 'whole number'
      ? `${name} is no whole number: ${shown}`
      : `${name} is too large: ${shown}`;
  }
  if (/^\d+(?:\.\d*)?e[+-]?\d+$/i.test(text)) {
    return `${name} is no ${what}: ${shown}; exponents are not read, write its digits`;
  }
  return /^\d{4}-\d\d-\d\d/.test(text)
    ? `${name} is a date, which is not read: ${shown}; write seconds or ms since any moment`
    : `${name} is no ${what}: ${shown}`;
}

class RowReader {
  private readonly header: readonly string[];
  private readonly columns: TraceColumns;
  private readonly ids: UniqueIds | undefined;
  private readonly groups: GroupColumn | undefined;
  private count = 0;
  private last = 0;

  constructor(header: readonly string[], { columns, ids, groups: use }: Reading) {
    this.header = header;
    this.columns = columns;
    this.ids = ids;
    const groups = groupColumns(columns, use);
    this.groups = groups && new GroupColumn(groups);
  }

  /** The request of a row, or what is wrong with it. */
  read(fields: readonly string[], line: number): FleetRequest | string {
    const { columns } = this;
    if (fields.length > this.header.length) {
      return `${counted(fields.length, 'field')} under ${counted(this.header.length, 'column')}`;
    }
    const number = (name: string): number | string => this.number(fields, name);
    const cpu = number(columns.vcpus);
    const memory = number(columns.memory);
    const nodes = columns.nodes === undefined ? 1 : number(columns.nodes);
    const atMs = columns.at === undefined ? 0 : this.time(fields, columns.at);
    const wrong = [cpu, memory, nodes, atMs].find((value) => typeof value === 'string');
    if (wrong !== undefined) return wrong as string;
    const lifetimeMs = this.lifetime(fields, Number(atMs));
    if (typeof lifetimeMs === 'string') return lifetimeMs;
    const again = this.sameName(fields, line);
    if (again !== undefined) return again;
    const group = this.group(fields, line);
    if (typeof group === 'string') return group;
    if (Number(atMs) < this.last) return `${columns.at} goes back: rows must come by time`;
    this.last = Number(atMs);
    const request: FleetRequest = {
      id: this.count++,
      atMs: Number(atMs),
      vcpus: columns.cpuUnit === 'milli' ? Math.ceil(Number(cpu) / MILLI) : Number(cpu),
      memoryMib: columns.memoryUnit === 'GiB' ? Number(memory) * MIB_PER_GIB : Number(memory),
      nodes: Number(nodes),
      lifetimeMs,
      ...(group && { group }),
    };
    const empty = Object.entries({ [columns.vcpus]: request.vcpus, nodes: request.nodes }).find(
      ([, value]) => value < 1,
    );
    return empty === undefined ? request : `${empty[0]} is 0`;
  }

  private lifetime(fields: readonly string[], atMs: number): number | string {
    const { end, lifetime } = this.columns;
    const column = lifetime ?? end;
    if (column === undefined || this.isLeftEmpty(fields, column)) return Number.POSITIVE_INFINITY;
    if (lifetime !== undefined) return this.time(fields, lifetime);
    if (end === undefined) return Number.POSITIVE_INFINITY;
    const endMs = this.time(fields, end);
    if (typeof endMs === 'string') return endMs;
    return endMs < atMs ? `${end} is before ${this.columns.at ?? 'the start'}` : endMs - atMs;
  }

  private group(fields: readonly string[], line: number): RequestGroup | string | undefined {
    const { group, groupRule } = this.columns;
    if (this.groups === undefined || group === undefined || groupRule === undefined)
      return undefined;
    const name = this.field(fields, group).trim();
    return this.groups.read(name, this.field(fields, groupRule).trim(), line);
  }

  private sameName(fields: readonly string[], line: number): string | undefined {
    const { id } = this.columns;
    if (id === undefined || this.ids === undefined) return undefined;
    const name = this.field(fields, id);
    return this.ids.isNew(name, line) ? undefined : thereTwice(id, name);
  }

  /** Alive when the trace ends; a row that is too short has no such field at all. */
  private isLeftEmpty(fields: readonly string[], name: string): boolean {
    const at = this.header.indexOf(name);
    return at < fields.length && fields[at].trim() === '';
  }

  private time(fields: readonly string[], name: string): number | string {
    if (this.columns.timeUnit === 'ms') return this.number(fields, name);
    const text = this.field(fields, name).trim();
    const [, seconds, fraction = ''] = /^(\d+)(?:\.(\d+))?$/.exec(text) ?? [];
    if (seconds === undefined) return whyNoNumber(name, text, SECONDS);
    const ms = Number(seconds) * MILLI + Number(fraction.slice(0, 3).padEnd(3, '0'));
    return Number.isSafeInteger(ms) ? ms : whyNoNumber(name, text, SECONDS);
  }

  /** A whole number from 0 that stays exact in MiB. */
  private number(fields: readonly string[], name: string): number | string {
    const text = this.field(fields, name).trim();
    const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
    return value <= MOST ? value : whyNoNumber(name, text);
  }

  private field(fields: readonly string[], name: string): string {
    return fields[this.header.indexOf(name)] ?? '';
  }
}
