/**
 * Scenes of QingTian parents: small hosts and what is done on them, until every row that a request can
 * break has been broken.
 *
 * Invariant: a scene is a host row and steps of the acceptance table, so that it could stand there.
 */
import type { QingtianHostRow, StepArguments } from '../../scenarios/conform/qingtian.js';
import { SIXTEEN } from './qingtian-hosts.js';

const MIB = 1_048_576;

type Step = readonly [op: string, args?: StepArguments];

const RESERVE: Step = ['reserve', { hugepage_size: 2, memory_mib: 512, cpu_list: '2-9' }];
const one = (args: StepArguments = {}): StepArguments => ({ cid: 16, cpus: 2, mem: 128, ...args });
const reserve = (args: StepArguments): Step => ['reserve', args];
export const TWO: QingtianHostRow = {
  nodes: [
    { cpus: '0-7', memoryMib: 1024 },
    { cpus: '8-15', memoryMib: 1024 },
  ],
};
const BROKEN: QingtianHostRow = {
  nodes: [
    {
      cpus: '0-15',
      memoryMib: 2048,
      freeMib: [
        [2, 1020],
        [1030, 1000],
      ],
    },
  ],
};
/** Pages of the pool with a hole of the parent's between them. */
const GAP: QingtianHostRow = {
  nodes: [
    {
      cpus: '0-15',
      memoryMib: 2048,
      freeMib: [
        [0, 200],
        [300, 200],
        [600, 800],
      ],
    },
  ],
  options: { contiguity: 'whole-run' },
};

/** By name: a parent, and what is done on it. */
export const SCENES: readonly (readonly [string, QingtianHostRow, readonly Step[]])[] = [
  ['bare metal', { ...SIXTEEN, bareMetal: true }, [RESERVE, ['define', one()]]],
  ['another system', { ...SIXTEEN, os: 'other' }, [RESERVE]],
  ['another flavor', { ...SIXTEEN, flavor: 'M5.large.2' }, [RESERVE]],
  ['another region', { ...SIXTEEN, region: 'Mars-1' }, [RESERVE]],
  ['a parent that is down', SIXTEEN, [['parent.stop'], RESERVE, ['define', one()]]],
  [
    'a configuration',
    SIXTEEN,
    [
      reserve({}),
      reserve({ hugepage_size: 4, memory_mib: 512, cpu_count: 2 }),
      reserve({ hugepage_size: 2, memory_mib: 513, cpu_count: 2 }),
      reserve({ hugepage_size: 2, memory_mib: 0, cpu_count: 2 }),
      reserve({ hugepage_size: 2, memory_mib: 512, cpu_count: 2, cpu_list: '2-3' }),
      reserve({ hugepage_size: 2, memory_mib: 512, cpu_list: '0-3' }),
      reserve({ hugepage_size: 2, memory_mib: 512, cpu_list: [] }),
      reserve({ hugepage_size: 2, memory_mib: 512, cpu_list: [2, 3, 2] }),
      reserve({ hugepage_size: 2, memory_mib: 512, cpu_list: [99] }),
      reserve({ hugepage_size: 2, memory_mib: 512, cpu_count: 0 }),
      reserve({ hugepage_size: 2, memory_mib: 512, cpu_count: 1.5 }),
      reserve({ hugepage_size: 2, memory_mib: 512, cpu_count: 15 }),
      reserve({ hugepage_size: 2, memory_mib: 512, cpu_count: 3 }),
      reserve({ hugepage_size: 2, memory_mib: 7682, cpu_count: 2 }),
    ],
  ],
  [
    'two nodes',
    TWO,
    [
      reserve({ hugepage_size: 2, memory_mib: 512, cpu_list: '6-9' }),
      reserve({ hugepage_size: 2, memory_mib: 1026, cpu_count: 2 }),
      reserve({ hugepage_size: 2, memory_mib: 512, cpu_count: 8 }),
      ['define', one()],
      ['define', one({ cid: 17, cpus: 8 })],
      ['define', one({ cid: 17, cpus: 6 })],
      ['unreserve'],
    ],
  ],
  [
    'two nodes, the floor of the node',
    { ...TWO, options: { parentMemoryScope: 'node' } },
    [
      reserve({ hugepage_size: 2, memory_mib: 514, cpu_count: 2 }),
      reserve({ hugepage_size: 2, memory_mib: 512, cpu_count: 16 }),
      reserve({ hugepage_size: 2, memory_mib: 512, cpu_count: 2 }),
    ],
  ],
  [
    'a pool over two nodes',
    { ...TWO, options: { poolNodes: 'many', maxEnclaves: 'none' } },
    [
      reserve({ hugepage_size: 2, memory_mib: 512, cpu_list: '6-9' }),
      ['define', one({ cpus: 4 })],
      ['launch', one({ cid: 20 })],
      ['launch', one({ cid: 21 })],
      ['define', one({ cid: 22 })],
    ],
  ],
  [
    'memory in pieces',
    BROKEN,
    [
      reserve({ hugepage_size: 1024, memory_mib: 1024, cpu_count: 2 }),
      reserve({ hugepage_size: 2, memory_mib: 1024, cpu_count: 2 }),
      reserve({ hugepage_size: 2, memory_mib: 512, cpu_count: 2 }),
    ],
  ],
  [
    'one run',
    GAP,
    [
      reserve({ hugepage_size: 2, memory_mib: 500, cpu_count: 4 }),
      ['define', one({ mem: 202 })],
      ['launch', one({ mem: 200 })],
    ],
  ],
  [
    'starts',
    SIXTEEN,
    [
      ['define', one()],
      RESERVE,
      ['define', { cpus: 2, mem: 128 }],
      ['define', one({ cid: 3 })],
      ['define', one({ image: { kind: 'container' } })],
      ['define', one({ image: { sections: ['kernel', 'init'] } })],
      ['define', one({ image: { os: 'other' } })],
      ['define', one({ cpus: 3 })],
      ['define', one({ cpus: 0 })],
      ['define', one({ cpus: 16 })],
      ['define', one({ mem: 126 })],
      ['define', one({ mem: 129 })],
      ['define', one({ mem: 514 })],
      ['define', one({ mem: 128, image: { bytes: 32 * MIB + 1 } })],
      ['define', one({ cpus: 10 })],
      ['launch', one({ mem: 400 })],
      ['define', one()],
      ['define', one({ cid: 17, mem: 114 })],
      ['define', one({ cid: 17 })],
      ['unreserve'],
      RESERVE,
      ['launch', one({ cid: 17, mem: 112 })],
    ],
  ],
  [
    'many enclaves',
    { ...SIXTEEN, options: { maxVcpusTotal: 6, vcpuTotalScope: 'all' } },
    [
      RESERVE,
      ['launch', one({ cpus: 4 })],
      ['define', one({ cid: 17, cpus: 4 })],
      ['launch', one({ cid: 17 })],
      ['define', one({ cid: 18 })],
    ],
  ],
  [
    'one enclave of the total',
    { ...SIXTEEN, options: { maxVcpusTotal: 6, vcpuTotalScope: 'per-enclave' } },
    [RESERVE, ['define', one({ cpus: 8 })], ['launch', one({ cpus: 6 })]],
  ],
  [
    'rounded up, whole cores',
    { ...SIXTEEN, threadsPerCore: 4, options: { memoryRounding: 'round-up' } },
    [
      reserve({ hugepage_size: 2, memory_mib: 512, cpu_count: 8 }),
      ['define', one({ mem: 129 })],
      ['launch', one({ cid: 17, mem: 131 })],
    ],
  ],
  [
    'cores of one thread',
    { ...SIXTEEN, threadsPerCore: 1, options: { vcpuEvenness: 'smt' } },
    [RESERVE, ['launch', one({ cpus: 1 })], ['define', one({ cid: 17, cpus: 0 })]],
  ],
  [
    'no two starts at once',
    { ...SIXTEEN, options: { concurrency: 'refuse' } },
    [RESERVE, ['define', one()], ['define', one({ cid: 17 })]],
  ],
  [
    'steps in and out of order',
    SIXTEEN,
    [
      RESERVE,
      ['map', { uid: 0 }],
      ['define', one({ debug: true })],
      ['start', { uid: 0 }],
      ['map', { uid: 0 }],
      ['add-memory', { uid: 0 }],
      ['load-image', { uid: 0 }],
      ['stop', { uid: 0 }],
      ['console-open', { uid: 0 }],
      ['add-cpu', { uid: 0 }],
      ['start', { uid: 0 }],
      ['heartbeat', { uid: 0 }],
      ['console-read', { uid: 0 }],
      ['console-open', { uid: 0 }],
      ['console-open', { uid: 0 }],
      ['console-read', { uid: 0 }],
      ['console-read', { uid: 0, accepted: false }],
      ['console-close', { uid: 0 }],
      ['console-close', { uid: 0 }],
      ['stop', { uid: 0, accepted: false }],
      ['stop', { uid: 0 }],
      ['crash', { uid: 0 }],
      ['launch', one()],
      ['console-open', { uid: 1 }],
      ['crash', { uid: 1 }],
      ['unreserve'],
      ['unreserve'],
    ],
  ],
  [
    'no below the rules',
    SIXTEEN,
    [
      RESERVE,
      ...(
        [
          'capacity',
          'define',
          'map',
          'add-memory',
          'load-image',
          'add-cpu',
          'start',
          'heartbeat',
        ] as const
      ).map((failing): Step => ['launch', one({ failing })]),
    ],
  ],
  [
    'taken in between',
    { ...SIXTEEN, options: { maxEnclaves: 'none' } },
    [
      reserve({ hugepage_size: 2, memory_mib: 256, cpu_list: '2-5' }),
      ['define', one({ mem: 256 })],
      ['define', one({ cid: 17 })],
      ['define', one({ cid: 18, cpus: 4 })],
      ['launch', one({ cid: 19 })],
      ['map', { uid: 0 }],
      ['map', { uid: 2 }],
      ['add-memory', { uid: 2 }],
      ['load-image', { uid: 2 }],
      ['add-cpu', { uid: 2 }],
      ['map', { uid: 1 }],
    ],
  ],
];
