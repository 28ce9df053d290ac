/**
 * What is wrong with the fields of plain data, each at its place: commands, descriptions of a parent.
 *
 * A check is built of smaller ones, as the data is, and tells its problems with the keys that lead
 * there. Invariant: a check only reads, throws for no value whatever, and without problems the value
 * has the shape that it says: no field missing, none that nobody reads. Trade-off: shape alone;
 * whether a number is a sensible one mostly says who uses it.
 */
import { nearestWord } from './nearest-word.js';

export interface FieldProblem {
  /** Keys from the value down to what is wrong. */
  readonly path: readonly string[];
  /** What it should be, in words that follow the path. */
  readonly message: string;
  readonly suggestion?: string;
  /** Nobody reads this field. */
  readonly stray?: true;
}

/** All that is wrong; [] = nothing. */
export type Check = (value: unknown) => readonly FieldProblem[];

/** One check for each field of a type but those left out; an optional one lets it be absent. */
export type FieldChecks<C, Without extends keyof C = never> = {
  readonly [Field in Exclude<keyof C, Without>]-?: Check;
};

type Checks = Readonly<Record<string, Check>>;

const FINE: readonly FieldProblem[] = [];

/** @param what is asked for, after "should be" */
export function should(what: string, holds: (value: unknown) => boolean): Check {
  const problems = [{ path: [], message: `should be ${what}` }];
  return (value) => (holds(value) ? FINE : problems);
}

/** Of numbers: a text is told as such, with the number to write where it is one in quotes. */
export function shouldCount(what: string, holds: (value: unknown) => boolean): Check {
  const plain = should(what, holds);
  return (value) => {
    if (typeof value !== 'string') return plain(value);
    const message = `should be ${what}, not a text`;
    const meant = WRITTEN_NUMBER.test(value) && holds(Number(value));
    return [
      { path: [], message, ...(meant ? { suggestion: `write ${value} without quotes` } : {}) },
    ];
  };
}

const WRITTEN_NUMBER = /^-?\d{1,16}(\.\d{1,16})?$/;

/** Whatever it is: another check looks at it. */
export const anything: Check = () => FINE;
export const text = should('a text', (value) => typeof value === 'string');
export const flag = should('true or false', (value) => typeof value === 'boolean');
export const number = shouldCount('a number', (value) => typeof value === 'number');
export const whole = shouldCount(
  'a whole number from 0',
  (value) => Number.isSafeInteger(value) && Number(value) >= 0,
);

export function optional(check: Check): Check {
  return (value) => (value === undefined ? FINE : check(value));
}

export function oneOf(...words: readonly string[]): Check {
  return should(words.join(' or '), (value) => typeof value === 'string' && words.includes(value));
}

/** @param what the list is, where it is none */
export function listOf(check: Check, what: string): Check {
  const list = should(what, Array.isArray);
  return (value) => {
    if (!Array.isArray(value)) return list(value);
    // A hole is a problem like any other, so by number: methods of lists pass it over.
    return Array.from(value, (one, i) => under(String(i), check(one))).flat();
  };
}

/** A mapping with these fields and no other. */
export function mapping(checks: Checks): Check {
  const fields = should(`a mapping of ${Object.keys(checks).join(', ')}`, isMapping);
  return (value) => (isMapping(value) ? problemsIn(value, checks) : fields(value));
}

/** Fields that there are not, then what is wrong with those that should be. */
export function problemsIn(
  value: Readonly<Record<string, unknown>>,
  checks: Checks,
): readonly FieldProblem[] {
  const known = Object.keys(checks);
  const strays = Object.keys(value).filter((key) => !Object.hasOwn(checks, key));
  const wrong = known.flatMap((key) =>
    under(key, checks[key](Object.hasOwn(value, key) ? value[key] : undefined)),
  );
  return strays.length === 0 ? wrong : [...strays.map((key) => stray(key, known)), ...wrong];
}

export function isMapping(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** "conf.memoryMiB is no field here; there are: memoryMib": for an error's message. */
export function problemText({ path, message, suggestion }: FieldProblem): string {
  const said = [path.join('.'), message].filter((part) => part !== '').join(' ');
  return suggestion === undefined ? said : `${said} (${suggestion})`;
}

function under(key: string, problems: readonly FieldProblem[]): readonly FieldProblem[] {
  if (problems.length === 0) return problems;
  return problems.map((problem) => ({ ...problem, path: [key, ...problem.path] }));
}

function stray(key: string, known: readonly string[]): FieldProblem {
  const near = nearestWord(key, known);
  return {
    stray: true,
    path: [key],
    message: `is no field here; there are: ${known.join(', ') || 'none'}`,
    ...(near === undefined ? {} : { suggestion: `did you mean ${near}?` }),
  };
}
