/**
 * The large scope, explored whole against its pinned counts, which are what `verify --scope
 * qingtian-large --reduced --json` gives: one state of each symmetry class.
 */
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { createRememberingModel } from '../../core/explore/remembering-model.js';
import { findScope } from '../../core/explore/scopes.js';
import { search } from '../../core/explore/search.js';

const FILE = new URL('../../reports/kept/large-counts.json', import.meta.url);
const [PINNED] = JSON.parse(readFileSync(FILE, 'utf8'));

it('the large scope keeps every invariant, and has ten million states and more', () => {
  const scope = findScope(PINNED.scope);
  if (scope === undefined) throw new Error(`no scope ${PINNED.scope}`);
  const model = createRememberingModel(scope, { reduced: true });
  const result = search(model);
  expect(result.found).toBeUndefined();
  expect(PINNED.orbits).toBeGreaterThan(10_000_000);
  expect(result.complete).toBe(true);
  const { counts, orbits, refused, unreached } = result;
  expect({ reduced: counts, orbits, refused }).toEqual({
    reduced: PINNED.reduced,
    orbits: PINNED.orbits,
    refused: PINNED.refused,
  });
  expect(unreached).toEqual([]);
}, 1_200_000);
