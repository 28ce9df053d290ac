/** What was expected and what was found; and invariants that broke, which must never be. */
import type { RunRecord } from '../record.js';
import { DEEPER, INDENT, type Line, labelled, section, span } from './line.js';
import { marksOf } from './marks.js';
import type { Style } from './style.js';

/** Violations listed before the rest are counted. */
const MOST_VIOLATIONS = 20;

/** Unmet expectations come with what was found instead. */
export function expectationList({ expectations }: RunRecord, style: Style): Line[] {
  const { yes, no } = marksOf(style);
  const met = expectations.filter((expectation) => expectation.met).length;
  const body = expectations.flatMap(({ text, met: isMet, found }) => [
    ...labelled(isMet ? span(yes, 'good') : span(no, 'bad'), text, style, INDENT),
    ...(isMet || found === undefined ? [] : labelled(span('found', 'bad'), found, style, DEEPER)),
  ]);
  return section(`Expectations: ${met} of ${expectations.length} met`, body, style);
}

/** Nothing when all invariants held. */
export function violationList({ violations }: RunRecord, style: Style): Line[] {
  const { no } = marksOf(style);
  const hidden = violations.length - MOST_VIOLATIONS;
  const body = violations
    .slice(0, MOST_VIOLATIONS)
    .flatMap(({ invariant, message, afterCommand }) =>
      labelled(
        span(no, 'bad'),
        `${invariant}, after command ${afterCommand}: ${message}`,
        style,
        INDENT,
      ),
    );
  const rest = hidden > 0 ? labelled(span(no, 'bad'), `and ${hidden} more`, style, INDENT) : [];
  return section(`Invariants broken: ${violations.length}`, [...body, ...rest], style);
}
