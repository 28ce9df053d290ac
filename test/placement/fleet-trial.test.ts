/** The trial of a fleet policy: the shipped sample passes it, and it tells what a policy gets wrong. */
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import type { FleetPolicy } from '../../core/placement/fleet-view.js';
import { PolicyFault } from '../../core/placement/guarded-policy.js';
import { openPolicyModule } from '../../scenarios/engine/policy-module.js';
import { tryFleetPolicy } from '../kit/fleet-trial.js';

const SAMPLE = new URL('../../scenarios/library/fleets/large-from-the-front.mjs', import.meta.url);

describe('fleet policy on trial', () => {
  it('the shipped sample breaks nothing, and places some on every platform', async () => {
    const opened = await openPolicyModule(fileURLToPath(SAMPLE));
    if (!('policy' in opened)) throw new Error(opened.message);
    const trials = await tryFleetPolicy(() => opened.policy);
    expect(trials.map(({ platform }) => platform)).toEqual(['vm', 'qingtian', 'nitro']);
    for (const { platform, result } of trials) {
      expect(result.violations, platform).toEqual({ count: 0, first: [] });
      expect(result.accepted, platform).toBeGreaterThan(20);
      expect(result.lost, platform).toBeGreaterThan(0);
    }
  });

  it('says how often a careless policy is refused, and throws for one that is none', async () => {
    const careless: FleetPolicy = { name: 'careless', propose: () => ({ host: 1 }) };
    for (const { result } of await tryFleetPolicy(() => careless, { requests: 100 })) {
      expect(result.violations.count).toBe(0);
      expect(result.refusedProposals['fleet-asked-twice']).toBeGreaterThan(0);
    }
    const none = { name: 'none', propose: () => null } as unknown as FleetPolicy;
    await expect(tryFleetPolicy(() => none)).rejects.toThrow(PolicyFault);
  });

  // Found bug: a misspelt option was taken silently, and a policy instead of its maker gave a TypeError.
  it.each<[string, unknown, string]>([
    [
      'a misspelt option',
      { sed: 1 },
      'sed is no field here; there are: seed, requests (did you mean',
    ],
    ['options that are none', 5, 'should be a mapping of seed, requests'],
    ['null for options', null, 'should be a mapping of seed, requests'],
    ['no requests', { requests: 0 }, 'requests should be a whole number from 1'],
    ['a text for a number', { requests: '5' }, 'requests should be a whole number from 1'],
    ['half a seed', { seed: 0.5 }, 'seed should be a whole number'],
  ])('%s is told, and nothing runs', async (_, options, message) => {
    const never = () => expect.fail('it was made');
    const wanted = new RegExp(`options of tryFleetPolicy: ${message.replaceAll('(', '\\(')}`);
    await expect(tryFleetPolicy(never, options as object)).rejects.toThrow(wanted);
  });

  it.each<[string, unknown, string]>([
    ['nothing', undefined, 'takes a function that makes the policy, not undefined'],
    ['a policy', { name: 'a', propose: () => undefined }, 'makes the policy, not a mapping'],
    ['a maker of nothing', () => undefined, '{ name, propose(view, ask) { … } }'],
    ['a misspelt propose', () => ({ name: 'a', propse: () => undefined }), '{ name, propose('],
    ['no name', () => ({ propose: () => undefined }), '{ name, propose('],
  ])('%s where a maker is asked for is told', async (_, make, message) => {
    const trial = tryFleetPolicy(make as () => FleetPolicy, { requests: 1 });
    await expect(trial).rejects.toThrow(message);
  });
});
