/** What is noted of a command ahead of it, to the key: a note that says nothing says it without keys. */
import { describe, expect, it } from 'vitest';
import type { Command } from '../../core/host/command.js';
import { noteOfCommand } from '../../core/invariants/before.js';
import { NITRO_GUARANTEES } from '../../core/platform/nitro/guarantees.js';

const GIVE: Command = {
  kind: 'nitro.set-memory',
  slot: 3,
  task: 1,
  flags: 0n,
  address: 0n,
  bytes: 0n,
};

describe('the note of a command', () => {
  it.each([
    ['of a platform that promises nothing', undefined, GIVE, { mover: 3 }],
    ['that may leave a pin', NITRO_GUARANTEES, GIVE, { mover: 3, mayLeavePin: true }],
    ['that may leave none', NITRO_GUARANTEES, { kind: 'nitro.unbind' }, { mover: 'none' }],
    ['of no kind that there is', NITRO_GUARANTEES, { kind: 'nitro.strange' }, {}],
    [
      'that switches a CPU off',
      NITRO_GUARANTEES,
      { kind: 'nitro.hotplug', cpu: 2, online: false },
      { mover: 'none', offlineCause: { kind: 'switched-off', cpu: 2 } },
    ],
    [
      'that launches',
      undefined,
      { kind: 'vm.launch', vcpus: 1, memoryMib: 1, nodes: 1 },
      { mover: 'new', wholeLaunch: true },
    ],
  ] as const)('%s', (_, guarantees, command, note) => {
    expect(noteOfCommand(guarantees, command as Command)).toStrictEqual(note);
  });
});
