/**
 * Pages that an enclave gives back unwiped to the task that mapped them (Nitro): the search sees it.
 *
 * Regression: only a release was looked at, and a page that is still mapped goes to its task by a `give`;
 * and of both what the effect said, which a forgotten scrub leaves as it was. So `verify`, the campaigns
 * and the judge of the twins said nothing where the scrub was forgotten. The fault is not among those of
 * the self-test, for its shortest path is seven commands, one more than they may have.
 */
import { describe, expect, it } from 'vitest';
import type { PlantedFault } from '../../core/explore/planted-faults.js';
import { findScope } from '../../core/explore/scopes.js';
import { testFault } from '../../core/explore/self-test.js';
import { runTrail } from './run-trail.js';

const FAULT: PlantedFault = {
  id: 'scrub-forgotten-by-close',
  sentence: 'Pages of a closed enclave are given back to their task as they are.',
  platform: 'nitro',
  noticedBy: 'scrub-before-return',
  effects: (effects) => effects.filter(({ kind }) => kind !== 'scrub'),
};

describe('a page given back to its task unwiped', () => {
  it('is found in the fewest commands there are, and told by the invariant', async () => {
    const scope = findScope('nitro-refusals');
    if (scope === undefined) throw new Error('no such scope');
    const { properties, trail } = testFault(FAULT, scope);
    expect(properties).toEqual(['scrub-before-return']);
    expect(trail?.commands.length).toBe(7);
    if (trail === undefined) return;
    const sound = await runTrail(trail, false);
    expect(sound.violations).toEqual([]);
  });
});
