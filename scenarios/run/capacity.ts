/**
 * Where the capacity of a host is: with the parent, free in the pool, with enclaves, or stranded.
 *
 * Stranded means that nobody can use it as things are, with the reason: pool pages on a node without
 * free pool CPUs (or with half cores alone, where enclaves take whole ones) and pool CPUs on a node
 * without free pages (`wrong-node` while another node has what is missing, else `no-cpu`, `no-page`),
 * threads whose sibling is elsewhere, memory that page rounding adds to an enclave, free memory that
 * is in no whole largest page, leaked pages.
 * Invariant: all figures are integers read from the picture; shares add up to the total.
 */

import type { Host } from '../../core/host/host.js';
import type { Capacity, CpuPicture, NodePicture, Share, Stranded } from '../../reports/record.js';
import type { Names } from './names.js';

const NOT_ENCLAVE = new Set(['parent', 'offline', 'pool', 'free', 'hole', 'leaked', 'task']);

export function capacityOf(
  host: Host,
  names: Names,
  cpus: readonly CpuPicture[],
  memory: readonly NodePicture[],
): Capacity {
  return {
    vcpus: cpuShare(cpus),
    memoryMib: memoryShare(memory),
    stranded: [
      ...pagesWithoutCpus(host, cpus, memory),
      ...cpusWithoutPages(host, cpus, memory),
      ...siblings(host, cpus),
      ...rounding(host, names),
      ...fragmented(memory, host.topology.pageSizesKib.at(-1) ?? 0),
      ...leaked(memory),
    ].filter(({ amount }) => amount > 0),
  };
}

function cpuShare(cpus: readonly CpuPicture[]): Share {
  const count = (of: (owner: string) => boolean) => cpus.filter(({ owner }) => of(owner)).length;
  return {
    total: cpus.length,
    parent: count((owner) => owner === 'parent' || owner === 'offline'),
    poolFree: count((owner) => owner === 'pool'),
    enclaves: count((owner) => !NOT_ENCLAVE.has(owner)),
  };
}

function memoryShare(memory: readonly NodePicture[]): Share {
  const mib = (of: (owner: string) => boolean) => mibOf(memory, of);
  const enclaves = mib((owner) => !NOT_ENCLAVE.has(owner));
  const poolFree = mib((owner) => owner === 'pool');
  const leaked = mib((owner) => owner === 'leaked');
  const total = mib((owner) => owner !== 'hole');
  const parent = total - poolFree - enclaves - leaked;
  return { total, parent, poolFree, enclaves, ...(leaked === 0 ? {} : { leaked }) };
}

function mibOf(memory: readonly NodePicture[], of: (owner: string) => boolean): number {
  let kib = 0;
  for (const { frameKib, runs } of memory) {
    for (const { frames, owner } of runs) if (of(owner)) kib += frames * frameKib;
  }
  return Math.floor(kib / 1024);
}

/** Pool memory on a node without pool CPUs that an enclave can take can serve none. */
function pagesWithoutCpus(
  host: Host,
  cpus: readonly CpuPicture[],
  memory: readonly NodePicture[],
): Stranded[] {
  const half = new Set(halfCoreThreads(host, cpus));
  const pooled = cpus.filter(({ owner }) => owner === 'pool');
  const withCpus = new Set(pooled.filter(({ cpu }) => !half.has(cpu)).map(({ node }) => node));
  const alone = memory.filter((one) => !withCpus.has(one.node) && poolMib(one) > 0);
  const amount = alone.reduce((sum, one) => sum + poolMib(one), 0);
  const nodes = alone.map(({ node }) => node).join(', ');
  const besideHalf = pooled.some(({ node }) => alone.some((one) => one.node === node));
  const missing = besideHalf ? 'whole free core' : 'free CPU';
  const sentence = `free pool pages on node ${nodes}, where the pool has no ${missing}`;
  const reason = withCpus.size === 0 ? 'no-cpu' : 'wrong-node';
  return [{ reason, unit: 'MiB', amount, sentence }];
}

/** Pool CPUs on a node without free pool pages, where enclaves get memory from pages alone. */
function cpusWithoutPages(
  host: Host,
  cpus: readonly CpuPicture[],
  memory: readonly NodePicture[],
): Stranded[] {
  if (host.profile.memoryFromParent === true) return [];
  const withPages = new Set(memory.filter((one) => poolMib(one) > 0).map(({ node }) => node));
  const half = new Set(halfCoreThreads(host, cpus));
  const alone = cpus.filter(
    ({ owner, node, cpu }) => owner === 'pool' && !withPages.has(node) && !half.has(cpu),
  );
  const nodes = [...new Set(alone.map(({ node }) => node))].join(', ');
  const sentence = `free pool CPUs on node ${nodes}, where the pool has no free page`;
  const reason = withPages.size === 0 ? 'no-page' : 'wrong-node';
  return [{ reason, unit: 'vCPU', amount: alone.length, sentence }];
}

function poolMib(node: NodePicture): number {
  return mibOf([node], (owner) => owner === 'pool');
}

function siblings(host: Host, cpus: readonly CpuPicture[]): Stranded[] {
  const amount = halfCoreThreads(host, cpus).length;
  const sentence = 'pool threads whose sibling is not in the pool: no enclave can take half a core';
  return [{ reason: 'sibling', unit: 'vCPU', amount, sentence }];
}

/** Pool threads whose core is not whole in the pool, where enclaves take whole cores alone. */
function halfCoreThreads({ topology, profile }: Host, cpus: readonly CpuPicture[]): number[] {
  if (profile.guarantees?.wholeCores !== true) return [];
  const inPool = new Set(cpus.filter(({ owner }) => owner === 'pool').map(({ cpu }) => cpu));
  return topology.cores.flatMap((core) => {
    const pooled = core.filter((cpu) => inPool.has(cpu));
    return pooled.length < core.length ? pooled : [];
  });
}

/** Memory that enclaves hold beyond what they asked for. */
function rounding({ tree }: Host, names: Names): Stranded[] {
  let amount = 0;
  for (const { uid, memoryBytes } of tree.records) {
    const heldMib = Math.floor(memoryBytes / 1_048_576);
    amount += Math.max(0, heldMib - (names.get(uid)?.askedMib ?? heldMib));
  }
  const sentence = 'given to enclaves beyond their request, because pages are whole';
  return [{ reason: 'page-rounding', unit: 'MiB', amount, sentence }];
}

/** Free parent memory that lies in no whole, aligned page of the largest size. */
function fragmented(memory: readonly NodePicture[], pageKib: number): Stranded[] {
  let kib = 0;
  for (const { frameKib, runs } of memory) {
    const page = pageKib / frameKib;
    for (const { start, frames, owner } of runs) {
      if (owner !== 'free') continue;
      const first = Math.ceil(start / page) * page;
      const whole = Math.max(0, Math.floor((start + frames - first) / page));
      kib += (frames - whole * page) * frameKib;
    }
  }
  const amount = Math.floor(kib / 1024);
  const size = pageKib >= 1_048_576 ? `${pageKib / 1_048_576} GiB` : `${pageKib / 1024} MiB`;
  const sentence = `free in the parent, but in no whole aligned ${size} page`;
  return [{ reason: 'fragmentation', unit: 'MiB', amount, sentence }];
}

function leaked(memory: readonly NodePicture[]): Stranded[] {
  const amount = mibOf(memory, (owner) => owner === 'leaked');
  const sentence = 'pages pinned for good by a failed check; a reboot returns them';
  return [{ reason: 'leaked', unit: 'MiB', amount, sentence }];
}
