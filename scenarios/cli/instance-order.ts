/**
 * The order in which instance types are listed: by family, there by size.
 *
 * Invariant: a total order of names; digits count as numbers (m5, m5a, m6g, m10), the size is what a type
 * has: vCPUs, then memory, and of equals bare metal last. Trade-off: no list of size words, which every
 * new generation would outgrow.
 */
import type { InstanceType } from '../../core/topology/catalogue.js';

export function bySize(a: InstanceType, b: InstanceType): number {
  return (
    byNumberedName(familyOf(a), familyOf(b)) ||
    a.vcpus - b.vcpus ||
    a.memoryMib - b.memoryMib ||
    Number(a.bareMetal) - Number(b.bareMetal) ||
    byNumberedName(a.name, b.name)
  );
}

function familyOf({ name }: InstanceType): string {
  return name.slice(0, name.indexOf('.'));
}

/** By letters, but whole numbers by their value. */
function byNumberedName(a: string, b: string): number {
  const [some, others] = [a, b].map((name) => name.split(/([0-9]+)/));
  for (let i = 0; i < Math.min(some.length, others.length); i++) {
    const [one, other] = [some[i], others[i]];
    if (one === other) continue;
    // Every second part is a number.
    return i % 2 === 1 ? Number(one) - Number(other) : one < other ? -1 : 1;
  }
  return some.length - others.length;
}
