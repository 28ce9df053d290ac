/**
 * The large scope: a part of it in every push, all of it against its pinned counts in the long run
 * (`HYPERCARVE_RUNS=100`, about two minutes), which is what `verify --scope qingtian-large --reduced
 * --json` gives.
 */
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { createRememberingModel } from '../../core/explore/remembering-model.js';
import { findScope } from '../../core/explore/scopes.js';
import { search } from '../../core/explore/search.js';
import { scaledRuns } from '../seed.js';

const FILE = new URL('../../reports/kept/large-counts.json', import.meta.url);
const [PINNED] = JSON.parse(readFileSync(FILE, 'utf8'));

it('the large scope keeps every invariant, and has ten million states and more', () => {
  const scope = findScope(PINNED.scope);
  if (scope === undefined) throw new Error(`no scope ${PINNED.scope}`);
  const model = createRememberingModel(scope, { reduced: true });
  const result = search(model, { maxStates: scaledRuns(5000) });
  expect(result.found).toBeUndefined();
  expect(PINNED.orbits).toBeGreaterThan(10_000_000);
  if (!result.complete) {
    expect(result.counts.unique).toBeLessThan(PINNED.reduced.unique);
    return;
  }
  const { counts, orbits, refused, unreached } = result;
  expect({ reduced: counts, orbits, refused }).toEqual({
    reduced: PINNED.reduced,
    orbits: PINNED.orbits,
    refused: PINNED.refused,
  });
  expect(unreached).toEqual([]);
}, 1_200_000);
