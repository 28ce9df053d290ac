/**
 * No CPU is lost: what is offline the pool has, or an enclave, or a declared cause took it offline.
 *
 * A part of `no-leak`. Whether an administrator switched a CPU off is not in the state, so it is
 * judged at each command: a CPU may become offline and nobody's only where the platform's guarantees
 * declare it of that command, and a boot brings every such CPU back. Invariant: no list of the pool's
 * text or of a plan is asked, only what is online and who has what is not. Trade-off: without a note of
 * what was before nothing is said of a single state; whoever knows that nobody switched any CPU (an
 * audit of a fleet) asks `strandedSince` with `NOBODY_SWITCHED`.
 */
import type { Host } from '../host/host.js';
import type { HostTree } from '../host/tree.js';
import type { Topology } from '../topology/topology.js';
import type { Before } from './before.js';
import type { Scene, Violation } from './invariant.js';

const NONE: readonly number[] = [];

/** What was before, where nobody ever switched a CPU. */
export const NOBODY_SWITCHED = { stranded: NONE, parent: 'running' } as const;

/** What tells who has a CPU. */
export type CpuBooks = Readonly<Pick<HostTree, 'pool' | 'records'>> & {
  readonly online: readonly number[];
};

/** CPUs, ascending, that a boot brings up, that are offline, and that neither pool nor enclave has. */
export function strandedIn({ coreOf, offline }: Topology, books: CpuBooks): readonly number[] {
  const { online } = books;
  const down: number[] = [];
  for (let cpu = 0; cpu < coreOf.length; cpu++) {
    if (online[cpu] !== 1 && coreOf[cpu] >= 0 && !offline.includes(cpu)) down.push(cpu);
  }
  if (down.length === 0) return NONE;
  const { pool, records } = books;
  const had = new Set(pool.avail.flat());
  for (const { cores, vcpus } of records) {
    for (const { cpus } of cores) for (const cpu of cpus) had.add(cpu);
    for (const cpu of vcpus) had.add(cpu);
  }
  return down.filter((cpu) => !had.has(cpu));
}

/** CPUs that the last command lost; [] without a note of what was before. */
export function strandedCpus({ host, before }: Scene): Violation[] {
  return before === undefined ? [] : strandedSince(host, before);
}

/** CPUs that are stranded and were not before, or outlived a boot. */
export function strandedSince(
  host: Host,
  before: Pick<Before, 'stranded' | 'parent' | 'offlineCause'>,
): Violation[] {
  const now = strandedIn(host.topology, host.tree);
  if (now.length === 0) return [];
  const booted = before.parent !== 'running' && host.tree.parent === 'running';
  const known = booted ? NONE : before.stranded;
  const lost = now.filter((cpu) => !known.includes(cpu));
  if (lost.length === 0) return [];
  const cause = before.offlineCause;
  if (cause?.kind === 'switched-off') return lost.filter((cpu) => cpu !== cause.cpu).map(lostCpu);
  if (cause === undefined) return lost.map((cpu) => lostCpu(cpu));
  let failing = cause.failing;
  return lost.map((cpu) => {
    if (besideVcpu(host, cpu) || failing-- > 0) return { ...lostCpu(cpu), quirk: cause.quirk };
    return lostCpu(cpu);
  });
}

function lostCpu(cpu: number): Violation {
  const message = `CPU ${cpu} is offline, and neither the pool nor an enclave has it`;
  return { invariant: 'no-leak', message, numbers: { cpu } };
}

/** An enclave has a vCPU on the CPU's core. */
function besideVcpu({ topology: { coreOf }, tree }: Host, cpu: number): boolean {
  return tree.records.some(({ vcpus }) => vcpus.some((vcpu) => coreOf[vcpu] === coreOf[cpu]));
}
