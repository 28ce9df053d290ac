/** Padding is noticed: a field of a scope's state that varies by itself, and that nothing reads. */
import { describe, expect, it } from 'vitest';
import type { Scope } from '../../core/explore/scope.js';
import { SCOPES } from '../../core/explore/scopes.js';
import { runScope } from '../../scenarios/verify/run-scope.js';

function scopeNamed(name: string): Scope {
  const scope = SCOPES.find((one) => one.name === name);
  if (scope === undefined) throw new Error(`no scope ${name}`);
  return scope;
}

describe('a scope with padding', () => {
  it('a field whose only readers are taken away is named: verify fails on it', () => {
    const whole = scopeNamed('qingtian-2x4x2x2');
    // Debug mode matters to the console alone; without its steps the flag only pads the state.
    const moves = whole.moves.filter(({ label }) => !label.includes('console'));
    expect(moves.length).toBeLessThan(whole.moves.length);
    const { problems } = runScope({ ...whole, moves }, { clock: () => 0, reducedOnly: true });
    expect(problems).toContain('padding: nothing reads the field debug of an enclave');
  }, 120_000);

  it('outside enclaves, too: an answer of the parent that nobody asks for any more', () => {
    const whole = scopeNamed('qingtian-2x4x2x2');
    // Whether a reservation failed or was never there is told by a refused unreserve alone.
    const moves = whole.moves.filter(({ label }) => !label.includes('unreserve'));
    expect(moves.length).toBeLessThan(whole.moves.length);
    const { problems } = runScope({ ...whole, moves }, { clock: () => 0, reducedOnly: true });
    expect(problems).toContain('padding: nothing reads the field reservation.state of the parent');
  }, 120_000);
});
