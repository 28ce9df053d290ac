/** What a careless caller of `step`, `decide` and `runInPlace` meets: a clear no, never half a write. */
import { describe, expect, it } from 'vitest';
import type { Command } from '../../core/host/command.js';
import { describeHost } from '../../core/host/describe.js';
import type { Host } from '../../core/host/host.js';
import { applyUndoable, decide, runInPlace, step, undo } from '../../core/host/step.js';
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

describe('undo', () => {
  const stop: Command = { kind: 'parent.stop' };
  const boot: Command = { kind: 'parent.boot' };
  const applied = (host: Host, command: Command) =>
    applyUndoable(host, decide(host, command).effects);
  const bytes = (host: Host) => JSON.stringify([host.tree, [...host.memory[0].snapshot()]]);

  it('of a mark twice, out of order or of another host is an error that changes nothing', () => {
    const host = hostOf('qingtian');
    const first = applied(host, RESERVE);
    const second = applied(host, stop);
    const before = bytes(host);
    expect(() => undo(host, first)).toThrow('last first: a newer one comes first');
    expect(() => undo(hostOf('qingtian'), second)).toThrow('or is of another host');
    expect(bytes(host)).toBe(before);
    undo(host, second);
    expect(() => undo(host, second)).toThrow('this one was undone already');
    const third = applied(host, stop);
    expect(() => undo(host, second)).toThrow('or this one was undone already');
    undo(host, third);
    undo(host, first);
    expect(() => undo(host, first)).toThrow('this one was undone already');
    expect(bytes(host)).toBe(bytes(hostOf('qingtian')));
  });

  it('over a command of runInPlace is an error; one that was refused changed nothing', () => {
    const host = hostOf('qingtian');
    const first = applied(host, RESERVE);
    expect(runInPlace(host, boot).refusal).toBeDefined();
    undo(host, first);
    const again = applied(host, RESERVE);
    runInPlace(host, stop);
    expect(() => undo(host, again)).toThrow('runInPlace has changed the host');
    const then = applied(host, boot);
    undo(host, then);
    expect(() => undo(host, again)).toThrow('runInPlace has changed the host');
  });
});

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
