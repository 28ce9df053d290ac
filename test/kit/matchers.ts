/**
 * Matchers for vitest: `toKeepIsolation` and `toBeRefusedWith`.
 *
 * Invariant: a matcher only reads, and its message names every breach or the refusal that was met; what
 * it cannot judge is a TypeError, with `not` before it, too, never a pass. Trade-off: vitest's types are
 * widened by this module's import, so a test that does not import the kit does not see them.
 */
import { expect } from 'vitest';
import { named, whyNoHost } from '../../core/host/asked.js';
import type { Decision } from '../../core/host/decision.js';
import type { Host } from '../../core/host/host.js';
import { checkInvariants } from '../../core/invariants/check.js';
import { isMapping } from '../../core/units/field-checks.js';

interface Matching {
  readonly pass: boolean;
  readonly message: () => string;
}

/** What `step` gives is as good as the part of it that a matcher is about. */
type HostGiven = Host | { readonly host: Host };
type DecisionGiven = Decision | { readonly decision: Decision };

/** A host on which every isolation invariant holds; named quirks of a platform are no breach. */
export function toKeepIsolation(given: HostGiven): Matching {
  const host = isMapping(given) && 'host' in given ? given.host : given;
  const wrong = whyNoHost(host);
  if (wrong !== undefined) throw new TypeError(`toKeepIsolation: ${wrong}`);
  const found = checkInvariants(host as Host).filter(({ quirk }) => quirk === undefined);
  const list = found.map(({ invariant, message }) => `${invariant}: ${message}`).join('\n');
  return {
    pass: found.length === 0,
    message: () =>
      found.length === 0 ? 'isolation holds, expected a breach' : `isolation is broken:\n${list}`,
  };
}

/** A decision refused by a rule id ("image-ratio") or with a published code ("QT 10"). */
export function toBeRefusedWith(given: DecisionGiven, wanted: string): Matching {
  const { refusal } = decisionIn(given);
  if (typeof wanted !== 'string') {
    throw new TypeError(
      `toBeRefusedWith: a rule id or a code is a text, "image-ratio" or "QT 10", not ${named(wanted)}`,
    );
  }
  const pass = refusal?.rule === wanted || refusal?.codes.includes(wanted) === true;
  const met =
    refusal === undefined
      ? 'it was accepted'
      : `it was refused by ${refusal.rule} (${refusal.codes.join(' ← ')}): ${refusal.message}`;
  return { pass, message: () => `refusal by ${wanted} ${pass ? 'not ' : ''}expected; ${met}` };
}

function decisionIn(given: DecisionGiven): Decision {
  const decision: unknown = isMapping(given) && 'decision' in given ? given.decision : given;
  if (isMapping(decision) && Array.isArray(decision.effects) && isMapping(decision.facts)) {
    return decision as unknown as Decision;
  }
  const what = 'a decision is asked for, what `decide` gives, or the result of `step`';
  throw new TypeError(`toBeRefusedWith: ${what}, not ${named(decision)}`);
}

/** Adds the matchers to vitest's `expect`. Call it once in a setup file or at the top of a test. */
export function installMatchers(): void {
  expect.extend({ toKeepIsolation, toBeRefusedWith });
}

/** `Call` where `T`, or what a promise of it holds, is `Wanted`; else a call that nobody can make. */
type Of<T, Wanted, Call> = [Awaited<T>] extends [Wanted] ? Call : (expected: never) => never;

declare module 'vitest' {
  interface Matchers<T> {
    /** Every isolation invariant holds on the host, or on that of a step's result. */
    toKeepIsolation: Of<T, HostGiven, () => void>;
    /** The decision, or that of a step's result, is refused by this rule id or published code. */
    toBeRefusedWith: Of<T, DecisionGiven, (ruleOrCode: string) => void>;
  }
}
