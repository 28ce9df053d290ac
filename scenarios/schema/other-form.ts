/**
 * A right value in another form than the place takes: a bare word where a mapping is wanted, as in
 * `parent: m5.4xlarge`, or a word within a mapping or a list where it stands alone, as in
 * `policy: { name: best-fit }`.
 *
 * Invariant: what is proposed is taken by the schema at that place, but for values that it leaves to the
 * author (`…`). Trade-off: one step of form only, and the keys that a bare value may be meant for are
 * listed here, the most telling first.
 */
import type * as z from 'zod';
import { nearestWord } from '../../core/units/nearest-word.js';
import type { Path } from './path.js';
import { isMapping } from './plain.js';
import { isTakenAt, isTakenBy, knownKeys, needsValue, shapesAt } from './schema-walk.js';

/** What a value that stands alone may be of the mapping that is wanted. */
const LEADS = ['kind', 'type', 'module', 'file', 'count', 'requests', 'time'];

/** A value that can be shown as it would be written. */
const PLAIN = /^[\w.][\w.:/+-]{0,59}$/;

/** The form in which the value would be right; undefined = none is known. */
export function otherForm(root: z.core.$ZodType, path: Path, value: unknown): string | undefined {
  if (!isBare(value)) return alone(root, path, value);
  for (const shape of shapesAt(root, path)) {
    const lead = LEADS.find((key) => Object.hasOwn(shape, key) && isTakenBy(shape[key], value));
    if (lead === undefined) continue;
    const others = Object.keys(shape).filter((key) => key !== lead && needsValue(shape[key]));
    return `{ ${[`${lead}: ${value}`, ...others.map((key) => `${key}: …`)].join(', ')} }`;
  }
  return isTakenAt(root, path, [value]) ? `[${value}]` : undefined;
}

/** A mapping that lacks its `kind`, whose only key is the word that `kind` would be, as in `{ queue: 5 }`. */
export function kindForm(root: z.core.$ZodType, path: Path, value: unknown): string | undefined {
  const [key, more] = isMapping(value) ? Object.keys(value) : [];
  if (key === undefined || more !== undefined) return undefined;
  const form = otherForm(root, path, key);
  return form?.startsWith('{ kind: ') ? form : undefined;
}

/** The only value of a mapping whose key nobody knows, or of a list. */
function alone(root: z.core.$ZodType, path: Path, value: unknown): string | undefined {
  if (!isMapping(value) && !Array.isArray(value)) return undefined;
  const [first, more] = Object.entries(value);
  if (first === undefined || more !== undefined) return undefined;
  const [key, inner] = first;
  if (!isBare(inner) || !isTakenAt(root, path, inner)) return undefined;
  return nearestWord(key, knownKeys(root, path, value)) === undefined ? String(inner) : undefined;
}

function isBare(value: unknown): value is string | number {
  if (typeof value === 'number') return true;
  return typeof value === 'string' && PLAIN.test(value);
}
