/**
 * Rule rows: one sentence of a platform's rule book each, as data plus one small named check.
 *
 * `decide` walks the rows of a step in the platform's order and stops at the first refusal;
 * `diagnose` walks them all. Invariant: a row's verdict depends only on its context, so the order
 * decides which no comes first and never whether there is one. "Not applicable" is its own verdict:
 * a rule that a platform or an option switches off never reads as passed.
 */
import type { Layer, Numbers, Refusal } from '../refusal/refusal.js';

/** Where a rule is checked. */
export type CheckedAt = 'parent' | 'reservation' | 'start' | 'running' | 'driver' | 'cli';

export type Outcome =
  | { readonly verdict: 'pass' }
  | { readonly verdict: 'not-applicable'; readonly reason: string }
  | { readonly verdict: 'refuse'; readonly numbers: Numbers; readonly message: string };

/** Of this module alone: an exported binding V8 loads and checks at every use. */
const PASSED: Outcome = { verdict: 'pass' };
export const PASS = PASSED;

export function notApplicable(reason: string): Outcome {
  return { verdict: 'not-applicable', reason };
}

export function refuse(numbers: Numbers, message: string): Outcome {
  return { verdict: 'refuse', numbers, message };
}

/** Whether a row lets pass what it was asked about: by "pass" or by "not applicable". */
export function allows(outcome: Outcome): boolean {
  // One outcome object stands for every pass, so most rows end at this comparison.
  return outcome === PASSED || outcome.verdict !== 'refuse';
}

export interface Rule<Context> {
  readonly id: string;
  readonly sentence: string;
  /** Document and section the sentence stands in. */
  readonly source: string;
  /** Ids of the requirements this row enacts (Q…, N…, B…, E…). */
  readonly requirements: readonly string[];
  readonly checkedAt: CheckedAt;
  readonly layer: Layer;
  /** Published codes, outermost first; [] = the platform publishes none. */
  readonly codes: readonly string[];
  readonly remedy: string;
  readonly check: (context: Context) => Outcome;
}

/** One row's verdict in a diagnosis. */
export interface Verdict {
  readonly rule: string;
  readonly outcome: Outcome;
}

const NOBODY: readonly string[] = [];
/** Ids of rows whose refusals are passed over; none but while `withoutRules` decides. */
let leftOut = NOBODY;

/**
 * What is decided while nobody asks some rows: how a planted fault takes a rule out. Rows stay as they
 * are, and the next decision meets them all again, also after a throw.
 */
export function withoutRules<T>(ids: readonly string[], decide: () => T): T {
  leftOut = ids;
  try {
    return decide();
  } finally {
    leftOut = NOBODY;
  }
}

/** The first refusal in the order of the rows, or undefined. */
export function firstRefusal<C>(rules: readonly Rule<C>[], context: C): Refusal | undefined {
  for (let i = 0; i < rules.length; i++) {
    const outcome = rules[i].check(context);
    // One outcome object stands for every pass, so most rows end at this comparison.
    if (outcome !== PASSED && outcome.verdict === 'refuse' && !leftOut.includes(rules[i].id)) {
      return asRefusal(rules[i], outcome);
    }
  }
  return undefined;
}

/** Rows laid out for a hot path: their checks side by side, so that a walk touches nothing else. */
export interface RuleWalk<Context> {
  readonly rules: readonly Rule<Context>[];
  readonly checks: readonly Rule<Context>['check'][];
}

export function walkOf<C>(rules: readonly Rule<C>[]): RuleWalk<C> {
  return { rules, checks: rules.map(({ check }) => check) };
}

/** As `firstRefusal`. */
export function refusalOnWalk<C>({ rules, checks }: RuleWalk<C>, context: C): Refusal | undefined {
  for (let i = 0; i < checks.length; i++) {
    const check = checks[i];
    const outcome = check(context);
    if (outcome !== PASSED && outcome.verdict === 'refuse' && !leftOut.includes(rules[i].id)) {
      return asRefusal(rules[i], outcome);
    }
  }
  return undefined;
}

/** Every row's verdict, in order. */
export function diagnoseRules<C>(rules: readonly Rule<C>[], context: C): Verdict[] {
  return rules.map((rule) => ({ rule: rule.id, outcome: rule.check(context) }));
}

function asRefusal<C>(
  rule: Rule<C>,
  outcome: { readonly numbers: Numbers; readonly message: string },
): Refusal {
  const { layer, codes, id, remedy } = rule;
  return { layer, codes, rule: id, message: outcome.message, numbers: outcome.numbers, remedy };
}
