/**
 * From what a person typed to the entries it may mean.
 *
 * Case, blanks, punctuation and leading zeros do not count: "qt10", "QT 10" and "qt-10" are one.
 * Invariant: a number alone may mean several codes, and then all are given, in the families' order;
 * an unknown word gives none, and the nearest known ways to ask.
 */
import { nearestWord } from '../schema/nearest.js';
import {
  cliEntries,
  driverEntries,
  errnoEntries,
  qtEntries,
  serviceEntries,
} from './code-entries.js';
import { type Entry, type Example, FAMILIES, type Family } from './entry.js';
import { refusalExamples } from './examples.js';
import { fleetEntries, loneRuleEntries } from './lone-rules.js';
import { ownerEntries, stageEntries, strandedEntries } from './report-words.js';
import { invariantEntries, quirkEntries, ruleEntries } from './rule-entries.js';

/** Every entry, family by family. */
export function allEntries(): Entry[] {
  const examples = refusalExamples();
  const codes = [
    ...qtEntries(),
    ...cliEntries(),
    ...driverEntries(),
    ...errnoEntries(),
    ...serviceEntries(),
  ];
  return [
    ...codes.map((entry) => withExample(entry, examples)),
    ...ruleEntries(examples),
    ...loneRuleEntries(examples),
    ...fleetEntries(),
    ...invariantEntries(),
    ...quirkEntries(),
    ...stageEntries(),
    ...strandedEntries(),
    ...ownerEntries(),
  ];
}

/** A code's example is that of the first rule behind it that has one. */
function withExample(entry: Entry, examples: ReadonlyMap<string, Example>): Entry {
  const rule = entry.raisedBy.find((by) => examples.has(by.rule))?.rule;
  const example = rule === undefined ? undefined : examples.get(rule);
  return example === undefined ? entry : { ...entry, example };
}

/** The family a word names ("qt", "quirks"), or undefined. */
export function findFamily(asked: string): Family | undefined {
  const key = keyOf(asked);
  return FAMILIES.find(({ id }) => key === keyOf(id) || key === `${keyOf(id)}s`);
}

/** Entries that are called so; of exact spellings only these. */
export function findEntries(asked: string, entries: readonly Entry[]): readonly Entry[] {
  const exact = entries.filter(({ code }) => code === asked.trim());
  if (exact.length > 0 && !/^\d+$/.test(asked.trim())) return exact;
  const key = keyOf(asked);
  if (key === '') return [];
  return entries.filter(({ code, also }) => [code, ...also].some((name) => keyOf(name) === key));
}

/**
 * Several questions in one list of words, such as QT 10 E29: from the left, the most words that name
 * an entry. Undefined when some word belongs to none.
 */
export function severalAsked(
  words: readonly string[],
  entries: readonly Entry[],
): readonly (readonly Entry[])[] | undefined {
  const asked: (readonly Entry[])[] = [];
  for (let from = 0; from < words.length; ) {
    let found: readonly Entry[] = [];
    let to = words.length;
    while (found.length === 0 && to > from) {
      found = findEntries(words.slice(from, to--).join(' '), entries);
    }
    if (found.length === 0) return undefined;
    asked.push(found);
    from = to + 1;
  }
  return asked;
}

/** The nearest known way to ask. */
export function nearestEntry(asked: string, entries: readonly Entry[]): string | undefined {
  return nearestWord(
    asked.trim(),
    entries.flatMap(({ code, also }) => [code, ...also]),
  );
}

function keyOf(name: string): string {
  return name
    .toLowerCase()
    .replace(/[^a-z0-9]/g, '')
    .replace(/(?<![0-9])0+(?=[0-9])/g, '');
}
