/**
 * The host at one moment, as a report draws it: an owner for every thread and every run of frames.
 *
 * Invariant: runs partition each node's frames, every present CPU has exactly one owner word, and
 * nothing here is kept between moments: a picture is read from the host each time.
 */
import { threadsOf } from '../../core/host/cores.js';
import type { Host } from '../../core/host/host.js';
import { isEnclaveOwner, ownerNumber } from '../../core/host/owner.js';
import { newestFirst } from '../../core/host/records.js';
import { type SharedCache, sharedCaches } from '../../core/invariants/shared-caches.js';
import { PARENT_OWNS } from '../../core/invariants/thread-owners.js';
import { FREE } from '../../core/memory/extent-store.js';
import { HOLE, LEAKED, type NodeMemory, POOL } from '../../core/memory/node-memory.js';
import { derivedLines } from '../../core/platform/derived.js';
import { formatCpulist } from '../../core/topology/cpulist.js';
import type {
  CpuPicture,
  HostPicture,
  MemoryRun,
  NodePicture,
  SharedCachePicture,
  Snapshot,
} from '../../reports/record.js';
import { capacityOf } from './capacity.js';
import { type Names, nameOf } from './names.js';

export function snapshot(host: Host, names: Names, at: number, title: string): Snapshot {
  const cpus = cpuPictures(host, names);
  const memory = host.memory.map((node) => nodePicture(node, names));
  const capacity = capacityOf(host, names, cpus, memory);
  const caches = sharedCaches(host);
  if (!caches.known) return { at, title, cpus, memory, capacity };
  return { at, title, cpus, memory, capacity, sharedCaches: cachePictures(caches.shared, names) };
}

function cachePictures(shared: readonly SharedCache[], names: Names): SharedCachePicture[] {
  return shared.map(({ cpus, owners }) => ({
    cpus: formatCpulist(cpus),
    owners: owners.map((owner) => (owner === PARENT_OWNS ? 'parent' : nameOf(names, owner))),
  }));
}

function cpuPictures({ topology, tree }: Host, names: Names): CpuPicture[] {
  const owners = new Map<number, string>();
  for (const cpus of tree.pool.avail) for (const cpu of cpus) owners.set(cpu, 'pool');
  for (const { uid, cores, vcpus } of newestFirst(tree)) {
    for (const cpu of threadsOf(cores)) owners.set(cpu, nameOf(names, uid));
    for (const cpu of vcpus) owners.set(cpu, nameOf(names, uid));
  }
  const pictures: CpuPicture[] = [];
  for (let cpu = 0; cpu < topology.nrCpuIds; cpu++) {
    const core = topology.coreOf[cpu];
    if (core < 0) continue;
    const owner = owners.get(cpu) ?? (tree.online[cpu] === 1 ? 'parent' : 'offline');
    pictures.push({ cpu, node: topology.nodeOf[cpu], core, owner });
  }
  return pictures;
}

function nodePicture(memory: NodeMemory, names: Names): NodePicture {
  const runs: MemoryRun[] = [];
  for (const { start, frames, owner } of memory.base.extents()) {
    if (owner < POOL || owner >= POOL + memory.pools.length) {
      push(runs, { start, frames, owner: baseWord(owner, names), pageKib: 0 });
      continue;
    }
    const { store, pageKib } = memory.pools[owner - POOL];
    for (let at = start; at < start + frames; ) {
      const held = store.covering(at);
      const end = Math.min(held.start + held.frames, start + frames);
      push(runs, { start: at, frames: end - at, owner: poolWord(held.owner, names), pageKib });
      at = end;
    }
  }
  return { node: memory.node, frameKib: memory.frameKib, frames: memory.base.frames, runs };
}

/** Joins a run with an equal neighbour before it. */
function push(runs: MemoryRun[], run: MemoryRun): void {
  const last = runs.at(-1);
  const joins =
    last !== undefined &&
    last.owner === run.owner &&
    last.pageKib === run.pageKib &&
    last.start + last.frames === run.start;
  if (joins) runs[runs.length - 1] = { ...last, frames: last.frames + run.frames };
  else runs.push(run);
}

function baseWord(owner: number, names: Names): string {
  if (owner === FREE) return 'free';
  if (isEnclaveOwner(owner)) return nameOf(names, ownerNumber(owner));
  return owner === HOLE ? 'hole' : 'parent';
}

function poolWord(owner: number, names: Names): string {
  if (owner === FREE) return 'pool';
  if (owner === LEAKED) return 'leaked';
  if (isEnclaveOwner(owner)) return nameOf(names, ownerNumber(owner));
  return 'task';
}

/** The parent as it is before anything is reserved. */
export function hostPicture(host: Host, provenance: readonly string[]): HostPicture {
  const { topology, parent } = host;
  const present = topology.cores.reduce((sum, core) => sum + core.length, 0);
  return {
    parentType: parent.flavor,
    architecture: topology.architecture,
    vcpus: present,
    threadsPerCore: Math.max(...topology.cores.map((core) => core.length)),
    memoryMib: parent.memoryMib,
    nodes: topology.nodes.map(({ id, cpus }, i) => ({
      id,
      cpus: formatCpulist(cpus),
      memoryMib: installedMib(host.memory[i]),
    })),
    pageSizesKib: topology.pageSizesKib,
    provenance,
    follows: derivedLines(host.profile.derivedFacts(host)),
  };
}

/** Memory there is: all frames but the holes. */
function installedMib({ base, frameKib }: NodeMemory): number {
  let frames = 0;
  for (const extent of base.extents()) if (extent.owner !== HOLE) frames += extent.frames;
  return Math.floor((frames * frameKib) / 1024);
}
