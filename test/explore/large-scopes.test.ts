/**
 * The large scopes: a part of each in every push, all of it against its pinned counts in the long run
 * (`HYPERCARVE_RUNS=1000`, some three minutes), which is what `verify --scope NAME --reduced --json`
 * gives.
 */
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { createRememberingModel } from '../../core/explore/remembering-model.js';
import { findScope, SCOPES } from '../../core/explore/scopes.js';
import { type Counts, search } from '../../core/explore/search.js';
import { scaledRuns } from '../seed.js';

interface Pinned {
  readonly scope: string;
  /** Searched without symmetry once, in seven and five minutes of one core: too long to repeat here. */
  readonly full: Counts;
  readonly reduced: Counts;
  readonly orbits: number;
  readonly orbitTransitions: number;
  readonly reducedRefused: number;
}

const FILE = new URL('../../reports/kept/large-counts.json', import.meta.url);
const PINNED: readonly Pinned[] = JSON.parse(readFileSync(FILE, 'utf8'));

it('every large scope is pinned, and one has ten million states and more', () => {
  const large = SCOPES.filter(({ size }) => size === 'large').map(({ name }) => name);
  expect(PINNED.map(({ scope }) => scope).sort()).toEqual(large.sort());
  const unreduced = PINNED.map(({ full }) => full.unique);
  expect(Math.max(...unreduced)).toBeGreaterThan(10_000_000);
});

it('what is pinned of a search without symmetry is what the orbits add up to', () => {
  for (const { full, reduced, orbits, orbitTransitions } of PINNED) {
    const { depth } = reduced;
    expect(full).toEqual({ unique: orbits, transitions: orbitTransitions, depth });
  }
});

it.each(PINNED)(
  '$scope keeps every invariant',
  ({ scope: name, ...pinned }) => {
    const scope = findScope(name);
    if (scope === undefined) throw new Error(`no scope ${name}`);
    const model = createRememberingModel(scope, { reduced: true });
    const result = search(model, { maxStates: scaledRuns(5000) });
    expect(result.found).toBeUndefined();
    if (!result.complete) {
      expect(result.counts.unique).toBeLessThan(pinned.reduced.unique);
      return;
    }
    const { counts, orbits, orbitTransitions, refused, unreached } = result;
    expect({ reduced: counts, orbits, orbitTransitions, reducedRefused: refused }).toMatchObject({
      reduced: pinned.reduced,
      orbits: pinned.orbits,
      reducedRefused: pinned.reducedRefused,
      orbitTransitions: pinned.orbitTransitions,
    });
    expect(unreached).toEqual([]);
  },
  1_200_000,
);
