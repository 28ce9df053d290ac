/**
 * Requests out of a CSV trace, streamed, and everything that is wrong with a trace, line by line.
 *
 * A trace is read twice: once to find its problems before anything runs, once to run it. Invariant: a
 * row is a request or a problem, and requests come by ascending time; a fraction of a vCPU counts as
 * a whole one. Trade-off: names are remembered to find duplicates, which costs memory in the length
 * of a trace that maps `id`; the first ten million are.
 */
import type { Problem } from '../../schema/problem.js';
import type { FleetRequest } from '../request.js';
import type { TraceColumns } from './columns.js';
import { fieldsOf, linesOf } from './csv-rows.js';

const MOST_PROBLEMS = 50;
const MOST_NAMES = 10_000_000;
const MILLI = 1000;
const MIB_PER_GIB = 1024;

/** The first problems of a trace; empty when it can be run. */
export function checkTrace(file: string, columns: TraceColumns): Problem[] {
  const problems: Problem[] = [];
  let requests = 0;
  try {
    for (const row of rowsOf(file, columns)) {
      if ('message' in row) problems.push(row);
      else requests++;
      if (problems.length === MOST_PROBLEMS) return problems;
    }
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    problems.push({ file, path: '', message: `cannot be read: ${message}` });
  }
  if (problems.length === 0 && requests === 0) {
    problems.push({ file, path: '', message: 'the trace has no request' });
  }
  return problems;
}

/** The requests of a trace that `checkTrace` found sound; throws on a row that is none. */
export function* readTrace(file: string, columns: TraceColumns): Generator<FleetRequest> {
  for (const row of rowsOf(file, columns)) {
    if ('message' in row) throw new Error(`${row.file}:${row.line}: ${row.message}`);
    yield row;
  }
}

function* rowsOf(file: string, columns: TraceColumns): Generator<FleetRequest | Problem> {
  let reader: RowReader | undefined;
  for (const { line, text } of linesOf(file)) {
    if (text.trim() === '') continue;
    const fields = fieldsOf(text);
    const problem = (message: string): Problem => ({ file, line, path: '', message });
    if (fields === undefined) yield problem('a quote is not closed');
    else if (reader === undefined) {
      const missing = missingColumns(fields, columns);
      if (missing.length > 0) {
        yield problem(`the header has no column ${missing.map((name) => `"${name}"`).join(', ')}`);
        return;
      }
      reader = new RowReader(fields, columns);
    } else {
      const read = reader.read(fields);
      yield typeof read === 'string' ? problem(read) : read;
    }
  }
}

function missingColumns(header: readonly string[], columns: TraceColumns): string[] {
  const { vcpus, memory, at, end, lifetime, nodes, id } = columns;
  return [vcpus, memory, at, end, lifetime, nodes, id].filter(
    (name): name is string => name !== undefined && !header.includes(name),
  );
}

class RowReader {
  private readonly header: readonly string[];
  private readonly columns: TraceColumns;
  private readonly names = new Set<string>();
  private count = 0;
  private last = 0;

  constructor(header: readonly string[], columns: TraceColumns) {
    this.header = header;
    this.columns = columns;
  }

  /** The request of a row, or what is wrong with it. */
  read(fields: readonly string[]): FleetRequest | string {
    const { columns } = this;
    if (fields.length > this.header.length) {
      return `${fields.length} fields under ${this.header.length} columns`;
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
    const again = this.sameName(fields);
    if (again !== undefined) return again;
    if (Number(atMs) < this.last) return `${columns.at} goes back: rows must come by time`;
    this.last = Number(atMs);
    const request: FleetRequest = {
      id: this.count++,
      atMs: Number(atMs),
      vcpus: columns.cpuUnit === 'milli' ? Math.ceil(Number(cpu) / MILLI) : Number(cpu),
      memoryMib: columns.memoryUnit === 'GiB' ? Number(memory) * MIB_PER_GIB : Number(memory),
      nodes: Number(nodes),
      lifetimeMs,
    };
    const empty = Object.entries({ [columns.vcpus]: request.vcpus, nodes: request.nodes }).find(
      ([, value]) => value < 1,
    );
    return empty === undefined ? request : `${empty[0]} is 0`;
  }

  private lifetime(fields: readonly string[], atMs: number): number | string {
    const { end, lifetime } = this.columns;
    if (lifetime !== undefined) return this.time(fields, lifetime);
    if (end === undefined) return Number.POSITIVE_INFINITY;
    const endMs = this.time(fields, end);
    if (typeof endMs === 'string') return endMs;
    return endMs < atMs ? `${end} is before ${this.columns.at ?? 'the start'}` : endMs - atMs;
  }

  private sameName(fields: readonly string[]): string | undefined {
    const { id } = this.columns;
    if (id === undefined || this.names.size === MOST_NAMES) return undefined;
    const name = this.field(fields, id);
    if (this.names.has(name)) return `${id} "${name}" is there twice`;
    this.names.add(name);
    return undefined;
  }

  private time(fields: readonly string[], name: string): number | string {
    const value = this.number(fields, name);
    if (typeof value === 'string') return value;
    return this.columns.timeUnit === 's' ? value * 1000 : value;
  }

  /** A whole number from 0 that stays exact in ms, MiB and milli-CPUs. */
  private number(fields: readonly string[], name: string): number | string {
    const text = this.field(fields, name).trim();
    if (/^\d{1,12}$/.test(text)) return Number(text);
    if (/^-\d+$/.test(text)) return `${name} is negative: ${text}`;
    return text === ''
      ? `${name} is missing`
      : `${name} is no whole number: "${text.slice(0, 40)}"`;
  }

  private field(fields: readonly string[], name: string): string {
    return fields[this.header.indexOf(name)] ?? '';
  }
}
