/**
 * What the Nitro profile says about itself: the rows each command meets, its options, and what it
 * guarantees, each held against what the steps really do.
 */
import { describe, expect, it } from 'vitest';
import type { Command } from '../../core/host/command.js';
import type { Host } from '../../core/host/host.js';
import { theRecord } from '../../core/host/records.js';
import { runInPlace } from '../../core/host/step.js';
import { ANSWERED } from '../../core/platform/nitro/answered.js';
import { NITRO_GUARANTEES } from '../../core/platform/nitro/guarantees.js';
import { nitroProfile } from '../../core/platform/nitro/profile.js';
import { launch, nitroHost, readyHost, run, touchedPages } from './nitro-host.js';

/** A host with an open slot 1 of task 1 and a touched page. */
function open() {
  const host = readyHost(40);
  run(host, { kind: 'nitro.create-vm', task: 1 });
  const [address] = touchedPages(host, 1, 1);
  return { host, address };
}

/** Ids without the profile's prefix, in the order told. */
function rowsMet(host: Host, command: Command): string[] | undefined {
  return host.profile.diagnose(host, command)?.map(({ rule }) => rule.replace('nitro.', ''));
}

const ASKED = [
  ...['device-bound', 'hypervisor-slots', 'hypervisor-slot-started', 'hypervisor-vcpu-owner'],
  ...['hypervisor-vcpu-offline', 'hypervisor-core-free', 'hypervisor-memory-shared'],
  ...['hypervisor-memory-owner', 'hypervisor-cid', 'hypervisor-one-node', 'answered'],
];
const FILE = ['parent-running', 'open-file'];

describe('the rows a command meets, in the order the driver looks', () => {
  const { host, address } = open();
  const page = { flags: 0n, address: BigInt(address), bytes: 2n ** 21n };
  it.each([
    [
      { kind: 'nitro.write-hugepages', node: 0, pageKib: 2048, text: '4' },
      ['parent-running', 'hugepages-file', 'hugepages-number', 'hugepages-count'],
    ],
    [
      { kind: 'nitro.create-vm', task: 1 },
      ['parent-running', 'parent-type', 'create-needs-core', ...ASKED, 'copy-out'],
    ],
    [
      { kind: 'nitro.add-vcpu', slot: 1, task: 1, cpu: 0 },
      [
        ...FILE,
        'copy-in',
        'in-init-state',
        'vcpu-id-range',
        'vcpu-not-used',
        'vcpu-in-pool',
        'vcpu-left-in-pool',
        'vcpu-core-index',
        'creator-only',
        ...ASKED,
        'copy-out',
      ],
    ],
    [
      { kind: 'nitro.image-load-info', slot: 1, flags: 1n },
      [...FILE, 'copy-in', 'in-init-state', 'image-flags', 'copy-out'],
    ],
    [
      { kind: 'nitro.set-memory', slot: 1, task: 1, ...page },
      [
        ...FILE,
        'copy-in',
        'memory-flags',
        'in-init-state',
        'creator-only',
        'memory-size',
        'memory-alignment',
        'memory-user-range',
        'memory-not-overlapping',
        'memory-page-array',
        'page-mapped',
        'page-huge',
        'page-size',
        'page-node',
        'page-alignment',
        'memory-max-ranges',
        ...ASKED,
      ],
    ],
    [
      { kind: 'nitro.start', slot: 1, cid: 0n, flags: 0n },
      [
        ...FILE,
        'copy-in',
        'start-flags',
        'start-cid',
        'in-init-state',
        'start-has-memory',
        'start-min-memory',
        'start-has-vcpu',
        'start-full-cores',
        ...ASKED,
        'copy-out',
      ],
    ],
    [{ kind: 'nitro.close', slot: 1 }, FILE],
    [{ kind: 'nitro.poll', slot: 1 }, FILE],
    [
      { kind: 'nitro.hotplug', cpu: 1, online: false },
      ['parent-running', 'cpu-present', 'cpu-last-online', 'hypervisor-cpu-donated', 'answered'],
    ],
    [
      { kind: 'nitro.map-page', task: 1, pageKib: 2048 },
      ['parent-running', 'map-page-size', 'map-page-available'],
    ],
    [
      { kind: 'nitro.touch', address, localNode: 0 },
      ['parent-running', 'touch-mapped', 'touch-page'],
    ],
    [{ kind: 'nitro.unmap', address }, ['parent-running', 'unmap-mapped']],
    [{ kind: 'nitro.bind' }, ['parent-running']],
  ] as const satisfies [Command, readonly string[]][])('$kind', (command, rows) => {
    expect(rowsMet(host, command)).toEqual(rows);
  });

  it('a pool write: the writer, the text, the CPUs, the room for the text', () => {
    const writing = { kind: 'nitro.write-pool', text: '1,5' } as const;
    const rows = [
      ...['parent-running', 'parent-type', 'pool-capability', 'pool-in-use', 'pool-syntax'],
      ...['pool-id-range', 'pool-number-size', 'pool-not-empty', 'pool-online', 'pool-node-known'],
      ...['pool-one-node', 'pool-not-cpu0', 'pool-not-cpu0-sibling', 'pool-full-cores'],
      ...['pool-text-length', 'answered'],
    ];
    expect(rowsMet(nitroHost(), writing)).toEqual(rows);
  });

  it('a command that is not of this driver meets none', () => {
    expect(rowsMet(host, { kind: 'parent.stop' })).toBeUndefined();
    expect(rowsMet(host, { kind: 'vm.terminate', uid: 0 })).toBeUndefined();
  });
});

describe('verdicts', () => {
  const verdictsOf = (host: Host, command: Command) =>
    new Map(
      host.profile
        .diagnose(host, command)
        ?.map(({ rule, outcome }) => [rule.replace('nitro.', ''), outcome]),
    );

  it('CPUs of the old pool count as online, since the write gives them back first', () => {
    const host = readyHost(0);
    const verdicts = verdictsOf(host, { kind: 'nitro.write-pool', text: '1-3,5-7' });
    expect([...verdicts.values()].filter(({ verdict }) => verdict === 'refuse')).toEqual([]);
    expect(verdicts.get('pool-online')).toEqual({ verdict: 'pass' });
  });

  it('behind a refusal only what was not looked at is open, and it names the refusal', () => {
    const { host } = open();
    const verdicts = verdictsOf(host, { kind: 'nitro.start', slot: 1, cid: 0n, flags: 0n });
    expect(verdicts.get('start-full-cores')?.verdict).toBe('pass');
    expect(verdicts.get('start-has-vcpu')?.verdict).toBe('refuse');
    expect(verdicts.get('hypervisor-cid')).toEqual({
      verdict: 'not-applicable',
      reason: 'looks at what comes after the refusal by nitro.start-has-memory',
    });
  });

  const refusing = (host: Host, command: Command) =>
    [...verdictsOf(host, command)].flatMap(([rule, { verdict }]) =>
      verdict === 'refuse' ? [rule] : [],
    );

  it('every row that looks at the state alone is judged, also behind the refusal', () => {
    const { host } = open();
    const written = { kind: 'nitro.write-pool', text: '0,1', capable: false } as const;
    expect(refusing(host, written)).toEqual([
      ...['pool-capability', 'pool-in-use', 'pool-not-cpu0', 'pool-not-cpu0-sibling'],
      'pool-full-cores',
    ]);
    expect(verdictsOf(host, written).get('parent-type')?.verdict).toBe('not-applicable');
    const small = { slot: 1, task: 2, flags: 1n, address: 1n, bytes: 1n };
    expect(refusing(host, { kind: 'nitro.set-memory', ...small })).toEqual([
      ...['memory-flags', 'creator-only', 'memory-size', 'memory-alignment'],
    ]);
    expect(refusing(host, { kind: 'nitro.add-vcpu', slot: 1, task: 2, cpu: 99 })).toEqual([
      ...['vcpu-id-range', 'vcpu-in-pool', 'creator-only'],
    ]);
    const slot = launch(host, 1);
    const info = { kind: 'nitro.image-load-info', slot, flags: 9n } as const;
    expect(refusing(host, info)).toEqual(['in-init-state', 'image-flags']);
    const present = verdictsOf(host, { kind: 'nitro.hotplug', cpu: 99, online: false });
    expect(
      ['cpu-present', 'cpu-last-online', 'answered'].map((row) => present.get(row)?.verdict),
    ).toEqual([...['refuse', 'pass', 'not-applicable']]);
    const absent = verdictsOf(host, { kind: 'nitro.hotplug', cpu: 99, online: true });
    expect(absent.get('hypervisor-cpu-donated')?.verdict).toBe('pass');
  });

  it('a text that names no CPU says so of each row about CPUs but the one for that', () => {
    const verdicts = verdictsOf(nitroHost(), { kind: 'nitro.write-pool', text: '\n' });
    expect(verdicts.get('pool-not-empty')?.verdict).toBe('refuse');
    for (const row of ['pool-online', 'pool-node-known', 'pool-one-node', 'pool-full-cores']) {
      const reason = 'no CPU is named';
      expect(verdicts.get(row)).toEqual({ verdict: 'not-applicable', reason });
    }
    expect(verdicts.get('pool-text-length')?.verdict).toBe('pass');
  });

  it('nothing of the driver works while the parent does not run', () => {
    const { host, address } = open();
    run(host, { kind: 'parent.stop' });
    const page = { flags: 0n, address: BigInt(address), bytes: 2n ** 21n };
    const foreign = { task: 1, address: 0, pageBytes: 4096, huge: false, node: 0, runs: [] };
    const commands: readonly Command[] = [
      { kind: 'nitro.write-pool', text: '' },
      { kind: 'nitro.write-hugepages', node: 0, pageKib: 2048, text: '1' },
      { kind: 'nitro.create-vm', task: 1 },
      { kind: 'nitro.add-vcpu', slot: 1, task: 1, cpu: 0 },
      { kind: 'nitro.image-load-info', slot: 1, flags: 1n },
      { kind: 'nitro.set-memory', slot: 1, task: 1, ...page },
      { kind: 'nitro.start', slot: 1, cid: 0n, flags: 0n },
      { kind: 'nitro.close', slot: 1 },
      { kind: 'nitro.exit-event', slot: 1, state: 2 },
      { kind: 'nitro.poll', slot: 1 },
      { kind: 'nitro.hotplug', cpu: 1, online: true },
      { kind: 'nitro.unbind' },
      { kind: 'nitro.bind' },
      { kind: 'nitro.map-foreign', ...foreign },
      { kind: 'nitro.map-page', task: 1, pageKib: 2048 },
      { kind: 'nitro.touch', address, localNode: 0 },
      { kind: 'nitro.unmap', address },
    ];
    for (const command of commands) {
      const { effects, refusal } = runInPlace(host, command);
      expect([command.kind, refusal?.rule, effects]).toEqual([
        ...[command.kind, 'nitro.parent-running', []],
      ]);
    }
  });

  it('a CPU that is named and not there is no lack of CPUs', () => {
    const { host } = open();
    const verdicts = verdictsOf(host, { kind: 'nitro.add-vcpu', slot: 1, task: 1, cpu: 4 });
    expect([...verdicts].filter(([, { verdict }]) => verdict === 'refuse')).toHaveLength(1);
    expect(verdicts.get('vcpu-in-pool')?.verdict).toBe('refuse');
    expect(verdicts.get('vcpu-core-index')?.verdict).toBe('pass');
  });

  it('a slot without an open file: no row behind that one is looked at', () => {
    const adding = { kind: 'nitro.add-vcpu', slot: 9, task: 1, cpu: 0 } as const;
    const verdicts = verdictsOf(open().host, adding);
    expect([...verdicts.values()].map(({ verdict }) => verdict)).toEqual([
      ...['pass', 'refuse'],
      ...Array(verdicts.size - 2).fill('not-applicable'),
    ]);
    expect([...verdicts.keys()]).toEqual(rowsMet(open().host, { ...adding, slot: 1 }));
  });

  it('a step that passed has got beyond every row', () => {
    const { host } = open();
    const verdicts = verdictsOf(host, { kind: 'nitro.add-vcpu', slot: 1, task: 1, cpu: 0 });
    expect([...verdicts.values()].every(({ verdict }) => verdict === 'pass')).toBe(true);
  });

  it('a failed request is judged by the answer alone, never by the state', () => {
    expect(ANSWERED.check({}).verdict).toBe('not-applicable');
    const { host } = open();
    const answers = { SLOT_FREE: { nth: 1, errno: 16 } };
    const verdicts = verdictsOf(host, { kind: 'nitro.close', slot: 1, answers });
    expect([...verdicts.keys()]).toEqual([...FILE, 'answered']);
    expect(verdicts.get('answered')).toMatchObject({
      verdict: 'refuse',
      numbers: { call: 'SLOT_FREE', errno: 16 },
    });
  });
});

describe('options', () => {
  const resolve = nitroProfile().resolveOptions;

  it('the allocator script is 1.5.0 unless the older one is named', () => {
    expect(resolve({})).toEqual({ options: { allocator: '1.5.0' } });
    expect(resolve({ allocator: 'before-313' })).toEqual({ options: { allocator: 'before-313' } });
  });

  it.each([
    [{ allocator: '2.0' }, 'option allocator is 2.0; allowed: 1.5.0, before-313'],
    [{ scrub: true }, 'option scrub is unknown; known: allocator'],
    [{ toString: 'x' }, 'option toString is unknown; known: allocator'],
  ])('%j is refused', (named, problem) => {
    expect(resolve(named)).toEqual({ problems: [problem] });
  });
});

describe('a host that is described without them', () => {
  it('is in any region, under the isolating hypervisor', () => {
    const { parentDefaults, hypervisor, id, title, platform } = nitroProfile();
    expect(parentDefaults).toEqual({ region: 'any' });
    expect(hypervisor.kind).toBe('isolating');
    expect([platform, id, title.startsWith(id)]).toEqual(['nitro', 'nitro@cli-1.5.0', true]);
  });
});

describe('guarantees', () => {
  it('CIDs: exactly those reserved are refused by START, the parent has one of them', () => {
    const { reservedCids, parentCid } = NITRO_GUARANTEES;
    const refused = [1, 2, 3, 4, 5, 0xffff_fffe, 0xffff_ffff].filter((cid) => {
      const host = readyHost(32);
      const slot = launch(host, 1, 32, BigInt(cid));
      return theRecord(host.tree, slot).state !== 'RUNNING';
    });
    // 0 asks for one, and nobody runs with it.
    expect(reservedCids).toEqual([0, ...refused]);
    expect(parentCid).toBe(3);
  });

  it('caps: the hypervisor limits the number of enclaves, the driver the least memory', () => {
    const host = readyHost(64);
    const { maxEnclaves, minMemoryMib } = NITRO_GUARANTEES.caps(host);
    expect(maxEnclaves).toBe(host.hypervisor.maxEnclaves);
    const slots = [31, 32].map((pages) => launch(host, 1, pages));
    expect(slots.map((slot) => theRecord(host.tree, slot).state)).toEqual(['INIT', 'RUNNING']);
    expect(theRecord(host.tree, slots[1]).memoryBytes).toBe((minMemoryMib ?? 0) * 1024 * 1024);
    const permissive = nitroHost({ hypervisor: { kind: 'permissive' } });
    expect(NITRO_GUARANTEES.caps(permissive)).toEqual({ minMemoryMib });
  });

  it('the parent keeps CPU 0, whole cores move, all of an enclave is on one node', () => {
    const { parentFloor, wholeCores, numaLocal, surface, pinLeak } = NITRO_GUARANTEES;
    const host = nitroHost({ nodes: 2 });
    expect(parentFloor?.(host)).toEqual({ vcpus: 1, memoryMib: 0 });
    expect([wholeCores, numaLocal, surface, pinLeak?.quirk]).toEqual([
      ...[true, true, 'driverSlot', 'pin-leak'],
    ]);
    for (const text of ['0,4', '1', '1,5,9,13']) {
      expect(runInPlace(host, { kind: 'nitro.write-pool', text }).refusal).toBeDefined();
    }
  });

  it('no reservation is written down and no slot asks for anything, so neither is held to it', () => {
    const host = readyHost(32);
    const slot = launch(host, 1, 32);
    expect(host.tree.reservation.memoryMib).toBe(0);
    const nothing = { vcpus: 0, memoryMib: 0, imageBytes: 0 };
    expect(theRecord(host.tree, slot).request).toEqual(nothing);
    expect(NITRO_GUARANTEES.countsReserved).toBe(false);
  });
});
