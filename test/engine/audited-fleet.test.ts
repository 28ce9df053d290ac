/**
 * That a fleet run audits, and when: faults planted by a carrier in the middle of a run, each seen by one
 * of the audit's three looks alone.
 */
import { describe, expect, it } from 'vitest';
import type { Host } from '../../core/host/host.js';
import { fleetPolicy } from '../../core/placement/fleet-policies.js';
import type { Carrier } from '../../scenarios/engine/carrier.js';
import { runFleet } from '../../scenarios/engine/fleet-run.js';
import type { FleetResult } from '../../scenarios/engine/result.js';
import { request, smallFleet } from '../kit/small-fleets.js';

/** One that the parent keeps: nobody reserved it. */
const CPU = 9;

function plant({ tree }: Host): void {
  tree.online[CPU] = 0;
}

function heal({ tree }: Host): void {
  tree.online[CPU] = 1;
}

function said(parent: number): string {
  return `parent ${parent}: no-leak: CPU ${CPU} is offline, and neither the pool nor an enclave has it`;
}

/** The carrier, and what is done to the parents after its n-th launch, counted from 1. */
function meddling(carrier: Carrier, afterLaunch: (n: number) => void): Carrier {
  let launches = 0;
  return {
    ...carrier,
    launch(host, ask, on) {
      const carried = carrier.launch(host, ask, on);
      afterLaunch(++launches);
      return carried;
    },
  };
}

interface Meddled {
  /** One after the other, all on parent 0. */
  readonly requests: number;
  /** Of the two parents, after the n-th launch. */
  readonly afterLaunch: (hosts: readonly Host[], n: number) => void;
  readonly audit?: boolean;
}

async function run({ requests, afterLaunch, audit = true }: Meddled): Promise<FleetResult> {
  const { hosts, carriers } = await smallFleet('qingtian', 2);
  const [first, second] = carriers;
  const policy = fleetPolicy('first-fit');
  if (policy === undefined) throw new Error('no first-fit');
  return runFleet({
    hosts,
    carriers: [meddling(first, (n) => afterLaunch(hosts, n)), second],
    requests: Array.from({ length: requests }, (_, id) => request(id, { atMs: 2000 * id })),
    policy,
    audit,
  });
}

describe('fleet: the audit of a run', () => {
  /** Broken from the first launch to the second on the parent that they touch. */
  const passing: Meddled = {
    requests: 2,
    afterLaunch: ([touched], n) => (n === 1 ? plant(touched) : heal(touched)),
  };
  /** Broken from the first launch on, on the parent that nothing touches. */
  const elsewhere: Meddled = { requests: 2, afterLaunch: ([, untouched]) => plant(untouched) };

  it('looks at the parent after each event: a fault gone before the end is seen by nothing else', async () => {
    // After the launch that brought it, and after that enclave's end.
    const { violations } = await run(passing);
    expect(violations).toEqual({ count: 2, first: [`${said(0)} (2 times)`] });
  });

  it('looks at all parents at the end: a fault of one that no event touched is seen by nothing else', async () => {
    expect((await run(elsewhere)).violations).toEqual({ count: 1, first: [said(1)] });
  });

  it.each([
    ['seen by nothing else', 5000, { count: 1, first: [said(1)] }],
    ['not seen where it is gone an event earlier', 4999, { count: 0, first: [] }],
  ])(
    'looks at all parents after 10,000 events: a fault of an untouched one, gone before the end, is %s',
    async (_, healedAfter, violations) => {
      // A launch and an end are an event each: the 5000th end is the 10,000th.
      const result = await run({
        requests: 5001,
        afterLaunch: ([, untouched], n) =>
          n > healedAfter ? heal(untouched) : n === 1 ? plant(untouched) : undefined,
      });
      expect([result.accepted, result.ended]).toEqual([5001, 5001]);
      expect(result.violations).toEqual(violations);
    },
  );

  it('is not made unless asked for', async () => {
    for (const faulty of [passing, elsewhere]) {
      const result = await run({ ...faulty, audit: false });
      expect(result.violations).toEqual({ count: 0, first: [] });
    }
  });

  it('changes nothing else of the result', async () => {
    const [audited, unaudited] = [await run(passing), await run({ ...passing, audit: false })];
    expect({ ...audited, violations: unaudited.violations }).toEqual(unaudited);
  });
});
