/** The fleet engine on Nitro: decided at once or by the programs of nitro-cli, the run is one. */
import { describe, expect, it } from 'vitest';
import { churnFleet, churnRequests } from '../../bench/engine/churn.js';
import { newCarrier } from '../../scenarios/engine/carrier.js';
import { runFleet } from '../../scenarios/engine/fleet-run.js';
import { nitroSurface } from '../../scenarios/run/nitro-surface.js';

const REQUESTS = 250;

function stepByStep() {
  const { atOnce: _, ...programs } = nitroSurface();
  return programs;
}

describe('a fleet of Nitro parents', () => {
  it('gives the same result at once and step by step, invariants held', async () => {
    const requests = churnRequests(REQUESTS, 7);
    const once = await churnFleet('nitro', requests, true);
    const steps = await churnFleet('nitro', requests, false);
    const carriers = steps.hosts.map(() => newCarrier(stepByStep, undefined));
    const [a, b] = [runFleet(once), runFleet({ ...steps, carriers })];
    expect(a.resultHash).toBe(b.resultHash);
    expect({ ...a, violations: b.violations }).toEqual(b);
    expect(a.violations.count).toBe(0);
    expect(a.accepted).toBeGreaterThan(REQUESTS / 2);
    expect(a.refused).toBeGreaterThan(10);
    for (const [i, { tree }] of once.hosts.entries()) expect(tree).toEqual(steps.hosts[i].tree);
  }, 60_000);
});
