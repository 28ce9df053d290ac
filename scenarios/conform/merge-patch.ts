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

/** The patch from `before` to `after`; undefined when they are equal. Values own all their keys. */
export function mergeDiff(before: JsonObject, after: JsonObject): JsonObject | undefined {
  let patch: Record<string, Json> | undefined;
  for (const key in before) {
    if (key in after) continue;
    patch ??= {};
    patch[key] = null;
  }
  for (const key in after) {
    const value = after[key];
    const old = before[key];
    if (old === value) continue;
    const change = changeOf(old, value);
    if (change === undefined) continue;
    patch ??= {};
    patch[key] = change;
  }
  return patch;
}

function changeOf(old: Json | undefined, value: Json): Json | undefined {
  if (isObject(old) && isObject(value)) return mergeDiff(old, value) as Json | undefined;
  return jsonEqual(old, value) ? undefined : value;
}

/** Equal as JSON, whatever the order of keys. */
export function jsonEqual(a: Json | undefined, b: Json | undefined): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a)) return Array.isArray(b) && listsEqual(a, b);
  return !Array.isArray(b) && objectsEqual(a, b);
}

function listsEqual(a: readonly Json[], b: readonly Json[]): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (!jsonEqual(a[i], b[i])) return false;
  return true;
}

function objectsEqual(a: JsonObject, b: JsonObject): boolean {
  let more = 0;
  for (const key in a) {
    if (!Object.hasOwn(b, key) || !jsonEqual(a[key], b[key])) return false;
    more++;
  }
  for (const _ in b) more--;
  return more === 0;
}

function isObject(value: Json | undefined): value is { [key: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
