/**
 * "Did you mean …": the known word closest to an unknown one.
 *
 * Invariant: a suggestion is a known word, and only a word that is plausibly a slip of it: at most
 * a third of its letters differ, or their order, or one is the start of the other. Letters up to a dot
 * that both have make no word alike: `parent.stop` is no slip of `parent.start`. Trade-off: silence
 * over a guess.
 */
import { editDistance } from './edit-distance.js';

/** The nearest known word; the first of equals. Case does not count. */
export function nearestWord(word: string, known: Iterable<string>): string | undefined {
  return nearestWords(word, known, 1)[0];
}

/** Several, nearest first. A word with dots, such as `nitro.page-node`, may lack what is before them. */
export function nearestWords(word: string, known: Iterable<string>, most: number): string[] {
  if (word.length > 80) return [];
  const wanted = word.toLowerCase();
  const near: { word: string; distance: number }[] = [];
  for (const candidate of known) {
    const lower = candidate.toLowerCase();
    const dot = lower.lastIndexOf('.');
    const whole = distanceOf(wanted, lower, wanted.startsWith(headOf(lower)) ? dot + 1 : 0);
    const distance = dot < 0 ? whole : Math.min(whole, distanceOf(wanted, lower.slice(dot + 1)));
    if (distance < Number.POSITIVE_INFINITY) near.push({ word: candidate, distance });
  }
  near.sort((a, b) => a.distance - b.distance);
  return near.slice(0, most).map((one) => one.word);
}

/** Known words that agree with a word up to its last dot: of `nitro.go` those that begin with `nitro.`. */
export function wordsBeside(word: string, known: Iterable<string>): string[] {
  const head = headOf(word.toLowerCase());
  return head === '' ? [] : [...known].filter((one) => headOf(one.toLowerCase()) === head);
}

/** Up to the last dot, with it; '' = there is none. */
function headOf(word: string): string {
  return word.slice(0, word.lastIndexOf('.') + 1);
}

/**
 * How far a plausible slip is from what was meant; infinite where it is none.
 * @param shared letters at the front of both that make them no more alike
 */
function distanceOf(wanted: string, lower: string, shared = 0): number {
  const begins = Math.min(wanted.length, lower.length) >= 3;
  const longer = Math.max(wanted.length, lower.length);
  const allowed = Math.floor((longer - shared) / 3);
  if (begins && (lower.startsWith(wanted) || wanted.startsWith(lower))) return 1;
  const apart = Math.abs(wanted.length - lower.length);
  // Letters that are too many or missing are edits, each of them.
  if (apart > allowed) return Number.POSITIVE_INFINITY;
  if (begins && sortedLetters(wanted) === sortedLetters(lower)) return 1;
  const distance = editDistance(wanted, lower);
  return distance <= allowed ? distance : Number.POSITIVE_INFINITY;
}

function sortedLetters(word: string): string {
  return [...word].sort().join('');
}

/**
 * "did you mean `x`?", or when nothing is near those that agree with it up to a dot, or else the list of
 * what is known.
 */
export function suggestWord(word: string, known: readonly string[]): string | undefined {
  if (known.length === 0) return undefined;
  const near = nearestWord(word, known);
  if (near !== undefined) return `did you mean \`${near}\`?`;
  const beside = wordsBeside(word, known).map((name) => `\`${name}\``);
  if (beside.length > 0) return `known: ${beside.join(', ')}`;
  const shown = known.slice(0, 12).map((name) => `\`${name}\``);
  return `known: ${shown.join(', ')}${known.length > shown.length ? ', …' : ''}`;
}
