/**
 * Scopes of QingTian: reserve, launch in micro-steps, end, and the parent's own life.
 *
 * Frames are pages of 1 GiB, so the document's own limits stand without any option changed: 128 MiB
 * at least, 512 MiB for the parent, CPUs of a node minus two. Invariant: every step is offered to
 * every enclave in every state, accepted and refused below the rules; so any interleaving of as many
 * operators as there are places is covered. Console steps are a scope of their own choice.
 */
import type { Accepted, Command, QingtianConf, QingtianRequest } from '../host/command.js';
import type { NamedOptions } from '../platform/profile.js';
import { PIPELINE_KINDS } from '../platform/qingtian/pipeline.js';
import { qingtianProfile } from '../platform/qingtian/profile.js';
import { always, meeting, ofEnclave } from './moves.js';
import {
  CAPS,
  OVER_TWO_NODES,
  REFUSED_CONFS,
  type RefusedConf,
  refusedRequests,
} from './refused-qingtian.js';
import {
  buildSmallHost,
  type IdleFrames,
  type Move,
  type Scope,
  type SmallShape,
  upTo,
} from './scope.js';

const GIB = 1024;
const PAGE_MIB = GIB;
const CIDS = [4, 5] as const;

/**
 * One more move for each definition: the whole launch at once, as the platform's own tool does it. A scope
 * that has them stays as it is.
 */
export function withLaunches(scope: Scope): Scope {
  const host = scope.build();
  if (scope.moves.some((move) => move.command(host)?.kind === 'qingtian.launch')) return scope;
  const launches = scope.moves.flatMap((move): Move[] => {
    const command = move.command(host);
    if (command?.kind !== 'qingtian.define') return [];
    const { request, accepted, capacity } = command;
    if (accepted === false || capacity === false) return [];
    return [{ ...move, ...always({ kind: 'qingtian.launch', request }) }];
  });
  return { ...scope, moves: [...scope.moves, ...launches] };
}

interface QingtianRoom {
  readonly name: string;
  readonly sentence: string;
  readonly size: Scope['size'];
  readonly nodes: number;
  readonly pages: number;
  readonly cores: number;
  readonly enclaves: number;
  /** Beside `maxEnclaves`, which by default is `enclaves`: up to two are the platform's own cap. */
  readonly options?: NamedOptions;
  /** Pages an enclave may ask for. */
  readonly asks: readonly number[];
  readonly vcpus: readonly number[];
  readonly cids: readonly number[];
  /** Debug mode and its console are part of the scope. */
  readonly console: boolean;
  readonly confs: readonly QingtianConf[];
  readonly refusedConfs: readonly RefusedConf[];
  /** Each request that breaks one rule of a start is tried, too. */
  readonly refusedRequests: boolean;
  /** CPUs that the administrator switches; by default none. */
  readonly switched?: readonly number[];
  /** Ids of `sometimes` properties that it is too small to reach. */
  readonly beyond?: readonly string[];
  readonly idle?: readonly IdleFrames[];
}

export const QINGTIAN_SCOPES: readonly Scope[] = [
  scopeOf({
    name: 'qingtian-2x4x2x2',
    sentence: '2 nodes, 4 pages and 2 cores each, 2 enclaves, every step',
    size: 'small',
    nodes: 2,
    pages: 4,
    cores: 2,
    enclaves: 2,
    asks: [1, 2, 3],
    vcpus: [2],
    cids: CIDS,
    console: true,
    confs: confsOf([4, 5], [2, 4], [{ pages: 3, cpuList: [3, 6] }]),
    refusedConfs: [OVER_TWO_NODES],
    refusedRequests: false,
  }),
  withLaunches(
    scopeOf({
      name: 'qingtian-three',
      sentence:
        '2 nodes, 3 pages and 3 cores each, 3 enclaves of a page (the cap raised by option), in steps or launched in one command; no console',
      size: 'small',
      nodes: 2,
      pages: 3,
      cores: 3,
      enclaves: 3,
      asks: [1],
      vcpus: [2],
      cids: [4, 5, 6],
      console: false,
      confs: confsOf([3], [4, 6], []),
      refusedConfs: [],
      refusedRequests: false,
    }),
  ),
  scopeOf({
    name: 'qingtian-refusals',
    sentence: '1 node, 4 pages and 3 cores, 1 enclave; caps set low, each rule asked for too much',
    size: 'small',
    nodes: 1,
    pages: 4,
    cores: 3,
    enclaves: 2,
    options: CAPS,
    asks: [2],
    vcpus: [2],
    cids: CIDS,
    console: false,
    confs: confsOf([3], [2, 4], []),
    refusedConfs: REFUSED_CONFS,
    refusedRequests: true,
    beyond: ['two-run'],
    idle: [
      { node: 0, frames: [2, 3], why: 'a page over the cap that is asked for, and the parent’s' },
    ],
  }),
  scopeOf({
    name: 'qingtian-switched',
    sentence: '1 node, 3 pages and 3 cores, 2 enclaves, an administrator who switches CPUs',
    size: 'small',
    nodes: 1,
    pages: 3,
    cores: 3,
    enclaves: 2,
    asks: [1],
    vcpus: [2],
    cids: CIDS,
    console: false,
    confs: confsOf([2], [2, 4], [{ pages: 2, cpuList: [1, 4] }]),
    refusedConfs: [],
    refusedRequests: false,
    switched: [1, 3, 4],
    idle: [{ node: 0, frames: [2], why: 'the parent keeps a page' }],
  }),
  scopeOf({
    name: 'qingtian-large',
    sentence: '2 nodes, 6 pages and 4 cores each, 3 enclaves of 1 or 2 pages, every step',
    size: 'large',
    nodes: 2,
    pages: 6,
    cores: 4,
    enclaves: 3,
    asks: [1, 2],
    vcpus: [2],
    cids: [4, 5, 6],
    console: false,
    confs: confsOf(
      [5, 6],
      [4, 6],
      [
        { pages: 7, cpuList: [5, 13, 6, 14] },
        { pages: 6, cpuList: [6, 14, 7] },
        { pages: 6, cpuList: [4, 12, 6, 14, 7, 15] },
      ],
    ),
    refusedConfs: [],
    refusedRequests: false,
  }),
];

function scopeOf(room: QingtianRoom): Scope {
  const { name, sentence, size, enclaves, cids } = room;
  const shape: SmallShape = {
    profile: qingtianProfile(),
    nodes: room.nodes,
    coresPerNode: room.cores,
    threadsPerCore: 2,
    frames: room.pages,
    frameMib: PAGE_MIB,
    options: { maxEnclaves: enclaves, ...room.options },
  };
  return {
    name,
    platform: 'qingtian',
    sentence,
    size,
    places: enclaves,
    build: () => buildSmallHost(shape),
    moves: movesOf(room),
    symmetry: { places: true, cids },
    ...(room.beyond === undefined ? {} : { beyond: room.beyond }),
    ...(room.idle === undefined ? {} : { idle: room.idle }),
  };
}

function confsOf(
  pages: readonly number[],
  cpus: readonly number[],
  lists: readonly { readonly pages: number; readonly cpuList: readonly number[] }[],
): QingtianConf[] {
  const conf = { hugepageSizeMib: PAGE_MIB };
  return [
    ...pages.flatMap((count) =>
      cpus.map((cpuCount) => ({ ...conf, memoryMib: count * PAGE_MIB, cpuCount })),
    ),
    ...lists.map(({ pages: count, cpuList }) => ({
      ...conf,
      memoryMib: count * PAGE_MIB,
      cpuList,
    })),
  ];
}

function movesOf(room: QingtianRoom): Move[] {
  const places = upTo(room.enclaves);
  const perEnclave = places.flatMap((place) => [
    ...PIPELINE_KINDS.flatMap((kind) => [step(kind, place), step(kind, place, false)]),
    step('qingtian.stop', place),
    step('qingtian.stop', place, false),
    step('qingtian.crash', place),
    ...(room.console ? consoleSteps(place) : []),
  ]);
  return [
    ...room.confs.map((conf) => always({ kind: 'qingtian.reserve', conf })),
    ...room.refusedConfs.map(({ rule, conf }) => meeting(rule, { kind: 'qingtian.reserve', conf })),
    always({ kind: 'qingtian.unreserve' }),
    ...places.flatMap((fills) => [
      ...requests(room).map((request) => ({
        ...always({ kind: 'qingtian.define', request }),
        fills,
      })),
      {
        ...always({ kind: 'qingtian.define', request: requests(room)[0], accepted: false }),
        fills,
      },
      ...(room.refusedRequests ? refusedRequests(requests(room)[0]) : []).map(
        ({ rule, ...asked }) => ({
          ...meeting(rule, { kind: 'qingtian.define', ...asked }),
          fills,
        }),
      ),
    ]),
    ...perEnclave,
    ...(room.switched === undefined ? [] : switches(room.switched, room.cores)),
    always({ kind: 'parent.stop' }),
    always({ kind: 'parent.boot' }),
    always({ kind: 'parent.crash' }),
    always({ kind: 'parent.terminate' }),
  ];
}

/** Each of the CPUs off and on, and those that nobody may switch. `cores`: of the one node. */
function switches(cpus: readonly number[], cores: number): Move[] {
  const toSwitch = (cpu: number, online: boolean): Command => {
    return { kind: 'parent.set-online', cpu, online };
  };
  return [
    ...cpus.flatMap((cpu) =>
      [true, false].map((online) =>
        always(toSwitch(cpu, online), `CPU ${cpu} ${online ? 'on' : 'off'}line`),
      ),
    ),
    meeting('cpu-0-stays', toSwitch(0, false)),
    meeting('cpu-present', toSwitch(2 * cores, false)),
  ];
}

function requests({ asks, vcpus, cids, console }: QingtianRoom): QingtianRequest[] {
  const image = {
    bytes: 4 * 1024 * 1024,
    sections: ['kernel', 'cmdline', 'ramdisk', 'init'],
    os: 'linux',
    kind: 'eif',
  } as const;
  const list: QingtianRequest[] = [];
  for (const pages of asks) {
    for (const count of vcpus) {
      for (const cid of cids) {
        for (const debug of console ? [false, true] : [false]) {
          const memoryMib = pages * PAGE_MIB;
          list.push({ image, vcpus: count, memoryMib, cid, debug, defaulted: [] });
        }
      }
    }
  }
  return list;
}

type StepKind =
  | (typeof PIPELINE_KINDS)[number]
  | 'qingtian.stop'
  | 'qingtian.crash'
  | 'qingtian.console-open'
  | 'qingtian.console-read'
  | 'qingtian.console-close';

function consoleSteps(place: number): Move[] {
  return [
    step('qingtian.console-open', place),
    step('qingtian.console-read', place),
    step('qingtian.console-read', place, false),
    step('qingtian.console-close', place),
  ];
}

/** A step of the enclave at a place; none where there is no enclave. */
function step(kind: StepKind, place: number, accepted: Accepted = true): Move {
  const rest = accepted ? {} : { accepted };
  return {
    label: `${kind} of enclave ${place}${accepted ? '' : ', refused below'}`,
    command: ofEnclave(place, (uid) => ({ kind, uid, ...rest })),
  };
}
