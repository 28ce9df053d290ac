/**
 * The factor of a two-sided 95 % confidence interval: Student's t at 0.975.
 *
 * Up to 30 degrees of freedom a table, beyond it the Cornish-Fisher expansion around the normal
 * quantile, which is within 2e-9 there. Invariant: falls from 12.7 towards 1.96; only the four basic
 * operations, so equal on every machine. Source of the expansion: Abramowitz and Stegun, 26.7.5.
 */
// biome-ignore format: a table of numbers
const TABLE: readonly number[] = [
  12.706205, 4.302653, 3.182446, 2.776445, 2.570582, 2.446912, 2.364624, 2.306004, 2.262157, 2.228139,
  2.200985, 2.178813, 2.160369, 2.144787, 2.13145, 2.119905, 2.109816, 2.100922, 2.093024, 2.085963,
  2.079614, 2.073873, 2.068658, 2.063899, 2.059539, 2.055529, 2.051831, 2.048407, 2.04523, 2.042272,
];

/** The normal quantile at 0.975. */
const Z = 1.959963984540054;
const Z2 = Z * Z;
/** Coefficients of 1/n … 1/n⁴. */
const TERMS: readonly number[] = [
  (Z * (Z2 + 1)) / 4,
  (Z * ((5 * Z2 + 16) * Z2 + 3)) / 96,
  (Z * (((3 * Z2 + 19) * Z2 + 17) * Z2 - 15)) / 384,
  (Z * ((((79 * Z2 + 776) * Z2 + 1482) * Z2 - 1920) * Z2 - 945)) / 92_160,
];

/** @param freedom degrees of freedom, a whole number from 1; throws RangeError otherwise */
export function studentT(freedom: number): number {
  if (!Number.isSafeInteger(freedom) || freedom < 1) {
    throw new RangeError(`degrees of freedom: ${freedom}`);
  }
  if (freedom <= TABLE.length) return TABLE[freedom - 1];
  return Z + TERMS.reduceRight((sum, term) => (sum + term) / freedom, 0);
}
