/**
 * Numbers as bash takes them: constants and results of `$((…))`, and operands of `[ a -gt b ]`.
 *
 * Invariant: every result is a signed 64-bit value; overflow wraps, as in C on two's complement.
 * Trade-off: bigint throughout, slow but exact; a run of the service computes a handful of them.
 * Source: GNU Bash Reference Manual (Shell Arithmetic, Bash Conditional Expressions); wrap-around
 * of constants measured on bash 5.2.15 (2^64 reads as 0).
 */

/** Quirk `sizes-wrap`. */
export function wrap64(value: bigint): bigint {
  return BigInt.asIntN(64, value);
}

/**
 * A constant inside `$((…))` that is all digits: octal behind a leading 0 (quirk
 * `octal-numbers`). Undefined when a digit does not fit its base (`08`): bash aborts the script
 * there, without a message of the script.
 */
export function arithmeticConstant(digits: string): bigint | undefined {
  if (!digits.startsWith('0')) return wrap64(BigInt(digits));
  if (/[89]/.test(digits)) return undefined;
  return wrap64(BigInt(`0o${digits}`));
}

const TEST_LIMIT = 2n ** 63n;

/**
 * An all-digits operand of `[`: always decimal. Undefined from 2^63 on: the comparison fails,
 * whatever the other operand is.
 */
export function testOperand(digits: string): bigint | undefined {
  const value = BigInt(digits);
  return value < TEST_LIMIT ? value : undefined;
}

/** The script's own check for a number: one or more decimal digits, nothing else. */
export function isDigits(text: string): boolean {
  return /^[0-9]+$/.test(text);
}

/** A bigint for a refusal's numbers: a number where that is exact, else its decimal text. */
export function printable(value: bigint): number | string {
  const exact = Number(value);
  return Number.isSafeInteger(exact) ? exact : value.toString();
}
