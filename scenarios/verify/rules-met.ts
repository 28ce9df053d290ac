/**
 * Which rules of a platform the scopes of a run met, and which they did not.
 *
 * A rule that refuses nothing in any state could be taken out and no search would see it. Invariant:
 * only rules of the platform's own book count, each once, whatever number of scopes met it.
 * Trade-off: of a platform is told what the scopes of this run met; which of its rules no small scope
 * can meet, and why, is a list of the explorer's.
 */
import { whyNotMet } from '../../core/explore/rules-not-met.js';
import type { Scope } from '../../core/explore/scope.js';
import type { PlatformId, Profile } from '../../core/platform/profile.js';
import { coverageOf, leftToOthers } from './coverage.js';
import type { ScopeRun } from './run-scope.js';

export interface RulesMet {
  readonly platform: PlatformId;
  readonly rules: number;
  readonly met: readonly string[];
  readonly notMet: readonly NotMet[];
}

export interface NotMet {
  readonly rule: string;
  /** Why no small scope meets it; absent = one does, though none of this run. */
  readonly why?: string;
}

/** Ids of a profile's rules, each once, in the order of the rule book. */
export function ruleIds({ rules }: Profile): string[] {
  return [...new Set(rules.map(({ id }) => id))];
}

/** By platform, in the order of the runs. */
export function rulesMet(
  runs: readonly Pick<ScopeRun, 'platform' | 'rulesMet'>[],
  scopes: readonly Scope[],
): RulesMet[] {
  return coverageOf(runs, scopes, ruleIds, (run) => run.rulesMet).map(
    ({ platform, all, covered, left }) => ({
      platform,
      rules: all.length,
      met: covered,
      notMet: left.map((rule) => notMet(platform, rule)),
    }),
  );
}

function notMet(platform: PlatformId, rule: string): NotMet {
  const why = whyNotMet(platform, rule);
  return { rule, ...(why === undefined ? {} : { why }) };
}

/** A line for a platform; rules that no small host meets are only counted. */
export function rulesLine({ platform, rules, met, notMet: missed }: RulesMet): string {
  const left = missed.filter(({ why }) => why === undefined).map(({ rule }) => rule);
  const beyond = missed.length - left.length;
  return [
    `${platform}: ${met.length} of ${rules} rules refused something`,
    ...(beyond === 0 ? [] : [`${beyond} no small host meets (why: --json)`]),
    ...leftToOthers(left),
  ].join('; ');
}
