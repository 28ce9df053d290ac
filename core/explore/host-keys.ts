/**
 * Keys of hosts: the numbers of a host's components, and a live host made from them again.
 *
 * Words of a key: base, CPUs, one for each node, one for each place of an enclave (0 = none, else
 * number + 1), mappings. Invariant: load then encode gives the same key, and loading changes only
 * components that differ from those loaded last. Trade-off: after a move only what its effects can
 * have touched is written again (`touched`); a test compares that with writing all.
 */
import type { Effect } from '../host/effect.js';
import type { Host } from '../host/host.js';
import { putRecord, recordOf, removeRecord } from '../host/records.js';
import { copyEnclave, type Enclave, type Mapping, promisesIn } from '../host/tree.js';
import { explainedPins } from '../invariants/page-pins.js';
import { type Components, createComponents } from './components.js';
import type { FrameLine } from './frame-line.js';
import * as view from './view.js';

export const BASE = 0;
export const CPUS = 1;
export const FIRST_NODE = 2;

/** Where the components of a scope's hosts lie in a key. */
export interface Layout {
  readonly nodes: number;
  /** Most enclave records at once. */
  readonly places: number;
  readonly firstPlace: number;
  readonly mappings: number;
  readonly words: number;
}

export interface Registers {
  readonly base: Components<view.BasePart>;
  readonly cpus: Components<view.CpuPart>;
  readonly nodes: Components<view.NodePart>;
  readonly enclaves: Components<Enclave>;
  readonly mappings: Components<readonly Mapping[]>;
}

export interface HostKeys {
  readonly layout: Layout;
  readonly registers: Registers;
  /** The first CID that is named by a place; beyond all CIDs where none is automatic. */
  readonly firstAutomatic: number;
  /** Writes the key of the live host. `effects`: what changed since `from`; absent = all may have. */
  encode(key: Int32Array, from?: Int32Array, effects?: readonly Effect[]): void;
  /** Makes the live host that of a key. */
  load(key: Int32Array): void;
  /** Takes note that effects were applied to the live host, and will not be taken back. */
  forget(effects: readonly Effect[]): void;
  /** Takes note that anything of the live host may be changed, records that no key names among it. */
  forgetAll(): void;
}

export function layoutOf(nodes: number, places: number): Layout {
  const firstPlace = FIRST_NODE + nodes;
  const mappings = firstPlace + places;
  return { nodes, places, firstPlace, mappings, words: mappings + 1 };
}

/** Keys for one live host of at most `places` enclaves, whose memory is made of frame lines. */
export function createHostKeys(host: Host, places: number): HostKeys {
  const layout = layoutOf(host.memory.length, places);
  const registers: Registers = {
    base: createComponents(),
    cpus: createComponents(),
    nodes: createComponents(),
    enclaves: createComponents(),
    mappings: createComponents(),
  };
  const lines = host.memory.map(view.linesOf);
  const loaded = new Int32Array(layout.words).fill(-1);
  return {
    layout,
    registers,
    firstAutomatic: view.firstAutomaticCid(host),
    encode(key, from, effects) {
      const touched =
        effects === undefined ? -1 : touchedBy(layout, host.hypervisor.firstSlot, effects);
      if (from !== undefined) key.set(from);
      writeKey({ host, lines, layout, registers }, key, touched);
    },
    load(key) {
      loadKey({ host, lines, layout, registers }, key, loaded);
      loaded.set(key);
    },
    forget(effects) {
      const touched = touchedBy(layout, host.hypervisor.firstSlot, effects);
      for (let word = 0; word < layout.words; word++) {
        if (touched & (1 << word)) loaded[word] = -1;
      }
    },
    forgetAll() {
      host.tree.records.length = 0;
      loaded.fill(-1);
    },
  };
}

interface Desk {
  readonly host: Host;
  readonly lines: readonly (readonly FrameLine[])[];
  readonly layout: Layout;
  readonly registers: Registers;
}

/** Bits of the words that effects can have changed. */
export function touchedBy(layout: Layout, first: number, effects: readonly Effect[]): number {
  let bits = 0;
  const enclave = (uid: number) => {
    if (uid >= 0) bits |= 1 << (layout.firstPlace + uid - first);
  };
  for (const effect of effects) {
    switch (effect.kind) {
      case 'admit':
      case 'dismiss':
      case 'admit-mapped':
      case 'dismiss-mapped':
        return -1;
      case 'drop-enclave':
        bits |= (1 << BASE) | enclaveBits(layout);
        break;
      case 'set-enclave':
        if (effect.field === 'cid') bits |= enclaveBits(layout);
        enclave(effect.uid);
        break;
      case 'set-parent':
      case 'set-reservation':
      case 'set-counter':
        bits |= 1 << BASE;
        break;
      case 'set-online':
      case 'set-pool':
        bits |= 1 << CPUS;
        break;
      case 'take-core':
      case 'return-core':
        bits |= 1 << CPUS;
        enclave(effect.uid);
        break;
      case 'add-enclave':
        enclave(effect.enclave.uid);
        break;
      case 'add-region':
        bits |= 1 << BASE;
        enclave(effect.uid);
        break;
      case 'add-vcpu':
      case 'donate':
        enclave(effect.uid);
        break;
      case 'map':
      case 'unmap':
        bits |= 1 << layout.mappings;
        break;
      case 'resize-pages':
        bits |= 1 << (FIRST_NODE + effect.node);
        break;
      case 'claim':
      case 'give':
      case 'scrub':
      case 'release':
        bits |= (1 << BASE) | (1 << (FIRST_NODE + effect.node));
        enclave(effect.uid);
        break;
    }
  }
  return bits;
}

/** All places: a CID that comes or goes may change the name of another. */
function enclaveBits({ firstPlace, places }: Layout): number {
  return ((1 << places) - 1) << firstPlace;
}

function writeKey({ host, lines, layout, registers }: Desk, key: Int32Array, touched: number) {
  const { tree } = host;
  if (touched & (1 << BASE)) {
    const part = view.baseOf(host);
    key[BASE] = registers.base.numberOf(view.textOfBase(part), () => ({
      ...part,
      reservation: { ...part.reservation },
    }));
  }
  if (touched & (1 << CPUS)) {
    key[CPUS] = registers.cpus.numberOf(view.textOfCpus(tree), () => view.copyCpus(tree));
  }
  for (let node = 0; node < layout.nodes; node++) {
    if ((touched & (1 << (FIRST_NODE + node))) === 0) continue;
    const text = view.textOfNode(lines[node].map(({ cells }) => cells));
    key[FIRST_NODE + node] = registers.nodes.numberOf(text, () =>
      lines[node].map(({ cells }) => cells.slice()),
    );
  }
  if (touched & enclaveBits(layout))
    writeEnclaves({ host, lines, layout, registers }, key, touched);
  if (touched & (1 << layout.mappings)) {
    const text = view.textOfMappings(tree.mappings);
    key[layout.mappings] = registers.mappings.numberOf(text, () => [...tree.mappings]);
  }
}

function writeEnclaves({ host, layout, registers }: Desk, key: Int32Array, touched: number): void {
  const { tree, hypervisor } = host;
  for (let place = 0; place < layout.places; place++) {
    const word = layout.firstPlace + place;
    if ((touched & (1 << word)) === 0) continue;
    const enclave = recordOf(tree, hypervisor.firstSlot + place);
    if (enclave === undefined) {
      key[word] = 0;
      continue;
    }
    const cid = view.cidName(host, enclave, layout.places);
    const text = view.textOfEnclave(enclave, cid);
    key[word] = 1 + registers.enclaves.numberOf(text, () => view.namedEnclave(enclave, cid));
  }
}

function loadKey(desk: Desk, key: Int32Array, loaded: Int32Array): void {
  const { host, lines, layout, registers } = desk;
  const { tree } = host;
  const base = registers.base.part(key[BASE]);
  if (key[BASE] !== loaded[BASE]) {
    tree.parent = base.parent;
    tree.reservation = { ...base.reservation };
    tree.counters.bound = base.bound;
    tree.dirty = base.dirty.map((run) => ({ ...run }));
  }
  if (key[CPUS] !== loaded[CPUS]) {
    const { online, pool } = view.copyCpus(registers.cpus.part(key[CPUS]));
    tree.online = [...online];
    tree.pool = pool;
  }
  for (let node = 0; node < layout.nodes; node++) {
    const word = FIRST_NODE + node;
    if (key[word] === loaded[word]) continue;
    const part = registers.nodes.part(key[word]);
    for (let i = 0; i < part.length; i++) lines[node][i].load(part[i]);
  }
  if (key[layout.mappings] !== loaded[layout.mappings]) {
    tree.mappings = [...registers.mappings.part(key[layout.mappings])];
    tree.promised = promisesIn(tree.mappings, tree.promised.length);
  }
  loadEnclaves(desk, key, loaded);
  tree.counters.pinned = explainedPins(tree) + base.extraPins;
}

function loadEnclaves({ host, layout, registers }: Desk, key: Int32Array, loaded: Int32Array) {
  const { tree, hypervisor } = host;
  for (let word = layout.firstPlace; word < layout.mappings; word++) {
    if (key[word] === loaded[word]) continue;
    const uid = hypervisor.firstSlot + word - layout.firstPlace;
    if (key[word] === 0) removeRecord(tree, uid);
    else putRecord(tree, { ...copyEnclave(registers.enclaves.part(key[word] - 1)), uid });
  }
  tree.counters.nextCid = hypervisor.firstCid + layout.places;
}
