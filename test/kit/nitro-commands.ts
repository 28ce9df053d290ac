/**
 * Random Nitro commands: pools that are mostly valid, enclaves that mostly get pages their own task
 * mapped, and now and then a foreign task, a failed answer or a number that makes no sense.
 *
 * Invariant: every kind of Nitro and parent command can be drawn; `wild` ones (hotplug, unbinding,
 * requests that fail while an enclave is closed) only where the weights allow them, since the real
 * driver then breaks its own promises by named quirks.
 */

import type { Answers, Command, CommandOf } from '../../core/host/command.js';
import { threadsOf } from '../../core/host/cores.js';
import type { Host } from '../../core/host/host.js';
import { newestFirst, recordOf } from '../../core/host/records.js';
import type { Enclave } from '../../core/host/tree.js';
import { freePages } from '../../core/memory/node-memory.js';
import { formatCpulist } from '../../core/topology/cpulist.js';
import { type Intent, pick, rarely, unknownChoice, type Weights } from './intents.js';
import { parentCommand } from './parent-commands.js';

export type NitroChoice =
  | 'write-pool'
  | 'write-hugepages'
  | 'create-vm'
  | 'add-vcpu'
  | 'load-info'
  | 'map-page'
  | 'touch'
  | 'set-memory'
  | 'unmap'
  | 'start'
  | 'close'
  | 'exit'
  | 'poll'
  | 'parent'
  | 'wild';

export const NITRO_WEIGHTS: Weights<NitroChoice> = {
  'write-pool': 4,
  'write-hugepages': 6,
  'create-vm': 8,
  'add-vcpu': 16,
  'load-info': 2,
  'map-page': 14,
  touch: 10,
  'set-memory': 26,
  unmap: 3,
  start: 12,
  close: 4,
  exit: 2,
  poll: 1,
  parent: 1,
  wild: 0,
};

/** The same, with what makes the named quirks show. */
export const WILD_WEIGHTS: Weights<NitroChoice> = { ...NITRO_WEIGHTS, wild: 8 };

type PoolWrite = CommandOf<'nitro.write-pool'>;

/** What the driver wants before a start. */
const MIN_BYTES = 64 * 1024 * 1024;

export function nitroCommand(host: Host, intent: Intent<NitroChoice>): Command {
  const [a, b, c, d] = intent.draws;
  const missing = rarely(d, 8) ? undefined : firstMissing(host, intent);
  if (missing !== undefined) return missing;
  const enclave = pick(live(host), a);
  const slot = enclave?.uid ?? a % 9;
  const task = rarely(d, 20) ? 2 : (enclave?.task ?? 1);
  switch (intent.choice) {
    case 'write-pool':
      return { ...poolWrite(host, intent), capable: !rarely(d, 25) };
    case 'write-hugepages':
      return writeHugepages(host, intent);
    case 'create-vm':
      return { kind: 'nitro.create-vm', task: 1 + (a % 2), answers: answersOf('SLOT_ALLOC', d) };
    case 'add-vcpu': {
      const cpu = rarely(b, 3) ? c % (host.topology.nrCpuIds + 1) : 0;
      return { kind: 'nitro.add-vcpu', slot, task, cpu, answers: answersOf('SLOT_ADD_VCPU', d) };
    }
    case 'load-info':
      return { kind: 'nitro.image-load-info', slot, flags: BigInt(1 + (b % 2)) };
    case 'map-page':
      return mapPage(host, intent, task);
    case 'touch': {
      const untouched = host.tree.mappings.filter(({ runs }) => runs.length === 0);
      const address = pick(untouched, b)?.address ?? 4096;
      const localNode = rarely(c, 6) ? nodeId(host, c) : host.tree.pool.node;
      return { kind: 'nitro.touch', address, localNode };
    }
    case 'set-memory':
      return setMemory(host, intent, slot, task);
    case 'unmap':
      return { kind: 'nitro.unmap', address: pick(host.tree.mappings, b)?.address ?? 4096 };
    case 'start':
      return start(host, intent, slot, enclave);
    case 'close':
      return { kind: 'nitro.close', slot };
    case 'exit':
      return { kind: 'nitro.exit-event', slot, state: rarely(b, 3) ? 2 : 65_535 };
    case 'poll':
      return { kind: 'nitro.poll', slot };
    case 'parent':
      return parentCommand(host, b);
    case 'wild':
      return wildCommand(host, slot, b, c);
    default:
      throw unknownChoice(intent.choice, NITRO_WEIGHTS);
  }
}

/** What must be there before the intent can mean much: a parent, a pool, pages, an enclave. */
function firstMissing(host: Host, intent: Intent<NitroChoice>): Command | undefined {
  const [a] = intent.draws;
  const { tree } = host;
  if (tree.parent !== 'running') return { kind: 'parent.boot' };
  if (intent.choice === 'parent' || intent.choice === 'wild') return undefined;
  if (live(host).length > 0) return undefined;
  if (tree.pool.avail.length === 0) return poolWrite(host, intent);
  const pools = host.memory.flatMap((memory) => memory.pools);
  if (pools.every((pool) => freePages(pool) === 0)) return writeHugepages(host, intent);
  return intent.choice === 'map-page' || intent.choice === 'touch'
    ? undefined
    : { kind: 'nitro.create-vm', task: 1 + (a % 2) };
}

function writeHugepages(host: Host, { draws: [a, b, c] }: Intent<NitroChoice>): Command {
  const pageKib = host.topology.pageSizesKib[b % 2];
  const text = String(c % 40);
  const { node } = host.tree.pool;
  const there = host.topology.nodes.some(({ id }) => id === node) && !rarely(a, 5);
  return { kind: 'nitro.write-hugepages', node: there ? node : nodeId(host, a), pageKib, text };
}

function setMemory(host: Host, intent: Intent<NitroChoice>, slot: number, task: number): Command {
  const [, b, c, d] = intent.draws;
  const given = new Set(recordOf(host.tree, slot)?.regions.map((region) => region.address));
  const own = host.tree.mappings.filter(
    (mapping) => mapping.task === task && !given.has(mapping.address),
  );
  const mapping = pick(rarely(b, 15) ? host.tree.mappings : own, b >> 4);
  if (mapping === undefined && !rarely(b, 9)) {
    return mapPage(host, intent, task);
  }
  const whole = mapping === undefined ? 2 ** 21 : mapping.pageBytes;
  const bytes = rarely(c, 12) ? c * 4096 : whole * (rarely(c, 4) ? 2 : 1);
  return {
    kind: 'nitro.set-memory',
    slot,
    task,
    flags: 0n,
    address: BigInt(mapping?.address ?? 4096),
    bytes: BigInt(bytes),
    answers: answersOf('SLOT_ADD_MEM', d),
  };
}

/** Mostly what the enclave still lacks; a start when it lacks nothing. */
function start(
  host: Host,
  intent: Intent<NitroChoice>,
  slot: number,
  enclave: Enclave | undefined,
): Command {
  const [, b, c, d] = intent.draws;
  if (enclave?.state === 'INIT' && !rarely(d, 6)) {
    if (enclave.memoryBytes < MIN_BYTES) return setMemory(host, intent, slot, enclave.task);
    const owned = threadsOf(enclave.cores).length;
    if (owned === 0 || owned > enclave.vcpus.length) {
      return { kind: 'nitro.add-vcpu', slot, task: enclave.task, cpu: 0 };
    }
  }
  return {
    kind: 'nitro.start',
    slot,
    cid: rarely(b, 3) ? BigInt(c % 20) : 0n,
    // In debug mode one in four, by bits that decide nothing else, and never where draws shrink.
    flags: (b >>> 8) % 4 === 3 ? 1n : 0n,
    answers: answersOf('ENCLAVE_START', d),
  };
}

/** A page of a size that is there; when no page is free, mostly a larger pool first. */
function mapPage(host: Host, intent: Intent<NitroChoice>, task: number): Command {
  const [, b, c] = intent.draws;
  const sizes = host.topology.pageSizesKib;
  const free = sizes.filter((_, size) =>
    host.memory.some(({ pools }) => freePages(pools[size]) > 0),
  );
  if (free.length === 0 && !rarely(c, 3)) return writeHugepages(host, intent);
  return { kind: 'nitro.map-page', task, pageKib: pick(free, b) ?? sizes[b % 2] };
}

function wildCommand(host: Host, slot: number, b: number, c: number): Command {
  if (host.tree.counters.bound === 0 && !rarely(c, 4)) return { kind: 'nitro.bind' };
  switch (b % 6) {
    case 0:
      return { kind: 'nitro.unbind' };
    case 1:
      return { kind: 'nitro.bind' };
    case 2:
      return { kind: 'nitro.close', slot, answers: answersOf('ENCLAVE_STOP', 0) };
    case 3:
      return { kind: 'nitro.close', slot, answers: answersOf('SLOT_FREE', 0) };
    default:
      return { kind: 'nitro.hotplug', cpu: switchedCpu(host, b, c), online: b % 2 === 0 };
  }
}

/** Every second time one that is offline: of the pool, of an enclave, or nobody's. */
function switchedCpu({ topology, tree }: Host, b: number, c: number): number {
  const offline = tree.online.flatMap((on, cpu) => (on || cpu === 0 ? [] : [cpu]));
  const one = rarely(b >> 4, 2) ? pick(offline, c) : undefined;
  return one ?? 1 + (c % (topology.nrCpuIds - 1));
}

/**
 * The kernel keeps a CPU online in one write of six, and offline in one of eight: any of the first
 * ones that it is asked for.
 */
function poolWrite(host: Host, { draws: [a, b, c] }: Intent<NitroChoice>): PoolWrite {
  const answers = {
    ...(rarely(c, 6) ? { CPU_OFFLINE: { nth: 1 + ((c >> 3) % 5), errno: 16 } } : {}),
    ...(rarely(c >> 9, 8) ? { CPU_ONLINE: { nth: 1 + ((c >> 6) % 7), errno: 5 } } : {}),
  };
  return { kind: 'nitro.write-pool', text: poolText(host, a, b), answers };
}

/**
 * Whole cores of one node without CPU 0's, mostly of CPUs that are there to be had, or
 * sometimes any few CPUs, or CPU 0's core.
 */
function poolText(host: Host, a: number, b: number): string {
  const { topology, tree } = host;
  if (rarely(b, 18)) return formatCpulist(topology.cores[topology.coreOf[0]]);
  if (rarely(b, 6)) return formatCpulist([a % topology.nrCpuIds, (a >> 4) % topology.nrCpuIds]);
  const node = nodeId(host, a);
  const cores = topology.cores.filter(
    (cpus, core) => core !== topology.coreOf[0] && topology.nodeOf[cpus[0]] === node,
  );
  const had = [...tree.pool.avail.flat(), ...tree.online.flatMap((on, cpu) => (on ? [cpu] : []))];
  const whole = cores.filter((cpus) => cpus.every((cpu) => had.includes(cpu)));
  const from = whole.length === 0 || rarely(b, 5) ? cores : whole;
  const taken = from.slice(0, 1 + (b % from.length)).flat();
  return formatCpulist(taken.sort((x, y) => x - y));
}

function nodeId({ topology }: Host, draw: number): number {
  return topology.nodes[draw % topology.nodes.length].id;
}

/** Enclaves whose file is open; a zombie can only be left alone. */
function live({ tree }: Host): Enclave[] {
  return newestFirst(tree).filter(({ fd }) => fd !== -1);
}

/** One call in sixteen fails with EINVAL. */
function answersOf(kind: keyof Answers, draw: number): Answers {
  return rarely(draw, 16) ? { [kind]: { nth: 1, errno: 22 } } : {};
}
