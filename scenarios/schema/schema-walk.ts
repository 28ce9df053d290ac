/**
 * What a schema allows at a path: the keys it knows there and how it describes itself.
 *
 * Used to say what would be right. Invariant: reads the schema only; a path that leads nowhere
 * gives nothing. Trade-off: where alternatives are possible it answers for all of them together.
 */
import * as z from 'zod';
import type { Path } from './path.js';

type Schema = z.core.$ZodType;

/**
 * Keys known at a path, in the order of the schema, without repeats. Of alternatives that a fixed word
 * tells apart, such as `kind`, only the one that `value` names is asked, if it names one.
 */
export function knownKeys(root: Schema, path: Path, value?: unknown): string[] {
  const all = schemasAt(root, path);
  const named = all.filter((schema) => isNamedBy(schema, value));
  const keys = (named.length > 0 ? named : all).flatMap((schema) => {
    const { def } = asKnown(schema)._zod;
    return def.type === 'object' ? Object.keys(def.shape) : [];
  });
  return [...new Set(keys)];
}

/** None of its fixed words contradicts the value. */
function isNamedBy(schema: Schema, value: unknown): boolean {
  const { def } = asKnown(schema)._zod;
  if (def.type !== 'object' || typeof value !== 'object' || value === null) return true;
  return Object.entries(def.shape).every(([key, inner]) => {
    const fixed = asKnown(inner)._zod.def;
    if (fixed.type !== 'literal' || !Object.hasOwn(value, key)) return true;
    return (fixed.values as readonly unknown[]).includes((value as Record<string, unknown>)[key]);
  });
}

/** How the schema at a path describes what it wants, when it does and no alternative differs. */
export function descriptionAt(root: Schema, path: Path): string | undefined {
  const found = new Set<string>();
  for (const schema of descend([root], path)) {
    const text = describe(schema);
    if (text !== undefined) found.add(text);
  }
  return found.size === 1 ? [...found][0] : undefined;
}

/** The mappings that a path may be, key by key. */
export function shapesAt(root: Schema, path: Path): Readonly<Record<string, Schema>>[] {
  return schemasAt(root, path).flatMap((schema) => {
    const { def } = asKnown(schema)._zod;
    return def.type === 'object' ? [def.shape] : [];
  });
}

/** A key of that schema cannot be left out. */
export function needsValue(schema: Schema): boolean {
  return !isTakenBy(schema, undefined);
}

export function isTakenBy(schema: Schema, value: unknown): boolean {
  return z.safeParse(schema, value).success;
}

export function isTakenAt(root: Schema, path: Path, value: unknown): boolean {
  return descend([root], path).some((schema) => isTakenBy(schema, value));
}

/** Every alternative that is possible at a path, wrappers removed. */
function schemasAt(root: Schema, path: Path): Schema[] {
  return descend([root], path).flatMap(alternatives);
}

function descend(from: readonly Schema[], path: Path): Schema[] {
  let reached = [...from];
  for (const step of path) reached = reached.flatMap(alternatives).flatMap((s) => child(s, step));
  return reached;
}

/** Removes wrappers (optional, default, transform) and opens unions. */
function alternatives(schema: Schema): Schema[] {
  const { def } = asKnown(schema)._zod;
  switch (def.type) {
    case 'optional':
    case 'nullable':
    case 'default':
    case 'prefault':
    case 'readonly':
    case 'catch':
    case 'nonoptional':
      return alternatives(def.innerType);
    case 'pipe':
      return alternatives(def.in);
    case 'union':
      return def.options.flatMap(alternatives);
    default:
      return [schema];
  }
}

function child(schema: Schema, step: string | number): Schema[] {
  const { def } = asKnown(schema)._zod;
  switch (def.type) {
    case 'object':
      return Object.hasOwn(def.shape, step) ? [def.shape[step]] : [];
    case 'array':
      return typeof step === 'number' ? [def.element] : [];
    case 'tuple': {
      const item = typeof step === 'number' ? def.items[step] : undefined;
      return item === undefined ? [] : [item];
    }
    case 'record':
      return [def.valueType];
    default:
      return [];
  }
}

/** The description on a schema or on what it wraps, outermost first. */
function describe(schema: Schema): string | undefined {
  const own = (schema as { readonly description?: string }).description;
  if (own !== undefined) return own;
  const { def } = asKnown(schema)._zod;
  if (def.type === 'optional' || def.type === 'default') return describe(def.innerType);
  return def.type === 'pipe' ? describe(def.in) : undefined;
}

/** Narrows to zod's own closed list of schema kinds, so that `def.type` tells them apart. */
function asKnown(schema: Schema): z.core.$ZodTypes {
  return schema as z.core.$ZodTypes;
}
