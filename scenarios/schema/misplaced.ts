/**
 * Where a key belongs that is not known where it stands: in a mapping around it, or in one within.
 *
 * Invariant: the place named knows the key, by the schema. Trade-off: outwards all the way, inwards one
 * step, since deeper keys are often called alike.
 */
import type * as z from 'zod';
import { formatPath, type Path } from './path.js';
import { knownKeys } from './schema-walk.js';

type Schema = z.core.$ZodType;
type ValueAt = (path: Path) => unknown;

/** The mapping right around this one knows the key: a line too far in. */
export function oneOut(schema: Schema, path: Path, key: string, at: ValueAt): string | undefined {
  return outwards(schema, path, key, at).next().value;
}

/** Any mapping around it, else those within. */
export function elsewhere(
  schema: Schema,
  path: Path,
  key: string,
  at: ValueAt,
): string | undefined {
  for (const place of outwards(schema, path, key, at)) if (place !== undefined) return place;
  const within = knownKeys(schema, path, at(path)).filter((inner) => {
    const inside = [...path, inner];
    return knownKeys(schema, inside, at(inside)).includes(key);
  });
  if (within.length === 0) return undefined;
  return `it belongs into ${within.map((inner) => `\`${inner}\``).join(' or ')}`;
}

/** For each mapping around, from the nearest: the place where the key is known, or nothing. */
function* outwards(
  schema: Schema,
  path: Path,
  key: string,
  at: ValueAt,
): Generator<string | undefined, undefined> {
  for (let length = path.length - 1; length >= 0; length--) {
    const around = path.slice(0, length);
    const beside = path[length];
    // An entry of a list has no keys beside it.
    if (typeof beside === 'number') continue;
    if (!knownKeys(schema, around, at(around)).includes(key)) yield undefined;
    else {
      const owner = length === 0 ? 'the top of the file' : `\`${formatPath(around)}\``;
      yield `it belongs to ${owner}, beside \`${beside}\``;
    }
  }
  return undefined;
}
