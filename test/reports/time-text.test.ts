/** Spans of simulated time, in words. */
import { expect, it } from 'vitest';
import { timeText } from '../../reports/terminal/time-text.js';

it.each([
  [0, '0s'],
  [999, '999ms'],
  [1, '1ms'],
  [1999, '1s'],
  [3000, '3s'],
  [60_000, '1m'],
  [1_957_000, '32m 37s'],
  [7_200_000, '2h'],
  [86_400_000 + 61_500, '1d 1m 1s'],
  [200 * 86_400_000 + 3 * 3_600_000, '200d 3h'],
])('%i ms is %s', (ms, text) => {
  expect(timeText(ms)).toBe(text);
});
