/**
 * Requests as a CSV table, in the columns that a trace is read by.
 *
 * Invariant: in columns of milliseconds and MiB the table read again gives the same requests, but for
 * crashes, which no column says; what never ends has an empty end; columns of groups are there only where groups are kept. Trade-off: whole seconds and GiB lose what is finer.
 */
import type { FleetRequest } from '../request.js';
import { type GroupUse, groupColumns, type TraceColumns } from './columns.js';

const MILLI = 1000;
const MIB_PER_GIB = 1024;

/** Lines without their ends, the header first. */
export function* traceLines(
  requests: Iterable<FleetRequest>,
  columns: TraceColumns,
  groups: GroupUse = 'ignore',
): Generator<string> {
  const cells = cellsOf(columns, groups);
  yield cells.map(([name]) => name).join(',');
  for (const request of requests) yield cells.map(([, cell]) => cell(request)).join(',');
}

type Cell = readonly [name: string, value: (request: FleetRequest) => number | string];

/** In the order of the mapping. */
function cellsOf(columns: TraceColumns, use: GroupUse): Cell[] {
  const perTime = columns.timeUnit === 's' ? MILLI : 1;
  const time = (ms: number): number => Math.floor(ms / perTime);
  const values: Readonly<Record<string, Cell[1]>> = {
    id: ({ id }) => id,
    at: ({ atMs }) => time(atMs),
    // Empty = it stays, which a trace is read as.
    end: ({ atMs, lifetimeMs }) => (Number.isFinite(lifetimeMs) ? time(atMs + lifetimeMs) : ''),
    lifetime: ({ lifetimeMs }) => (Number.isFinite(lifetimeMs) ? time(lifetimeMs) : ''),
    vcpus: ({ vcpus }) => (columns.cpuUnit === 'milli' ? vcpus * MILLI : vcpus),
    memory: ({ memoryMib }) =>
      columns.memoryUnit === 'GiB' ? Math.ceil(memoryMib / MIB_PER_GIB) : memoryMib,
    nodes: ({ nodes }) => nodes,
    ...(groupColumns(columns, use) && {
      group: ({ group }: FleetRequest) => quoted(group?.name ?? ''),
      groupRule: ({ group }: FleetRequest) => group?.rule ?? '',
    }),
  };
  return Object.entries(columns).flatMap(([key, name]): Cell[] =>
    Object.hasOwn(values, key) ? [[name, values[key]]] : [],
  );
}

function quoted(text: string): string {
  return /[",]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
