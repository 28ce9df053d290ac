/** Files of the right form that contradict themselves, row by row. */
import { describe } from 'vitest';
import { type BadRow, explicit, tellsEach, timeline } from './loader-rows.js';
import { SMALL } from './loader-samples.js';

const CONTRADICTIONS: readonly BadRow[] = [
  [
    'an unknown type',
    SMALL.replace('m5.16', 'm5.61'),
    ['3:16', 'parent.type', 'did you mean `m5.'],
  ],
  [
    'a type of unknown layout',
    SMALL.replace('m5.16xlarge', 'c8ib.12xlarge'),
    ['3:16', 'parent.type', 'nobody published'],
  ],
  [
    'neither type nor topology',
    SMALL.replace('{type: m5.16xlarge}', '{}'),
    ['3:9', 'parent', 'needs `type` or `topology`'],
  ],
  [
    'both type and topology',
    SMALL.replace('}', ', topology: {nodes: [{cpus: 0-1, memory: 1GiB}]}}'),
    ['3:29', 'parent.topology', 'contradict each other'],
  ],
  [
    'a CPU in two nodes',
    explicit(
      '{nodes: [{cpus: "0-3", memory: 1GiB}, {cpus: "3-6", memory: 1GiB}], threadsPerCore: 1}',
    ),
    ['4:58', 'parent.topology.nodes[1].cpus', 'CPU 3 is already on NUMA node 0'],
  ],
  [
    'CPUs in two nodes that make no whole cores together',
    explicit('{nodes: [{cpus: "0-4", memory: 1GiB}, {cpus: "3-8", memory: 1GiB}]}'),
    ['4:58', 'parent.topology.nodes[1].cpus', 'CPU 3-4 is already on NUMA node 0'],
  ],
  [
    'siblings on two nodes',
    explicit('{nodes: [{cpus: "0-1", memory: 1GiB}, {cpus: "2-3", memory: 1GiB}]}'),
    ['4:21', 'parent.topology.nodes', 'is it adjacent?'],
  ],
  [
    'an offline CPU that is not there',
    explicit('{nodes: [{cpus: "0-3", memory: 1GiB}], offline: "9"}'),
    ['4:61', 'parent.topology.offline', 'CPU 9 cannot be offline'],
  ],
  [
    'cores that do not cover',
    explicit('{nodes: [{cpus: "0-3", memory: 1GiB}], cores: ["0-1", "5"]}'),
    ['4:59', 'parent.topology.cores', 'no core names CPU 2-3'],
    ['4:59', 'parent.topology.cores', 'CPU 5 is on no node'],
  ],
  [
    'half a core',
    explicit('{nodes: [{cpus: "0-2", memory: 1GiB}]}'),
    ['4:21', 'parent.topology.nodes', 'do not make whole cores'],
  ],
  [
    'no CPU at all',
    explicit('{nodes: [{cpus: "", memory: 1GiB}]}'),
    ['4:21', 'parent.topology.nodes', 'no node has a CPU'],
  ],
  [
    'a CPU list that runs backwards',
    explicit('{nodes: [{cpus: "3-0", memory: 1GiB}]}'),
    ['4:29', 'parent.topology.nodes[0].cpus', 'runs backwards'],
  ],
  [
    'a node of half a MiB',
    explicit('{nodes: [{cpus: "0-1", memory: 1537KiB}]}'),
    ['4:44', 'parent.topology.nodes[0].memory', 'whole number of MiB'],
  ],
  [
    'page sizes that do not nest',
    explicit('{nodes: [{cpus: "0-1", memory: 1GiB}], pageSizes: [2MiB, 3MiB]}'),
    ['4:63', 'parent.topology.pageSizes', 'not a larger multiple'],
  ],
  [
    'free ranges that overlap',
    explicit(
      '{nodes: [{cpus: "0-1", memory: 1GiB}]}',
      '  memoryLayout: {kind: explicit, free: [[[0, 8MiB], [4MiB, 8MiB]]]}\n',
    ),
    [
      '5:53',
      'parent.memoryLayout.free[0][1]',
      'starts at 4 MiB, but the range before ends at 8 MiB',
    ],
  ],
  [
    'a free range past the end',
    explicit(
      '{nodes: [{cpus: "0-1", memory: 1GiB}]}',
      '  memoryLayout: {kind: explicit, free: [[[1020MiB, 8MiB]]]}\n',
    ),
    ['5:42', 'parent.memoryLayout.free[0][0]', 'but the node has 1 GiB'],
  ],
  [
    'an empty free range',
    explicit(
      '{nodes: [{cpus: "0-1", memory: 1GiB}]}',
      '  memoryLayout: {kind: explicit, free: [[[5, 0]]]}\n',
    ),
    ['5:42', 'parent.memoryLayout.free[0][0]', 'an empty range'],
  ],
  [
    'a free list too few',
    explicit(
      '{nodes: [{cpus: "0-1", memory: 1GiB}]}',
      '  memoryLayout: {kind: explicit, free: []}\n',
    ),
    ['5:40', 'parent.memoryLayout.free', '0 lists for 1 node'],
  ],
  [
    'holes that overlap, and one outside the node',
    explicit(
      '{nodes: [{cpus: "0-1", memory: 1GiB, holes: [[0, 4MiB], [2MiB, 4MiB], [2GiB, 2MiB]]}]}',
    ),
    ['4:69', 'parent.topology.nodes[0].holes[1]', 'overlaps the hole 0 MiB to 4 MiB'],
    ['4:83', 'parent.topology.nodes[0].holes[2]', 'outside the node'],
  ],
  [
    'a free range in a hole',
    explicit(
      '{nodes: [{cpus: "0-1", memory: 1GiB, holes: [[4MiB, 4MiB]]}]}',
      '  memoryLayout: {kind: explicit, free: [[[0, 6MiB], [1020MiB, 8MiB]]]}\n',
    ),
    ['5:42', 'parent.memoryLayout.free[0][0]', 'reaches into the hole from 4 MiB to 8 MiB'],
  ],
  [
    'a parent without any memory',
    explicit('{nodes: [{cpus: "0,2", memory: 0}, {cpus: "1,3", memory: 0}]}'),
    ['4:21', 'parent.topology.nodes', 'no node has memory'],
  ],
  [
    'an unknown platform',
    `${SMALL}platform: nitr\n`,
    ['4:11', 'platform', 'did you mean `nitro`?'],
  ],
  [
    'an unknown version of a platform',
    `${SMALL}platform: [nitro, qingtian@2022-01]\n`,
    ['4:19', 'platform[1]', 'did you mean `qingtian@2022-1'],
  ],
  [
    'an option of an unknown platform',
    `${SMALL}options: {nitr.allocator: before-313, nitro.allocator: before-313}\n`,
    ['4:11', 'options["nitr.allocator"]', 'did you mean `nitro`?'],
  ],
  [
    'a page size on Nitro',
    `${SMALL}reservation: {pageSize: 2MiB}\n`,
    ['4:15', 'reservation.pageSize', 'QingTian setting'],
  ],
  [
    'a later page size on Nitro',
    timeline('{reserve: {pageSize: 2MiB}}'),
    ['6:18', 'workload.timeline[0].reserve.pageSize', 'QingTian setting'],
  ],
  [
    'a page size for plain VMs',
    `${SMALL}platform: vm\nreservation: {pageSize: 3MiB}\n`,
    ['5:15', 'reservation.pageSize', 'plain VMs reserve nothing'],
  ],
  [
    'an unknown image',
    `${timeline('{launch: {name: a, image: webb}}')}images: {web: {size: 1MiB}}\n`,
    ['6:33', 'workload.timeline[0].launch.image', 'did you mean `web`?'],
  ],
  [
    'an unknown image in a churn',
    `${SMALL}workload: {churn: {launches: 1, every: 1s, lifetime: 1s, mix: [{vcpus: 2, memory: 1, image: x}]}}\n`,
    ['4:93', 'workload.churn.mix[0].image', 'no image is named `x`'],
  ],
  [
    'an unknown name',
    timeline('{launch: {name: front}}', '{crash: frnot}', '{terminate: frant}'),
    ['7:15', 'workload.timeline[1].crash', 'no launch'],
    ['8:19', 'workload.timeline[2].terminate', 'did you mean `front`?'],
  ],
  [
    'a number past the count',
    timeline('{launch: {name: n, count: 3}}', '{terminate: n-3}', '{terminate: n-4}'),
    ['8:19', 'workload.timeline[2].terminate', 'no launch is named `n-4`'],
  ],
  [
    'an unknown name in expect',
    `${SMALL}expect: [{launch: a, is: ok}]\n`,
    ['4:19', 'expect[0].launch', 'no launch is named `a`'],
  ],
  [
    'a time that runs backwards',
    timeline('{at: 5m, snapshot: a}', '{at: 299, snapshot: b}', '{at: 5m, snapshot: c}'),
    ['7:12', 'workload.timeline[1].at', '299s, after an entry at 300s'],
  ],
  [
    'a page size that is none',
    `${SMALL}expect: [{pages: {2Q: 1}}]\n`,
    ['4:19', 'expect[0].pages["2Q"]', 'unknown unit'],
  ],
  [
    'too many launches',
    timeline(...Array.from({ length: 101 }, () => '{launch: {name: a, count: 10000}}')),
    ['6:5', 'workload.timeline', '1010000 launches'],
  ],
];

describe('loader: contradictions', () => tellsEach(CONTRADICTIONS));
