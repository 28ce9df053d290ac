/**
 * Every refusal of the Nitro steps, provoked once: the row that says it, the code and the layer that
 * a person sees, and the operands it compared, so that a report never has to work out why.
 */
import { describe, expect, it } from 'vitest';
import type { Command } from '../../core/host/command.js';
import { theRecord } from '../../core/host/records.js';
import { runInPlace } from '../../core/host/step.js';
import { NITRO_RULES } from '../../core/platform/nitro/rules.js';
import { give, launch, nitroHost, readyHost, run, touchedPages } from './nitro-host.js';
import {
  AT,
  addVcpu,
  BASE,
  CREATE,
  created,
  foreign,
  hostOf,
  hotplug,
  hypervisorRefuses,
  MIXED,
  memory,
  PAGE,
  type Provoked,
  refusedBy,
  running,
  start,
  writePool,
} from './nitro-provoked.js';
import { PARENT, POOL } from './nitro-provoked-parent.js';

const SLOT: readonly Provoked[] = [
  {
    ...{ rule: 'create-needs-core', codes: ['NE 272'], numbers: { freeCores: 0 } },
    by: () => refusedBy(nitroHost(), CREATE),
  },
  {
    ...{ rule: 'open-file', codes: ['EBADF'], numbers: { slot: 2 } },
    by: () => refusedBy(created(), { kind: 'nitro.poll', slot: 2 }),
  },
  {
    ...{ rule: 'copy-in', codes: ['EFAULT'], numbers: {} },
    by: () => refusedBy(created(), { ...addVcpu(1), fault: 'in' }),
  },
  {
    ...{ rule: 'copy-out', codes: ['EFAULT'], numbers: {} },
    by: () => refusedBy(created(), { ...addVcpu(1), fault: 'out' }),
  },
  {
    ...{ rule: 'in-init-state', codes: ['NE 270'], numbers: { state: 'RUNNING' } },
    by: () => refusedBy(running(), addVcpu(2)),
  },
  {
    ...{ rule: 'creator-only', codes: ['EIO'], numbers: { task: 2, creator: 1 } },
    by: () => refusedBy(created(), addVcpu(1, 2)),
  },
  {
    ...{ rule: 'image-flags', codes: ['NE 274'], numbers: { flags: '2' } },
    by: () => refusedBy(created(), { kind: 'nitro.image-load-info', slot: 1, flags: 2n }),
  },
  {
    ...{ rule: 'vcpu-id-range', codes: ['NE 271'], numbers: { cpu: 8, bound: 8 } },
    by: () => refusedBy(created(), addVcpu(7), addVcpu(8)),
  },
  {
    ...{ rule: 'vcpu-not-used', codes: ['NE 256'], numbers: { cpu: 1 } },
    by: () => refusedBy(created(), addVcpu(1), addVcpu(1)),
  },
  {
    ...{ rule: 'vcpu-in-pool', codes: ['NE 257'], numbers: { cpu: 4 } },
    by: () => refusedBy(created(), addVcpu(4)),
  },
  {
    ...{ rule: 'vcpu-left-in-pool', codes: ['NE 272'], numbers: { freeCores: 0 } },
    by: () => refusedBy(created(), ...[1, 2, 3, 4, 5, 6].map(() => addVcpu(0)), addVcpu(0)),
  },
  {
    ...{ rule: 'vcpu-core-index', codes: ['NE 258'], numbers: { index: 2, parentCores: 2 } },
    by: () =>
      refusedBy(hostOf(MIXED), writePool('1-4'), CREATE, ...[1, 2, 3, 4].map(() => addVcpu(0))),
  },
  {
    ...{ rule: 'start-flags', codes: ['NE 274'], numbers: { flags: '2' } },
    by: () => refusedBy(created(), start(1, 1n, 2n)),
  },
  {
    ...{ rule: 'start-cid', codes: ['NE 275'], numbers: { cid: '3' } },
    by: () => refusedBy(created(), start(1, 3n)),
  },
  {
    ...{ rule: 'start-has-memory', codes: ['NE 266'], numbers: { ranges: 0 } },
    by: () => refusedBy(created(), addVcpu(0), start()),
  },
  {
    ...{ rule: 'start-min-memory', codes: ['NE 268'] },
    numbers: { memoryBytes: PAGE, minMemoryBytes: 32 * PAGE },
    by: () => refusedBy(created(), foreign(), memory(BASE, PAGE), start()),
  },
  {
    ...{ rule: 'start-has-vcpu', codes: ['NE 267'], numbers: { vcpus: 0 } },
    by: () => refusedBy(created(), foreign([[AT, 32]]), memory(BASE, 32 * PAGE), start()),
  },
  {
    ...{ rule: 'start-full-cores', codes: ['NE 269'], numbers: { cpu: 6 } },
    by: () =>
      refusedBy(
        created(),
        ...[foreign([[AT, 32]]), memory(BASE, 32 * PAGE)],
        ...[addVcpu(1), addVcpu(5), addVcpu(2), start()],
      ),
  },
  {
    ...{ rule: 'answered', codes: ['EMFILE'], numbers: { call: 'FD', errno: 24 } },
    by: () => refusedBy(created(), { ...CREATE, answers: { FD: { nth: 1, errno: 24 } } }),
  },
  {
    ...{ rule: 'answered', codes: ['EIO'], numbers: { call: 'ANON_INODE', errno: 5 } },
    by: () => refusedBy(created(), { ...CREATE, answers: { ANON_INODE: { nth: 1, errno: 5 } } }),
  },
  {
    ...{ rule: 'answered', codes: ['EBUSY'], layer: 'hypervisor' },
    numbers: { call: 'SLOT_ALLOC', errno: 16 },
    by: () => refusedBy(created(), { ...CREATE, answers: { SLOT_ALLOC: { nth: 1, errno: 16 } } }),
  },
  {
    ...{ rule: 'answered', codes: ['ETIMEDOUT'], layer: 'hypervisor' },
    numbers: { call: 'ENCLAVE_STOP', errno: 110 },
    by: () => {
      const answers = { ENCLAVE_STOP: { nth: 1, errno: 110 } };
      return refusedBy(running(), { kind: 'nitro.close', slot: 1, answers });
    },
  },
];

const MEMORY: readonly Provoked[] = [
  {
    ...{ rule: 'memory-flags', codes: ['NE 274'], numbers: { flags: '1' } },
    by: () => refusedBy(created(), memory(1, 1, 1n, 2)),
  },
  {
    ...{ rule: 'memory-size', codes: ['NE 259'], numbers: { bytes: '2097153' } },
    by: () => refusedBy(created(), memory(1, PAGE + 1)),
  },
  {
    ...{ rule: 'memory-alignment', codes: ['NE 261'], numbers: { address: '0x201000' } },
    by: () => refusedBy(created(), memory(0x201000, PAGE)),
  },
  {
    ...{ rule: 'memory-user-range', codes: ['NE 260'] },
    numbers: { address: '0x8000000000000000', bytes: '2097152' },
    by: () => refusedBy(created(), memory(2n ** 63n, PAGE)),
  },
  {
    ...{ rule: 'memory-not-overlapping', codes: ['NE 262'] },
    numbers: { address: BASE, bytes: 2 * PAGE },
    by: () =>
      refusedBy(
        created(),
        ...[foreign([[AT, 3]]), memory(BASE, 2 * PAGE), memory(BASE + PAGE, 2 * PAGE)],
      ),
  },
  {
    ...{ rule: 'memory-page-array', codes: ['ENOMEM'], numbers: { bytes: '0' } },
    by: () => refusedBy(created(), memory(BASE, 0)),
  },
  {
    ...{ rule: 'page-mapped', codes: ['EFAULT'], numbers: { address: BASE + PAGE } },
    by: () => refusedBy(created(), foreign(), memory(BASE, 2 * PAGE)),
  },
  {
    ...{ rule: 'page-huge', codes: ['NE 263'], numbers: { phys: AT } },
    by: () => refusedBy(created(), foreign(undefined, { huge: false }), memory(BASE, PAGE)),
  },
  {
    ...{ rule: 'page-size', codes: ['NE 273'], numbers: { phys: AT, bytes: 65_536 } },
    by: () => refusedBy(created(), foreign(undefined, { pageBytes: 65_536 }), memory(BASE, PAGE)),
  },
  {
    ...{ rule: 'page-node', codes: ['NE 264'], numbers: { node: 1, poolNode: 0 } },
    by: () => refusedBy(created(), foreign(undefined, { node: 1 }), memory(BASE, PAGE)),
  },
  {
    ...{ rule: 'page-alignment', codes: ['EINVAL'], numbers: { phys: AT + 4096 } },
    by: () => refusedBy(created(), foreign([[AT + 4096, 1]]), memory(BASE, PAGE)),
  },
  {
    ...{ rule: 'memory-max-ranges', codes: ['NE 265'] },
    numbers: { had: 1, ranges: 2, maxRanges: 2 },
    by: () =>
      refusedBy(
        created(2),
        foreign([0, 2, 4].map((page) => [AT + page * PAGE, 1] as const)),
        ...[memory(BASE, PAGE), memory(BASE + PAGE, 2 * PAGE)],
      ),
  },
];

const HYPERVISOR: readonly Omit<Provoked, 'layer'>[] = [
  {
    ...{ rule: 'hypervisor-slots', codes: ['ENOSPC'], numbers: { enclaves: 4, maxEnclaves: 4 } },
    by: () => refusedBy(readyHost(0), CREATE, CREATE, CREATE, CREATE, CREATE),
  },
  {
    ...{ rule: 'hypervisor-slot-started', codes: ['EALREADY'], numbers: { slot: 1, cid: 16 } },
    by: () => {
      const answers = { SLOT_INFO: { nth: 1, errno: 5 } };
      const event = { kind: 'nitro.exit-event', slot: 1, state: 2, answers } as const;
      return refusedBy(running(), event, start());
    },
  },
  {
    ...{ rule: 'hypervisor-vcpu-owner', codes: ['EEXIST'], numbers: { cpu: 5, owner: 1 } },
    by: () => {
      const host = running();
      run(host, CREATE);
      return hypervisorRefuses(host, { kind: 'SLOT_ADD_VCPU', slot: 2, cpu: 5 });
    },
  },
  {
    ...{ rule: 'hypervisor-vcpu-offline', codes: ['EAGAIN'], numbers: { cpu: 1 } },
    by: () => refusedBy(readyHost(0), CREATE, hotplug(1, true), addVcpu(1)),
  },
  {
    ...{ rule: 'hypervisor-core-free', codes: ['ENOTEMPTY'], numbers: { cpu: 1, sibling: 5 } },
    by: () => refusedBy(readyHost(0), CREATE, hotplug(5, true), addVcpu(1)),
  },
  {
    ...{ rule: 'hypervisor-core-free', codes: ['ENOTEMPTY'], numbers: { cpu: 5, owner: 1 } },
    by: () => {
      const host = readyHost(0);
      run(host, CREATE);
      run(host, CREATE);
      run(host, addVcpu(1));
      return hypervisorRefuses(host, { kind: 'SLOT_ADD_VCPU', slot: 2, cpu: 5 });
    },
  },
  {
    ...{ rule: 'hypervisor-cid', codes: ['EADDRINUSE'], numbers: { cid: 17, owner: 1 } },
    by: () => {
      const host = readyHost(64);
      launch(host, 1, 32, 17n);
      launch(host, 1, 32, 17n);
      return refusedBy(host, start(2, 17n));
    },
  },
  {
    ...{ rule: 'hypervisor-one-node', codes: ['EXDEV'], numbers: { node: 0, other: 1 } },
    by: () => {
      const host = readyHost(32, { nodes: 2 });
      run(host, CREATE);
      for (const address of touchedPages(host, 1, 32)) give(host, 1, 1, address);
      const rewritten = [{ kind: 'nitro.unbind' }, writePool('9,13'), { kind: 'nitro.bind' }];
      return refusedBy(host, ...(rewritten as Command[]), addVcpu(0), addVcpu(0), start());
    },
  },
  {
    ...{ rule: 'device-bound', codes: ['ENODEV'], numbers: { bound: 0 } },
    by: () => refusedBy(readyHost(0), { kind: 'nitro.unbind' }, CREATE),
  },
];

const all: readonly Provoked[] = [
  ...PARENT,
  ...POOL,
  ...SLOT,
  ...MEMORY,
  ...HYPERVISOR.map((one) => ({
    ...one,
    // The driver finds out by itself that its device is gone.
    layer: one.rule === 'device-bound' ? ('driver' as const) : ('hypervisor' as const),
  })),
];

describe('a refusal names its row, code, layer and operands', () => {
  it.each(all)('$rule', ({ rule, codes, layer = 'driver', numbers, by }) => {
    const row = NITRO_RULES.find(({ id }) => id === `nitro.${rule}`);
    expect(by()).toEqual({
      ...{ rule: `nitro.${rule}`, codes, layer, numbers },
      ...{ message: expect.any(String), remedy: row?.remedy },
    });
  });

  it('memory of another enclave, and pages nobody mapped, by where they lie', () => {
    const host = readyHost(4);
    for (const command of [CREATE, CREATE]) run(host, command);
    const [address] = touchedPages(host, 1, 1);
    expect(give(host, 1, 1, address).rc).toBe(0);
    const [phys] = theRecord(host.tree, 1).donated;
    const shared = runInPlace(host, { ...memory(address, PAGE), slot: 2 });
    expect(shared.refusal).toMatchObject({
      ...{ rule: 'nitro.hypervisor-memory-shared', layer: 'hypervisor', codes: ['EBUSY'] },
      numbers: { phys, bytes: PAGE, owner: 1 },
    });
    run(host, foreign([[100 * PAGE, 1]]));
    const unheld = runInPlace(host, { ...memory(BASE, PAGE), slot: 2 });
    expect(unheld.refusal).toMatchObject({
      ...{ rule: 'nitro.hypervisor-memory-owner', layer: 'hypervisor', codes: ['EACCES'] },
      numbers: { phys: 100 * PAGE, owner: -1 },
    });
  });

  it('these are all the rows there are', () => {
    const provoked = all.map(({ rule }) => `nitro.${rule}`);
    const elsewhere = ['nitro.hypervisor-memory-shared', 'nitro.hypervisor-memory-owner'];
    expect([...new Set([...provoked, ...elsewhere])].sort()).toEqual(
      NITRO_RULES.map(({ id }) => id).sort(),
    );
  });
});
