/** Which instance types share their cores with others in turn, by name. */
import { expect, it } from 'vitest';
import { isBurstable } from '../../core/topology/burstable.js';
import { listInstanceTypes } from '../../core/topology/catalogue.js';

it('the T families of the catalogue are burstable, and only they', () => {
  const burstable = listInstanceTypes().filter(({ name }) => isBurstable(name));
  const families = new Set(burstable.map(({ name }) => name.slice(0, name.indexOf('.'))));
  expect([...families].sort()).toEqual(['t1', 't2', 't3', 't3a', 't4g']);
  // trn1 and trn2 are accelerators.
  expect(isBurstable('trn1.2xlarge')).toBe(false);
});
