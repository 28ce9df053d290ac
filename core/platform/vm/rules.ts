/**
 * The rows of a plain VM's launch: what is asked must make sense, and must fit.
 *
 * There is no rule book behind them; they are the plain arithmetic of a host, a declared model for
 * fleet traces. Invariant: totals are checked before nodes, so a refusal by `vm-node-fit` means that
 * the host has enough and no choice of nodes does (stranded capacity).
 */
import type { Host } from '../../host/host.js';
import { counted } from '../../units/counted.js';
import { notApplicable, type Outcome, PASS as PASSED, type Rule, refuse } from '../rule.js';
import { countFreeThreads, framesFor, type Part } from './capacity.js';
import { isCount, type Launch, type Room, roomFor, splitOver } from './split.js';

// Its own constant: V8 folds it into each check.
const PASS = PASSED;

export interface LaunchContext {
  readonly host: Host;
  readonly request: Launch;
  /** What rows looked up before, for the rows after them and the launch itself. */
  room: Room | undefined;
  parts: readonly Part[] | undefined;
}

/** A context for one decision. */
export function launchContext(host: Host, request: Launch): LaunchContext {
  return { host, request, room: undefined, parts: undefined };
}

function roomOf(context: LaunchContext): Room {
  context.room ??= roomFor(context.host, context.request);
  return context.room;
}

/** The parts of the launch; undefined when no allowed choice of nodes fits. */
export function partsOf(context: LaunchContext): readonly Part[] | undefined {
  context.parts ??= splitOver(context.host, context.request, roomOf(context));
  return context.parts;
}

type Row = Omit<Rule<LaunchContext>, 'source' | 'requirements' | 'checkedAt' | 'codes'>;

function row(given: Row): Rule<LaunchContext> {
  const source = 'declared model of a host without carve-out';
  return { source, requirements: [], checkedAt: 'start', codes: [], ...given };
}

const PARENT = row({
  id: 'vm-host-runs',
  sentence: 'VMs are launched on a running host.',
  layer: 'parent',
  remedy: 'Boot the host first.',
  check: ({ host }) => {
    const { parent } = host.tree;
    return parent === 'running' ? PASS : refuse({ parent }, `the host is ${parent}`);
  },
});

const SHAPE = row({
  id: 'vm-shape',
  sentence: 'A VM has at least one vCPU and 1 MiB, in whole numbers.',
  layer: 'input',
  remedy: 'Ask for positive whole numbers of vCPUs, MiB and nodes.',
  check: ({ request: { vcpus, memoryMib, nodes } }) =>
    isCount(vcpus) && isCount(memoryMib) && isCount(nodes)
      ? PASS
      : refuse(
          { vcpus, memoryMib, nodes },
          `${counted(vcpus, 'vCPU')}, ${memoryMib} MiB on ${counted(nodes, 'node')}`,
        ),
});

const SPLIT = row({
  id: 'vm-even-split',
  sentence: 'A VM on several nodes is split evenly.',
  layer: 'input',
  remedy: 'Ask for vCPUs that divide by the number of nodes, or launch it blind.',
  check: ({ request: { blind, vcpus, nodes } }) => {
    if (blind === true) return notApplicable('a blind VM may span nodes as it likes');
    return vcpus % nodes === 0
      ? PASS
      : refuse(
          { vcpus, nodes },
          `${counted(vcpus, 'vCPU')} cannot be split evenly over ${nodes} nodes`,
        );
  },
});

const NODES = row({
  id: 'vm-nodes',
  sentence: 'The nodes asked for exist, and are enough.',
  layer: 'input',
  remedy: 'Name different nodes of this host, as many as the VM needs.',
  check: (context) => {
    const { host, request } = context;
    const { nodes, on, blind } = request;
    const room = roomOf(context);
    if (on !== undefined && !areDifferent(room)) {
      const installed = host.topology.nodes.length;
      const listed = on.join(', ');
      return refuse(
        { on: listed, installed },
        `nodes ${listed} are not different nodes of the host`,
      );
    }
    return blind === true || nodes <= room.length
      ? PASS
      : refuse(
          { nodes, allowed: room.length },
          `${counted(nodes, 'node')} wanted of ${room.length}`,
        );
  },
});

const VCPUS = row({
  id: 'vm-vcpus',
  sentence: 'The nodes together have enough free threads.',
  layer: 'hypervisor',
  remedy: 'End another VM, or use a larger host.',
  check: (context) => {
    const room = roomOf(context);
    let free = 0;
    for (let i = 0; i < room.length; i++) free += room[i].threads.length;
    const { vcpus } = context.request;
    return vcpus <= free ? PASS : refuse({ vcpus, free }, `${vcpus} vCPUs wanted, ${free} free`);
  },
});

const MEMORY = row({
  id: 'vm-memory',
  sentence: 'The nodes together have enough free memory.',
  layer: 'hypervisor',
  remedy: 'End another VM, or use a larger host.',
  check: (context) => {
    const { memoryMib } = context.request;
    const frames = framesFor(context.host, 0, memoryMib);
    const room = roomOf(context);
    let freeFrames = 0;
    for (let i = 0; i < room.length; i++) freeFrames += room[i].frames;
    if (frames <= freeFrames) return PASS;
    const freeMib = mibOf(context.host, freeFrames);
    return refuse({ memoryMib, freeMib }, `${memoryMib} MiB wanted, ${freeMib} free`);
  },
});

const NODE_FIT: Rule<LaunchContext> = row({
  id: 'vm-node-fit',
  sentence: 'Every part of the VM fits on its node.',
  layer: 'hypervisor',
  remedy: 'Ask for more nodes, a smaller VM, or launch it blind.',
  check: (context): Outcome => {
    if (partsOf(context) !== undefined) return PASS;
    const room = roomOf(context);
    const { host } = context;
    const threads = room
      .map(({ node }) => (node < 0 ? 0 : countFreeThreads(host, node)))
      .join(', ');
    const mib = room.map((one) => mibOf(host, one.frames)).join(', ');
    const { vcpus, memoryMib, nodes } = context.request;
    return refuse(
      { vcpus, memoryMib, nodes, freeThreads: threads, freeMib: mib },
      `${nodes === 1 ? 'no node fits' : `no ${nodes} nodes fit together`}: ` +
        `free threads ${threads}, free MiB ${mib}`,
    );
  },
});

/** Raised by the end of a VM, not by a launch. */
export const VM_KNOWN: Rule<{ readonly uid: number; readonly known: boolean }> = {
  id: 'vm-unknown',
  sentence: 'Only a VM that runs can end.',
  source: 'declared model of a host without carve-out',
  requirements: [],
  checkedAt: 'start',
  layer: 'input',
  codes: [],
  remedy: 'Name a VM that runs.',
  check: ({ uid, known }) => (known ? PASS : refuse({ uid }, `there is no VM ${uid}`)),
};

/** The rows of a launch, in order. */
export const VM_RULES: readonly Rule<LaunchContext>[] = [
  PARENT,
  SHAPE,
  SPLIT,
  NODES,
  VCPUS,
  MEMORY,
  NODE_FIT,
];

/**
 * Whether no row of a launch refuses, without a walk: for those that `plainPart` does not find. A list of
 * checks calls functions that V8 cannot know; here each call has one, which it sees into. Where one does
 * refuse, the walk over `VM_RULES` says which.
 */
export function passesAll(context: LaunchContext): boolean {
  return (
    allows(PARENT.check(context)) &&
    allows(SHAPE.check(context)) &&
    allows(SPLIT.check(context)) &&
    allows(NODES.check(context)) &&
    allows(VCPUS.check(context)) &&
    allows(MEMORY.check(context)) &&
    allows(NODE_FIT.check(context))
  );
}

function allows(outcome: Outcome): boolean {
  return outcome.verdict !== 'refuse';
}

/** Frames have one size on all nodes of a host; what is less than a MiB is not told. */
function mibOf({ memory }: Host, frames: number): number {
  return Math.floor((frames * memory[0].frameKib) / 1024);
}

/** Of proposed nodes: none twice, and none that is not there. */
function areDifferent(room: Room): boolean {
  if (room.length === 1) return room[0].node >= 0;
  const positions = room.map(({ node }) => node);
  return !positions.includes(-1) && new Set(positions).size === positions.length;
}
