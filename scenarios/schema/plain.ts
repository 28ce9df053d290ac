/**
 * Looking into a plain value whose form nobody has checked yet.
 *
 * Invariant: own keys only, so nothing is read from a prototype; what is not there is undefined.
 */

export type PlainMapping = Readonly<Record<string, unknown>>;

export function isMapping(value: unknown): value is PlainMapping {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The value under a key, when `owner` is a mapping that has it. */
export function under(owner: unknown, key: string): unknown {
  return isMapping(owner) && Object.hasOwn(owner, key) ? owner[key] : undefined;
}

/** The value as a list; nothing else is one. */
export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

export function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
