/** Policies and models by name, as files name them: each is explained, with the place where it is given. */
import { describe, expect, it } from 'vitest';
import { POLICY_NAMES } from '../../../core/memory/policies.js';
import { FLEET_POLICIES } from '../../../core/placement/fleet-policies.js';
import { explain } from '../../../scenarios/cli/explain.js';
import { allEntries, findEntries } from '../../../scenarios/explain/find-entry.js';
import { recordedStreams } from '../cli/recorded-streams.js';

const ENTRIES = allEntries();

describe('words of a file that are no codes', () => {
  it.each([
    ['extent policy', /granule-aware \(the default\), best-fit or first-fit/],
    ['isolating', /refuses what would break isolation/],
    ['permissive', /accepts whatever it is not told to refuse/],
  ])('%s is explained', (word, said) => {
    const streams = recordedStreams(200);
    expect(explain([word], {}, streams)).toBe(0);
    expect(streams.stdout()).toMatch(said);
  });

  it.each([...POLICY_NAMES, ...FLEET_POLICIES.map(({ name }) => name)])('%s is one', (name) => {
    const entries = findEntries(name, ENTRIES);
    expect(entries.map(({ family }) => family)).toEqual(['setting']);
    const [{ remedy }] = entries;
    expect(remedy.includes('`extentPolicy`')).toBe(POLICY_NAMES.some((one) => one === name));
    expect(remedy.includes('`policy`')).toBe(FLEET_POLICIES.some((one) => one.name === name));
  });
});
