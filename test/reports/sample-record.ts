/**
 * A record built by hand: two nodes of 16 GiB and 8 cores each, a pool on node 1 with two enclaves
 * and one leaked page, one refusal by the platform, one by the driver.
 *
 * Written out as numbers on purpose: nothing of the simulator takes part in it.
 */
import type { Refusal } from '../../core/refusal/refusal.js';
import type {
  CpuPicture,
  MemoryRun,
  NodePicture,
  RunRecord,
  Snapshot,
  TimelineEntry,
} from '../../reports/record.js';

const CORES_PER_NODE = 8;
const NODE_FRAMES = 8192;
const FRAME_KIB = 2048;
const GIB_FRAMES = 512;

/** Owner by core of node 1; all of node 0 is the parent's. Block numbering: siblings n and n + 16. */
function cpusWith(node1: readonly string[]): CpuPicture[] {
  const cores = [...Array<string>(CORES_PER_NODE).fill('parent'), ...node1];
  return [0, 1].flatMap((thread) =>
    cores.map((owner, core) => ({
      cpu: thread * cores.length + core,
      node: Math.floor(core / CORES_PER_NODE),
      core,
      owner,
    })),
  );
}

const NODE_0: NodePicture = {
  node: 0,
  frameKib: FRAME_KIB,
  frames: NODE_FRAMES,
  runs: [
    { start: 0, frames: 1000, owner: 'parent', pageKib: 0 },
    { start: 1000, frames: NODE_FRAMES - 1000, owner: 'free', pageKib: 0 },
  ],
};

/** Node 1 with these runs between 1 GiB and 7 GiB; the rest is free but for the kernel's start. */
function node1With(pool: readonly MemoryRun[]): NodePicture {
  const end = 7 * GIB_FRAMES;
  const runs: MemoryRun[] = [
    { start: 0, frames: 40, owner: 'parent', pageKib: 0 },
    { start: 40, frames: GIB_FRAMES - 40, owner: 'free', pageKib: 0 },
    ...pool,
    { start: end, frames: NODE_FRAMES - end, owner: 'free', pageKib: 0 },
  ];
  return { node: 1, frameKib: FRAME_KIB, frames: NODE_FRAMES, runs };
}

function gib(start: number, frames: number, owner: string): MemoryRun {
  return { start: start * GIB_FRAMES, frames, owner, pageKib: 1_048_576 };
}

const EMPTY: Snapshot = {
  at: 1,
  title: 'pool reserved',
  cpus: cpusWith(['parent', 'parent', 'pool', 'pool', 'pool', 'pool', 'pool', 'pool']),
  memory: [
    NODE_0,
    node1With([
      gib(1, 5 * GIB_FRAMES, 'pool'),
      { start: 6 * GIB_FRAMES, frames: GIB_FRAMES, owner: 'pool', pageKib: FRAME_KIB },
    ]),
  ],
  capacity: {
    vcpus: { total: 32, parent: 20, poolFree: 12, enclaves: 0 },
    memoryMib: { total: 32_768, parent: 26_624, poolFree: 6144, enclaves: 0 },
    stranded: [],
  },
};

const FULL: Snapshot = {
  at: 60,
  title: 'both running',
  cpus: cpusWith(['parent', 'parent', 'signer', 'signer', 'vault', 'vault', 'pool', 'offline']),
  memory: [
    NODE_0,
    node1With([
      gib(1, 2 * GIB_FRAMES, 'signer'),
      gib(3, 3 * GIB_FRAMES, 'vault'),
      { start: 6 * GIB_FRAMES, frames: GIB_FRAMES - 1, owner: 'pool', pageKib: FRAME_KIB },
      { start: 7 * GIB_FRAMES - 1, frames: 1, owner: 'leaked', pageKib: FRAME_KIB },
    ]),
  ],
  capacity: {
    vcpus: { total: 32, parent: 22, poolFree: 2, enclaves: 8 },
    memoryMib: { total: 32_768, parent: 26_626, poolFree: 1022, enclaves: 5120 },
    stranded: [],
  },
};

const END: Snapshot = {
  at: 3725,
  title: 'end',
  cpus: cpusWith(['parent', 'parent', 'pool', 'pool', 'vault', 'vault', 'pool', 'offline']),
  memory: [
    NODE_0,
    node1With([
      gib(1, 2 * GIB_FRAMES, 'pool'),
      gib(3, 3 * GIB_FRAMES, 'vault'),
      { start: 6 * GIB_FRAMES, frames: GIB_FRAMES - 1, owner: 'pool', pageKib: FRAME_KIB },
      { start: 7 * GIB_FRAMES - 1, frames: 1, owner: 'leaked', pageKib: FRAME_KIB },
    ]),
  ],
  capacity: {
    vcpus: { total: 32, parent: 22, poolFree: 6, enclaves: 4 },
    memoryMib: { total: 32_768, parent: 26_626, poolFree: 3070, enclaves: 3072 },
    stranded: [
      {
        reason: 'page-rounding',
        unit: 'MiB',
        amount: 512,
        sentence: 'given to enclaves beyond their request, because pages are whole',
      },
      {
        reason: 'leaked',
        unit: 'MiB',
        amount: 2,
        sentence: 'pages pinned for good by a failed check; a reboot returns them',
      },
    ],
  },
};

const TOO_MANY: Refusal = {
  layer: 'platform',
  codes: ['QT 10'],
  rule: 'enclaves.max',
  message: 'a third enclave was asked for; a parent VM runs at most 2.',
  numbers: { running: 2, limit: 2 },
  remedy: 'Stop an enclave first, or start another parent VM.',
};

const NO_MEMORY: Refusal = {
  layer: 'cli',
  codes: ['E29', 'NE 264'],
  rule: 'memory.same-node',
  message: 'the region of 2 MiB at 1 GiB is on node 0; the CPUs are on node 1.',
  numbers: { regionNode: 0, cpuNode: 1 },
  remedy: 'Reserve the memory on the node of the CPU pool.',
};

const TIMELINE: readonly TimelineEntry[] = [
  {
    at: 0,
    kind: 'reserve',
    text: '5 pages of 1 GiB, 512 of 2 MiB and 12 vCPUs on node 1',
    ok: true,
  },
  {
    at: 5,
    kind: 'launch',
    name: 'signer',
    text: '4 vCPUs, 2 GiB',
    ok: true,
    enclave: {
      id: 'i-1-enc1',
      cid: 16,
      node: 1,
      cpus: [10, 11, 26, 27],
      askedMib: 2048,
      memoryMib: 2048,
      pages: { '1048576': 2 },
    },
  },
  {
    at: 6.5,
    kind: 'launch',
    name: 'vault',
    text: '4 vCPUs, 2.5 GiB',
    ok: true,
    enclave: {
      id: 'i-1-enc2',
      cid: 17,
      node: 1,
      cpus: [12, 13, 28, 29],
      askedMib: 2560,
      memoryMib: 3072,
      pages: { '1048576': 3 },
    },
  },
  {
    at: 20,
    kind: 'launch',
    name: 'third',
    text: '2 vCPUs, 1 GiB',
    ok: false,
    refusal: TOO_MANY,
    stage: 'define',
  },
  {
    at: 30,
    kind: 'launch',
    name: 'fourth',
    text: '2 vCPUs, 2 MiB',
    ok: false,
    refusal: NO_MEMORY,
    stage: 'SET_USER_MEMORY_REGION',
    leftBehind: ['1 hugepage of 2 MiB lost on node 1 until reboot'],
  },
  { at: 40, kind: 'cpu-offline', text: 'CPUs 15 and 31', ok: true },
  { at: 3725, kind: 'terminate', name: 'signer', text: 'ended on request', ok: true },
];

export const SAMPLE: RunRecord = {
  recordVersion: 1,
  engine: { name: 'hypercarve', version: '0.1.0' },
  runId: '5f0c1d2e3b4a59687716253443526170aabbccddeeff00112233445566778899',
  resultHash: '99887766554433221100ffeeddccbbaa70615243342516778695a4b3e2d1c0f5',
  scenario: {
    title: 'Two enclaves fit, the third does not',
    teaches:
      'A parent VM has room for more, but the platform counts enclaves before it counts pages.',
    file: 'two-fit.yaml',
    platform: 'qingtian@2022-10',
    seed: 7,
    options: { boundary: 'seed', strictRange: false },
    derived: ['the leaked page was placed to match the log'],
    source: 'Field report, anonymised, 2024-03',
  },
  host: {
    parentType: 'c7e.8xlarge.1',
    architecture: 'x86_64',
    vcpus: 32,
    threadsPerCore: 2,
    memoryMib: 32_768,
    nodes: [
      { id: 0, cpus: '0-7,16-23', memoryMib: 16_384 },
      { id: 1, cpus: '8-15,24-31', memoryMib: 16_384 },
    ],
    pageSizesKib: [2048, 1_048_576],
    provenance: ['vCPUs and memory: documented', 'nodes: inferred'],
    follows: [],
  },
  timeline: TIMELINE,
  snapshots: [EMPTY, FULL, END],
  refusals: [
    {
      rule: 'enclaves.max',
      sentence: 'At most two enclaves run on a parent VM.',
      source: 'QingTian Enclave user guide, "Constraints"',
      codes: ['QT 10'],
      count: 1,
      example: TOO_MANY,
      who: ['third'],
    },
    {
      rule: 'memory.same-node',
      sentence: 'All memory of an enclave is on the NUMA node of its CPUs.',
      source: 'Linux, drivers/virt/nitro_enclaves/ne_misc_dev.c',
      codes: ['E29', 'NE 264'],
      count: 1,
      example: NO_MEMORY,
      who: ['fourth'],
    },
  ],
  expectations: [
    { text: 'signer launches', met: true },
    { text: 'third is refused with QT 11', met: false, found: 'refused with QT 10' },
  ],
  violations: [],
  audited: 'every-command',
  commands: 41,
  verdict: {
    ok: false,
    text: '1 of 2 expectations is not met',
    launches: 4,
    launched: 2,
    refused: 2,
    running: 1,
  },
};

/** The same demand on another platform, where the third fits as well. */
export const SAMPLE_ELSEWHERE: RunRecord = {
  ...SAMPLE,
  scenario: { ...SAMPLE.scenario, platform: 'nitro@2024-06' },
  timeline: TIMELINE.map(({ refusal, stage, ...entry }) =>
    entry.name === 'third' ? { ...entry, ok: true } : { ...entry, refusal, stage },
  ),
  refusals: SAMPLE.refusals.slice(1),
  expectations: [],
  verdict: {
    ok: true,
    text: 'all is as expected',
    launches: 4,
    launched: 3,
    refused: 1,
    running: 2,
  },
};
