/** What a careless caller of `step`, `decide` and `runInPlace` meets: a clear no, never half a write. */
import { describe, expect, it } from 'vitest';
import type { Command } from '../../core/host/command.js';
import { describeHost } from '../../core/host/describe.js';
import type { Host } from '../../core/host/host.js';
import { applyUndoable, decide, runInPlace, step } from '../../core/host/step.js';
import { findProfile } from '../../core/platform/registry.js';
import { regularTopology } from '../../core/topology/regular.js';

function hostOf(platform: 'qingtian' | 'nitro' | 'vm'): Host {
  const described = describeHost({
    profile: findProfile(platform),
    topology: regularTopology({ cores: 4, threadsPerCore: 2, nodes: 1 }),
    memoryMib: [8192],
  });
  if ('problems' in described) throw new Error(JSON.stringify(described.problems));
  return described.host;
}

const RESERVE: Command = {
  kind: 'qingtian.reserve',
  conf: { hugepageSizeMib: 2, memoryMib: 512, cpuCount: 2 },
};

describe('found bugs', () => {
  it.each(['qingtian', 'nitro', 'vm'] as const)(
    '%s: a kind that every object has is refused by name, not called',
    (platform) => {
      for (const kind of ['toString', 'constructor', '__proto__', 'hasOwnProperty']) {
        const command = { kind } as unknown as Command;
        const { refusal, effects } = decide(hostOf(platform), command);
        expect({ rule: refusal?.rule, effects }).toEqual({
          rule: 'command-of-profile',
          effects: [],
        });
      }
    },
  );

  it('a frozen host of step is not written in place, its stores neither', () => {
    const { host } = step(hostOf('qingtian'), RESERVE);
    const before = Buffer.from(host.memory[0].snapshot());
    const stop: Command = { kind: 'qingtian.unreserve' };
    expect(() => runInPlace(host, stop)).toThrow('came from step');
    expect(() => applyUndoable(host, decide(host, stop).effects)).toThrow('came from step');
    expect(Buffer.from(host.memory[0].snapshot()).equals(before)).toBe(true);
    expect(step(host, stop).decision.refusal).toBeUndefined();
  });
});
