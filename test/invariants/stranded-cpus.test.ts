/** A CPU that is offline and that nobody has: when it counts as lost, and what may cause it. */
import { describe, expect, it } from 'vitest';
import type { Command } from '../../core/host/command.js';
import type { Host } from '../../core/host/host.js';
import { theRecord } from '../../core/host/records.js';
import { runInPlace } from '../../core/host/step.js';
import { type Before, noteBefore } from '../../core/invariants/before.js';
import { checkInvariants, sceneOf } from '../../core/invariants/check.js';
import {
  NOBODY_SWITCHED,
  strandedCpus,
  strandedIn,
  strandedSince,
} from '../../core/invariants/stranded-cpus.js';
import type { OfflineCause } from '../../core/platform/guarantees.js';
import { nitroHost, qingtianHost, vmHost } from '../kit/hosts.js';
import { must, nitroPair, qingtianPair, vmPair } from './sound-hosts.js';

const stranded = ({ topology, tree }: Host) => strandedIn(topology, tree);

/** CPUs lost and their quirks, once a change was made by hand. */
function lost(host: Host, change: (host: Host) => void, note: Partial<Before> = {}) {
  const before = { ...noteBefore(host), ...note };
  change(host);
  return strandedCpus(sceneOf(host, before)).map(({ numbers, quirk }) => [numbers.cpu, quirk]);
}

const offline =
  (...cpus: readonly number[]) =>
  ({ tree }: Host) => {
    for (const cpu of cpus) tree.online[cpu] = 0;
  };

describe('a stranded CPU', () => {
  it('is offline, and neither in the pool nor with an enclave, as core or as vCPU', () => {
    const host = qingtianPair();
    expect(stranded(host)).toEqual([]);
    const { cores } = theRecord(host.tree, 0);
    const [{ cpus }] = cores;
    theRecord(host.tree, 0).cores = [];
    expect(stranded(host)).toEqual([]);
    theRecord(host.tree, 0).vcpus = [];
    expect(stranded(host)).toEqual([...cpus]);
    theRecord(host.tree, 1).cores = cores;
    expect(stranded(host)).toEqual([]);
    const [pooled] = host.tree.pool.avail.splice(2, 1, []);
    expect(pooled.length).toBe(2);
    expect(stranded(host)).toEqual([...pooled]);
  });

  it('is none that a boot leaves offline, or that is no CPU of this host', () => {
    const host = nitroHost({ offline: [3] });
    expect(host.tree.online[3]).toBe(0);
    expect(stranded(host)).toEqual([]);
    host.tree.online[2] = 0;
    expect(stranded(host)).toEqual([2]);
    const coreOf = host.topology.coreOf.map((core, cpu) => (cpu === 2 ? -1 : core));
    expect(strandedIn({ ...host.topology, coreOf }, host.tree)).toEqual([]);
  });
});

describe('a CPU is lost', () => {
  it('by a command after which it is stranded, and was not before', () => {
    expect(lost(qingtianPair(), offline(0, 5))).toEqual([
      [0, undefined],
      [5, undefined],
    ]);
    const host = qingtianPair();
    offline(5)(host);
    expect(lost(host, offline(6))).toEqual([[6, undefined]]);
    expect(lost(host, () => {})).toEqual([]);
    offline(5)(host);
    expect(strandedCpus(sceneOf(host))).toEqual([]);
    expect(strandedSince(host, NOBODY_SWITCHED)).toEqual([
      ...[5, 6].map((cpu) => ({
        invariant: 'no-leak',
        message: `CPU ${cpu} is offline, and neither the pool nor an enclave has it`,
        numbers: { cpu },
      })),
    ]);
  });

  it('where it is still stranded after a boot, but not while the parent is down', () => {
    const host = qingtianHost();
    offline(5)(host);
    expect(lost(host, () => {}, { parent: 'stopped' })).toEqual([[5, undefined]]);
    expect(lost(host, () => {}, { parent: 'running' })).toEqual([]);
    host.tree.parent = 'stopped';
    expect(lost(host, () => {}, { parent: 'stopped' })).toEqual([]);
    expect(lost(host, () => {})).toEqual([]);
  });

  it('unless it is the one that an administrator switches off', () => {
    const offlineCause: OfflineCause = { kind: 'switched-off', cpu: 5 };
    expect(lost(qingtianHost(), offline(5), { offlineCause })).toEqual([]);
    expect(lost(qingtianHost(), offline(5, 6), { offlineCause })).toEqual([[6, undefined]]);
  });

  it('by the quirk where a call fails for it, or an enclave has a vCPU on its core', () => {
    const cause = (failing: number): Partial<Before> => ({
      offlineCause: { kind: 'not-given-back', quirk: 'q', failing },
    });
    expect(lost(nitroPair(), offline(1, 2), cause(0))).toEqual([
      [1, undefined],
      [2, undefined],
    ]);
    expect(lost(nitroPair(), offline(1, 2), cause(1))).toEqual([
      [1, 'q'],
      [2, undefined],
    ]);
    const host = nitroPair();
    const enclave = theRecord(host.tree, 1);
    const [kept, dropped] = enclave.cores[0].cpus;
    const change = () => {
      enclave.cores = [];
      enclave.vcpus = [kept];
      offline(1)(host);
    };
    // That one costs no failing call.
    expect(lost(host, change, cause(1))).toEqual([
      [1, 'q'],
      [dropped, 'q'],
    ]);
  });

  it('by the quirk on the core of one vCPU of several', () => {
    const host = nitroPair();
    const enclave = theRecord(host.tree, 1);
    const [kept, dropped] = enclave.cores[0].cpus;
    const change = () => {
      enclave.cores = [];
      enclave.vcpus = [kept, 2];
      offline(2)(host);
    };
    const offlineCause: OfflineCause = { kind: 'not-given-back', quirk: 'q', failing: 0 };
    expect(lost(host, change, { offlineCause })).toEqual([[dropped, 'q']]);
  });
});

describe('what a platform declares', () => {
  const causeOf = (host: Host, command: Command) => noteBefore(host, command).offlineCause;

  it('is noted with the command', () => {
    const off = { kind: 'parent.set-online', cpu: 5, online: false } as const;
    const cause = { kind: 'switched-off', cpu: 5 };
    for (const host of [qingtianHost(), vmHost()]) expect(causeOf(host, off)).toEqual(cause);
    const hotplug = { kind: 'nitro.hotplug', cpu: 5, online: false } as const;
    expect(causeOf(nitroHost(), hotplug)).toEqual(cause);
  });

  it('is noted of no command where none is told', () => {
    expect('offlineCause' in noteBefore(vmPair())).toBe(false);
    expect('offlineCause' in noteBefore(vmPair(), { kind: 'parent.stop' })).toBe(false);
  });
});

describe('what the platforms do with a CPU', () => {
  const found = (host: Host, command: Command) => {
    const before = noteBefore(host, command);
    runInPlace(host, command);
    return checkInvariants(host, before).map(({ message, quirk }) => [message.slice(0, 5), quirk]);
  };

  it('Nitro loses the one that fails to come online, by its quirk alone', () => {
    const answers = { CPU_ONLINE: { nth: 1, errno: 5 } };
    const host = nitroHost();
    must(host, { kind: 'nitro.write-pool', text: '4-7,12-15' });
    expect(found(host, { kind: 'nitro.write-pool', text: '', answers })).toEqual([
      ['CPU 4', 'pool-cpu-stays-offline'],
    ]);
    expect(found(host, { kind: 'nitro.hotplug', cpu: 5, online: false })).toEqual([]);
    expect(found(host, { kind: 'parent.stop' })).toEqual([]);
    expect(stranded(host)).toEqual([4, 5]);
    expect(found(host, { kind: 'parent.boot' })).toEqual([]);
    expect(stranded(host)).toEqual([]);
  });

  it('QingTian loses none, whatever ends', () => {
    const host = qingtianPair();
    expect(found(host, { kind: 'parent.set-online', cpu: 7, online: false })).toEqual([]);
    for (const uid of [0, 1]) expect(found(host, { kind: 'qingtian.stop', uid })).toEqual([]);
    expect(found(host, { kind: 'qingtian.unreserve' })).toEqual([]);
    expect(stranded(host)).toEqual([7]);
  });
});
