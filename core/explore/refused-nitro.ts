/**
 * Calls of Nitro that must be refused: one for each rule that a small host can meet, and that no call
 * of the scopes' own meets.
 *
 * Invariant: on the host of the `refusals` scope each breaks the rule it is named by and no row before
 * it, so that with that row left out it goes on to the next row, or is had. Trade-off: what is tried
 * of a rule is one call, at the edge where that is a number; a refused pool text takes the old pool
 * down all the same (quirk `pool-torn-down-first`), so it leads somewhere, if to no new state.
 */
import type { Command } from '../host/command.js';
import type { Host } from '../host/host.js';
import type { Mapping } from '../host/tree.js';
import { GRANULE_BYTES } from '../platform/nitro/merge.js';
import { meeting, ofEnclave } from './moves.js';
import type { Move } from './scope.js';

/** CPUs 0 to 7, of which 0, 4, 1 and 5 are on node 0, cores being n and n + 4. */
const POOL_TEXTS: readonly (readonly [rule: string, text: string])[] = [
  ['pool-syntax', '2;6'],
  ['pool-id-range', '8'],
  ['pool-number-size', `${2 ** 32}`],
  ['pool-not-empty', ''],
  ['pool-one-node', '1-2,5-6'],
  ['pool-not-cpu0', '0,4'],
  ['pool-not-cpu0-sibling', '1,4-5'],
  ['pool-full-cores', '2-3,6'],
  ['pool-text-length', '2,6,'.repeat(128).slice(0, -1).padEnd(512, ' ')],
];

/** CPUs that no enclave can have. */
const WRONG_CPUS: readonly (readonly [rule: string, cpu: number])[] = [
  ['vcpu-id-range', 8],
  ['vcpu-in-pool', 1],
];

const FAR_ADDRESS = 2 ** 46;

/** Writes and calls that need no enclave. */
export function refusedOfParent(pageKib: number): Move[] {
  const write = { kind: 'nitro.write-hugepages', node: 1, pageKib, text: '1' } as const;
  const refused = (rule: string, command: Command): Move => meeting(rule, command, `nitro.${rule}`);
  return [
    ...POOL_TEXTS.map(([rule, text]) => refused(rule, { kind: 'nitro.write-pool', text })),
    refused('pool-capability', { kind: 'nitro.write-pool', text: '2-3,6-7', capable: false }),
    refused('hugepages-file', { ...write, node: 2 }),
    refused('hugepages-number', { ...write, text: '-1' }),
    refused('hugepages-count', { ...write, text: `${2n ** 64n}` }),
    refused('map-page-size', { kind: 'nitro.map-page', task: 1, pageKib: pageKib / 2 }),
    refused('touch-mapped', { kind: 'nitro.touch', address: FAR_ADDRESS, localNode: 1 }),
    refused('unmap-mapped', { kind: 'nitro.unmap', address: FAR_ADDRESS }),
  ];
}

/** Calls on the enclave at a place, by the task that made it. */
export function refusedOfEnclave(place: number): Move[] {
  const task = place + 1;
  const call = (
    rule: string,
    command: (slot: number, host: Host) => Command | undefined,
  ): Move => ({
    label: `against ${rule} by task ${task}`,
    meets: `nitro.${rule}`,
    command: ofEnclave(place, command),
  });
  const give = (rule: string, other: (mapping: Mapping) => Partial<Given>): Move =>
    call(rule, (slot, { tree }) => {
      const [mapping] = tree.mappings;
      if (mapping === undefined || mapping.task !== task) return undefined;
      const { address, pageBytes } = mapping;
      const whole = { address: BigInt(address), bytes: BigInt(pageBytes), flags: 0n };
      return { kind: 'nitro.set-memory', slot, task, ...whole, ...other(mapping) };
    });
  return [
    ...WRONG_CPUS.map(([rule, cpu]) =>
      call(rule, (slot) => ({ kind: 'nitro.add-vcpu', slot, task, cpu })),
    ),
    call('vcpu-not-used', (slot, { tree }) => {
      const cpu = tree.records.find(({ uid }) => uid === slot)?.vcpus[0];
      return cpu === undefined ? undefined : { kind: 'nitro.add-vcpu', slot, task, cpu };
    }),
    call('copy-in', (slot) => ({ kind: 'nitro.add-vcpu', slot, task, cpu: 0, fault: 'in' })),
    call('image-flags', (slot) => ({ kind: 'nitro.image-load-info', slot, flags: 0n })),
    call('start-flags', (slot) => ({ kind: 'nitro.start', slot, cid: 0n, flags: 2n })),
    call('start-cid', (slot) => ({ kind: 'nitro.start', slot, cid: 3n, flags: 0n })),
    give('memory-flags', () => ({ flags: 1n })),
    give('memory-size', ({ pageBytes }) => ({ bytes: BigInt(pageBytes + GRANULE_BYTES / 2) })),
    give('memory-alignment', ({ address }) => ({ address: BigInt(address + GRANULE_BYTES / 2) })),
    give('memory-user-range', () => ({ address: 2n ** 47n })),
    give('memory-page-array', () => ({ bytes: 0n })),
  ];
}

type Given = Pick<
  Extract<Command, { readonly kind: 'nitro.set-memory' }>,
  'address' | 'bytes' | 'flags'
>;
