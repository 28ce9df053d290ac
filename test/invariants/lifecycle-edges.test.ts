/** Legal moves at their edges: asked by parts, of enclaves that are gone, and of slots a driver forgot. */
import { describe, expect, it } from 'vitest';
import type { Host } from '../../core/host/host.js';
import { HELD } from '../../core/host/owner.js';
import { removeRecord, theRecord, uidsOf } from '../../core/host/records.js';
import type { Enclave } from '../../core/host/tree.js';
import { noteBefore } from '../../core/invariants/before.js';
import { checkInvariants, sceneOf } from '../../core/invariants/check.js';
import {
  illegalEnclave,
  illegalParentMove,
  lifecycleLegal,
} from '../../core/invariants/lifecycle-legal.js';
import { reserved } from './compound-books.js';
import { firstFree } from './planted-fault.js';
import { PLANTED_FAULTS } from './planted-faults.js';
import { nitroPair, qingtianPair } from './sound-hosts.js';

describe('legal moves asked by parts', () => {
  it('of the parent and of each enclave find what the whole check finds', () => {
    let found = 0;
    for (const { sound, plant } of PLANTED_FAULTS) {
      const host = sound();
      const before = noteBefore(host);
      const broken = plant(host) ?? host;
      for (const scene of [sceneOf(broken, before), sceneOf(broken)]) {
        const uids = new Set([...uidsOf(broken.tree), ...before.enclaves.map(({ uid }) => uid)]);
        const parts = [...uids].flatMap((uid) => illegalEnclave(scene, uid));
        const texts = [...illegalParentMove(scene), ...parts].map(({ message }) => message);
        const whole = (lifecycleLegal.check(scene) ?? []).map(({ message }) => message);
        expect(texts.sort()).toEqual(whole.sort());
        found += whole.length;
      }
    }
    expect(found).toBeGreaterThan(5);
  });
});

describe('an enclave that is gone', () => {
  it('left from a state of its own surface, or the move is a breach', () => {
    const host = qingtianPair();
    const note = noteBefore(host);
    removeRecord(host.tree, 1);
    const leftFrom = (state: Enclave['state']) => {
      const enclaves = note.enclaves.map((one) => (one.uid === 1 ? { ...one, state } : one));
      const scene = sceneOf(host, { ...note, enclaves });
      return (lifecycleLegal.check(scene) ?? []).map(({ message }) => message);
    };
    expect(leftFrom('running')).toEqual([]);
    expect(leftFrom('RUNNING')).toEqual([
      'enclave 1 went from RUNNING to absent, which no command does',
    ]);
  });
});

describe('a slot that runs on while its driver believes it never started', () => {
  /** Slot 1 of the pair, started by the hypervisor and INIT to the driver. */
  function forgotten(): Host {
    const host = nitroPair();
    theRecord(host.tree, 1).state = 'INIT';
    return host;
  }

  function grown(host: Host, change: (slot: Enclave) => void): readonly string[] {
    const before = noteBefore(host);
    change(theRecord(host.tree, 1));
    const found = lifecycleLegal.check(sceneOf(host, before)) ?? [];
    return found.map(({ message }) => message.replace(/from .*? to .*? /, ''));
  }

  it('keeps the vCPUs, memory and ranges that it was given; a core moved for nothing is not its own', () => {
    const took = (change: (slot: Enclave) => void) => grown(forgotten(), change);
    expect(took(() => {})).toEqual([]);
    expect(took(({ vcpus }) => vcpus.push(9))).toEqual(['running enclave 1 went vcpus']);
    expect(took((slot) => Object.assign(slot, { memoryBytes: 1 }))).toEqual([
      'running enclave 1 went memoryBytes',
    ]);
    expect(took(({ donated }) => donated.push(0, 2 ** 21))).toEqual([
      'running enclave 1 went ranges',
    ]);
    expect(took((slot) => Object.assign(slot, { cores: [] }))).toEqual([]);
  });

  it('may change where the hypervisor did not start it, before or after', () => {
    const change = (slot: Enclave) => Object.assign(slot, { memoryBytes: 1 });
    const never = forgotten();
    theRecord(never.tree, 1).deviceState = 0;
    expect(grown(never, change)).toEqual([]);
    const started = forgotten();
    theRecord(started.tree, 1).deviceState = 0;
    expect(
      grown(started, (slot) => Object.assign(slot, { memoryBytes: 1, deviceState: 2 })),
    ).toEqual([]);
    const stopped = forgotten();
    expect(
      grown(stopped, (slot) => Object.assign(slot, { memoryBytes: 1, deviceState: 0 })),
    ).toEqual([]);
  });

  it('is of any size once it runs no more, and while it does not run yet', () => {
    const idle = { deviceState: 0, cores: [], memoryBytes: 1 } as const;
    const ends = grown(nitroPair(), (slot) => Object.assign(slot, { ...idle, state: 'STOPPED' }));
    expect(ends).toEqual([]);
    const begins = forgotten();
    theRecord(begins.tree, 1).deviceState = 0;
    expect(
      grown(begins, (slot) => Object.assign(slot, { memoryBytes: 1, state: 'RUNNING' })),
    ).toEqual([]);
  });
});

describe('what did not come back', () => {
  it('names no quirk on a platform that has none for it', () => {
    const host = reserved();
    host.memory[0].pools[0].store.allocAt(firstFree(host, 0, 0), 1, HELD);
    const [breach] = checkInvariants(host);
    expect(breach.invariant).toBe('no-leak');
    expect(Object.keys(breach)).not.toContain('quirk');
  });
});
