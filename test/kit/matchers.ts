/**
 * Matchers for vitest: `toKeepIsolation` and `toBeRefusedWith`.
 *
 * Invariant: a matcher only reads, and its message names every breach or the refusal that was met.
 * Trade-off: vitest's types are widened by this module's import, so a test that does not import the
 * kit does not see them.
 */
import { expect } from 'vitest';
import type { Decision } from '../../core/host/decision.js';
import type { Host } from '../../core/host/host.js';
import { checkInvariants } from '../../core/invariants/check.js';

interface Matching {
  readonly pass: boolean;
  readonly message: () => string;
}

/** A host on which every isolation invariant holds; named quirks of a platform are no breach. */
export function toKeepIsolation(host: Host): Matching {
  const found = checkInvariants(host).filter(({ quirk }) => quirk === undefined);
  const list = found.map(({ invariant, message }) => `${invariant}: ${message}`).join('\n');
  return {
    pass: found.length === 0,
    message: () =>
      found.length === 0 ? 'isolation holds, expected a breach' : `isolation is broken:\n${list}`,
  };
}

/** A decision refused by a rule id ("image-ratio") or with a published code ("QT 10"). */
export function toBeRefusedWith(decision: Decision, wanted: string): Matching {
  const { refusal } = decision;
  const pass = refusal?.rule === wanted || refusal?.codes.includes(wanted) === true;
  const met =
    refusal === undefined
      ? 'it was accepted'
      : `it was refused by ${refusal.rule} (${refusal.codes.join(' ← ')}): ${refusal.message}`;
  return { pass, message: () => `refusal by ${wanted} ${pass ? 'not ' : ''}expected; ${met}` };
}

/** Adds the matchers to vitest's `expect`. Call it once in a setup file or at the top of a test. */
export function installMatchers(): void {
  expect.extend({ toKeepIsolation, toBeRefusedWith });
}

declare module 'vitest' {
  interface Matchers<T> {
    /** Every isolation invariant holds on the host. */
    toKeepIsolation(): T;
    /** The decision is refused by this rule id, or with this published code. */
    toBeRefusedWith(ruleOrCode: string): T;
  }
}
