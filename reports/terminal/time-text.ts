/**
 * A span of simulated time in words, in the units in which files give times.
 *
 * Invariant: no unit that counts nothing is told. Trade-off: whole seconds; a timeline, which needs
 * fractions below each other, prints clock times.
 */

/** Simulated time in words: "2h", "32m 37s", "1d 5m"; a fraction of a second is not told. */
export function timeText(ms: number): string {
  const whole = Math.floor(ms / 1000);
  const parts = [
    [Math.floor(whole / 86_400), 'd'],
    [Math.floor(whole / 3600) % 24, 'h'],
    [Math.floor(whole / 60) % 60, 'm'],
    [whole % 60, 's'],
  ] as const;
  const told = parts.filter(([count]) => count > 0).map(([count, unit]) => `${count}${unit}`);
  return told.length === 0 ? '0s' : told.join(' ');
}
