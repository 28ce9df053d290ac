/**
 * Reads a stored record: JSON text in, a checked record or the list of what is wrong with it out.
 *
 * Invariant: bad input is never thrown, and problems name the place in the document.
 */
import type * as z from 'zod';
import { RECORD_VERSION, type RunRecord } from './record.js';
import { recordSchema } from './record-schema.js';

export interface RecordProblem {
  /** Where in the document, such as `snapshots[0].cpus[3].owner`; '' = the document itself. */
  readonly path: string;
  readonly message: string;
}
export type ReadRecord =
  | { readonly record: RunRecord }
  | { readonly problems: readonly RecordProblem[] };

/** The most problems listed; more are counted in one last problem. */
const MOST_LISTED = 20;

/** The record, when `text` is one of this version. */
export function readRecord(text: string): ReadRecord {
  const document = parseJson(text);
  if ('problem' in document) return { problems: [{ path: '', message: document.problem }] };
  const version = versionProblem(document.value);
  if (version !== undefined) return { problems: [version] };
  const checked = recordSchema.safeParse(document.value);
  return checked.success
    ? { record: checked.data }
    : { problems: listed(checked.error.issues.map(problemOf)) };
}

function parseJson(text: string): { readonly value: unknown } | { readonly problem: string } {
  try {
    return { value: JSON.parse(text) };
  } catch (error) {
    return { problem: `not JSON: ${error instanceof Error ? error.message : String(error)}` };
  }
}

/** A wrong version says so alone, before the many differences it brings. */
function versionProblem(value: unknown): RecordProblem | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return { path: '', message: 'not a run record: the document is no JSON object' };
  }
  const version = 'recordVersion' in value ? value.recordVersion : undefined;
  if (version === RECORD_VERSION) return undefined;
  const found = version === undefined ? 'none' : JSON.stringify(version);
  return { path: 'recordVersion', message: `must be ${RECORD_VERSION}, found ${found}` };
}

function problemOf({ path, message }: z.core.$ZodIssue): RecordProblem {
  const place = path.map((key) => (typeof key === 'number' ? `[${key}]` : `.${String(key)}`));
  return { path: place.join('').replace(/^\./, ''), message };
}

function listed(problems: readonly RecordProblem[]): RecordProblem[] {
  const hidden = problems.length - MOST_LISTED;
  if (hidden <= 0) return [...problems];
  return [...problems.slice(0, MOST_LISTED), { path: '', message: `and ${hidden} more problems` }];
}
