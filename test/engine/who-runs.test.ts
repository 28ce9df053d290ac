/** A fleet's audit knows whom each event was about: an event that moves another enclave is told. */
import { describe, expect, it } from 'vitest';
import type { Command } from '../../core/host/command.js';
import type { Host } from '../../core/host/host.js';
import { fleetPolicy } from '../../core/placement/fleet-policies.js';
import type { Carrier } from '../../scenarios/engine/carrier.js';
import { runFleet } from '../../scenarios/engine/fleet-run.js';
import { type Moved, WhoRuns } from '../../scenarios/engine/who-runs.js';
import { must, qingtianPair, vmPair } from '../invariants/sound-hosts.js';
import { request, smallFleet } from '../kit/small-fleets.js';

/** What is told of a command that a fleet took for moving `moved`. */
function told(host: Host, moved: Moved, ...commands: readonly Command[]): string[] {
  const who = new WhoRuns([host]);
  for (const command of commands) must(host, command);
  const first = who.otherwise(0, moved);
  // It is told once.
  expect(who.otherwise(0, undefined).filter((text) => !text.includes('nothing ended'))).toEqual([]);
  return first;
}

const TERMINATE: Command = { kind: 'vm.terminate', uid: 1 };
const LAUNCH: Command = { kind: 'vm.launch', vcpus: 1, memoryMib: 101, nodes: 1 };

describe('whom an event is about', () => {
  it('goes, comes, or goes with all others', () => {
    expect(told(vmPair(), { went: 1 }, TERMINATE)).toEqual([]);
    expect(told(vmPair(), { came: 2 }, LAUNCH)).toEqual([]);
    expect(told(vmPair(), { went: 'all' }, { kind: 'parent.stop' })).toEqual([]);
    expect(told(vmPair(), undefined)).toEqual([]);
  });

  it('stays alone in being moved: others that went, came or stopped are told', () => {
    expect(told(vmPair(), { went: 0 }, TERMINATE)).toEqual([
      'enclave 1 went by an event that was not about it',
      'enclave 0 is there, and no launch brought it or an end took it',
    ]);
    expect(told(vmPair(), undefined, TERMINATE)).toEqual([
      'enclave 1 went by an event that was not about it',
    ]);
    expect(told(vmPair(), { went: 1 }, TERMINATE, LAUNCH)).toEqual([
      'enclave 2 is there, and no launch brought it or an end took it',
    ]);
    const crash: Command = { kind: 'qingtian.crash', uid: 0 };
    const host = qingtianPair();
    expect(told(host, undefined, crash)).toEqual(
      host.tree.records.length === 2
        ? ['enclave 0 is failed, and nothing ended it']
        : ['enclave 0 went by an event that was not about it'],
    );
  });

  it('is kept in order, wherever it comes', () => {
    const host = vmPair();
    const who = new WhoRuns([host]);
    must(host, { kind: 'vm.terminate', uid: 0 });
    expect(who.otherwise(0, { went: 0 })).toEqual([]);
    host.tree.counters.nextSlot = 0;
    must(host, LAUNCH);
    expect(host.tree.records.map(({ uid }) => uid)).toEqual([0, 1]);
    expect(who.otherwise(0, { came: 0 })).toEqual([]);
    // One that is not there cannot go.
    expect(who.otherwise(0, { went: 7 })).toEqual([]);
  });
});

describe('fleet: an audited run', () => {
  it.each(['qingtian', 'nitro', 'vm'] as const)(
    'of %s tells of an end of another',
    async (platform) => {
      const policy = fleetPolicy('first-fit');
      if (policy === undefined) throw new Error('no first-fit');
      // Not in one page of 1 GiB, which one enclave would have alone.
      const given = platform === 'nitro' ? { reservation: { memory: 1000, cpuCount: 6 } } : {};
      const run = async (asSwapped: (carrier: Carrier) => Carrier) => {
        const { hosts, carriers } = await smallFleet(platform, 1, given);
        const requests = [request(0), request(1, { atMs: 1 })];
        const swapped = carriers.map(asSwapped);
        return runFleet({ hosts, carriers: swapped, requests, policy, audit: true }).violations;
      };
      expect(await run((carrier) => carrier)).toEqual({ count: 0, first: [] });
      const { count, first } = await run((carrier) => ({
        ...carrier,
        end(host, uid, crash) {
          const other = host.tree.records.find((one) => one.uid !== uid)?.uid ?? uid;
          return carrier.end(host, other, crash);
        },
      }));
      const [a, b] = platform === 'nitro' ? [1, 2] : [0, 1];
      expect([count, first]).toEqual([
        3,
        [
          `parent 0: lifecycle-legal: enclave ${b} went by an event that was not about it`,
          `parent 0: lifecycle-legal: enclave ${a} is there, and no launch brought it or an end took it`,
          `parent 0: lifecycle-legal: enclave ${a} went by an event that was not about it`,
        ],
      ]);
    },
  );
});
