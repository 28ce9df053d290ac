/**
 * What follows from a platform's rules for one parent, in words for a report.
 *
 * Invariant: a fact is computed from rules and host; a platform whose rules bound nothing says that
 * the question does not apply, and why: that is another answer than "no facts".
 */
export type Derived = { readonly facts: readonly string[] } | { readonly notApplicable: string };

/** As lines: the facts, or the one sentence on why there are none. */
export function derivedLines(derived: Derived): readonly string[] {
  return 'facts' in derived ? derived.facts : [`not applicable: ${derived.notApplicable}`];
}
