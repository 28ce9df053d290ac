/**
 * Burstable instance types: their vCPUs are shares of physical cores that other VMs use in turn.
 *
 * Invariant: nothing is claimed about who shares a core or a cache with such a parent.
 * Source: Amazon EC2 user guide, burstable performance instances (T2, T3, T3a, T4g; T1 before them).
 */
const FAMILIES: readonly string[] = ['t1', 't2', 't3', 't3a', 't4g'];

/** True for a type name such as `t3.large`. */
export function isBurstable(type: string): boolean {
  return FAMILIES.includes(type.split('.')[0]);
}
