/**
 * Requests that QingTian refuses, one per rule where a small host can show it.
 *
 * Invariant: each probe changes one thing of a request that would be granted. Sizes in MiB.
 */
import type { EnclaveImage, QingtianConf, QingtianRequest } from '../../core/host/command.js';
import type { HostDescription } from '../../core/host/describe.js';
import { qingtianProfile } from '../../core/platform/qingtian/profile.js';
import { regularCores } from '../../core/topology/regular.js';
import type { Probe } from './examples.js';

const IMAGE: EnclaveImage = {
  bytes: 8 * 1_048_576,
  sections: ['kernel', 'cmdline', 'ramdisk', 'init'],
  os: 'linux',
  kind: 'eif',
};
const REQUEST: QingtianRequest = {
  image: IMAGE,
  vcpus: 2,
  memoryMib: 256,
  cid: 4,
  debug: false,
  defaulted: [],
};
const CONF: QingtianConf = { hugepageSizeMib: 2, memoryMib: 1024, cpuCount: 4 };

/** The enclave of the first start; uids count from 0. */
const FIRST = 0;

/** A parent of two nodes with eight threads and 4 GiB each. */
const HOST: HostDescription = {
  profile: qingtianProfile(),
  topology: {
    cores: regularCores({ cores: 8, threadsPerCore: 2, numbering: 'adjacent' }),
    nodes: [
      { id: 0, cpus: [0, 1, 2, 3, 4, 5, 6, 7] },
      { id: 1, cpus: [8, 9, 10, 11, 12, 13, 14, 15] },
    ],
  },
  memoryMib: [4096, 4096],
};

/** Three cores, of which a pool takes two. */
const FEW_CPUS: HostDescription = {
  ...HOST,
  topology: {
    cores: regularCores({ cores: 3, threadsPerCore: 2, numbering: 'adjacent' }),
    nodes: [{ id: 0, cpus: [0, 1, 2, 3, 4, 5] }],
  },
  memoryMib: [4096],
};

const mib = (start: number, length: number) => [start * 1024, length * 1024] as const;

/** 1 GiB free across a GiB boundary of node 0: no aligned run of a 1 GiB page. */
const ACROSS: HostDescription = {
  ...HOST,
  layout: { kind: 'explicit', freeKib: [[mib(512, 1024)], []] },
};

/** 800 MiB free in two runs of node 0, where an enclave's memory must be one run. */
const TWO_RUNS: HostDescription = {
  ...HOST,
  layout: { kind: 'explicit', freeKib: [[mib(0, 400), mib(1000, 400)], []] },
  options: { contiguity: 'whole-run' },
};

const reserve = (conf: Partial<QingtianConf>, on: HostDescription = HOST): Probe => ({
  on,
  ask: { kind: 'qingtian.reserve', conf: { ...CONF, ...conf } },
});

const RESERVED = { kind: 'qingtian.reserve', conf: CONF } as const;
const define = (request: Partial<QingtianRequest>) =>
  ({ kind: 'qingtian.define', request: { ...REQUEST, ...request } }) as const;
const start = (request: Partial<QingtianRequest>, on: HostDescription = HOST): Probe => ({
  on,
  after: [RESERVED],
  ask: define(request),
});

const STAGES = ['map', 'add-memory', 'load-image', 'add-cpu', 'start', 'heartbeat'] as const;

/** Each launch step refused from below, after the ones before it went well. */
const PIPELINE: readonly Probe[] = STAGES.map((stage, i) => ({
  on: HOST,
  after: [
    RESERVED,
    define({}),
    ...STAGES.slice(0, i).map((done) => ({ kind: `qingtian.${done}`, uid: FIRST }) as const),
  ],
  ask: { kind: `qingtian.${stage}`, uid: FIRST, accepted: false },
}));

const LAUNCH = STAGES.map((stage) => ({ kind: `qingtian.${stage}`, uid: FIRST }) as const);
const RUNNING = [RESERVED, define({}), ...LAUNCH];
const DEBUGGED = [RESERVED, define({ debug: true }), ...LAUNCH];
const WATCHED = [...DEBUGGED, { kind: 'qingtian.console-open', uid: FIRST } as const];

export const QINGTIAN_PROBES: readonly Probe[] = [
  reserve({}, { ...HOST, parent: { flavor: 's6.large' } }),
  reserve({}, { ...HOST, parent: { region: 'Paris-1' } }),
  reserve({}, { ...HOST, parent: { os: 'other' } }),
  reserve({}, { ...HOST, parent: { bareMetal: true } }),
  { on: HOST, after: [{ kind: 'parent.stop' }], ask: RESERVED },
  { on: HOST, ask: { kind: 'qingtian.reserve', conf: {} } },
  reserve({ hugepageSizeMib: 4 }),
  reserve({ hugepageSizeMib: undefined }),
  reserve({ memoryMib: undefined }),
  reserve({ memoryMib: 0 }),
  reserve({ memoryMib: 63 }),
  reserve({ memoryMib: 1023 }),
  reserve({ memoryMib: 1536, hugepageSizeMib: 1024 }),
  reserve({ memoryMib: 8000 }),
  reserve({ hugepageSizeMib: 1024 }, ACROSS),
  reserve({ cpuCount: undefined }),
  reserve({ cpuCount: 0 }),
  reserve({ cpuCount: 3 }),
  reserve({ cpuCount: 14 }),
  reserve({ cpuCount: 16 }),
  reserve({ cpuCount: undefined, cpuList: [0, 1] }),
  reserve({ cpuCount: undefined, cpuList: [2] }),
  reserve({ cpuCount: undefined, cpuList: [2, 2] }),
  reserve({ cpuCount: undefined, cpuList: [2, 99] }),
  reserve({ cpuCount: undefined, cpuList: [4, 5, 8, 9] }),
  reserve({ cpuList: [2, 3] }),
  { on: HOST, after: RUNNING, ask: RESERVED },
  { on: HOST, after: RUNNING, ask: { kind: 'qingtian.unreserve' } },
  { on: HOST, ask: { kind: 'qingtian.unreserve' } },
  { on: HOST, ask: define({}) },
  start({ cid: 2 }),
  start({ cid: -1, defaulted: ['cid'] }),
  start({ vcpus: 3 }),
  start({ vcpus: 0 }),
  start({ vcpus: 8 }),
  start({ vcpus: 64 }),
  start({ memoryMib: 32 }),
  start({ memoryMib: 255 }),
  start({ memoryMib: 16 * 1024 }),
  start({ memoryMib: 2048 }),
  {
    on: TWO_RUNS,
    after: [{ kind: 'qingtian.reserve', conf: { ...CONF, memoryMib: 800 } }],
    ask: define({ memoryMib: 512 }),
  },
  start({ image: { ...IMAGE, bytes: 512 * 1_048_576 } }),
  start({ image: { ...IMAGE, sections: ['kernel'] } }),
  start({ image: { ...IMAGE, os: 'other' } }),
  start({ image: { ...IMAGE, kind: 'container' } }),
  { on: HOST, after: [RESERVED, define({})], ask: define({}) },
  { on: HOST, after: [RESERVED, define({}), define({ cid: 5 })], ask: define({ cid: 6 }) },
  { on: HOST, after: [RESERVED, define({})], ask: define({ cid: 5, vcpus: 4, memoryMib: 1024 }) },
  {
    on: { ...HOST, options: { concurrency: 'refuse' } },
    after: [RESERVED, define({})],
    ask: define({ cid: 5 }),
  },
  { on: HOST, after: [RESERVED], ask: { ...define({}), capacity: false } },
  { on: HOST, after: [RESERVED], ask: { ...define({}), accepted: false } },
  ...PIPELINE,
  { on: HOST, after: RUNNING, ask: { kind: 'qingtian.start', uid: FIRST } },
  { on: HOST, ask: { kind: 'qingtian.stop', uid: 9 } },
  { on: HOST, after: RUNNING, ask: { kind: 'qingtian.stop', uid: FIRST, accepted: false } },
  { on: HOST, after: RUNNING, ask: { kind: 'qingtian.console-open', uid: FIRST } },
  { on: HOST, after: DEBUGGED, ask: { kind: 'qingtian.console-read', uid: FIRST } },
  { on: HOST, after: WATCHED, ask: { kind: 'qingtian.console-open', uid: FIRST } },
  { on: HOST, after: WATCHED, ask: { kind: 'qingtian.console-read', uid: FIRST, accepted: false } },
  { on: HOST, ask: { kind: 'parent.set-online', cpu: 0, online: false } },
  { on: HOST, ask: { kind: 'parent.set-online', cpu: 999, online: false } },
  { on: HOST, after: [RESERVED], ask: { kind: 'parent.set-online', cpu: 2, online: true } },
  {
    on: HOST,
    after: [{ kind: 'parent.stop' }],
    ask: { kind: 'parent.set-online', cpu: 2, online: false },
  },
  { on: FEW_CPUS, after: [RESERVED], ask: { kind: 'parent.set-online', cpu: 1, online: false } },
];
