/**
 * Random Nitro commands, most of them nonsense: no step throws, every refusal is a row of the rule
 * table, and every decision can be undone to the byte.
 */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Answers, Command } from '../../core/host/command.js';
import type { Host } from '../../core/host/host.js';
import type { HypervisorModel } from '../../core/host/hypervisor.js';
import { theRecord, uidsOf } from '../../core/host/records.js';
import { applyUndoable, decide, undo } from '../../core/host/step.js';
import { numberOf } from '../../core/platform/nitro/errors.js';
import { NITRO_RULES } from '../../core/platform/nitro/rules.js';
import { expectSame } from '../expect-same.js';
import { scaledRuns } from '../seed.js';
import { give, nitroHost, readyHost, run } from './nitro-host.js';

const RULES = new Map(NITRO_RULES.map((rule) => [rule.id, rule]));
const OTHER_RULES = new Set(['command-of-profile', 'lifecycle']);
const PAGE = 2 ** 21;
const SEQUENCE = { minLength: 1, maxLength: 40, size: 'max' } as const;

/** Steps accepted and rows met somewhere, or the sequences were too tame. */
const SOMETIMES = [
  'nitro.set-memory',
  'nitro.start',
  'nitro.close',
  'nitro.unmap',
  'nitro.answered',
  'nitro.copy-out',
  'nitro.creator-only',
  'nitro.start-full-cores',
  'nitro.pool-in-use',
];

/** Mostly 3, the enclave that `stocked` has made ready. */
const slot = fc.constantFrom(3, 3, 3, 1, 2, 4);
const mostlyZero = (other: fc.Arbitrary<bigint>) =>
  fc.oneof({ arbitrary: fc.constant(0n), weight: 4 }, other);
const task = fc.constantFrom(0, 0, 0, 1);
const cpu = fc.oneof({ arbitrary: fc.constant(0), weight: 3 }, fc.integer({ min: 0, max: 9 }));
const u64 = fc.constantFrom(0n, 1n, 2n, 3n, 16n, 2n ** 32n - 1n, 2n ** 53n + 1n, 2n ** 64n - 1n);
const fault = fc.constantFrom(undefined, undefined, undefined, 'in', 'out') as fc.Arbitrary<
  'in' | 'out' | undefined
>;
/** Where `map-page` places the first pages. */
const FIRST = 2 ** 44;
const address = fc.constantFrom(FIRST, FIRST + PAGE, FIRST + 2 * PAGE, FIRST + 2 ** 30);

const answers: fc.Arbitrary<Answers | undefined> = fc.option(
  fc
    .tuple(
      fc.constantFrom(
        'SLOT_ALLOC',
        'SLOT_ADD_VCPU',
        'SLOT_ADD_MEM',
        'ENCLAVE_START',
        'ENCLAVE_STOP',
        'SLOT_FREE',
        'SLOT_INFO',
        'CPU_OFFLINE',
        'CPU_ONLINE',
        'GUP',
        'FD',
      ),
      fc.integer({ min: 1, max: 2 }),
      fc.constantFrom(5, 12, 16, 77, 110),
    )
    .map(([kind, nth, errno]) => ({ [kind]: { nth, errno } })),
  { nil: undefined, freq: 6 },
);

function commandOf<K extends Command['kind']>(kind: K, fields: object): fc.Arbitrary<Command> {
  return fc.record({ kind: fc.constant(kind), ...fields }) as unknown as fc.Arbitrary<Command>;
}

const command: fc.Arbitrary<Command> = fc.oneof(
  commandOf('nitro.write-pool', {
    text: fc.constantFrom('1-3,5-7', '1,5', '1,5,2,6', '', '0-7', '1', '9', 'x'),
    capable: fc.constantFrom(true, true, false),
    answers,
  }),
  commandOf('nitro.write-hugepages', {
    node: fc.constantFrom(0, 0, 1),
    pageKib: fc.constantFrom(2048, 2048, 1048576, 4),
    text: fc.constantFrom('0', '2', '40', '9999', '-1', 'x'),
  }),
  { arbitrary: commandOf('nitro.create-vm', { task, fault, answers }), weight: 3 },
  { arbitrary: commandOf('nitro.add-vcpu', { slot, task, cpu, fault, answers }), weight: 6 },
  commandOf('nitro.image-load-info', { slot, flags: u64, fault }),
  {
    arbitrary: commandOf('nitro.set-memory', {
      slot,
      task,
      flags: fc.constantFrom(0n, 0n, 0n, 1n),
      address: address.map(BigInt),
      bytes: fc.constantFrom(PAGE, PAGE, 2 * PAGE, 0, 4096, 2 ** 60).map(BigInt),
      fault,
      answers,
    }),
    weight: 8,
  },
  {
    arbitrary: commandOf('nitro.start', {
      slot,
      cid: mostlyZero(u64),
      flags: mostlyZero(u64),
      fault,
      answers,
    }),
    weight: 6,
  },
  commandOf('nitro.close', { slot, answers }),
  commandOf('nitro.exit-event', { slot, state: fc.constantFrom(0, 2, 65535), answers }),
  commandOf('nitro.poll', { slot }),
  commandOf('nitro.hotplug', { cpu, online: fc.boolean() }),
  commandOf('nitro.unbind', {}),
  commandOf('nitro.bind', {}),
  {
    arbitrary: commandOf('nitro.map-page', { task, pageKib: fc.constantFrom(2048, 1048576) }),
    weight: 6,
  },
  { arbitrary: commandOf('nitro.touch', { address, localNode: fc.constant(0) }), weight: 6 },
  commandOf('nitro.unmap', { address }),
  commandOf('parent.stop', {}),
  { arbitrary: commandOf('parent.boot', {}), weight: 2 },
);

/**
 * Three enclaves, the last ready to start; pages of 2 MiB from `FIRST` on and one of 1 GiB,
 * all touched by their creator.
 */
function stocked(hypervisor: Partial<HypervisorModel>): Host {
  const host = readyHost(4, { hypervisor });
  run(host, { kind: 'nitro.write-hugepages', node: 0, pageKib: 1048576, text: '1' });
  for (const pageKib of [2048, 2048, 1048576]) {
    run(host, { kind: 'nitro.create-vm', task: 0 });
    const { address: at = 0 } = run(host, { kind: 'nitro.map-page', task: 0, pageKib });
    run(host, { kind: 'nitro.touch', address: at, localNode: 0 });
    if (pageKib > 2048) give(host, 3, 0, at);
  }
  for (const cpu of [0, 0]) run(host, { kind: 'nitro.add-vcpu', slot: 3, task: 0, cpu });
  return host;
}

/** Everything of a host that may change, in a form that compares byte for byte. */
function image({ tree, memory }: Host) {
  return { tree: JSON.stringify(tree), stores: memory.map((node) => node.snapshot()) };
}

/** The addresses of a list in the order it should have. */
function ascending(list: readonly { readonly address: number }[]): number[] {
  return list.map(({ address }) => address).sort((a, b) => a - b);
}

describe('random command sequences', () => {
  it.each(['isolating', 'permissive'] as const)(
    '%s: rows, return values, undo',
    (kind) => {
      const hypervisor = { kind, maxRanges: 3 };
      const reached = new Set<string>();
      fc.assert(
        fc.property(fc.array(command, SEQUENCE), fc.boolean(), (commands, ready) => {
          const host = ready ? stocked(hypervisor) : nitroHost({ hypervisor });
          for (const next of commands) {
            const decision = decide(host, next);
            const { refusal, facts } = decision;
            if (refusal !== undefined && !OTHER_RULES.has(refusal.rule)) {
              const row = RULES.get(refusal.rule);
              expect(row?.remedy).toBe(refusal.remedy);
              if (row !== undefined && row.codes.length > 0) {
                expect(refusal.codes).toEqual(row.codes);
              }
              const number = numberOf(refusal.codes.at(-1) ?? '');
              if (number !== undefined && facts.release === undefined) {
                expect(facts.rc).toBe(-number);
              }
            }
            reached.add(refusal?.rule ?? next.kind);
            const before = image(host);
            undo(host, applyUndoable(host, decision.effects));
            expectSame(image(host), before);
            applyUndoable(host, decision.effects);
          }
          expect(host.memory.flatMap((node) => node.verifyIndex())).toEqual([]);
        }),
        { numRuns: scaledRuns(150) },
      );
      for (const outcome of SOMETIMES) expect(reached).toContain(outcome);
    },
    120_000,
  );

  it('frames and threads add up after every command, and no page is given back unscrubbed', () => {
    fc.assert(
      fc.property(fc.array(command, SEQUENCE), (commands) => {
        const host = stocked({});
        for (const next of commands) {
          applyUndoable(host, decide(host, next).effects);
          const { tree, memory } = host;
          expect(tree.dirty).toEqual([]);
          const promised = host.topology.pageSizesKib.map(
            (_, size) => tree.mappings.filter((m) => m.size === size && m.runs.length === 0).length,
          );
          expect(tree.promised).toEqual(promised);
          for (const list of [
            tree.mappings,
            ...uidsOf(tree).map((uid) => theRecord(tree, uid).regions),
          ]) {
            expect(list.map(({ address }) => address)).toEqual(ascending(list));
          }
          const held = [...tree.pool.avail, ...uidsOf(tree).flatMap(coresOf(host))].flat();
          expect(new Set(held).size).toBe(held.length);
          for (const { base } of memory) {
            const frames = [...base.extents()].reduce((sum, extent) => sum + extent.frames, 0);
            expect(frames).toBe(base.frames);
          }
        }
      }),
    );
  });
});

function coresOf({ tree }: Host) {
  return (uid: number) => theRecord(tree, uid).cores.map(({ cpus }) => cpus);
}
