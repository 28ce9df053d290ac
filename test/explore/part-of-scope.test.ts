/**
 * Parts of the scopes, small enough to be explored whole in an instant: the symmetry of each kind of
 * name.
 */
import { describe, expect, it } from 'vitest';
import { createHostModel } from '../../core/explore/host-model.js';
import { createRememberingModel } from '../../core/explore/remembering-model.js';
import type { Scope } from '../../core/explore/scope.js';
import { findScope } from '../../core/explore/scopes.js';
import { search } from '../../core/explore/search.js';

function scope(name: string): Scope {
  const found = findScope(name);
  if (found === undefined) throw new Error(`no scope ${name}`);
  return found;
}

/** The scope with only the moves whose label matches, and of several reservations the first. */
function partOf(name: string, labels: RegExp): Scope {
  const whole = scope(name);
  const moves = whole.moves.filter(({ label }) => labels.test(label));
  const [reserve] = moves.filter(({ label }) => label === RESERVE);
  return { ...whole, moves: moves.filter((move) => move.label !== RESERVE || move === reserve) };
}

const RESERVE = 'qingtian.reserve';

const PARTS: readonly (readonly [what: string, part: Scope])[] = [
  [
    'places and CIDs of three operators',
    partOf('qingtian-three', /^qingtian\.(define$|map of|crash)|^qingtian\.reserve$/),
  ],
  [
    'places and CIDs of two, with pages of either node',
    partOf('qingtian-2x4x2x2', /^qingtian\.(reserve|define|map of enclave \d$)/),
  ],
  [
    'tasks, whose pages an enclave’s may be, and files',
    partOf(
      'nitro-2x2x2x2',
      /^nitro\.(write-(pool "|hugepages)|create-vm by task \d$|map-page|touch|set-memory of mapping \d to enclave \d$)/,
    ),
  ],
  [
    'cores and automatic CIDs',
    partOf(
      'nitro-2x2x2x2',
      /^nitro\.(write-pool "|create-vm by task \d$)|^(add-vcpu by task \d|exit-event|close) of/,
    ),
  ],
];

describe('symmetry', () => {
  it.each(PARTS)('%s: the orbits of the reduced search add up to the full one', (_, part) => {
    const full = search(createHostModel(part));
    const reduced = search(createHostModel(part, { reduced: true }));
    expect([full.complete, reduced.complete]).toEqual([true, true]);
    expect(full.counts.unique).toBeGreaterThan(50);
    expect(reduced.counts.unique).toBeLessThan(full.counts.unique);
    expect(reduced.orbits).toBe(full.counts.unique);
    expect(full.orbits).toBe(full.counts.unique);
    expect(reduced.counts.depth).toBe(full.counts.depth);
  });

  it.each(PARTS)('%s: the remembering model counts the same', (_, part) => {
    for (const reduced of [false, true]) {
      const { counts, orbits, refused } = search(createHostModel(part, { reduced }));
      const remembered = search(createRememberingModel(part, { reduced }));
      expect([remembered.counts, remembered.orbits, remembered.refused]).toEqual([
        ...[counts, orbits, refused],
      ]);
    }
  });
});
