/**
 * JSON merge patches (RFC 7386) as the recordings use them, and equality of JSON values.
 *
 * Invariant: `mergeDiff(a, b)` applied to `a` gives `b`; undefined means equal. Arrays and scalars
 * are replaced whole; null stands for "removed", so values here are never null themselves.
 */
export type Json = string | number | boolean | null | Json[] | { [key: string]: Json };

interface JsonObject {
  readonly [key: string]: Json;
}

/** The patch from `before` to `after`; undefined when they are equal. */
export function mergeDiff(before: JsonObject, after: JsonObject): JsonObject | undefined {
  const patch: Record<string, Json> = {};
  for (const key of Object.keys(before)) {
    if (!(key in after)) patch[key] = null;
  }
  for (const key of Object.keys(after)) {
    const value = after[key];
    const old = before[key];
    if (old === value) continue;
    if (isObject(old) && isObject(value)) {
      const inner = mergeDiff(old, value);
      if (inner !== undefined) patch[key] = inner as Json;
    } else if (old === undefined || !jsonEqual(old, value)) patch[key] = value;
  }
  return Object.keys(patch).length === 0 ? undefined : patch;
}

/** Equal as JSON, whatever the order of keys. */
export function jsonEqual(a: Json | undefined, b: Json | undefined): boolean {
  if (a === b) return true;
  if (Array.isArray(a) && Array.isArray(b)) {
    return a.length === b.length && a.every((item, i) => jsonEqual(item, b[i]));
  }
  if (!isObject(a) || !isObject(b)) return false;
  const keys = Object.keys(a);
  return (
    keys.length === Object.keys(b).length &&
    keys.every((key) => key in b && jsonEqual(a[key], b[key]))
  );
}

function isObject(value: Json | undefined): value is { [key: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
