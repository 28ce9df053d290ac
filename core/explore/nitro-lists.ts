/**
 * The scope in which Nitro's lists disagree: an administrator switches CPUs under the driver, and
 * unbinds its device, by which it forgets enclaves that go on.
 *
 * Here the driver's own checks are got round by its named quirks, so that the isolating hypervisor's
 * stand alone: each of its rows refuses something. Invariant: nobody runs on, or has, what another
 * has; that lists name a CPU twice is no breach. Trade-off: one task has both enclaves and their one
 * page, pages are of one node and what is switched are two threads of one core, else states are
 * too many; no request is refused from below.
 */
import type { Command } from '../host/command.js';
import { nitroProfile } from '../platform/nitro/profile.js';
import { always, ofEnclave } from './moves.js';
import { buildSmallHost, type Move, type Scope, upTo } from './scope.js';

const PAGE_MIB = 64;
const TASK = 1;
const ADDRESS = 2 ** 44;
/** No host here has more CPUs. */
const CPU_IDS = 8;

interface Disorder {
  readonly name: string;
  readonly sentence: string;
  readonly nodes: number;
  readonly enclaves: number;
  readonly pools: readonly string[];
  /** CPUs that the administrator switches. */
  readonly switched: readonly number[];
  /** The driver's device is unbound and bound again. */
  readonly unbinds: boolean;
  /** The page is unmapped, with a region of an enclave on it or none. */
  readonly unmaps: boolean;
}

export const NITRO_LISTS: readonly Scope[] = [
  scopeOf({
    name: 'nitro-switched',
    sentence:
      '1 node, 2 enclaves of one task that unmaps their page, an administrator who switches CPUs of the pool',
    nodes: 1,
    enclaves: 2,
    pools: ['1-2,4-5', '1,4'],
    switched: [0, 1, 3, 4],
    unbinds: false,
    unmaps: true,
  }),
  scopeOf({
    name: 'nitro-unbound',
    sentence: '1 enclave of cores on 2 nodes, the device unbound and bound again',
    nodes: 2,
    enclaves: 1,
    pools: ['2,6', '1,5'],
    switched: [],
    unbinds: true,
    unmaps: false,
  }),
];

function scopeOf({
  name,
  sentence,
  nodes,
  pools,
  switched,
  unbinds,
  unmaps,
  enclaves,
}: Disorder): Scope {
  const node = nodes - 1;
  return {
    name,
    platform: 'nitro',
    sentence,
    size: 'small',
    places: enclaves,
    build: () =>
      buildSmallHost({
        profile: nitroProfile(),
        nodes,
        coresPerNode: nodes === 1 ? 3 : 2,
        threadsPerCore: 2,
        frames: 1,
        frameMib: PAGE_MIB,
      }),
    moves: [
      ...pools.map((text) => always({ kind: 'nitro.write-pool', text }, `"${text}"`)),
      ...switched.flatMap((cpu) =>
        [true, false].map((online) =>
          always({ kind: 'nitro.hotplug', cpu, online }, `CPU ${cpu} ${online ? 'on' : 'off'}line`),
        ),
      ),
      {
        ...always({ kind: 'nitro.hotplug', cpu: CPU_IDS, online: true }, 'against cpu-present'),
        meets: 'nitro.cpu-present',
      },
      ...(unbinds ? [always({ kind: 'nitro.unbind' }), always({ kind: 'nitro.bind' })] : []),
      ...pageMoves(node),
      ...(unmaps ? [always({ kind: 'nitro.unmap', address: ADDRESS })] : []),
      ...upTo(enclaves).flatMap(movesOfPlace),
      always({ kind: 'parent.stop' }),
      always({ kind: 'parent.boot' }),
    ],
    // The task of all enclaves is one, so places do not change theirs with tasks.
    symmetry: { places: false, cids: [] },
    onPaper: true,
    beyond: ['two-run'],
    ...(nodes < 2 ? {} : { idle: [{ node: 0, frames: [0], why: 'the one page is of node 1' }] }),
  };
}

/** The one page: had, mapped, touched. */
function pageMoves(node: number): Move[] {
  const pageKib = PAGE_MIB * 1024;
  return [
    always({ kind: 'nitro.write-hugepages', node, pageKib, text: '1' }),
    {
      label: 'nitro.map-page',
      command: ({ tree }) =>
        tree.mappings.length > 0 ? undefined : { kind: 'nitro.map-page', task: TASK, pageKib },
    },
    always({ kind: 'nitro.touch', address: ADDRESS, localNode: node }),
  ];
}

function movesOfPlace(place: number): Move[] {
  const call = (what: string, command: (slot: number) => Command): Move => ({
    label: `${what} of enclave ${place}`,
    command: ofEnclave(place, command),
  });
  const give = call('set-memory', (slot) => ({
    kind: 'nitro.set-memory',
    slot,
    task: TASK,
    flags: 0n,
    address: BigInt(ADDRESS),
    bytes: BigInt(PAGE_MIB * 1024 * 1024),
  }));
  const start = call('start', (slot) => ({ kind: 'nitro.start', slot, cid: 0n, flags: 0n }));
  return [
    { ...always({ kind: 'nitro.create-vm', task: TASK }), fills: place },
    call('add-vcpu', (slot) => ({ kind: 'nitro.add-vcpu', slot, task: TASK, cpu: 0 })),
    give,
    start,
    call('close', (slot) => ({ kind: 'nitro.close', slot })),
  ];
}
