/**
 * The whole start at once against the program of steps, on twins of one host.
 */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { QingtianRequest } from '../../core/host/command.js';
import { describeHost } from '../../core/host/describe.js';
import type { Host } from '../../core/host/host.js';
import { uidsOf } from '../../core/host/records.js';
import { runInPlace } from '../../core/host/step.js';
import { runLaunch } from '../../core/platform/qingtian/launch.js';
import { findProfile } from '../../core/platform/registry.js';
import { regularTopology } from '../../core/topology/regular.js';
import { scaledRuns } from '../seed.js';

const options = fc.record({
  maxEnclaves: fc.constantFrom(2, 5, 'none' as const),
  contiguity: fc.constantFrom('per-page', 'whole-run'),
  memoryRounding: fc.constantFrom('reject', 'round-up'),
});

/** A pool of ten CPUs: those that a count gets, all of node 0, or of node 1 by a list. */
const POOLS = [{ cpuCount: 10 }, { cpuList: [7, 8, 9, 10, 11, 19, 20, 21, 22, 23] }] as const;

/** @param node of the pool */
function hostWith(named: Record<string, string | number>, small: boolean, node: 0 | 1): Host {
  const profile = findProfile('qingtian');
  if (profile === undefined) throw new Error('no qingtian profile');
  const topology = regularTopology({
    cores: 12,
    threadsPerCore: 2,
    nodes: 2,
    architecture: 'x86_64',
  });
  const described = describeHost({
    profile,
    topology,
    memoryMib: [20_000, 20_000],
    options: named,
  });
  if ('problems' in described) throw new Error(JSON.stringify(described.problems));
  const { host } = described;
  const conf = small
    ? { hugepageSizeMib: 2, memoryMib: 3000, ...POOLS[node] }
    : { hugepageSizeMib: 1024, memoryMib: 10_240, ...POOLS[node] };
  expect(runInPlace(host, { kind: 'qingtian.reserve', conf }).refusal).toBeUndefined();
  return host;
}

const request: fc.Arbitrary<QingtianRequest> = fc.record({
  image: fc.record({
    bytes: fc.constantFrom(1 << 20, 1 << 20, 30 << 20, 400 << 20),
    sections: fc.constant(['kernel', 'cmdline', 'ramdisk', 'init'] as const),
    os: fc.constant('linux' as const),
    kind: fc.constant('eif' as const),
  }),
  vcpus: fc.constantFrom(2, 2, 4, 6, 3, 12),
  memoryMib: fc.constantFrom(128, 512, 512, 1024, 1024, 1500, 2048, 3072),
  cid: fc.integer({ min: 3, max: 40 }),
  debug: fc.boolean(),
  defaulted: fc.constant([]),
});

const move = fc.oneof(
  { weight: 3, arbitrary: fc.record({ launch: request }) },
  { weight: 1, arbitrary: fc.record({ stop: fc.nat(6) }) },
);

/** Compared as buffers: a deep equal of typed arrays would take a minute. */
function sameBytes(one: Host, twin: Host): boolean {
  return one.memory.every(
    (node, i) => Buffer.compare(node.snapshot(), twin.memory[i].snapshot()) === 0,
  );
}

describe('a start at once', () => {
  it('Q23 Q26 holds: leaves the host that the program of steps leaves, refused by the same row', () => {
    const startedOn = [0, 0];
    fc.assert(
      fc.property(
        options,
        fc.boolean(),
        fc.constantFrom<0 | 1>(0, 1),
        fc.array(move, { maxLength: 14 }),
        (named, small, node, moves) => {
          const [one, twin] = [hostWith(named, small, node), hostWith(named, small, node)];
          for (const next of moves) {
            if ('stop' in next) {
              const uid = uidsOf(one.tree)[next.stop];
              if (uid === undefined) continue;
              for (const host of [one, twin]) runInPlace(host, { kind: 'qingtian.stop', uid });
            } else {
              const once = runInPlace(one, { kind: 'qingtian.launch', request: next.launch });
              const { last, uid } = runLaunch(next.launch, (command) => runInPlace(twin, command));
              expect(once.refusal).toEqual(last.refusal);
              expect(once.facts.uid).toBe(uid);
              if (uid !== undefined) {
                expect(once.facts.node).toBe(node);
                startedOn[node]++;
              }
            }
            expect(one.tree).toEqual(twin.tree);
            expect(sameBytes(one, twin)).toBe(true);
          }
        },
      ),
      { numRuns: scaledRuns(150) },
    );
    expect(Math.min(...startedOn)).toBeGreaterThan(25);
  });
});
