/** A policy that proposes at random, on random hosts: it is refused at worst. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { placedLaunch } from '../../core/placement/place.js';
import type { PlacementPolicy } from '../../core/placement/policy.js';
import { vmHost } from '../kit/hosts.js';
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
});
