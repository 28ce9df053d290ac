/** `policy` of a fleet and `extentPolicy` of a parent, taken for each other. */
import { expect, it } from 'vitest';
import { POLICY_NAMES } from '../../core/memory/policies.js';
import { FLEET_POLICIES } from '../../core/placement/fleet-policies.js';
import { policyKeyElsewhere, policyWordElsewhere } from '../../scenarios/schema/policies-apart.js';

const FLEET_WORDS = FLEET_POLICIES.map(({ name }) => name);

it('a word of one choice alone is told under the key of the other, and no word of both', () => {
  const told = (key: string) => (word: string) => policyWordElsewhere(key, word) !== undefined;
  expect(POLICY_NAMES.filter(told('policy'))).toEqual(
    POLICY_NAMES.filter((word) => !FLEET_WORDS.includes(word)),
  );
  expect(FLEET_WORDS.filter(told('extentPolicy'))).toEqual(
    FLEET_WORDS.filter((word) => !(POLICY_NAMES as readonly string[]).includes(word)),
  );
  expect(FLEET_WORDS.filter(told('policy'))).toEqual([]);
  expect(policyWordElsewhere('extentPolicy', 3)).toBeUndefined();
});

it('a key is told where the file knows neither it nor a place for it', () => {
  expect(policyKeyElsewhere('extentPolicy', ['fleet', 'policy'])).toContain('an entry of `fleet`');
  expect(policyKeyElsewhere('policy', ['parent'])).toContain('`extentPolicy`, in `parent`');
  expect(policyKeyElsewhere('policy', ['fleet', 'policy'])).toBeUndefined();
  expect(policyKeyElsewhere('polcy', ['parent'])).toBeUndefined();
});
