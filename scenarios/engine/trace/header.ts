/**
 * The header of a CSV trace held against the columns that are mapped.
 *
 * Invariant: each mapped column is there once, so a row means one thing. Columns that are not mapped
 * may be anything, those of groups too where groups are ignored. Who names one that is not there is told
 * those that are.
 */
import type { Problem } from '../../schema/problem.js';
import { type GroupUse, groupColumns, type TraceColumns } from './columns.js';

const MOST_LISTED = 20;
const MOST_LETTERS = 40;

export function headerProblem(
  header: readonly string[],
  columns: TraceColumns,
  use: GroupUse,
): Pick<Problem, 'message' | 'suggestion'> | undefined {
  const { vcpus, memory, at, end, lifetime, nodes, id } = columns;
  const groups = groupColumns(columns, use);
  const mapped = [vcpus, memory, at, end, lifetime, nodes, id, groups?.group, groups?.rule];
  return columnsProblem(
    header,
    mapped.filter((name) => name !== undefined),
  );
}

/** `names`: columns that must be there, each once. */
export function columnsProblem(
  header: readonly string[],
  names: readonly string[],
): Pick<Problem, 'message' | 'suggestion'> | undefined {
  const quoted = (list: readonly string[]) => list.map((name) => `"${name}"`).join(', ');
  const missing = names.filter((name) => !header.includes(name));
  if (missing.length > 0) {
    const message = `the header has no column ${quoted(missing)}`;
    const other = header.length === 1 ? /[;\t|]/.exec(header[0])?.[0] : undefined;
    const suggestion =
      other === undefined
        ? (nearlyThere(header, missing) ?? `it has ${listed(header)}`)
        : `fields are separated by commas, not by ${JSON.stringify(other)}`;
    return { message, suggestion };
  }
  const twice = names.filter((name) => header.indexOf(name) !== header.lastIndexOf(name));
  if (twice.length === 0) return undefined;
  return { message: `the header has the column ${quoted([...new Set(twice)])} twice` };
}

/** The first some, each cut where it is long: a file of anything may have one line of a thousand fields. */
function listed(header: readonly string[]): string {
  const some = header.slice(0, MOST_LISTED).map((name) => {
    const cut = name.length > MOST_LETTERS ? `${name.slice(0, MOST_LETTERS)}…` : name;
    return JSON.stringify(cut);
  });
  const more = header.length - some.length;
  return more > 0 ? `${some.join(', ')} and ${more} more` : some.join(', ');
}

/** The first of them that is there but for blanks around it or for capitals. */
function nearlyThere(header: readonly string[], missing: readonly string[]): string | undefined {
  const plain = (name: string) => name.trim().toLowerCase();
  for (const name of missing) {
    const near = header.find((one) => plain(one) === plain(name));
    if (near === undefined) continue;
    return `"${name}" is there as "${near}"; blanks and capitals count`;
  }
  return undefined;
}
