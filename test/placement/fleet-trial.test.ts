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
});
