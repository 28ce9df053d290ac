/**
 * Whether a path leads anywhere in a fleet file: an axis that names nothing is told as such, with the
 * nearest word or the place where a fleet file has that key, before any variant is built.
 *
 * Invariant: agrees with the fleet's schema, which is asked for the keys; where the schema takes any
 * key (options, columns) every key is known. Indices are judged when the variant is loaded.
 */

import { nearestWord, suggestWord } from '../../core/units/nearest-word.js';
import { fleetSchema } from '../engine/schema.js';
import { formatPath, type Path } from '../schema/path.js';
import type { Finding } from '../schema/problem.js';
import { knownKeys } from '../schema/schema-walk.js';
import type { Setting } from './axes.js';

export function unknownStep({ path, namedAt }: Setting): Finding | undefined {
  if (path.length === 1 && path[0] === 'seed') {
    const message = 'seeds are no axis; every variant runs under the same ones';
    return { path: namedAt, atKey: true, message, suggestion: 'see `seeds`' };
  }
  for (const [depth, step] of path.entries()) {
    if (typeof step === 'number') continue;
    const known = knownKeys(fleetSchema, path.slice(0, depth));
    if (known.length === 0 || known.includes(step)) continue;
    const where = depth === 0 ? 'a fleet file' : `\`${formatPath(path.slice(0, depth))}\``;
    const message = `unknown axis: ${where} has no key \`${step.slice(0, 60)}\``;
    const suggestion = nearOrElsewhere(step, known);
    return { path: namedAt, atKey: true, message, suggestion };
  }
  return undefined;
}

/** A key that is near, else where a fleet file has it, else the keys that there are. */
function nearOrElsewhere(step: string, known: readonly string[]): string | undefined {
  const near = nearestWord(step, known);
  if (near !== undefined) return `did you mean \`${near}\`?`;
  const places = placesOf(step).map((path) => `\`${formatPath(path)}\``);
  if (places.length === 0) return suggestWord(step, known);
  const more = places.length > MOST_PLACES ? ', …' : '';
  return `a fleet file has it at ${places.slice(0, MOST_PLACES).join(', ')}${more}`;
}

const MOST_PLACES = 3;
/** Keys and places of lists that lead to one; deeper there are only alternatives of the same. */
const DEEPEST = 6;

/** Where a fleet file knows the key: the places least deep, of lists the first entry. */
function placesOf(key: string): Path[] {
  let level: Path[] = [[]];
  for (let depth = 0; depth < DEEPEST && level.length > 0; depth++) {
    const keysAt = level.map((path) => [path, knownKeys(fleetSchema, path)] as const);
    const found = keysAt.filter(([, keys]) => keys.includes(key)).map(([path]) => [...path, key]);
    if (found.length > 0) return found;
    level = keysAt.flatMap(([path, keys]) =>
      keys.length > 0 ? keys.map((inner) => [...path, inner]) : firstEntry(path),
    );
  }
  return [];
}

function firstEntry(path: Path): Path[] {
  return typeof path.at(-1) === 'number' ? [] : [[...path, 0]];
}
