/**
 * A whole life in two effects against the same life spelled out, on twins of one host.
 */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { apply } from '../../core/host/apply.js';
import type { Command } from '../../core/host/command.js';
import type { Decision } from '../../core/host/decision.js';
import { describeHost } from '../../core/host/describe.js';
import type { Host } from '../../core/host/host.js';
import { uidsOf } from '../../core/host/records.js';
import { applyUndoable, runInPlace, runWhole, undo } from '../../core/host/step.js';
import type { NamedOptions } from '../../core/platform/profile.js';
import { findProfile } from '../../core/platform/registry.js';
import { regularTopology } from '../../core/topology/regular.js';
import { scaledRuns } from '../seed.js';

type Platform = 'vm' | 'qingtian';

function hostOf(platform: Platform): Host {
  const profile = findProfile(platform);
  if (profile === undefined) throw new Error(`no profile ${platform}`);
  const topology = regularTopology({
    cores: 12,
    threadsPerCore: 2,
    nodes: 2,
    architecture: 'x86_64',
  });
  const options: NamedOptions = platform === 'qingtian' ? { maxEnclaves: 'none' } : {};
  const described = describeHost({ profile, topology, memoryMib: [9000, 9000], options });
  if ('problems' in described) throw new Error(JSON.stringify(described.problems));
  const { host } = described;
  if (platform === 'qingtian') {
    const conf = { hugepageSizeMib: 2, memoryMib: 3000, cpuCount: 10 };
    expect(runInPlace(host, { kind: 'qingtian.reserve', conf }).refusal).toBeUndefined();
  }
  return host;
}

/** What a move means on a host: a launch, or the end of one that runs. */
type Move = (host: Host) => Command | undefined;

const IMAGE = { bytes: 1 << 20, sections: ['kernel', 'cmdline', 'ramdisk', 'init'] } as const;

const launch: fc.Arbitrary<Move> = fc
  .record({
    vcpus: fc.constantFrom(1, 2, 2, 3, 4, 6, 12),
    memoryMib: fc.constantFrom(128, 256, 500, 512, 5000),
    nodes: fc.constantFrom(1, 1, 2),
    blind: fc.boolean(),
    cid: fc.integer({ min: 4, max: 9 }),
  })
  .map(({ vcpus, memoryMib, nodes, blind, cid }) => ({ profile }) => {
    if (profile.platform === 'vm') return { kind: 'vm.launch', vcpus, memoryMib, nodes, blind };
    const image = { ...IMAGE, os: 'linux', kind: 'eif' } as const;
    const request = { image, vcpus, memoryMib, cid, debug: false, defaulted: [] };
    return { kind: 'qingtian.launch', request };
  });
const end: fc.Arbitrary<Move> = fc
  .record({ which: fc.nat(5), crash: fc.boolean() })
  .map(({ which, crash }) => ({ profile, tree }) => {
    const uids = uidsOf(tree);
    if (uids.length === 0) return undefined;
    const uid = uids[which % uids.length];
    if (profile.platform === 'vm') return { kind: crash ? 'vm.crash' : 'vm.terminate', uid };
    return { kind: crash ? 'qingtian.crash' : 'qingtian.stop', uid };
  });
const moves = fc.array(fc.oneof({ weight: 3, arbitrary: launch }, { weight: 2, arbitrary: end }), {
  maxLength: 16,
});

function wholeDecision(host: Host, command: Command): Decision {
  const step = host.profile.wholes?.[command.kind];
  if (step === undefined) throw new Error(`no whole ${command.kind}`);
  return (step as (host: Host, command: Command) => Decision)(host, command);
}

const bytesOf = ({ memory }: Host) => memory.map((node) => node.snapshot());
/** Compared as buffers: a deep equal of typed arrays would take a minute. */
const sameBytes = (one: Host, two: Uint8Array[]) =>
  bytesOf(one).every((bytes, i) => Buffer.compare(bytes, two[i]) === 0);

describe.each(['vm', 'qingtian'] as const)('a whole life on %s', (platform) => {
  it('leaves the host that its spelled-out effects leave, told with the same facts', () => {
    let launched = 0;
    let ended = 0;
    fc.assert(
      fc.property(moves, (list) => {
        const [one, twin] = [hostOf(platform), hostOf(platform)];
        for (const move of list) {
          const command = move(one);
          if (command === undefined) continue;
          const whole = runWhole(one, command);
          const spelled = runInPlace(twin, command);
          expect({ ...whole, effects: [] }).toEqual({ ...spelled, effects: [] });
          expect(one.tree).toEqual(twin.tree);
          expect(sameBytes(one, bytesOf(twin))).toBe(true);
          if (whole.refusal !== undefined) continue;
          expect(whole.effects.length).toBe(1);
          if (whole.effects[0].kind === 'admit') launched++;
          else ended++;
        }
      }),
      { numRuns: scaledRuns(60) },
    );
    expect(launched).toBeGreaterThan(scaledRuns(40));
    expect(ended).toBeGreaterThan(scaledRuns(10));
  });

  it('is undone exactly, and may be done again', () => {
    fc.assert(
      fc.property(moves, (list) => {
        const host = hostOf(platform);
        for (const move of list) {
          const command = move(host);
          if (command === undefined) continue;
          const { effects } = wholeDecision(host, command);
          const [tree, bytes] = [structuredClone(host.tree), bytesOf(host)];
          for (let again = 0; again < 2; again++) {
            undo(host, applyUndoable(host, effects));
            expect(host.tree).toEqual(tree);
            expect(sameBytes(host, bytes)).toBe(true);
          }
          apply(host, effects);
        }
      }),
      { numRuns: scaledRuns(40) },
    );
  });
});

describe('a whole start', () => {
  it('takes memory that lies in several runs run by run', () => {
    const [one, twin] = [hostOf('vm'), hostOf('vm')];
    const take = (command: Command): Decision => {
      const whole = runWhole(one, command);
      expect([whole.refusal, runInPlace(twin, command).refusal]).toEqual([undefined, undefined]);
      expect(one.tree).toEqual(twin.tree);
      expect(sameBytes(one, bytesOf(twin))).toBe(true);
      return whole;
    };
    const start = (memoryMib: number) =>
      take({ kind: 'vm.launch', vcpus: 2, memoryMib, nodes: 1, blind: true });
    for (let i = 0; i < 3; i++) start(2900);
    const [first, , third] = uidsOf(one.tree);
    for (const uid of [first, third]) take({ kind: 'vm.terminate', uid });
    const [effect] = start(5000).effects;
    if (effect.kind !== 'admit') throw new Error(`no ${effect.kind} was expected`);
    expect(effect.claims.map(({ runs }) => runs.length)).toEqual([4]);
  });
});
