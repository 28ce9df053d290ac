/**
 * Scopes of Nitro: the pool, hugepages, two tasks with one enclave each, and the calls of a launch and
 * an end.
 *
 * Each operator is a task of its own (task = place + 1) that maps pages, creates one enclave and
 * feeds it (nitro-pages); every request to the hypervisor is tried answered and refused. Invariant: two
 * tasks have one address space of few pages, so they meet there, too. Trade-off: the driver picks each
 * vCPU (nitro-vcpus has those asked for by number); IMAGE_LOAD_INFO changes nothing, so only its refusal
 * is tried; with four pages, regions are of two and pages come one after the other, since any order of them has
 * many times the states; hotplug and unbinding are left to scopes of their own (nitro-lists): with them
 * the driver's lists disagree by named quirks.
 */
import type { Answers, Command } from '../host/command.js';
import { nitroProfile } from '../platform/nitro/profile.js';
import { DEVICE_STOPPED } from '../platform/nitro/start.js';
import { always, ofEnclave } from './moves.js';
import {
  failing,
  giveMove,
  givesOf,
  mapMove,
  mappingMoves,
  type PageRoom,
  tail,
} from './nitro-pages.js';
import { rollBacks } from './pool-roll-backs.js';
import { refusedOfEnclave, refusedOfParent } from './refused-nitro.js';
import {
  buildSmallHost,
  type IdleFrames,
  type Move,
  type Scope,
  type SmallShape,
  upTo,
} from './scope.js';

/** Least memory of an enclave. */
const PAGE_MIB = 64;
const EXPLICIT_CID = 5n;

interface NitroRoom extends PageRoom {
  readonly name: string;
  readonly sentence: string;
  readonly size: Scope['size'];
  readonly pages: number;
  readonly cores: number;
  readonly threadsPerCore: number;
  readonly enclaves: number;
  readonly pageSizesMib: readonly number[];
  readonly pools: readonly string[];
  /** [node, page size, count] of each write to a count file. */
  readonly hugepages: readonly (readonly [node: number, pageMib: number, count: number])[];
  /** A start may name a CID. */
  readonly explicitCid: boolean;
  /** A start may name the CID that the next automatic one would get. */
  readonly nextCid?: true;
  /** STOP, SLOT_FREE and SLOT_INFO may be refused, too: zombies, and starts that the driver forgets. */
  readonly failingEnds: boolean;
  /** Each rule is asked for what it must refuse. */
  readonly refusals: boolean;
  /** The kernel refuses a CPU in the middle of a write of the first pool, which has so many. */
  readonly rollBacks?: number;
}

export const NITRO_SCOPES: readonly Scope[] = [
  scopeOf({
    name: 'nitro-2x2x2x2',
    sentence:
      '2 nodes, 2 pages and 2 cores each (pool and pages on node 1), 2 enclaves, regions of 1 and 2 pages, CIDs given and automatic, each request refused, too',
    size: 'small',
    pages: 2,
    cores: 2,
    threadsPerCore: 2,
    enclaves: 2,
    frameMib: PAGE_MIB,
    pageSizesMib: [PAGE_MIB],
    rooms: 2,
    gives: [1, 2],
    pools: ['2-3,6-7'],
    hugepages: [[1, PAGE_MIB, 2]],
    touchesFrom: [1],
    explicitCid: true,
    nextCid: true,
    failingEnds: true,
    unmaps: false,
    refusals: false,
  }),
  scopeOf({
    name: 'nitro-2x4x2x2',
    sentence:
      '2 nodes, 4 pages and 2 cores each (pool and pages on node 1), 2 enclaves, regions of 2 pages, each touched before the next is mapped; each request refused, too',
    size: 'small',
    pages: 4,
    cores: 2,
    threadsPerCore: 2,
    enclaves: 2,
    frameMib: PAGE_MIB,
    pageSizesMib: [PAGE_MIB],
    rooms: 4,
    gives: [2],
    touchedFirst: true,
    pools: ['2-3,6-7'],
    hugepages: [[1, PAGE_MIB, 4]],
    touchesFrom: [1],
    explicitCid: true,
    failingEnds: true,
    unmaps: false,
    refusals: false,
  }),
  scopeOf({
    name: 'nitro-two-sizes',
    sentence:
      '1 enclave with pages of 1 and 2 frames (ratio 2 for 512), 2 nodes, 4 frames each, pages on node 1',
    size: 'small',
    pages: 4,
    cores: 2,
    threadsPerCore: 1,
    enclaves: 1,
    frameMib: PAGE_MIB / 2,
    pageSizesMib: [PAGE_MIB / 2, PAGE_MIB],
    rooms: 2,
    pools: ['2-3', '1'],
    hugepages: [
      [1, PAGE_MIB / 2, 0],
      [1, PAGE_MIB / 2, 2],
      [1, PAGE_MIB, 0],
      [1, PAGE_MIB, 1],
    ],
    touchesFrom: [1],
    explicitCid: false,
    failingEnds: true,
    unmaps: true,
    refusals: false,
  }),
  scopeOf({
    name: 'nitro-refusals',
    sentence:
      '1 enclave on either of 2 nodes, 2 pages and 2 cores each; each rule asked for what it refuses',
    size: 'small',
    pages: 2,
    cores: 2,
    threadsPerCore: 2,
    enclaves: 1,
    frameMib: PAGE_MIB,
    pageSizesMib: [PAGE_MIB],
    rooms: 2,
    pools: ['3,7', '1,5'],
    hugepages: [
      [0, PAGE_MIB, 2],
      [1, PAGE_MIB, 2],
    ],
    touchesFrom: [0, 1],
    explicitCid: false,
    failingEnds: false,
    unmaps: false,
    refusals: true,
  }),
  scopeOf({
    name: 'nitro-roll-backs',
    sentence:
      '1 enclave, 2 nodes, 2 pages and 2 cores each; any CPU of a pool write stays online, or offline',
    size: 'small',
    pages: 2,
    cores: 2,
    threadsPerCore: 2,
    enclaves: 1,
    frameMib: PAGE_MIB,
    pageSizesMib: [PAGE_MIB],
    rooms: 2,
    pools: ['2-3,6-7', '3,7', '3'],
    hugepages: [[1, PAGE_MIB, 2]],
    touchesFrom: [1],
    explicitCid: false,
    failingEnds: false,
    unmaps: false,
    refusals: false,
    rollBacks: 4,
  }),
  scopeOf({
    name: 'nitro-large',
    sentence:
      '2 nodes, 3 pages and 3 cores each (pool and pages on node 1), 2 enclaves, pages unmapped, too; no request of an end is refused',
    size: 'large',
    pages: 3,
    cores: 3,
    threadsPerCore: 2,
    enclaves: 2,
    frameMib: PAGE_MIB,
    pageSizesMib: [PAGE_MIB],
    rooms: 2,
    pools: ['3-5,9-11'],
    hugepages: [[1, PAGE_MIB, 3]],
    touchesFrom: [1],
    explicitCid: false,
    failingEnds: false,
    unmaps: true,
    refusals: false,
  }),
];

function scopeOf(room: NitroRoom): Scope {
  const { name, sentence, size, enclaves } = room;
  const shape: SmallShape = {
    profile: nitroProfile(),
    nodes: 2,
    coresPerNode: room.cores,
    threadsPerCore: room.threadsPerCore,
    frames: room.pages,
    frameMib: room.frameMib,
    pageSizesMib: room.pageSizesMib,
  };
  return {
    name,
    platform: 'nitro',
    sentence,
    size,
    places: enclaves,
    build: () => buildSmallHost(shape),
    moves: movesOf(room),
    symmetry: { places: true, cids: [] },
    ...(enclaves < 2 ? { beyond: ['two-run'] } : {}),
    ...(room.touchesFrom.includes(0) ? {} : { idle: [parentsNode(room)] }),
  };
}

/** Node 0, where nobody touches a page. */
function parentsNode({ pages }: NitroRoom): IdleFrames {
  return { node: 0, frames: upTo(pages), why: 'node 0 is the parent’s and stands still' };
}

function movesOf(room: NitroRoom): Move[] {
  return [
    ...room.pools.map((text) => always({ kind: 'nitro.write-pool', text }, `"${text}"`)),
    always(
      { kind: 'nitro.write-pool', text: room.pools[0], answers: failing('CPU_OFFLINE') },
      'whose first CPU stays online',
    ),
    ...room.hugepages.map(([node, mib, count]) =>
      always(
        { kind: 'nitro.write-hugepages', node, pageKib: mib * 1024, text: `${count}` },
        `${count} of ${mib} MiB on node ${node}`,
      ),
    ),
    ...(room.refusals ? refusedOfParent(room.pageSizesMib[0] * 1024) : []),
    ...(room.rollBacks === undefined ? [] : rollBacks(room.pools[0], room.rollBacks)),
    ...upTo(room.enclaves).flatMap((place) => [
      ...operatorMoves(room, place),
      ...(room.refusals ? refusedOfEnclave(place) : []),
    ]),
    ...upTo(room.rooms).flatMap((position) => mappingMoves(room, position)),
    always({ kind: 'parent.stop' }),
    always({ kind: 'parent.boot' }),
    always({ kind: 'parent.crash' }),
    always({ kind: 'parent.terminate' }),
  ];
}

/** What the task of a place does to its own enclave, and what befalls that. */
function operatorMoves(room: NitroRoom, place: number): Move[] {
  const task = place + 1;
  const create = (answers: Answers): Move => ({
    ...always({ kind: 'nitro.create-vm', task, answers }, `by task ${task}${tail(answers)}`),
    fills: place,
  });
  const call = (what: string, command: (slot: number) => Command): Move => ({
    label: `${what} of enclave ${place}`,
    command: ofEnclave(place, command),
  });
  const addVcpu = (by: number, answers: Answers): Move =>
    call(`add-vcpu by task ${by}${tail(answers)}`, (slot) => {
      return { kind: 'nitro.add-vcpu', slot, task: by, cpu: 0, answers };
    });
  const start = (cid: bigint, answers: Answers): Move =>
    call(`start with CID ${cid}${tail(answers)}`, (slot) => {
      return { kind: 'nitro.start', slot, cid, flags: 0n, answers };
    });
  const exit = (answers: Answers): Move =>
    call(`exit-event${tail(answers)}`, (slot) => {
      return { kind: 'nitro.exit-event', slot, state: DEVICE_STOPPED, answers };
    });
  const close = (answers: Answers): Move =>
    call(`close${tail(answers)}`, (slot) => ({ kind: 'nitro.close', slot, answers }));
  return [
    create({}),
    create(failing('SLOT_ALLOC')),
    addVcpu(task, {}),
    addVcpu(task, failing('SLOT_ADD_VCPU')),
    addVcpu(task + room.enclaves, {}),
    start(0n, {}),
    ...(room.explicitCid ? [start(EXPLICIT_CID, {})] : []),
    ...(room.nextCid ? [startAsNext(place)] : []),
    start(0n, failing('ENCLAVE_START')),
    exit({}),
    ...(room.failingEnds ? [exit(failing('SLOT_INFO'))] : []),
    call('poll', (slot) => ({ kind: 'nitro.poll', slot })),
    close({}),
    ...(room.failingEnds ? [close(failing('ENCLAVE_STOP')), close(failing('SLOT_FREE'))] : []),
    ...room.pageSizesMib.map((mib) => mapMove(room, task, mib)),
    ...givesOf(room).flatMap((given) => [
      giveMove(place, given, {}),
      giveMove(place, given, failing('SLOT_ADD_MEM')),
    ]),
  ];
}

/** A start with the CID that an automatic one would get now. */
function startAsNext(place: number): Move {
  return {
    label: `start with the next automatic CID of enclave ${place}`,
    command: ofEnclave(place, (slot, { tree }) => {
      return { kind: 'nitro.start', slot, cid: BigInt(tree.counters.nextCid), flags: 0n };
    }),
  };
}
