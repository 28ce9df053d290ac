/** What was expected and what was found; and invariants that broke, which must never be. */
import type { RunRecord, ViolationRecord } from '../record.js';
import { DEEPER, INDENT, type Ink, type Line, labelled, section, span } from './line.js';
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

/** Nothing when all invariants held; what a named quirk explains stands apart from what broke. */
export function violationList({ violations }: RunRecord, style: Style): Line[] {
  const broken = violations.filter(({ quirk }) => quirk === undefined);
  const byQuirk = violations.filter(({ quirk }) => quirk !== undefined);
  const heading = `Left by quirks of the real platform, kept on purpose: ${byQuirk.length}`;
  return [
    ...violationSection(`Invariants broken: ${broken.length}`, broken, 'bad', style),
    ...violationSection(heading, byQuirk, 'warn', style),
  ];
}

function violationSection(
  heading: string,
  violations: readonly ViolationRecord[],
  ink: Ink,
  style: Style,
): Line[] {
  const label = span(marksOf(style).no, ink);
  const line = (text: string): Line[] => labelled(label, text, style, INDENT);
  const hidden = violations.length - MOST_VIOLATIONS;
  const body = violations
    .slice(0, MOST_VIOLATIONS)
    .flatMap(({ invariant, message, afterCommand, quirk }) => {
      const why = quirk === undefined ? '' : ` (quirk ${quirk})`;
      return line(`${invariant}, after command ${afterCommand}: ${message}${why}`);
    });
  return section(heading, [...body, ...(hidden > 0 ? line(`and ${hidden} more`) : [])], style);
}
