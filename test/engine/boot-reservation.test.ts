/** A parent that boots and is refused its reservation: counted, told with its remedy, and in the hash. */
import { describe, expect, it } from 'vitest';
import { fleetPolicy } from '../../core/placement/fleet-policies.js';
import type { FleetPolicy } from '../../core/placement/fleet-view.js';
import { type Carrier, newCarrier } from '../../scenarios/engine/carrier.js';
import { renderFleet } from '../../scenarios/engine/fleet-report.js';
import { runFleet } from '../../scenarios/engine/fleet-run.js';
import { loadPlatform } from '../../scenarios/run/platform.js';
import type { ReservationInput } from '../../scenarios/schema/scenario.js';
import { request, smallFleet } from '../kit/small-fleets.js';

const FIRST_FIT = fleetPolicy('first-fit') as FleetPolicy;
const MORE_THAN_THERE_IS: Readonly<Record<string, ReservationInput>> = {
  qingtian: { memory: 1_048_576, pageSize: 2048, cpuList: '2-7,18-23' },
  nitro: { memory: 1_048_576, cpuCount: 6 },
};
const crashes = (...hosts: readonly number[]) =>
  hosts.flatMap((host) => [
    { atMs: 2000 + host * 1000, host, what: 'crash' } as const,
    { atMs: 2500 + host * 1000, host, what: 'boot' } as const,
  ]);

/** Two parents, prepared; those named are refused their reservation from then on. */
async function run(platform: string, refused: readonly number[]) {
  const fleet = await smallFleet(platform, 2);
  const { newSurface } = await loadPlatform(platform);
  const carriers = fleet.carriers.map((carrier, h): Carrier => {
    if (!refused.includes(h)) return carrier;
    return { ...carrier, prepare: newCarrier(newSurface, MORE_THAN_THERE_IS[platform]).prepare };
  });
  const requests = [0, 5000, 9000].map((atMs, id) => request(id, { atMs }));
  const parentEvents = crashes(0, 1);
  return runFleet({ ...fleet, carriers, requests, parentEvents, policy: FIRST_FIT, audit: true });
}

describe.each(['qingtian', 'nitro'])('engine: a %s parent refused at its boot', (platform) => {
  // Found bug: the refusal was dropped, and the parent stayed empty without a word.
  it('is told with layer, codes, rule and remedy, the first of its kind, counted', async () => {
    const { refusedReservations, accepted, violations } = await run(platform, [0, 1]);
    expect(refusedReservations).toEqual([
      {
        layer: expect.any(String),
        codes: expect.any(Array),
        rule: expect.stringMatching(/^[a-z0-9-]+$/),
        message: expect.stringMatching(/\d/),
        remedy: expect.stringMatching(/\w{3}/),
        parent: 0,
        atMs: 2500,
        count: 2,
      },
    ]);
    // Nothing is reserved, so nothing more gets in.
    expect([accepted, violations.count]).toEqual([1, 0]);
  });

  it('is in the result hash, by parent; nobody refused leaves no trace', async () => {
    const [none, first, second, both] = await Promise.all(
      [[], [0], [1], [0, 1]].map((refused) => run(platform, refused)),
    );
    expect(none.refusedReservations).toEqual([]);
    expect(none.accepted).toBe(3);
    expect(new Set([none, first, second, both].map(({ resultHash }) => resultHash)).size).toBe(4);
  });

  it('is on the terminal, with what to do', async () => {
    const result = await run(platform, [1]);
    const [refused] = result.refusedReservations;
    const head = { title: 'x', engine: '', runId: '', platform, policy: '', seed: 1, parents: 2 };
    const report = { ...head, audited: false };
    const style = { width: 400, color: false, unicode: true };
    const shown = renderFleet({ ...report, result }, 1, style);
    expect(shown).toContain('Reservations refused at a boot');
    expect(shown).toContain(`parent 1 at 3s: ${refused?.message}`);
    expect(shown).toContain(`remedy: ${refused?.remedy}`);
    for (const code of refused?.codes ?? []) expect(shown).toContain(code);
    const sound = { ...result, refusedReservations: [] };
    expect(renderFleet({ ...report, result: sound }, 1, style)).not.toContain('Reservations');
  });
});
