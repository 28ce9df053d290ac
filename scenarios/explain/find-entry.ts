/**
 * From what a person typed to the entries it may mean.
 *
 * Case, blanks, punctuation and leading zeros do not count: "qt10", "QT 10" and "qt-10" are one.
 * Invariant: a number alone may mean several codes, and then all are given, in the families' order;
 * an unknown word gives none, and the nearest known ways to ask. A line of a report ("E29 ← NE 269: …") is
 * asked as the codes and names in it.
 */
import { nearestWords } from '../../core/units/nearest-word.js';
import {
  cliEntries,
  driverEntries,
  errnoEntries,
  qtEntries,
  serviceEntries,
} from './code-entries.js';
import { type Entry, FAMILIES, type Family } from './entry.js';
import { fleetEntries, loneRuleEntries } from './lone-rules.js';
import { platformEntries } from './platform-entries.js';
import { ownerEntries, stageEntries, strandedEntries } from './report-words.js';
import { invariantEntries, quirkEntries, ruleEntries } from './rule-entries.js';
import { settingEntries } from './setting-entries.js';
import { faultEntries, reachedEntries, throwEntries } from './verify-entries.js';

const MOST_NEAR = 3;

/** Every entry, family by family, without examples. */
export function allEntries(): Entry[] {
  return [
    ...qtEntries(),
    ...cliEntries(),
    ...driverEntries(),
    ...errnoEntries(),
    ...serviceEntries(),
    ...ruleEntries(),
    ...loneRuleEntries(),
    ...fleetEntries(),
    ...invariantEntries(),
    ...quirkEntries(),
    ...reachedEntries(),
    ...throwEntries(),
    ...faultEntries(),
    ...stageEntries(),
    ...strandedEntries(),
    ...ownerEntries(),
    ...settingEntries(),
    ...platformEntries(),
  ];
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
 * an entry; where no word goes on, what is left is told as unknown.
 */
export function severalAsked(
  words: readonly string[],
  entries: readonly Entry[],
): { readonly found: readonly Entry[] } | { readonly unknown: string } {
  const asked: (readonly Entry[])[] = [];
  for (let from = 0; from < words.length; ) {
    let found: readonly Entry[] = [];
    let to = words.length;
    while (found.length === 0 && to > from) {
      found = findEntries(words.slice(from, to--).join(' '), entries);
    }
    if (found.length === 0) return { unknown: words.slice(from).join(' ').trim() };
    asked.push(found);
    from = to + 1;
  }
  return { found: [...new Set(asked.flat())] };
}

/** Marks of a report between codes, rules and stages; other output has only the ASCII arrow. */
const BETWEEN = /←|<-|·| at /;

/** The words of a question that a report has printed, without marks and without the message. */
export function wordsOfReport(words: readonly string[]): readonly string[] {
  const asked = words.join(' ');
  const [said] = asked.split(/:(?: |$)/);
  if (said === asked && !BETWEEN.test(asked)) return words;
  const named = said
    .split(BETWEEN)
    .flatMap((part) => part.split(' '))
    .filter((word) => word !== '');
  return named.length > 0 ? named : words;
}

/** What to ask instead: of a number that its family does not have the family, else what is near. */
export function askInstead(asked: string, entries: readonly Entry[]): string {
  const [, prefix] = /^([a-z]*)[^a-z0-9]*\d+$/i.exec(asked.trim()) ?? [];
  const family = prefix === undefined ? undefined : findFamily(prefix);
  if (family !== undefined) return `\`hypercarve explain ${family.id}\` lists those there are`;
  // Other numbers are not near to a number, however alike they look.
  const names = entries.flatMap(({ code, also }) => [code, ...also]);
  const near = prefix === '' ? [] : nearestWords(asked.trim(), new Set(names), MOST_NEAR);
  if (near.length === 0) return '`hypercarve explain` lists the families';
  return `did you mean ${near.map((word) => `\`${word}\``).join(' or ')}?`;
}

function keyOf(name: string): string {
  return name
    .toLowerCase()
    .replace(/[^a-z0-9]/g, '')
    .replace(/(?<![0-9])0+(?=[0-9])/g, '');
}
