/**
 * Whether a path leads anywhere in a fleet file: an axis that names nothing is told as such, with the
 * nearest word, before any variant is built.
 *
 * Invariant: agrees with the fleet's schema, which is asked for the keys; where the schema takes any
 * key (options, columns) every key is known. Indices are judged when the variant is loaded.
 */

import { suggestWord } from '../../core/units/nearest-word.js';
import { fleetSchema } from '../engine/schema.js';
import { formatPath } from '../schema/path.js';
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
    return { path: namedAt, atKey: true, message, suggestion: suggestWord(step, known) };
  }
  return undefined;
}
