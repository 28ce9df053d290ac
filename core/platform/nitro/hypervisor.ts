/**
 * The isolating hypervisor's rows: what it refuses so that no frame, thread or CID gets two
 * owners.
 *
 * All of it is a declared model [M] (nitro RULES.md §1.7 says what is not public); each row has an
 * errno of its own, so that a report tells them apart. Invariant: with these rows, and those on CPUs
 * that come online (hotplug.ts), an accepted request leaves every frame, thread and CID with one
 * owner, every core with one of its threads in an enclave to that enclave, every running enclave
 * on one node, and none larger than it was started. Only reads.
 */

import type { Host } from '../../host/host.js';
import { isEnclaveOwner, ownerNumber, taskOwner } from '../../host/owner.js';
import { locate } from '../../host/physical.js';
import { theRecord } from '../../host/records.js';
import type { Enclave } from '../../host/tree.js';
import { siblingsOf } from '../../topology/topology.js';
import { counted } from '../../units/counted.js';
import { type Outcome, PASS, type Rule, refuse } from '../rule.js';
import { enclaveOnCore } from './donated-core.js';
import { poolOwnerAt } from './page-owner.js';
import { driverRow } from './row.js';

const EAGAIN = 11;
const EACCES = 13;
const EBUSY = 16;
const EEXIST = 17;
const EXDEV = 18;
const ENODEV = 19;
const ENOSPC = 28;
const ENOTEMPTY = 39;
const EADDRINUSE = 98;
const EALREADY = 114;

/** A request as the driver sends it; `bytes` and `phys` are physical. */
export type Request =
  | { readonly kind: 'SLOT_ALLOC' }
  | { readonly kind: 'SLOT_ADD_VCPU'; readonly slot: number; readonly cpu: number }
  | {
      readonly kind: 'SLOT_ADD_MEM';
      readonly slot: number;
      readonly task: number;
      readonly phys: number;
      readonly bytes: number;
    }
  | {
      readonly kind: 'ENCLAVE_START';
      readonly slot: number;
      /** As requested: 0 = automatic. */
      readonly cid: number;
      readonly flags: number;
    }
  | {
      readonly kind: 'ENCLAVE_STOP' | 'SLOT_FREE' | 'SLOT_INFO';
      readonly slot: number;
    };

/** Requests that only a slot may get that was never started. */
const GROWS: ReadonlySet<Request['kind']> = new Set([
  'SLOT_ADD_VCPU',
  'SLOT_ADD_MEM',
  'ENCLAVE_START',
]);

interface RequestContext {
  readonly host: Host;
  readonly request: Request;
}

export const DEVICE_BOUND: Rule<{ readonly host: Host }> = driverRow({
  id: 'device-bound',
  sentence: 'Requests need the enclave PCI device to be bound.',
  source: 'finding 26 (the real driver would crash; refused here, [M])',
  number: ENODEV,
  remedy: 'Bind the device again.',
  check: ({ host }) =>
    host.tree.counters.bound === 1 ? PASS : refuse({ bound: 0 }, 'the PCI device is not bound'),
});

const SLOTS = hypervisorRow('hypervisor-slots', ENOSPC, {
  sentence: 'A parent has at most four enclaves at once.',
  source: '§1.4, §2.6, §8 [M]',
  requirements: ['N22'],
  remedy: 'End an enclave first, or use another parent.',
  check: ({ host, request }) => {
    const { maxEnclaves } = host.hypervisor;
    const enclaves = host.tree.records.length;
    return request.kind === 'SLOT_ALLOC' && enclaves >= maxEnclaves
      ? refuse({ enclaves, maxEnclaves }, `the parent already has ${counted(enclaves, 'enclave')}`)
      : PASS;
  },
});

/** The driver may forget a start (quirk `slot-info-zeroed`); who started it has given it a CID. */
const SLOT_STARTED = hypervisorRow('hypervisor-slot-started', EALREADY, {
  sentence: 'A slot that was started takes no vCPU and no memory, and is not started again.',
  source: '§1.1, finding 25 [M]',
  requirements: ['N08'],
  remedy: 'Close the enclave and create a new one; a started enclave cannot be changed.',
  check: ({ host, request }) => {
    if (!GROWS.has(request.kind) || !('slot' in request)) return PASS;
    const { slot } = request;
    const { cid } = theRecord(host.tree, slot);
    return cid === 0 ? PASS : refuse({ slot, cid }, `slot ${slot} was started with CID ${cid}`);
  },
});

const VCPU_OWNER = hypervisorRow('hypervisor-vcpu-owner', EEXIST, {
  sentence: 'A vCPU belongs to one enclave.',
  source: '§1.7 [M]',
  requirements: ['N12'],
  remedy: 'Choose another vCPU.',
  check: ({ host, request }) => {
    if (request.kind !== 'SLOT_ADD_VCPU') return PASS;
    const owner = ownerOfVcpu(host, request.slot, request.cpu);
    if (owner === undefined) return PASS;
    return refuse({ cpu: request.cpu, owner: owner.uid }, `vCPU ${request.cpu} is taken`);
  },
});

const VCPU_OFFLINE = hypervisorRow('hypervisor-vcpu-offline', EAGAIN, {
  sentence: 'A vCPU the parent runs on cannot go to an enclave.',
  source: '§1.7 [M]',
  requirements: ['N12'],
  remedy: 'Take the CPU offline in the parent, or write the pool again.',
  check: ({ host, request }) =>
    request.kind === 'SLOT_ADD_VCPU' && host.tree.online[request.cpu] === 1
      ? refuse({ cpu: request.cpu }, `CPU ${request.cpu} is online in the parent`)
      : PASS,
});

const CORE_FREE = hypervisorRow('hypervisor-core-free', ENOTEMPTY, {
  sentence: 'No thread of the vCPU’s core is online in the parent or in another enclave.',
  source: '§1.7, §7.7 (full cores) [M]',
  requirements: ['N12'],
  remedy: 'Take the whole core offline in the parent, or choose another core.',
  check: ({ host, request }) => {
    if (request.kind !== 'SLOT_ADD_VCPU') return PASS;
    const { cpu, slot } = request;
    const sibling = onlineSibling(host, cpu);
    if (sibling !== undefined) {
      return refuse({ cpu, sibling }, `CPU ${sibling}, sibling of CPU ${cpu}, is online`);
    }
    const owner = enclaveOnCore(host, cpu, slot);
    return owner === undefined
      ? PASS
      : refuse({ cpu, owner }, `enclave ${owner} has a vCPU on the core of CPU ${cpu}`);
  },
});

const MEMORY_SHARED = hypervisorRow('hypervisor-memory-shared', EBUSY, {
  sentence: 'Memory donated to a live enclave cannot be donated to another.',
  source: '§3.4, finding 20 [M]',
  requirements: ['N12'],
  remedy: 'Map other pages.',
  check: ({ host, request }) => {
    if (request.kind !== 'SLOT_ADD_MEM') return PASS;
    const { phys, bytes, slot } = request;
    const owner = donatedTo(host, phys, bytes, slot);
    return owner === undefined
      ? PASS
      : refuse({ phys, bytes, owner }, `the range is memory of enclave ${owner}`);
  },
});

const MEMORY_OWNER = hypervisorRow('hypervisor-memory-owner', EACCES, {
  sentence: 'A task can donate only pages it holds.',
  source: '§1.7 [M]',
  requirements: ['N12'],
  remedy: 'Map pages of your own.',
  check: ({ host, request }) => {
    if (request.kind !== 'SLOT_ADD_MEM') return PASS;
    return heldByTask(host, request.phys, request.bytes, taskOwner(request.task));
  },
});

const CID_UNIQUE = hypervisorRow('hypervisor-cid', EADDRINUSE, {
  sentence: "Live enclaves' CIDs are unique.",
  source: '§6.6 [M]',
  remedy: 'Use another CID, or 0 for an automatic one.',
  check: ({ host, request }) => {
    if (request.kind !== 'ENCLAVE_START' || request.cid === 0) return PASS;
    const { cid, slot } = request;
    const owner = otherWith(host, slot, (e) => e.cid === cid);
    return owner === undefined
      ? PASS
      : refuse({ cid, owner: owner.uid }, `CID ${cid} is used by enclave ${owner.uid}`);
  },
});

const ONE_NODE = hypervisorRow('hypervisor-one-node', EXDEV, {
  sentence: 'All vCPUs and memory of a started enclave are on one NUMA node.',
  source: '§2.3, §3.2 (the driver checks each alone); finding 26 [M]',
  requirements: ['N12'],
  remedy: 'Close the enclave and create it again, with the pool and the pages of one node.',
  check: ({ host, request }) => {
    if (request.kind !== 'ENCLAVE_START') return PASS;
    const nodes = nodesOf(host, theRecord(host.tree, request.slot));
    const [first, other] = nodes;
    return other === undefined
      ? PASS
      : refuse({ node: first, other }, `the enclave is on nodes ${first} and ${other}`);
  },
});

/** What it asks of a vCPU, whatever slot it goes to. */
export const VCPU_RULES: readonly Rule<RequestContext>[] = [VCPU_OWNER, VCPU_OFFLINE, CORE_FREE];

/** The model's rows; each passes on requests of other kinds. */
export const HYPERVISOR_RULES: readonly Rule<RequestContext>[] = [
  SLOTS,
  SLOT_STARTED,
  ...VCPU_RULES,
  MEMORY_SHARED,
  MEMORY_OWNER,
  CID_UNIQUE,
  ONE_NODE,
];

/** The CID an accepted START gets: the one asked for, or the next automatic one. */
export function assignedCid(host: Host, slot: number, cid: number): number {
  if (cid !== 0) return cid;
  let next = host.tree.counters.nextCid;
  if (host.hypervisor.kind === 'permissive') return next;
  while (otherWith(host, slot, (e) => e.cid === next) !== undefined) next++;
  return next;
}

type HypervisorRow = Pick<Rule<RequestContext>, 'sentence' | 'source' | 'remedy' | 'check'> & {
  readonly requirements?: readonly string[];
};

function hypervisorRow(id: string, number: number, row: HypervisorRow): Rule<RequestContext> {
  return driverRow({ id, number, layer: 'hypervisor', ...row });
}

function ownerOfVcpu({ tree: { records } }: Host, slot: number, cpu: number): Enclave | undefined {
  for (let i = records.length - 1; i >= 0; i--) {
    if (records[i].uid !== slot && records[i].vcpus.includes(cpu)) return records[i];
  }
  return undefined;
}

/** The first thread of the CPU's core that the parent runs on. */
function onlineSibling({ topology, tree: { online } }: Host, cpu: number): number | undefined {
  const siblings = siblingsOf(topology, cpu);
  for (let i = 0; i < siblings.length; i++) if (online[siblings[i]] === 1) return siblings[i];
  return undefined;
}

/** The newest enclave with a slot of another number that has it. */
function otherWith(
  { tree: { records } }: Host,
  slot: number,
  has: (enclave: Enclave) => boolean,
): Enclave | undefined {
  for (let i = records.length - 1; i >= 0; i--) {
    const enclave = records[i];
    if (enclave.uid !== slot && has(enclave)) return enclave;
  }
  return undefined;
}

/** Ids of the nodes of its vCPUs and memory, ascending; foreign memory has none that is known. */
function nodesOf(host: Host, { vcpus, donated }: Enclave): number[] {
  const nodes = new Set(vcpus.map((cpu) => host.topology.nodeOf[cpu]));
  for (let i = 0; i < donated.length; i += 2) {
    const place = locate(host, donated[i]);
    if (place !== undefined) nodes.add(host.topology.nodes[place.node].id);
  }
  return [...nodes].sort((a, b) => a - b);
}

/**
 * Another enclave that has memory of the range. What a page pool holds is read from its store, which
 * this hypervisor keeps in step with what it accepted; only for other memory are the lists walked.
 */
function donatedTo(host: Host, phys: number, bytes: number, slot: number): number | undefined {
  for (let at = phys; at < phys + bytes; ) {
    const place = locate(host, at);
    const holder = place && poolOwnerAt(host.memory[place.node], place.frame);
    if (place === undefined || holder === undefined) {
      const rest = phys + bytes - at;
      return otherWith(host, slot, (e) => overlaps(e.donated, at, rest))?.uid;
    }
    const { owner } = holder;
    if (isEnclaveOwner(owner) && ownerNumber(owner) !== slot) return ownerNumber(owner);
    at += (holder.start + holder.frames - place.frame) * host.memory[place.node].frameKib * 1024;
  }
  return undefined;
}

function overlaps(donated: readonly number[], phys: number, bytes: number): boolean {
  for (let i = 0; i < donated.length; i += 2) {
    if (donated[i] < phys + bytes && phys < donated[i] + donated[i + 1]) return true;
  }
  return false;
}

/** Memory outside the host's stores (recorded runs) is nobody's here, so it passes. */
function heldByTask(host: Host, phys: number, bytes: number, owner: number): Outcome {
  for (let at = phys; at < phys + bytes; ) {
    const place = locate(host, at);
    if (place === undefined) return PASS;
    const holder = poolOwnerAt(host.memory[place.node], place.frame);
    if (holder === undefined || holder.owner !== owner) {
      return refuse({ phys: at, owner: holder?.owner ?? -1 }, `the task does not hold ${at}`);
    }
    const { frameKib } = host.memory[place.node];
    at += (holder.start + holder.frames - place.frame) * frameKib * 1024;
  }
  return PASS;
}
