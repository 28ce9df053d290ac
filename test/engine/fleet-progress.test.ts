/** A long fleet run: what it says meanwhile, how it is stopped, and how it tells many breaches. */
import { describe, expect, it } from 'vitest';
import { checkInvariants } from '../../core/invariants/check.js';
import { fleetPolicy } from '../../core/placement/fleet-policies.js';
import { FleetAudit } from '../../scenarios/engine/fleet-audit.js';
import { fleetWatch } from '../../scenarios/engine/fleet-progress.js';
import { runFleet, runFleetWatched } from '../../scenarios/engine/fleet-run.js';
import { PLANTED_FAULTS } from '../invariants/planted-faults.js';
import { qingtianHost } from '../kit/hosts.js';
import { request, smallFleet } from '../kit/small-fleets.js';

const REQUESTS = Array.from({ length: 5000 }, (_, id) => request(id, { atMs: id * 100 }));

async function input() {
  const policy = fleetPolicy('first-fit');
  if (policy === undefined) throw new Error('first fit is gone');
  return { ...(await smallFleet('vm', 2)), requests: REQUESTS, policy };
}

describe('fleet: progress', () => {
  it('a watched run gives the result of an unwatched one, and is watched all along', async () => {
    const told: number[] = [];
    const watched = await runFleetWatched(await input(), async ({ asked, events, nowMs }) => {
      expect(events).toBeGreaterThan(asked);
      expect(nowMs).toBe((asked - 1) * 100);
      told.push(asked);
      return true;
    });
    expect(watched).toEqual(runFleet(await input()));
    expect(told).toEqual([1024, 2048, 3072, 4096]);
  });

  it('is silent for a second, then tells rate, simulated time and what is left', async () => {
    const said: string[] = [];
    let now = 0;
    const watch = fleetWatch(
      4000,
      (line) => said.push(line),
      () => false,
      () => now,
    );
    now = 900;
    expect(await watch({ asked: 500, events: 900, nowMs: 50_000 })).toBe(true);
    expect(said).toEqual([]);
    now = 2000;
    await watch({ asked: 1000, events: 1800, nowMs: 100_000 });
    now = 2500;
    await watch({ asked: 1500, events: 2700, nowMs: 150_000 });
    expect(said).toEqual([
      'fleet: 1000 of 4000 requests, 1800 events, 900 events/s, simulated time 1m 40s, about 6 s left\n',
    ]);
    now = 4000;
    await fleetWatch(
      undefined,
      (line) => said.push(line),
      () => false,
      () => now,
    );
    expect(said).toHaveLength(1);
  });

  it('stops at the next pause once it is asked to', async () => {
    let now = 0;
    const watch = fleetWatch(
      4000,
      () => {},
      () => true,
      () => now,
    );
    const end = await runFleetWatched(await input(), (progress) => {
      now += 100;
      return watch(progress);
    });
    expect(end).toBeUndefined();
  });
});

describe('fleet: breaches', () => {
  // Found bug: the same line nineteen times.
  it('are told once each, with how often', () => {
    const [{ sound, plant }] = PLANTED_FAULTS.filter(({ sound, plant }) => {
      const host = sound();
      return checkInvariants(plant(host) ?? host).length > 0;
    });
    const host = sound();
    const audit = new FleetAudit([plant(host) ?? host]);
    for (let i = 0; i < 3; i++) audit.all();
    expect(audit.count).toBeGreaterThan(0);
    expect(audit.first.every((text) => text.endsWith('(3 times)'))).toBe(true);
    expect(new Set(audit.first).size).toBe(audit.first.length);
  });

  it('are a CPU, too, that is offline and nobody’s, since nobody switches those of a fleet', () => {
    const host = qingtianHost();
    const audit = new FleetAudit([host]);
    audit.touched(0);
    expect(audit.first).toEqual([]);
    host.tree.online[5] = 0;
    audit.touched(0);
    expect(audit.first).toEqual([
      'parent 0: no-leak: CPU 5 is offline, and neither the pool nor an enclave has it',
    ]);
  });
});
