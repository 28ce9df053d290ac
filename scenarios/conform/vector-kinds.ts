/**
 * The kinds of recorded lines there are: how each is recognised, checked and replayed.
 *
 * One row a kind. Invariant: a line is of the first kind whose marks it carries, whatever else it
 * holds; a replay that throws (a host no machine can have) is a malformed line, told with the reason.
 */
import type * as z from 'zod';
import { replayAllocatorVector } from './allocator.js';
import { type CliMemoryVector, replayCliMemoryVector } from './cli-memory.js';
import { type DriverVector, replayDriverVector } from './driver.js';
import { driverShape, isDriverVector } from './driver-shape.js';
import type { Mismatch } from './mismatch.js';
import { type QingtianRow, replayQingtianRow } from './qingtian.js';
import { allocatorShape, cliMemoryShape, qingtianShape } from './vector-shapes.js';

export type VectorKind = 'driver' | 'allocator' | 'cli-memory' | 'qingtian';

/** What one vector is called in a sentence. */
export const VECTOR_NAMES: Readonly<Record<VectorKind, string>> = {
  driver: 'a driver vector',
  allocator: 'an allocator vector',
  'cli-memory': 'a cli-memory vector',
  qingtian: 'a qingtian vector',
};

/** A difference; `op`: the recorded call, where the kind has calls. */
export interface Difference extends Mismatch {
  readonly op?: unknown;
}

export type Replayed =
  | {
      readonly kind: VectorKind;
      readonly id: string;
      readonly differences: readonly Difference[];
      readonly steps: number;
    }
  | { readonly malformed: string };

type JsonObject = Readonly<Record<string, unknown>>;

interface Kind {
  readonly kind: VectorKind;
  readonly marks: (line: JsonObject) => boolean;
  readonly shape: z.ZodType;
  /** Says yes to what has the shape, faster than the schema; a no is the schema's to explain. */
  readonly accepts?: (line: JsonObject) => boolean;
  /** Replays a line that has the shape. */
  readonly replay: (line: never) => readonly Difference[];
}

const has = (line: JsonObject, ...keys: string[]) => keys.every((key) => Object.hasOwn(line, key));
const startsWith = (value: unknown, start: string) =>
  typeof value === 'string' && value.startsWith(start);

/** Its nodes are a list, a driver's are keyed by id; `platform` may be left out. */
function isQingtianHost(host: unknown): boolean {
  if (typeof host !== 'object' || host === null) return false;
  const { nodes, nrCpuIds } = host as JsonObject;
  return Array.isArray(nodes) && nrCpuIds === undefined;
}

const KINDS: readonly Kind[] = [
  {
    kind: 'allocator',
    marks: (line) => has(line, 'yaml'),
    shape: allocatorShape,
    replay: replayAllocatorVector,
  },
  {
    kind: 'cli-memory',
    marks: (line) => has(line, 'memory', 'eifBytes'),
    shape: cliMemoryShape,
    replay: (line: CliMemoryVector) => replayCliMemoryVector(line),
  },
  {
    kind: 'qingtian',
    marks: (line) =>
      startsWith(line.platform, 'qingtian') ||
      (has(line, 'steps') && isQingtianHost(line.host)) ||
      has(line, 'code', 'unreachable') ||
      has(line, 'pair', 'impossible'),
    shape: qingtianShape,
    replay: (line: QingtianRow) => replayQingtianRow(line),
  },
  {
    kind: 'driver',
    marks: (line) => has(line, 'steps', 'host'),
    shape: driverShape,
    accepts: isDriverVector,
    replay: (line: DriverVector) => replayDriverVector(line),
  },
];

/** The kind whose marks a line carries. */
export function kindOfVector(line: unknown): VectorKind | undefined {
  return rowOf(line)?.kind;
}

function rowOf(line: unknown): Kind | undefined {
  if (typeof line !== 'object' || line === null || Array.isArray(line)) return undefined;
  return KINDS.find(({ marks }) => marks(line as JsonObject));
}

/** Checks and replays one line (a JSON value). Never throws. */
export function replayVector(line: unknown): Replayed {
  const row = rowOf(line);
  if (row === undefined) return { malformed: 'not a vector of a known kind' };
  const { kind, shape, accepts, replay } = row;
  if (accepts?.(line as JsonObject) !== true) {
    const checked = shape.safeParse(line);
    if (!checked.success) return { malformed: `malformed ${kind} vector: ${fault(checked.error)}` };
  }
  const { id, steps } = line as { id: string; steps?: readonly unknown[] };
  try {
    // The shape has just been checked against the recording's type.
    const differences = replay(line as never);
    return { kind, id, differences, steps: steps?.length ?? 1 };
  } catch (error) {
    return { malformed: `${kind} vector ${id} cannot be replayed: ${(error as Error).message}` };
  }
}

/** The first thing wrong, with its path; of alternatives the one that got furthest. */
function fault(error: z.core.$ZodError): string {
  const { path, message } = deepest(error.issues, []);
  return path.length === 0 ? message : `${path.join('.')}: ${message}`;
}

function deepest(
  issues: readonly z.core.$ZodIssue[],
  above: readonly PropertyKey[],
): { readonly path: readonly string[]; readonly message: string } {
  const [first] = issues;
  const path = [...above, ...first.path];
  const inner =
    first.code === 'invalid_union'
      ? first.errors.map((alternative) => deepest(alternative, path))
      : [];
  const furthest = inner.sort((a, b) => b.path.length - a.path.length)[0];
  return furthest ?? { path: path.map(String), message: first.message };
}
