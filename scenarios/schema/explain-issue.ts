/**
 * zod's issues in the words of a scenario's author.
 *
 * One row a kind of issue: what is wrong, where to point, what would be right. Of a union only the
 * alternative that the author most likely meant is explained: the one whose keys fit best.
 * Invariant: every issue gives at least one finding with a sentence.
 */
import type * as z from 'zod';
import { nearestWord, suggestWord, wordsBeside } from '../../core/units/nearest-word.js';
import { elsewhere, oneOut } from './misplaced.js';
import { kindForm, otherForm } from './other-form.js';
import { formatPath, type Path } from './path.js';
import { isMapping } from './plain.js';
import { policyForm, policyKeyElsewhere, policyWordElsewhere } from './policies-apart.js';
import { type Finding, quoteValue } from './problem.js';
import { descriptionAt, isTakenAt, knownKeys } from './schema-walk.js';

type Issue = z.core.$ZodIssue;
type UnionIssue = z.core.$ZodIssueInvalidUnion;

/** A longer list of words is not shown where the one that was meant can be guessed. */
const MANY_WORDS = 12;

/** Keys that are named beside one that does not go with them. */
const MOST_BESIDE = 4;

/** Of keys of an entry that rule each other out. */
const EACH = 'use an entry for each';

const NUMBER = 'a number';
/** What no whole number is. */
const FRACTION = 0.5;

const KINDS: Readonly<Record<string, string>> = {
  int: 'a whole number',
  number: 'a whole number',
  string: 'text',
  boolean: 'true or false',
  array: 'a list',
  tuple: 'a list',
  object: 'a mapping (key: value)',
  record: 'a mapping (key: value)',
};

/** Explains what a schema found wrong with a value. */
export class IssueExplainer {
  readonly #schema: z.core.$ZodType;
  readonly #value: unknown;
  readonly #known = new Map<string, readonly string[]>();

  constructor(schema: z.core.$ZodType, value: unknown) {
    this.#schema = schema;
    this.#value = value;
  }

  explain(issues: readonly Issue[], at: Path = []): Finding[] {
    return narrowest(issues).flatMap((issue) =>
      this.#explainOne(issue, [...at, ...toPath(issue.path)]),
    );
  }

  #explainOne(issue: Issue, path: Path): Finding[] {
    switch (issue.code) {
      case 'unrecognized_keys':
        return issue.keys.map((key) => this.#unknownKey(path, key));
      case 'invalid_union':
        return this.#union(issue, path);
      case 'invalid_value':
        return [this.#choice(path, issue.values.map(String))];
      case 'invalid_key':
        return [
          {
            path,
            atKey: true,
            message: `${quoteValue(path.at(-1))} cannot be a name here`,
            suggestion: NAME_HINT,
          },
        ];
      case 'invalid_type':
        return [this.#wrongType(path, [this.#kind(issue.expected, path)])];
      case 'too_small':
        return [this.#outOfRange(path, 'at least', issue.minimum, issue.origin)];
      case 'too_big':
        return [this.#outOfRange(path, 'at most', issue.maximum, issue.origin)];
      case 'invalid_format':
        return [this.#about(path, `${quoteValue(this.#at(path))} is not in the right form`)];
      case 'custom':
        return [{ path, message: issue.message, suggestion: issue.params?.suggestion }];
      default:
        return [{ path, message: issue.message }];
    }
  }

  #unknownKey(path: Path, key: string): Finding {
    if (this.#knownAt(path).includes(key)) return this.#besideOthers(path, key);
    const suggestion =
      key === '<<' ? 'merge keys are not read; write the keys out' : this.#rightKey(path, key);
    const message = `unknown key \`${key.slice(0, 60)}\``;
    return { path: [...path, key], atKey: true, message, suggestion };
  }

  /** A key that is known here in another form of the same: what stands beside it rules it out. */
  #besideOthers(path: Path, key: string): Finding {
    const value = this.#at(path);
    const others = isMapping(value) ? Object.keys(value).filter((other) => other !== key) : [];
    const list = others.slice(0, MOST_BESIDE).map((other) => `\`${other.slice(0, 60)}\``);
    const message = `\`${key}\` does not go with ${list.join(', ') || 'this'}`;
    const suggestion = isEntry(path) ? EACH : `leave out \`${key.slice(0, 60)}\` or the rest`;
    return { path: [...path, key], atKey: true, message, suggestion };
  }

  /** A place one line out, a known key that is near, a place further off, or all that is known. */
  #rightKey(path: Path, key: string): string | undefined {
    const knownAt = (where: Path) => this.#knownAt(where);
    const out = oneOut(path, key, knownAt);
    if (out !== undefined) return out;
    const near = nearestWord(key, knownAt(path));
    if (near !== undefined) return `did you mean \`${near}\`?`;
    const place = elsewhere(path, key, knownAt) ?? policyKeyElsewhere(key, knownAt([]));
    return place ?? suggestWord(key, knownAt(path));
  }

  /** Worked out once a place: a file may have thousands of keys that nobody knows. */
  #knownAt(path: Path): readonly string[] {
    const name = formatPath(path);
    const known = this.#known.get(name) ?? knownKeys(this.#schema, path, this.#at(path));
    this.#known.set(name, known);
    return known;
  }

  #choice(path: Path, allowed: readonly string[]): Finding {
    const value = this.#at(path);
    if (value === undefined) return this.#missing(path);
    const list = allowed.map((word) => `\`${word}\``).join(', ');
    const other = policyWordElsewhere(path.at(-1), value);
    const suggestion = other ?? (typeof value === 'string' ? meantBy(value, allowed) : undefined);
    const words =
      suggestion !== undefined && allowed.length > MANY_WORDS
        ? `one of ${allowed.length} words`
        : `${allowed.length > 1 ? 'one of ' : ''}${list}`;
    const message = `must be ${words}, not ${quoteValue(value)}`;
    return { path, message, suggestion };
  }

  #wrongType(path: Path, kinds: readonly string[]): Finding {
    const value = this.#at(path);
    if (value === undefined) return this.#missing(path);
    const quoted = typeof value === 'number' || typeof value === 'boolean';
    if (kinds.length === 1 && kinds[0] === 'text' && quoted) {
      const suggestion = `put it in quotes: "${value}"`;
      return { path, message: `must be text, not ${quoteValue(value)}`, suggestion };
    }
    const written = withoutQuotes(value, kinds);
    if (written === undefined) {
      const message = `must be ${kinds.join(' or ')}, not ${quoteValue(value)}`;
      const form = otherForm(this.#schema, path, value);
      if (form === undefined) return this.#about(path, message);
      const ofPolicy = Array.isArray(value) ? policyForm(path.at(-1), form) : undefined;
      const suggestion = ofPolicy ?? `write \`${form}\``;
      return { path, message, suggestion };
    }
    const message = `must be ${kinds.join(' or ')}, not the text ${quoteValue(value)}`;
    const key = path.at(-1);
    const place = typeof key === 'string' ? `\`${key}: ${written}\`` : written;
    return { path, message, suggestion: `write ${place}, without quotes` };
  }

  /** zod calls whole numbers so, too, where the value is none at all. */
  #kind(expected: string, path: Path): string {
    if (expected === 'number' && isTakenAt(this.#schema, path, FRACTION)) return NUMBER;
    return KINDS[expected] ?? expected;
  }

  #missing(path: Path): Finding {
    const key = path.at(-1) ?? 'the scenario';
    const message = `\`${key}\` is missing`;
    const owner = path.slice(0, -1);
    const form = key === 'kind' ? kindForm(this.#schema, owner, this.#at(owner)) : undefined;
    if (form !== undefined) return { path, message, suggestion: `write \`${form}\`` };
    return this.#about(path, message);
  }

  #outOfRange(path: Path, word: string, limit: number | bigint, origin: string): Finding {
    const value = this.#at(path);
    if (origin === 'array' || origin === 'string') {
      const unit = origin === 'array' ? 'entries' : 'characters';
      return this.#about(path, `must have ${word} ${limit} ${unit}`);
    }
    return this.#about(path, `must be ${word} ${limit}, not ${quoteValue(value)}`);
  }

  /** Picks the alternative with the fewest keys too many or missing; a tie is a question. */
  #union(issue: UnionIssue, path: Path): Finding[] {
    if ('options' in issue && Array.isArray(issue.options)) {
      return [this.#choice(path, issue.options.map(String))];
    }
    const value = this.#at(path);
    if (value === undefined) return [this.#missing(path)];
    const form = isMapping(value) ? otherForm(this.#schema, path, value) : undefined;
    if (form !== undefined) return [withoutKey(path, value, form)];
    const ranked = issue.errors
      .map((errors) => ({ errors, misfit: misfitOf(errors, value) }))
      .sort((a, b) => a.misfit - b.misfit);
    const best = ranked.filter(({ misfit }) => misfit === ranked[0].misfit);
    if (ranked[0].misfit === Number.POSITIVE_INFINITY) return [this.#noAlternative(issue, path)];
    if (best.length === 1) return this.explain(best[0].errors, path);
    return this.#undecided(
      best.map(({ errors }) => errors),
      path,
    );
  }

  /** No alternative is even of the value's kind. */
  #noAlternative(issue: UnionIssue, path: Path): Finding {
    const right = issue.errors.flat().flatMap(kindsOf);
    return this.#wrongType(path, [...new Set(right)]);
  }

  /** Several alternatives fit equally badly: too many of their keys, or none of them. */
  #undecided(alternatives: readonly (readonly Issue[])[], path: Path): Finding[] {
    const tooMany = keysOf(alternatives, (e) => (e.code === 'unrecognized_keys' ? e.keys : []));
    const missing = keysOf(alternatives, (e) => missingKey(e, this.#at(path)));
    const everywhere = tooMany.filter((key) =>
      alternatives.every((all) =>
        all.some((e) => e.code === 'unrecognized_keys' && e.keys.includes(key)),
      ),
    );
    if (everywhere.length > 0) return everywhere.map((key) => this.#unknownKey(path, key));
    if (missing.length > 0) {
      const list = missing.map((key) => `\`${key}\``).join(', ');
      return [{ path, message: `one of these keys is needed: ${list}` }];
    }
    const list = tooMany.map((key) => `\`${key}\``).join(' and ');
    const hint = isEntry(path) ? EACH : 'keep one of them';
    return [{ path, message: `${list} cannot stand together; ${hint}` }];
  }

  #about(path: Path, message: string): Finding {
    return { path, message, suggestion: descriptionAt(this.#schema, path) };
  }

  #at(path: Path): unknown {
    let value = this.#value;
    for (const step of path) {
      if (typeof value !== 'object' || value === null || !Object.hasOwn(value, step))
        return undefined;
      value = (value as Record<string | number, unknown>)[step];
    }
    return value;
  }
}

/** What stands there may be there twice. */
function isEntry(path: Path): boolean {
  return typeof path.at(-1) === 'number';
}

/** A value that would do without the mapping around it. */
function withoutKey(path: Path, value: unknown, form: string): Finding {
  const [key] = Object.keys(value as object);
  const message = `unknown key \`${key.slice(0, 60)}\``;
  const suggestion = policyForm(path.at(-1), form) ?? `write \`${form}\` without a key`;
  return { path: [...path, key], atKey: true, message, suggestion };
}

/** The word that is meant, or of many words those that begin as it does; no list that stands there anyhow. */
function meantBy(word: string, allowed: readonly string[]): string | undefined {
  const isGuessed = nearestWord(word, allowed) !== undefined;
  const isShorter = allowed.length > MANY_WORDS && wordsBeside(word, allowed).length > 0;
  return isGuessed || isShorter ? suggestWord(word, allowed) : undefined;
}

/** A text that would be of one of the kinds but for its quotes. */
function withoutQuotes(value: unknown, kinds: readonly string[]): string | undefined {
  if (typeof value !== 'string') return undefined;
  const number = /^-?\d{1,15}$/.test(value) && kinds.includes('a whole number');
  const fraction = /^-?\d{1,15}(?:\.\d{1,15})?$/.test(value) && kinds.includes(NUMBER);
  const flag = /^(?:true|false)$/.test(value) && kinds.includes('true or false');
  return number || fraction || flag ? value : undefined;
}

const NAME_HINT = 'letters, digits, "_", ".", "-", at most 64, a letter or digit first';

/** Without limits that follow from a narrower one of the same value, such as that of all integers. */
function narrowest(issues: readonly Issue[]): readonly Issue[] {
  const limits = new Map<string, number | bigint>();
  for (const issue of issues) {
    if (issue.code !== 'too_big') continue;
    const at = issue.path.join('\0');
    const known = limits.get(at);
    if (known === undefined || issue.maximum < known) limits.set(at, issue.maximum);
  }
  if (limits.size === 0) return issues;
  return issues.filter(
    (issue) => issue.code !== 'too_big' || issue.maximum === limits.get(issue.path.join('\0')),
  );
}

/** Keys too many or missing at the alternative's own level; infinite when the kind is wrong. */
function misfitOf(issues: readonly Issue[], owner: unknown): number {
  let misfit = 0;
  for (const issue of issues) {
    if (issue.code === 'unrecognized_keys' && issue.path.length === 0) misfit += issue.keys.length;
    else if (issue.path.length === 0 && isKindIssue(issue)) return Number.POSITIVE_INFINITY;
    else misfit += missingKey(issue, owner).length;
  }
  return misfit;
}

/** What would have been right, in words, of an issue about a value's kind. */
function kindsOf(issue: Issue): string[] {
  if (issue.code === 'invalid_union') return issue.errors.flat().flatMap(kindsOf);
  if (issue.code === 'invalid_value') return issue.values.map((word) => `\`${String(word)}\``);
  return issue.code === 'invalid_type' ? [KINDS[issue.expected] ?? issue.expected] : [];
}

function isKindIssue(issue: Issue): boolean {
  return (
    issue.code === 'invalid_type' ||
    issue.code === 'invalid_value' ||
    issue.code === 'invalid_union'
  );
}

function missingKey(issue: Issue, owner: unknown): string[] {
  const [key] = issue.path;
  if (issue.path.length !== 1 || typeof owner !== 'object' || owner === null) return [];
  return Object.hasOwn(owner, key) ? [] : [String(key)];
}

function keysOf(
  alternatives: readonly (readonly Issue[])[],
  pick: (issue: Issue) => readonly string[],
): string[] {
  return [...new Set(alternatives.flatMap((issues) => issues.flatMap((issue) => pick(issue))))];
}

function toPath(path: readonly PropertyKey[]): Path {
  return path.map((step) => (typeof step === 'number' ? step : String(step)));
}
