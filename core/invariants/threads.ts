/**
 * The two invariants about CPUs: a thread has one owner, a core serves one.
 *
 * Invariant: both read the same owners (thread-owners), so that they cannot disagree about who has
 * what; a breach of lists alone, with one user at most of what they name, says that it is on paper.
 * Trade-off: a core split between the pool and the parent is no breach, because an idle pool
 * thread serves nobody (a QingTian cpu_list may name half cores); one split with an enclave is.
 */
import type { Always, Violation } from './invariant.js';
import { NO_OWNER, nameOfOwner, type ThreadOwner } from './thread-owners.js';

export const threadOneOwner: Always = {
  id: 'thread-one-owner',
  sentence: 'Every logical CPU has exactly one owner: parent, the CPU pool, or one enclave.',
  kind: 'always',
  check({ threads }) {
    const { clashes, users } = threads();
    return clashes.map(({ cpu, first, second }) => ({
      invariant: 'thread-one-owner',
      message: `CPU ${cpu} belongs to ${nameOfOwner(first)} and to ${nameOfOwner(second)}`,
      numbers: { cpu, first: nameOfOwner(first), second: nameOfOwner(second) },
      ...enclaveOf(second),
      ...onPaper(users([cpu])),
    }));
  },
};

export const wholeCores: Always = {
  id: 'whole-cores',
  sentence: "Sibling threads of a core never serve two owners; CPU 0's core stays with the parent.",
  kind: 'always',
  check({ host, threads }) {
    if (host.profile.guarantees?.wholeCores !== true) return undefined;
    const { owner, users } = threads();
    const found: Violation[] = [];
    const bootCore = host.topology.coreOf[0];
    host.topology.cores.forEach((cpus, core) => {
      const split = splitOf(cpus, owner);
      if (split !== undefined) {
        const { cpu, other } = split;
        const names = [nameOfOwner(owner[cpu]), nameOfOwner(owner[other])];
        const message = `core ${core} is split: CPU ${cpu} of ${names[0]}, ${other} of ${names[1]}`;
        const numbers = { core, cpu, other, otherOwner: names[1] };
        found.push({
          invariant: 'whole-cores',
          message,
          numbers,
          ...enclaveOf(owner[cpu]),
          ...onPaper(users(cpus)),
        });
      }
      const taken = core === bootCore ? cpus.find((cpu) => owner[cpu] >= 0) : undefined;
      if (taken !== undefined) {
        const message = `CPU ${taken} of CPU 0's core belongs to enclave ${owner[taken]}`;
        const numbers = { core, cpu: taken };
        found.push({ invariant: 'whole-cores', message, numbers, enclave: owner[taken] });
      }
    });
    return found;
  },
};

/** A thread of an enclave and a sibling somebody else owns; offline siblings serve nobody. */
function splitOf(
  cpus: readonly number[],
  owner: Int32Array,
): { readonly cpu: number; readonly other: number } | undefined {
  const cpu = cpus.find((thread) => owner[thread] >= 0);
  if (cpu === undefined) return undefined;
  const other = cpus.find((thread) => owner[thread] !== owner[cpu] && owner[thread] !== NO_OWNER);
  return other === undefined ? undefined : { cpu, other };
}

function onPaper(users: ReadonlySet<ThreadOwner>): { readonly onPaper?: true } {
  return users.size < 2 ? { onPaper: true } : {};
}

function enclaveOf(owner: number): { readonly enclave?: number } {
  return owner >= 0 ? { enclave: owner } : {};
}
