/**
 * The baseline of a sweep: which variant all others are compared with.
 *
 * Invariant: exactly one variant; axes that `compare` leaves out take their first level.
 */
import { suggestWord } from '../../core/units/nearest-word.js';
import { type Finding, quoteValue } from '../schema/problem.js';
import type { Axis } from './axes.js';
import type { SweepFile } from './schema.js';

/** Its position among the variants (last axis fastest), or what is wrong with `compare`. */
export function baselineOf(
  compare: SweepFile['compare'],
  axes: readonly Axis[],
): number | Finding[] {
  const findings: Finding[] = [];
  const names = axes.map(({ name }) => name);
  for (const name of Object.keys(compare)) {
    if (names.includes(name)) continue;
    const message = `there is no axis ${quoteValue(name)}`;
    const suggestion = suggestWord(name, names);
    findings.push({ path: ['compare', name], atKey: true, message, suggestion });
  }
  let position = 0;
  for (const { name, levels } of axes) {
    const labels = levels.map(({ label }) => label);
    const wanted = Object.hasOwn(compare, name) ? String(compare[name]) : labels[0];
    const level = labels.indexOf(wanted);
    if (level < 0 && labels.length > 0) {
      const message = `the axis \`${name}\` has no level ${quoteValue(wanted)}`;
      findings.push({
        path: ['compare', name],
        message,
        suggestion: suggestWord(wanted, labels),
      });
    }
    position = position * levels.length + level;
  }
  return findings.length > 0 ? findings : position;
}
