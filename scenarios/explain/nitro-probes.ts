/**
 * Calls that the Nitro driver refuses, one per rule where a small host can show it.
 *
 * Invariant: each probe changes one thing of a sequence that would be granted. Addresses are those of
 * foreign mappings, so that no page pool is needed.
 */
import type { Command } from '../../core/host/command.js';
import type { HostDescription } from '../../core/host/describe.js';
import { nitroProfile } from '../../core/platform/nitro/profile.js';
import { regularCores } from '../../core/topology/regular.js';
import type { Probe } from './examples.js';

const MIB = 1_048_576;
const ADDRESS = 0x7f00_0000_0000;
/** Where a first page of the host's own pools is mapped. */
const MAPPED = 0x1000_0000_0000;

/** A parent of two nodes with eight threads and 4 GiB each. */
const HOST: HostDescription = {
  profile: nitroProfile(),
  topology: {
    cores: regularCores({ cores: 8, threadsPerCore: 2, numbering: 'adjacent' }),
    nodes: [
      { id: 0, cpus: [0, 1, 2, 3, 4, 5, 6, 7] },
      { id: 1, cpus: [8, 9, 10, 11, 12, 13, 14, 15] },
    ],
    offline: [15],
  },
  memoryMib: [4096, 4096],
};

const pool = (text: string) => ({ kind: 'nitro.write-pool', text }) as const;
const POOL = pool('2-5\n');
const CREATE: Command = { kind: 'nitro.create-vm', task: 0 };
const READY: readonly Command[] = [POOL, CREATE];

interface Mapping {
  readonly pageBytes?: number;
  readonly huge?: boolean;
  readonly node?: number;
  readonly pages?: number;
}

const map = ({ pageBytes = 2 * MIB, huge = true, node = 0, pages = 64 }: Mapping): Command => ({
  kind: 'nitro.map-foreign',
  task: 0,
  address: ADDRESS,
  pageBytes,
  huge,
  node,
  runs: [[0x1_0000_0000, pages]],
});
const memory = (given: { address?: number; bytes?: bigint; flags?: bigint; task?: number }) =>
  ({
    kind: 'nitro.set-memory',
    slot: 1,
    task: given.task ?? 0,
    flags: given.flags ?? 0n,
    address: BigInt(given.address ?? ADDRESS),
    bytes: given.bytes ?? BigInt(64 * MIB),
  }) as const;
const hotplug = (cpu: number, online: boolean) => ({ kind: 'nitro.hotplug', cpu, online }) as const;
const vcpu = (cpu: number, task = 0) => ({ kind: 'nitro.add-vcpu', slot: 1, task, cpu }) as const;
const start = (cid = 0n, flags = 0n) => ({ kind: 'nitro.start', slot: 1, cid, flags }) as const;

const poolProbe = (text: string): Probe => ({ on: HOST, ask: pool(text) });
const memoryProbe = (mapping: Mapping, given: Parameters<typeof memory>[0] = {}): Probe => ({
  on: HOST,
  after: [...READY, map(mapping)],
  ask: memory(given),
});
const startProbe = (after: readonly Command[], ask: Command = start()): Probe => ({
  on: HOST,
  after: [...READY, ...after],
  ask,
});
/** Memory of the first pool's node; forgotten by an unbind, it then takes a core of the other node. */
const ON_TWO_NODES: readonly Command[] = [
  { kind: 'nitro.write-hugepages', node: 0, pageKib: 2048, text: '32' },
  ...Array.from({ length: 32 }, (_, page): Command[] => {
    const address = MAPPED + page * 2 * MIB;
    return [
      { kind: 'nitro.map-page', task: 0, pageKib: 2048 },
      { kind: 'nitro.touch', address, localNode: 0 },
      memory({ address, bytes: BigInt(2 * MIB) }),
    ];
  }).flat(),
  { kind: 'nitro.unbind' },
  pool('8-9\n'),
  { kind: 'nitro.bind' },
  vcpu(0),
  vcpu(0),
];
const FILLED = [map({}), memory({}), vcpu(0), vcpu(0)];

/** A parent of these probes, and what makes slot 1 of it run. */
export const ONE_RUNS = { on: HOST, after: [...READY, ...FILLED, start()] } as const;

export const NITRO_PROBES: readonly Probe[] = [
  { on: HOST, after: [{ kind: 'parent.stop' }], ask: POOL },
  { on: { profile: nitroProfile(), type: 't3.2xlarge' }, ask: POOL },
  { on: HOST, ask: { ...POOL, capable: false } },
  { on: HOST, after: READY, ask: POOL },
  poolProbe('2-\n'),
  poolProbe('99\n'),
  poolProbe('\n'),
  poolProbe('14-15\n'),
  poolProbe('2-3,8-9\n'),
  poolProbe('0-1\n'),
  poolProbe('1\n'),
  poolProbe('2\n'),
  poolProbe(`${'2,'.repeat(300)}3\n`),
  { on: HOST, ask: { ...POOL, answers: { CPU_OFFLINE: { nth: 1, errno: 16 } } } },
  { on: HOST, ask: { kind: 'nitro.write-hugepages', node: 0, pageKib: 2048, text: '-1' } },
  { on: HOST, ask: hotplug(99, true) },
  {
    on: HOST,
    after: [...Array(15).keys()].map((cpu) => hotplug(cpu + 1, false)),
    ask: hotplug(0, false),
  },
  { on: HOST, after: [...READY, vcpu(2)], ask: hotplug(2, true) },
  { on: HOST, after: [...READY, hotplug(2, true)], ask: vcpu(2) },
  { on: HOST, after: [...READY, hotplug(3, true)], ask: vcpu(2) },
  { on: HOST, ask: CREATE },
  { on: HOST, after: [POOL], ask: { kind: 'nitro.create-vm', task: 0, fault: 'out' } },
  { on: HOST, after: [POOL], ask: { ...CREATE, answers: { FD: { nth: 1, errno: 24 } } } },
  { on: HOST, after: [POOL], ask: { ...CREATE, answers: { SLOT_ALLOC: { nth: 1, errno: 110 } } } },
  { on: HOST, after: [POOL, CREATE, CREATE, CREATE, CREATE], ask: CREATE },
  { on: HOST, after: [POOL, { kind: 'nitro.unbind' }], ask: CREATE },
  { on: HOST, ask: vcpu(0) },
  { on: HOST, after: READY, ask: vcpu(99) },
  { on: HOST, after: READY, ask: vcpu(8) },
  { on: HOST, after: [...READY, vcpu(2)], ask: vcpu(2) },
  { on: HOST, after: [...READY, vcpu(0), vcpu(0), vcpu(0), vcpu(0)], ask: vcpu(0) },
  { on: HOST, after: READY, ask: vcpu(0, 7) },
  { on: HOST, after: READY, ask: { ...vcpu(0), fault: 'in' } },
  { on: HOST, after: READY, ask: { kind: 'nitro.image-load-info', slot: 1, flags: 0n } },
  { on: HOST, after: READY, ask: { kind: 'nitro.image-load-info', slot: 1, flags: 9n } },
  memoryProbe({}, { flags: 1n }),
  memoryProbe({}, { task: 7 }),
  memoryProbe({}, { bytes: 3n }),
  memoryProbe({}, { bytes: 0n }),
  memoryProbe({}, { bytes: BigInt(2 * MIB) * 1_000_000n }),
  memoryProbe({}, { address: ADDRESS + 4096 }),
  memoryProbe({}, { address: 0x7fff_ffe0_0000, bytes: BigInt(8 * MIB) }),
  memoryProbe({}, { address: 0x1000_0000_0000 }),
  memoryProbe({ huge: false, pageBytes: 4096, pages: 32_768 }),
  memoryProbe({ pageBytes: 65_536, pages: 2048 }),
  memoryProbe({ node: 1 }),
  { on: HOST, after: [...READY, map({}), memory({})], ask: memory({}) },
  { on: HOST, after: [...READY, map({})], ask: memoryFailing() },
  {
    on: { ...HOST, hypervisor: { maxRanges: 0 } },
    after: [...READY, map({})],
    ask: memory({}),
  },
  startProbe([]),
  startProbe([map({}), memory({ bytes: BigInt(2 * MIB) }), vcpu(0), vcpu(0)]),
  startProbe([map({}), memory({})]),
  startProbe([map({}), memory({}), vcpu(0)]),
  startProbe(FILLED, start(3n)),
  startProbe(FILLED, start(0n, 9n)),
  startProbe([...FILLED, start()], start()),
  startProbe(ON_TWO_NODES),
  startProbe(FILLED, { ...start(), answers: { ENCLAVE_START: { nth: 1, errno: 5 } } }),
  { on: HOST, ask: { kind: 'nitro.map-page', task: 0, pageKib: 2048 } },
  { on: HOST, ask: { kind: 'nitro.map-page', task: 0, pageKib: 4 } },
  { on: HOST, ask: { kind: 'nitro.touch', address: 4096, localNode: 0 } },
  { on: HOST, ask: { kind: 'nitro.unmap', address: 4096 } },
  { on: HOST, ask: { kind: 'nitro.poll', slot: 9 } },
];

function memoryFailing(): Command {
  return { ...memory({}), answers: { SLOT_ADD_MEM: { nth: 1, errno: 12 } } };
}
