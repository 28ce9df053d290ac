/**
 * A span of simulated time in words, in the units in which files give times.
 *
 * Invariant: no unit that counts nothing is told. Trade-off: whole seconds, but for what is shorter than
 * one; a timeline, which needs fractions below each other, prints clock times.
 */

/** Simulated time in words: "2h", "32m 37s", "1d 5m", "200ms"; from a second on its fraction is not told. */
export function timeText(ms: number): string {
  if (ms > 0 && ms < 1000) return `${ms}ms`;
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
