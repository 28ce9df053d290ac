/** Whom a command may move: by kind, and what is said of a host on which somebody else moved. */
import { describe, expect, it } from 'vitest';
import type { Command } from '../../core/host/command.js';
import type { Host } from '../../core/host/host.js';
import { putRecord, removeRecord, theRecord } from '../../core/host/records.js';
import { newEnclave } from '../../core/host/tree.js';
import { noteBefore } from '../../core/invariants/before.js';
import { sceneOf } from '../../core/invariants/check.js';
import { lifecycleLegal } from '../../core/invariants/lifecycle-legal.js';
import { mayMove, moverOf } from '../../core/invariants/movers.js';
import { nitroProfile } from '../../core/platform/nitro/profile.js';
import { qingtianProfile } from '../../core/platform/qingtian/profile.js';
import { vmProfile } from '../../core/platform/vm/profile.js';
import { nitroPair, qingtianPair, vmPair } from './sound-hosts.js';

const STOP: Command = { kind: 'qingtian.stop', uid: 0 };

/** What is said once the host was changed behind a command's back. */
function said(host: Host, command: Command | undefined, change: (host: Host) => void): string[] {
  const before = noteBefore(host, command);
  change(host);
  return (lifecycleLegal.check(sceneOf(host, before)) ?? []).map(({ message }) => message);
}

function drop(...uids: readonly number[]): (host: Host) => void {
  return ({ tree }) => {
    for (const uid of uids) removeRecord(tree, uid);
  };
}

describe('whom a command may move', () => {
  it('is known of every step of every platform', () => {
    const kinds = [qingtianProfile(), nitroProfile(), vmProfile()].flatMap(({ steps }) =>
      Object.keys(steps),
    );
    const movers = new Map<string, string[]>();
    for (const kind of new Set(kinds)) {
      const command = { kind, uid: 7, ...(kind.startsWith('nitro') ? { slot: 7 } : {}) };
      const mover = String(moverOf(command as unknown as Command));
      movers.set(mover, [...(movers.get(mover) ?? []), kind]);
    }
    expect([...movers.keys()].sort()).toEqual(['7', 'any', 'new', 'none']);
    expect(movers.get('any')?.sort()).toEqual([
      'nitro.exit-event',
      'parent.crash',
      'parent.stop',
      'parent.terminate',
    ]);
    expect(movers.get('new')?.sort()).toEqual([
      'nitro.create-vm',
      'qingtian.define',
      'qingtian.launch',
      'vm.launch',
    ]);
  });

  it('is not known of a command that there is not', () => {
    expect(moverOf({ kind: 'qingtian.reboot' } as unknown as Command)).toBe(undefined);
    expect(moverOf({ kind: 'toString' } as unknown as Command)).toBe(undefined);
  });

  it.each([
    ['any', false, true],
    ['any', true, false],
    ['new', false, false],
    ['new', true, true],
    ['none', false, false],
    ['none', true, false],
    [3, false, true],
    [3, true, false],
    [4, false, false],
  ] as const)('by %s, an enclave 3 that is new: %s → %s', (mover, isNew, may) => {
    expect(mayMove(mover, 3, isNew)).toBe(may);
  });
});

describe('a command that moves an enclave it does not name', () => {
  it.each<[string, () => Host, Command, number]>([
    ['qingtian.stop', qingtianPair, STOP, 1],
    ['nitro.close', nitroPair, { kind: 'nitro.close', slot: 0 }, 1],
    ['vm.terminate', vmPair, { kind: 'vm.terminate', uid: 0 }, 1],
  ])(
    '%s that ends another is a breach, of its own enclave it is none',
    (_, build, command, uid) => {
      const [sound, wrong] = [build(), build()];
      const [first, second] = sound.tree.records;
      const own = { ...command, [('slot' in command && 'slot') || 'uid']: first.uid } as Command;
      expect(said(sound, own, drop(first.uid))).toEqual([]);
      expect(second.uid).toBe(first.uid + uid);
      expect(said(wrong, own, drop(second.uid))).toEqual([
        `enclave ${second.uid} went from ${second.state} to absent by a command that may move enclave ${first.uid}`,
      ]);
    },
  );

  it('is one even where its own enclave moves, too', () => {
    expect(said(qingtianPair(), STOP, drop(0, 1))).toEqual([
      'enclave 1 went from running to absent by a command that may move enclave 0',
    ]);
  });

  it('says whom the command may move, and carries it as data', () => {
    const host = qingtianPair();
    const before = noteBefore(host, { kind: 'qingtian.unreserve' });
    removeRecord(host.tree, 1);
    expect(lifecycleLegal.check(sceneOf(host, before))).toEqual([
      {
        invariant: 'lifecycle-legal',
        message: 'enclave 1 went from running to absent by a command that may move none',
        numbers: { from: 'running', to: 'absent', mover: 'none' },
        enclave: 1,
      },
    ]);
  });

  it('a boot that brings an enclave back is one: nothing restarts by itself', () => {
    const back = ({ tree }: Host): void => {
      putRecord(tree, newEnclave({ uid: 9, state: 'defined' }));
    };
    const define = { kind: 'qingtian.define' } as Command;
    expect(said(qingtianPair(), define, back)).toEqual([]);
    expect(said(qingtianPair(), { kind: 'parent.boot' }, back)).toEqual([
      'enclave 9 went from absent to defined by a command that may move none',
    ]);
    expect(said(qingtianPair(), { kind: 'parent.crash' }, back)).toEqual([
      'enclave 9 went from absent to defined by a command that may move those that are there',
    ]);
  });

  it('is told of states alone; without the command nothing is', () => {
    const grow = (host: Host): void => {
      theRecord(host.tree, 1).debug = 1;
    };
    expect(said(qingtianPair(), STOP, grow)).toEqual([]);
    expect(said(qingtianPair(), undefined, drop(1))).toEqual([]);
  });

  it('an event of one slot may move another, and the parent takes all along', () => {
    const stopped = ({ tree }: Host): void => {
      theRecord(tree, 1).state = 'STOPPED';
    };
    const event: Command = { kind: 'nitro.exit-event', slot: 0, state: 0 };
    expect(said(nitroPair(), event, stopped)).toEqual([]);
    expect(said(nitroPair(), { kind: 'nitro.poll', slot: 0 }, stopped)).toHaveLength(1);
    expect(said(qingtianPair(), { kind: 'parent.crash' }, drop(0, 1))).toEqual([]);
  });
});
