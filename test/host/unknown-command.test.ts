/** A command that the profile does not have is refused with data, and changes nothing. */
import { describe, expect, it } from 'vitest';
import type { Command } from '../../core/host/command.js';
import { endsOf } from '../../core/host/parent-steps.js';
import { runInPlace } from '../../core/host/step.js';
import { nitroHost, vmHost } from '../kit/hosts.js';

describe('a command of another platform', () => {
  it('names the command and the profile', () => {
    const host = vmHost();
    const before = JSON.stringify(host.tree);
    const command = { kind: 'nitro.create-vm', task: 1 } as Command;
    expect(runInPlace(host, command)).toEqual({
      effects: [],
      facts: {},
      refusal: {
        layer: 'input',
        codes: [],
        rule: 'command-of-profile',
        message: 'vm@1 has no command nitro.create-vm',
        numbers: { command: 'nitro.create-vm', profile: 'vm@1' },
        remedy: 'It is a command of nitro: use one that vm@1 lists, or a host of that platform.',
      },
    });
    expect(JSON.stringify(host.tree)).toBe(before);
  });
});

describe('a command that there is not', () => {
  it.each([
    ['nitro.pol', 'Did you mean nitro.poll?'],
    ['poll', 'Did you mean nitro.poll?'],
    ['parent.bot', 'Did you mean parent.boot?'],
  ])('%s is told with the one that may be meant', (kind, remedy) => {
    expect(runInPlace(nitroHost(), { kind } as unknown as Command).refusal?.remedy).toBe(remedy);
  });

  it.each(['open', 'toString', 'qingtian.reserv'])('%s: else those that there are', (kind) => {
    const { refusal } = runInPlace(vmHost(), { kind } as unknown as Command);
    expect(refusal?.remedy).toBe(
      'Use a command that vm@1 lists: vm.launch, vm.terminate, vm.crash.',
    );
  });
});

describe('a command whose first word alone is known', () => {
  it('is told with those that begin alike: parent.start is no slip of parent.stop', () => {
    const { refusal } = runInPlace(vmHost(), { kind: 'parent.start' } as unknown as Command);
    expect(refusal?.remedy).toBe(
      'Use a command that vm@1 lists: parent.boot, parent.stop, parent.terminate, parent.crash, parent.set-online.',
    );
  });
});

describe('what a step of a parent was made of', () => {
  it('is told of the steps themselves, and of nothing else', () => {
    const { steps } = nitroHost().profile;
    const ends = endsOf(steps['parent.stop']);
    expect(Object.keys(ends ?? {})).toEqual(expect.arrayContaining(['endEnclave']));
    expect(endsOf(steps['parent.crash'])).toBe(ends);
    expect(endsOf(steps['nitro.create-vm'])).toBeUndefined();
    for (const other of [undefined, null, 'parent.stop', 5, {}, () => []]) {
      expect(endsOf(other)).toBeUndefined();
    }
  });
});
