/**
 * Placement: first fit proposes exactly what fits; no policy, however hostile, breaks an invariant.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { runInPlace } from '../../core/host/step.js';
import { firstFit } from '../../core/placement/first-fit.js';
import { placedLaunch } from '../../core/placement/place.js';
import { hostView, type PlacementPolicy } from '../../core/placement/policy.js';
import { nitroHost, qingtianHost, vmHost } from '../kit/hosts.js';
import { installMatchers } from '../kit/matchers.js';
import { runModel } from '../kit/model-run.js';
import { hostShapes, placementAsks } from '../kit/topologies.js';
import { scaledRuns } from '../seed.js';

installMatchers();

const asks = fc.array(fc.record({ ask: placementAsks(), node: fc.integer({ min: -1, max: 3 }) }), {
  minLength: 1,
  maxLength: 30,
});

describe('a policy proposes, the host disposes', () => {
  it('first fit: every proposal is accepted, and nothing that fits is missed', () => {
    fc.assert(
      fc.property(hostShapes(), asks, (shape, list) => {
        const host = vmHost(shape);
        for (const { ask } of list) {
          const fits = hostView(host).nodes.some(
            ({ freeThreads, freeMib }) => freeThreads >= ask.vcpus && freeMib >= ask.memoryMib,
          );
          const command = placedLaunch(host, firstFit, ask);
          expect(command !== undefined).toBe(fits);
          if (command === undefined) continue;
          const { refusal } = runInPlace(host, command);
          expect(refusal?.rule ?? 'vm-shape').toBe('vm-shape');
        }
      }),
      { numRuns: scaledRuns(50) },
    );
  });

  it('a hostile policy is refused at worst, on any host', () => {
    for (const shape of fc.sample(hostShapes(), 6)) {
      const report = runModel(
        {
          host: () => vmHost(shape),
          intents: asks,
          resolve: (host, { ask, node }) => {
            const hostile: PlacementPolicy = { name: 'hostile', propose: () => ({ node }) };
            return placedLaunch(host, hostile, ask);
          },
          check: (host) => {
            expect(host).toKeepIsolation();
            return undefined;
          },
        },
        { runs: scaledRuns(20) },
      );
      expect(report.refusedBy.get('vm-nodes')).toBeGreaterThan(0);
      expect(report.accepted).toBeGreaterThan(0);
    }
  });

  it('a policy that writes to its view fails loudly', () => {
    const host = vmHost();
    const writes: PlacementPolicy = {
      name: 'writes',
      propose: (view) => {
        Object.assign(view.nodes[0], { freeMib: 1 });
        return undefined;
      },
    };
    expect(() => placedLaunch(host, writes, { vcpus: 2, memoryMib: 128 })).toThrow(TypeError);
  });

  it('a view shows the pool where there is one, and the parent where there is none', () => {
    const host = qingtianHost();
    expect(hostView(host).nodes.map(({ freeMib }) => freeMib)).toEqual([2048, 2048]);
    const conf = { hugepageSizeMib: 2, memoryMib: 512, cpuCount: 4 };
    runInPlace(host, { kind: 'qingtian.reserve', conf });
    expect(hostView(host).nodes[0]).toEqual({
      node: 0,
      freeThreads: 4,
      freeMib: 512,
      largestRunMib: 512,
      pageKib: 2048,
    });
    expect(hostView(host).nodes[1]).toMatchObject({ freeThreads: 0, freeMib: 0 });
    expect(hostView(nitroHost()).platform).toBe('nitro');
  });
});
