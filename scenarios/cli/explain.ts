/**
 * `explain`: what a code, rule, invariant or quirk means, who says it, and what to do about it.
 *
 * Invariant: without an argument the families; a family lists its codes; a number that several
 * families have lists them; several codes are explained one after the other; an unknown word is bad
 * input, told with the nearest known one.
 */
import { type Entry, FAMILIES } from '../explain/entry.js';
import { withExamples } from '../explain/examples.js';
import { entryListText, entryText, familyListText } from '../explain/explain-text.js';
import {
  allEntries,
  askInstead,
  findEntries,
  findFamily,
  severalAsked,
  wordsOfReport,
} from '../explain/find-entry.js';
import { formatProblem, quoteValue } from '../schema/problem.js';
import { BAD_INPUT, type ExitCode, OK } from './exit-code.js';
import type { Streams } from './streams.js';

/** @param words what was asked, such as ["QT", "10"] or ["NE_ERR_INVALID_VCPU"] */
export function explain(
  words: readonly string[],
  { json = false }: { readonly json?: boolean },
  { out, err, style }: Streams,
): ExitCode {
  const asked = words.join(' ').trim();
  const entries = allEntries();
  const print = (value: unknown, text: () => string): ExitCode => {
    out(json ? `${JSON.stringify(value, undefined, 2)}\n` : text());
    return OK;
  };
  if (asked === '') {
    const families = FAMILIES.map((family) => ({
      ...family,
      entries: inFamily(entries, family.id),
    }));
    const counted = families.map((family) => ({ ...family, entries: family.entries.length }));
    return print({ families: counted }, () => familyListText(counted, style));
  }
  const found = findEntries(asked, entries);
  const several = found.length > 0 ? { found } : severalAsked(wordsOfReport(words), entries);
  if (found.length === 0 && 'found' in several) {
    const all = withExamples(several.found);
    return print({ asked, entries: all }, () =>
      all.map((entry) => entryText(entry, style)).join('\n'),
    );
  }
  if ('unknown' in several) {
    const family = findFamily(asked);
    if (family !== undefined) {
      const inIt = inFamily(entries, family.id);
      // A list shows no examples.
      const listed = json ? withExamples(inIt) : inIt;
      return print({ asked, entries: listed }, () => entryListText(listed, style));
    }
    err(`${formatProblem(unknown(several.unknown, entries))}\n`);
    return BAD_INPUT;
  }
  const shown = json || found.length === 1 ? withExamples(found) : found;
  const [only] = shown;
  return print({ asked, entries: shown }, () =>
    shown.length === 1 ? entryText(only, style) : entryListText(shown, style),
  );
}

function inFamily(entries: readonly Entry[], family: Entry['family']): Entry[] {
  return entries.filter((entry) => entry.family === family);
}

function unknown(asked: string, entries: readonly Entry[]) {
  const message = `nothing is called ${quoteValue(asked)}`;
  return { file: 'explain', path: '', message, suggestion: askInstead(asked, entries) };
}
