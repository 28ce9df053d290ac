/** A host or a command that is none, as a program without types may pass on: a clear error, no crash. */
import { describe, expect, it } from 'vitest';
import type { Command } from '../../core/host/command.js';
import type { Host } from '../../core/host/host.js';
import { decide, runInPlace, step } from '../../core/host/step.js';
import { nitroHost, qingtianHost, vmHost } from '../kit/hosts.js';

const IMAGE = { bytes: 1, sections: ['kernel'], os: 'linux', kind: 'eif' };
const REQUEST = { image: IMAGE, vcpus: 2, memoryMib: 64, cid: 4, debug: false, defaulted: [] };

/** `step` takes any of them, whatever the rules think of it. */
type Wrong = readonly [what: string, host: () => Host, command: unknown, message: string];

// Found bugs: each gave a TypeError that named a variable of ours, or was taken silently.
const WRONG: readonly Wrong[] = [
  ['no command', qingtianHost, undefined, 'a command is a mapping with a kind, not undefined'],
  ['null', qingtianHost, null, 'a command is a mapping with a kind, not null'],
  ['a kind alone', qingtianHost, 'parent.stop', 'a command is a mapping with a kind, not a text'],
  ['a list', qingtianHost, [], 'a command is a mapping with a kind, not a list'],
  ['no kind', qingtianHost, {}, 'the kind of a command should be a text, not undefined'],
  [
    'a number as kind',
    qingtianHost,
    { kind: 5 },
    'the kind of a command should be a text, not a number',
  ],
  [
    'a field missing',
    qingtianHost,
    { kind: 'qingtian.reserve' },
    'no command: qingtian.reserve: conf should be a mapping of hugepageSizeMib, memoryMib, cpuCount',
  ],
  [
    'a misspelt field',
    qingtianHost,
    { kind: 'qingtian.reserve', conf: { memoryMiB: 5 } },
    'conf.memoryMiB is no field here; there are: hugepageSizeMib, memoryMib, cpuCount, cpuList (did you mean memoryMib?)',
  ],
  [
    'several deep inside',
    qingtianHost,
    {
      kind: 'qingtian.define',
      request: { ...REQUEST, debug: 'no', image: { ...IMAGE, os: 'bsd' } },
    },
    'request.image.os should be linux or other; request.debug should be true or false',
  ],
  [
    'a number for 64 bits',
    nitroHost,
    { kind: 'nitro.start', slot: 1, cid: 5, flags: 0n },
    'no command: nitro.start: cid should be an unsigned 64-bit number',
  ],
  [
    '64 bits for a number',
    nitroHost,
    { kind: 'nitro.poll', slot: 1n },
    'no command: nitro.poll: slot should be a whole number from 0',
  ],
  [
    'a stray number',
    vmHost,
    { kind: 'vm.launch', vcpus: 2, memoryMib: 64, nodes: 1, node: 0 },
    'node is no field here; there are: vcpus, memoryMib, nodes, on, blind (did you mean nodes?)',
  ],
  [
    'a field cut short',
    vmHost,
    { kind: 'vm.launch', vcpus: 2, mem: 64, nodes: 1 },
    'mem is no field here; there are: vcpus, memoryMib, nodes, on, blind (did you mean memoryMib?)',
  ],
  [
    'a stray beside none',
    vmHost,
    { kind: 'parent.stop', at: 1 },
    'at is no field here; there are: none',
  ],
];

describe('a step of what is no command', () => {
  it.each(WRONG)('%s is told with its place', (_, host, command, message) => {
    expect(() => step(host(), command as Command)).toThrow(TypeError);
    expect(() => step(host(), command as Command)).toThrow(message);
  });

  it.each([
    ['decide', decide],
    ['runInPlace', runInPlace],
  ])('%s tells the same where it would have broken', (_, take) => {
    const command = { kind: 'qingtian.define', request: {} } as unknown as Command;
    const wanted =
      'qingtian.define: request.image should be a mapping of bytes, sections, os, kind;';
    expect(() => take(qingtianHost(), command)).toThrow(wanted);
    expect(() => take(qingtianHost(), null as unknown as Command)).toThrow(
      /mapping with a kind, not null/,
    );
    expect(() => take(undefined as unknown as Host, command)).toThrow(
      /describeHost gives, not undef/,
    );
  });

  it('decide leaves an error that is not the command’s as it was', () => {
    const steps = { 'parent.stop': () => expect.fail('of its own') };
    const host = { ...vmHost() };
    const broken = { ...host, profile: { ...host.profile, steps } } as unknown as Host;
    expect(() => decide(broken, { kind: 'parent.stop' })).toThrow('of its own');
  });

  it('numbers that no rule allows are the rules’ business, and so is a command of others', () => {
    const conf = { hugepageSizeMib: 2, memoryMib: -5, cpuCount: 0.5 };
    expect(step(qingtianHost(), { kind: 'qingtian.reserve', conf }).decision.refusal).toBeDefined();
    const start: Command = { kind: 'nitro.start', slot: 1, cid: -1n, flags: 2n ** 64n };
    expect(step(nitroHost(), start).decision.refusal).toBeDefined();
    const elsewhere = { kind: 'nitro.poll' } as unknown as Command;
    const { refusal } = step(qingtianHost(), elsewhere).decision;
    expect(refusal?.rule).toBe('command-of-profile');
    const unknown = { kind: 'qingtian.reserv', conf } as unknown as Command;
    expect(step(qingtianHost(), unknown).decision.refusal?.rule).toBe('command-of-profile');
  });
});

describe('a step of what is no host', () => {
  it.each<[string, unknown, string]>([
    [
      'nothing',
      undefined,
      'a host is asked for, the `host` of what describeHost gives, not undefined',
    ],
    [
      'all that describeHost gives',
      { host: vmHost(), provenance: [] },
      'describeHost gives, not all of it',
    ],
    ['problems', { problems: [] }, 'describeHost gives; here it gave problems'],
    ['a profile', vmHost().profile, 'describeHost gives, not a mapping'],
    ['a function', vmHost, 'describeHost gives, not a function'],
    ['a host without memory', { profile: vmHost().profile }, 'describeHost gives, not a mapping'],
  ])('%s is told', (_, host, message) => {
    expect(() => step(host as Host, { kind: 'parent.stop' })).toThrow(message);
  });
});
