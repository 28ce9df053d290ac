/**
 * A part of a whole in per cent, rounded to the nearest.
 *
 * Invariant: "0" is said of nothing only and "100" of all of it only; what rounds there without being
 * it says so: "<0.1", ">99.9". Trade-off: parts that are rounded each need not add up to 100.
 */

/** @param decimals 0 or 1; empty for a whole of nothing */
export function percentText(part: number, total: number, decimals: 0 | 1): string {
  if (total === 0) return '';
  const units = decimals === 1 ? 1000 : 100;
  const rounded = Math.floor((2 * part * units + total) / (2 * total));
  if (rounded === 0 && part > 0) return `<${inPercent(1, decimals)}`;
  if (rounded === units && part < total) return `>${inPercent(units - 1, decimals)}`;
  return inPercent(rounded, decimals);
}

function inPercent(units: number, decimals: 0 | 1): string {
  return decimals === 0 ? String(units) : `${Math.floor(units / 10)}.${units % 10}`;
}
