/**
 * "Did you mean …": the known word closest to an unknown one.
 *
 * Invariant: a suggestion is a known word, and only a word that is plausibly a slip of it: at most
 * a third of its letters differ, or their order, or one is the start of the other. Trade-off: silence over a guess.
 */
import { editDistance } from '../../core/topology/edit-distance.js';

/** The nearest known word; the first of equals. Case does not count. */
export function nearestWord(word: string, known: Iterable<string>): string | undefined {
  if (word.length > 80) return undefined;
  const wanted = word.toLowerCase();
  let best: { word: string; distance: number } | undefined;
  for (const candidate of known) {
    const lower = candidate.toLowerCase();
    const begins = Math.min(wanted.length, lower.length) >= 3;
    const related = begins && (lower.startsWith(wanted) || wanted.startsWith(lower));
    const shuffled = begins && sortedLetters(wanted) === sortedLetters(lower);
    const distance = related || shuffled ? 1 : editDistance(wanted, lower);
    const longer = Math.max(wanted.length, lower.length);
    const allowed = longer < 3 ? 0 : Math.floor(longer / 3);
    if (distance <= allowed && (best === undefined || distance < best.distance)) {
      best = { word: candidate, distance };
    }
  }
  return best?.word;
}

function sortedLetters(word: string): string {
  return [...word].sort().join('');
}

/** "did you mean `x`?", or the list of what is known when nothing is near. */
export function suggestWord(word: string, known: readonly string[]): string | undefined {
  if (known.length === 0) return undefined;
  const near = nearestWord(word, known);
  if (near !== undefined) return `did you mean \`${near}\`?`;
  const shown = known.slice(0, 12).map((name) => `\`${name}\``);
  return `known: ${shown.join(', ')}${known.length > shown.length ? ', …' : ''}`;
}
