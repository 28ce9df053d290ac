/**
 * Something done while an invariant has another check.
 *
 * Invariant: afterwards it has its own again, since files that run in one worker share its modules. Trade-off:
 * by hand, and not by a spy: the mutation runs have no spies.
 */
import type { Always } from '../../core/invariants/invariant.js';

export async function withCheck(
  invariant: Always,
  check: Always['check'],
  act: () => void | Promise<void>,
): Promise<void> {
  const own = invariant.check;
  Reflect.set(invariant, 'check', check);
  try {
    await act();
  } finally {
    Reflect.set(invariant, 'check', own);
  }
}
