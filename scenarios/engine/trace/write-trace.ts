/**
 * Requests as a CSV table, in the columns that a trace is read by.
 *
 * Invariant: in columns of milliseconds and MiB the table read again gives the same requests, but for
 * crashes, which no column says. Trade-off: whole seconds and GiB lose what is finer.
 */
import type { FleetRequest } from '../request.js';
import type { TraceColumns } from './columns.js';

const MILLI = 1000;
const MIB_PER_GIB = 1024;

/** Lines without their ends, the header first. Throws RangeError on a request that cannot be written. */
export function* traceLines(
  requests: Iterable<FleetRequest>,
  columns: TraceColumns,
): Generator<string> {
  const cells = cellsOf(columns);
  yield cells.map(([name]) => name).join(',');
  for (const request of requests) yield cells.map(([, cell]) => cell(request)).join(',');
}

type Cell = readonly [name: string, value: (request: FleetRequest) => number];

/** In the order of the mapping. */
function cellsOf(columns: TraceColumns): Cell[] {
  const perTime = columns.timeUnit === 's' ? MILLI : 1;
  const time = (ms: number): number => Math.floor(ms / perTime);
  const values: Readonly<Record<string, Cell[1]>> = {
    id: ({ id }) => id,
    at: ({ atMs }) => time(atMs),
    end: (request) => time(request.atMs + finite(request)),
    lifetime: (request) => time(finite(request)),
    vcpus: ({ vcpus }) => (columns.cpuUnit === 'milli' ? vcpus * MILLI : vcpus),
    memory: ({ memoryMib }) =>
      columns.memoryUnit === 'GiB' ? Math.ceil(memoryMib / MIB_PER_GIB) : memoryMib,
    nodes: ({ nodes }) => nodes,
  };
  return Object.entries(columns).flatMap(([key, name]): Cell[] =>
    Object.hasOwn(values, key) ? [[name, values[key]]] : [],
  );
}

function finite({ id, lifetimeMs }: FleetRequest): number {
  if (Number.isFinite(lifetimeMs)) return lifetimeMs;
  throw new RangeError(`request ${id} never ends, and these columns say when`);
}
