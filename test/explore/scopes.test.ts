/**
 * Bounded scopes, explored whole: their pinned counts and their symmetry.
 *
 * A changed count is a change of the model to be reviewed; reports/kept/state-counts.json is then
 * written anew from `hypercarve verify --json`.
 */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { createRememberingModel } from '../../core/explore/remembering-model.js';
import { SCOPES } from '../../core/explore/scopes.js';
import { type Counts, search } from '../../core/explore/search.js';

interface Pinned {
  readonly scope: string;
  readonly full: Counts;
  readonly reduced: Counts;
  readonly orbits: number;
  readonly refused: number;
}

const FILE = new URL('../../reports/kept/state-counts.json', import.meta.url);
const PINNED: readonly Pinned[] = JSON.parse(readFileSync(FILE, 'utf8'));
const SMALL = SCOPES.filter(({ size }) => size === 'small');
/** Explored in full here, too; the others in full by `hypercarve verify`. */
const FULL_LIMIT = 40_000;
describe('scopes: pinned counts', () => {
  it('every small scope is pinned, and nothing else', () => {
    expect(PINNED.map(({ scope }) => scope)).toEqual(SMALL.map(({ name }) => name));
  });

  it.each(PINNED)(
    'N12: $scope, reduced, whole, no breach, all reached',
    (pinned) => {
      const scope = SMALL.find(({ name }) => name === pinned.scope);
      if (scope === undefined) throw new Error(`no scope ${pinned.scope}`);
      const result = search(createRememberingModel(scope, { reduced: true }));
      expect(result.found).toBeUndefined();
      expect(result.counts).toEqual(pinned.reduced);
      const { orbits, orbitTransitions } = result;
      expect([orbits, orbitTransitions]).toEqual([pinned.full.unique, pinned.full.transitions]);
      expect(result).toMatchObject({ complete: true, unreached: [] });
    },
    120_000,
  );

  it.each(PINNED.filter(({ full }) => full.unique < FULL_LIMIT))(
    '$scope in full has as many states as its orbits add up to',
    (pinned) => {
      const scope = SMALL.find(({ name }) => name === pinned.scope);
      if (scope === undefined) throw new Error(`no scope ${pinned.scope}`);
      const { counts, refused, found } = search(createRememberingModel(scope));
      expect(found).toBeUndefined();
      expect({ counts, refused }).toEqual({ counts: pinned.full, refused: pinned.refused });
    },
    120_000,
  );
});
