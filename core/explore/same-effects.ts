/**
 * Equality of two lists of effects, value for value, but for what a dropped record had.
 *
 * Invariant: whatever `apply` does with equal lists is equal; a dropped record is only read to bring
 * it back. Trade-off: a walk over plain data, since effects are plain data and nothing else.
 */
import type { Effect } from '../host/effect.js';

export function areSameEffects(a: readonly Effect[], b: readonly Effect[]): boolean {
  return a.length === b.length && a.every((one, i) => isSame(bare(one), bare(b[i])));
}

function bare(effect: Effect): unknown {
  return effect.kind === 'drop-enclave' ? { ...effect, enclave: effect.enclave.uid } : effect;
}

function isSame(a: unknown, b: unknown): boolean {
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return a === b;
  const [left, right] = [a as Record<string, unknown>, b as Record<string, unknown>];
  for (const name in left) if (!isSame(left[name], right[name])) return false;
  return Object.keys(left).length === Object.keys(right).length;
}
