/** Which memory the isolating hypervisor takes: page by page, of the pools and outside them. */
import { describe, expect, it } from 'vitest';
import { theRecord } from '../../core/host/records.js';
import { NITRO_RULES } from '../../core/platform/nitro/rules.js';
import type { Outcome } from '../../core/platform/rule.js';
import { give, type nitroHost, readyHost, run, touchedPages } from './nitro-host.js';
import { hypervisorRefuses } from './nitro-provoked.js';

const PAGE = 2 * 1024 * 1024;
const BASE = 2 ** 45;
const OUTSIDE = 2 ** 40;
const CREATE = { kind: 'nitro.create-vm', task: 1 } as const;

/** A page of 2 MiB by number, asked for by a slot of task 1; what refuses it and where. */
function asked(host: ReturnType<typeof nitroHost>, slot: number, first: number, pages: number) {
  const at = { phys: first * PAGE, bytes: pages * PAGE };
  const refusal = hypervisorRefuses(host, { kind: 'SLOT_ADD_MEM', slot, task: 1, ...at });
  return refusal && [refusal.rule.replace('nitro.hypervisor-', ''), refusal.numbers];
}

describe('memory of the pools', () => {
  /** Pages 0 to 5: 0 and 4 of slot 1, 1, 2, 3 and 5 of task 1. */
  function shared() {
    const host = readyHost(8);
    run(host, CREATE);
    run(host, CREATE);
    const addresses = touchedPages(host, 1, 6);
    for (const page of [0, 4]) expect(give(host, 1, 1, addresses[page]).rc).toBe(0);
    expect(theRecord(host.tree, 1).donated).toEqual([0, PAGE, 4 * PAGE, PAGE]);
    return host;
  }

  it('is looked at page by page up to its end, and no further', () => {
    const host = shared();
    expect([asked(host, 2, 1, 3), asked(host, 2, 5, 1), asked(host, 2, 3, 1)]).toEqual([
      ...[undefined, undefined, undefined],
    ]);
    const taken = (phys: number, pages: number) => [
      'memory-shared',
      { phys: phys * PAGE, bytes: pages * PAGE, owner: 1 },
    ];
    expect(asked(host, 2, 0, 1)).toEqual(taken(0, 1));
    expect(asked(host, 2, 2, 3)).toEqual(taken(2, 3));
    expect(asked(host, 2, 1, 5)).toEqual(taken(1, 5));
  });

  it('that the slot has already is not another’s, yet no longer the task’s to give', () => {
    expect(asked(shared(), 1, 4, 1)?.[0]).toBe('memory-owner');
  });

  it('that nobody mapped stops at the first page that the task does not hold', () => {
    const host = shared();
    expect(asked(host, 2, 5, 2)).toEqual(['memory-owner', { phys: 6 * PAGE, owner: 0 }]);
    expect(asked(host, 2, 3, 5)?.[0]).toBe('memory-shared');
    expect(asked(host, 2, 100, 1)).toEqual(['memory-owner', { phys: 100 * PAGE, owner: -1 }]);
  });
});

describe('memory outside the stores', () => {
  it('is nobody’s until an enclave has it: then no other gets a byte of it, before or behind', () => {
    const host = readyHost(0);
    run(host, CREATE);
    run(host, CREATE);
    const foreign = { task: 1, address: BASE, pageBytes: PAGE, huge: true, node: 0 };
    run(host, { kind: 'nitro.map-foreign', ...foreign, runs: [[OUTSIDE + 2 * PAGE, 2]] });
    const region = { slot: 1, task: 1, flags: 0n, address: BigInt(BASE), bytes: BigInt(2 * PAGE) };
    expect(run(host, { kind: 'nitro.set-memory', ...region }).rc).toBe(0);
    expect(theRecord(host.tree, 1).donated).toEqual([OUTSIDE + 2 * PAGE, 2 * PAGE]);
    const first = OUTSIDE / PAGE;
    const owners = (pages: number) =>
      [0, 1, 2, 3, 4, 5].map((page) => {
        const [rule, numbers] = asked(host, 2, first + page, pages) ?? [];
        return rule === 'memory-shared' ? (numbers as { owner: number }).owner : rule;
      });
    const free = undefined;
    expect(owners(1)).toEqual([free, free, 1, 1, free, free]);
    expect(owners(2)).toEqual([free, 1, 1, 1, free, free]);
    expect(owners(4)).toEqual([1, 1, 1, 1, free, free]);
    expect(asked(host, 1, first + 2, 1)).toBeUndefined();
  });
});

describe('the range of user memory', () => {
  it('goes up to its last byte, whatever the size', () => {
    const LIMIT = 0x7fff_ffff_f000n;
    const row = NITRO_RULES.find(({ id }) => id === 'nitro.memory-user-range');
    const check = row?.check as ((context: unknown) => Outcome) | undefined;
    const verdict = (address: bigint, bytes: bigint) =>
      check?.({ command: { address, bytes } }).verdict;
    expect([verdict(LIMIT - 4096n, 4096n), verdict(LIMIT - 4095n, 4096n)]).toEqual([
      ...['pass', 'refuse'],
    ]);
    expect([verdict(0n, LIMIT), verdict(0n, LIMIT + 1n), verdict(0n, 2n ** 64n)]).toEqual([
      ...['pass', 'refuse', 'refuse'],
    ]);
  });
});
