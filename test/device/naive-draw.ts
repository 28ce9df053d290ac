/**
 * Where the random cases of the naive twins come from: a list of numbers, used up one by one.
 *
 * Invariant: the same list makes the same case, and a list of zeros makes the plainest one, so that
 * fast-check, which shrinks lists towards short ones of zeros, shrinks the case with it.
 */
import fc from 'fast-check';

/** A whole number from 0 up to, and without, `below`. */
export type Draw = (below: number) => number;

export function drawFromList(numbers: readonly number[]): Draw {
  let used = 0;
  return (below) => (numbers[used++] ?? 0) % below;
}

/** Enough for a host, its memory and a request; each number as likely as any other. */
export const entropy = fc.noBias(
  fc.array(fc.nat(1_000_000_006), { minLength: 80, maxLength: 160 }),
);

export function pick<T>(draw: Draw, from: readonly [T, ...T[]]): T {
  return from[draw(from.length)] ?? from[0];
}

/** True once in `n` times, never for a plain case. */
export function once(draw: Draw, n: number): boolean {
  return draw(n) === n - 1;
}
