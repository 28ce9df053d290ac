/**
 * What is wrong with an input, as data, and how it is printed.
 *
 * Invariant: bad input is never thrown; it is a list of problems, each with a place a person can
 * jump to and a sentence. Printed text holds no control characters, whatever the input held, so a
 * hostile file cannot steer a terminal.
 */

export interface Problem {
  /** File as given, "-" for standard input, or the argument ("--set seed=x"). */
  readonly file: string;
  /** From 1; absent when the whole file is meant. */
  readonly line?: number;
  /** From 1, in UTF-16 units. */
  readonly column?: number;
  /** Where in the scenario, such as `workload.timeline[2].launch.name`; '' = the file itself. */
  readonly path: string;
  readonly message: string;
  /** What would be right. */
  readonly suggestion?: string;
}

/** A problem before it is known where in the text its path is. */
export interface Finding {
  readonly path: readonly (string | number)[];
  /** Point at the key rather than at its value: for keys that should not be there. */
  readonly atKey?: boolean;
  readonly message: string;
  readonly suggestion?: string;
}

/** The most problems listed at once; more are counted, not printed. */
const MOST_LISTED = 50;

/** `file:line:column: path: message (suggestion)`, one line. */
export function formatProblem(problem: Problem): string {
  const { path, message, suggestion } = problem;
  const parts = [placeOf(problem), ...(path === '' ? [] : [path]), message];
  return printable(parts.join(': ') + (suggestion === undefined ? '' : ` (${suggestion})`));
}

/** `file:line:column`, or the file alone where no line is meant. */
export function placeOf({ file, line, column }: Pick<Problem, 'file' | 'line' | 'column'>): string {
  const name = file === '' ? '""' : file;
  return printable(line === undefined ? name : `${name}:${line}:${column ?? 1}`);
}

/** All problems, one a line, with no newline at the end. */
export function formatProblems(problems: readonly Problem[]): string {
  return problems.map(formatProblem).join('\n');
}

/** In order of place; equal ones once; at most `MOST_LISTED`, the rest as a count. */
export function sortProblems(problems: readonly Problem[]): Problem[] {
  const place = (p: Problem): number => p.line ?? 0;
  const distinct = new Map(
    problems.map((p) => [`${p.line}:${p.column}:${p.path}:${p.message}`, p]),
  );
  const sorted = [...distinct.values()].sort(
    (a, b) => place(a) - place(b) || (a.column ?? 0) - (b.column ?? 0),
  );
  if (sorted.length <= MOST_LISTED) return sorted;
  const message = `and ${sorted.length - MOST_LISTED} more problems`;
  return [...sorted.slice(0, MOST_LISTED), { file: sorted[0].file, path: '', message }];
}

/** A value in a message: quoted when text, shortened when long. */
export function quoteValue(value: unknown): string {
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object' && value !== null) return 'a mapping';
  if (value === null || value === undefined) return 'nothing';
  const text = String(value);
  const short = text.length > 60 ? `${text.slice(0, 60)}…` : text;
  return typeof value === 'string' ? `"${short}"` : short;
}

/** Escapes control characters, direction overrides and lone surrogates as \u{…}. */
function printable(text: string): string {
  return text.replace(
    /[\p{Cc}\p{Cs}\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu,
    (found) => `\\u{${(found.codePointAt(0) ?? 0).toString(16)}}`,
  );
}
