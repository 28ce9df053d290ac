/**
 * The judge between a host of plain VMs and its naive twin: VMs, their threads, the owner of every frame.
 *
 * As `judge`, for memory that lies in the base stores alone. Invariant: a difference is told in words, the
 * first one found; nothing is written but what the twin follows (`vmPlaces`).
 */
import { threadsOf } from '../../../core/host/cores.js';
import type { Host } from '../../../core/host/host.js';
import { isEnclaveOwner, ownerNumber } from '../../../core/host/owner.js';
import { theRecord, uidsOf } from '../../../core/host/records.js';
import { FREE } from '../../../core/memory/extent-store.js';
import { enclaveHolder, NOBODY } from './frame-board.js';
import { cpusDifference, differ, requestDifference, sortedCpus } from './judge.js';
import type { VmTwin } from './vm-twin.js';

const MIB = 1024 * 1024;
const FRAME_MIB = 2;

/** Lets the twin follow where a VM that was just launched came to lie; what is wrong there. */
export function vmPlaces({ memory }: Host, twin: VmTwin, uid: number): string | undefined {
  for (const [node, { base }] of memory.entries()) {
    const frames: number[] = [];
    for (const { start, frames: length, owner } of base.extents()) {
      if (!isEnclaveOwner(owner) || ownerNumber(owner) !== uid) continue;
      for (let f = start; f < start + length; f++) frames.push(f);
    }
    const wrong = twin.adopt(uid, node, frames);
    if (wrong !== undefined) return wrong;
  }
  return undefined;
}

export function vmDifference(host: Host, twin: VmTwin): string | undefined {
  const { tree } = host;
  const ids = twin.vms.map(({ id }) => id);
  return (
    cpusDifference(host, twin) ??
    (tree.dirty.length > 0 ? 'frames were returned unscrubbed' : undefined) ??
    differ('host', tree.parent, twin.parent) ??
    differ('next id', tree.counters.nextSlot, twin.nextId) ??
    differ('VMs', uidsOf(tree).reverse().join(), ids.join()) ??
    first(ids, (id) => vmOf(host, twin, id)) ??
    differ('free threads', sortedCpus(tree.pool.avail), freeOf(twin)) ??
    first([...host.memory.keys()], (node) => framesOf(host, twin, node))
  );
}

function first<T>(list: readonly T[], told: (one: T) => string | undefined): string | undefined {
  for (const one of list) {
    const wrong = told(one);
    if (wrong !== undefined) return wrong;
  }
  return undefined;
}

function vmOf({ tree, topology }: Host, { vms }: VmTwin, id: number): string | undefined {
  const record = theRecord(tree, id);
  const { vcpus, mib, parts } = vms.find((vm) => vm.id === id) ?? { vcpus: 0, mib: 0, parts: [] };
  const threads = sortedCpus(parts.map((part) => part.threads));
  const frames = parts.reduce((sum, part) => sum + part.frames, 0);
  const wrong =
    differ('state', record.state, 'running') ??
    requestDifference(record, vcpus, mib, 0) ??
    differ('vCPUs', record.vcpus.join(), threads) ??
    differ('cores', sortedCpus([threadsOf(record.cores)]), threads) ??
    differ('bytes', record.memoryBytes, frames * FRAME_MIB * MIB) ??
    differ('node', record.node, parts.length === 1 ? topology.nodes[parts[0].node].id : -1);
  return wrong === undefined ? undefined : `VM ${id}, ${wrong}`;
}

/** A host that is down has nothing to give: its threads are its own. */
function freeOf(twin: VmTwin): string {
  if (twin.parent !== 'running') return '';
  return sortedCpus(twin.boards.map((_, node) => twin.freeThreads(node)));
}

function framesOf({ memory }: Host, { boards }: VmTwin, node: number): string | undefined {
  const { pool, holder } = boards[node];
  for (const { start, frames, owner } of memory[node].base.extents()) {
    for (let f = start; f < start + frames; f++) {
      // The host's own for good, or until a boot: whatever pool the twin has it in, nobody holds it.
      const isHosts = owner !== FREE && !isEnclaveOwner(owner);
      if (isHosts !== (pool[f] !== 0)) return differ(`frame ${f}, host's own`, isHosts, !isHosts);
      const has = isEnclaveOwner(owner) ? enclaveHolder(ownerNumber(owner)) : NOBODY;
      if (has !== holder[f]) return differ(`node ${node}, frame ${f}`, has, holder[f]);
    }
  }
  return undefined;
}
