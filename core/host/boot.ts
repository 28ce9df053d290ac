/**
 * What a boot of the parent VM sets again: the kernel brings up its CPUs and the enclave device.
 *
 * Nothing an administrator did at run time outlives a boot: a CPU taken offline by hand, one that a
 * failed pool write left behind, a device that was unbound. Invariant: after it the CPUs that are
 * online are those of a host that was just created. Pool and reservation are given back when the
 * parent goes down (return-pool.ts).
 */
import type { Topology } from '../topology/topology.js';
import type { Effect } from './effect.js';
import type { Host } from './host.js';
import type { Bit } from './tree.js';

/** Per possible CPU id: 1 = the kernel brings it up. */
export function onlineAtBoot({ coreOf, offline }: Topology): Bit[] {
  return coreOf.map((core, cpu) => (core >= 0 && !offline.includes(cpu) ? 1 : 0));
}

/** Effects that bring back CPUs and device; [] where nothing was changed. */
export function bootEffects({ topology, tree }: Host): Effect[] {
  const effects: Effect[] = [];
  for (const [cpu, to] of onlineAtBoot(topology).entries()) {
    if (tree.online[cpu] !== to) effects.push({ kind: 'set-online', cpu, to });
  }
  const { bound } = tree.counters;
  if (bound !== 1) effects.push({ kind: 'set-counter', name: 'bound', from: bound, to: 1 });
  return effects;
}
