/**
 * What a boot of the parent VM sets again: the kernel brings up its CPUs and the enclave device, and
 * finds its memory as it was before days of uptime scattered blocks over it.
 *
 * Nothing an administrator did at run time outlives a boot: a CPU taken offline by hand, one that a
 * failed pool write left behind, a device that was unbound. Invariant: after it the CPUs that are
 * online are those of a host that was just created, and memory is that of a fresh one. Pool and
 * reservation are given back when the parent goes down (return-pool.ts).
 * Trade-off: an explicit list of free memory stays, since nobody said what a boot would make of it.
 */
import { FREE } from '../memory/extent-store.js';
import { PARENT } from '../memory/node-memory.js';
import type { Topology } from '../topology/topology.js';
import type { Effect } from './effect.js';
import type { Host } from './host.js';
import { BASE } from './stores.js';
import type { Bit } from './tree.js';

/** Per possible CPU id: 1 = the kernel brings it up. */
export function onlineAtBoot({ coreOf, offline }: Topology): Bit[] {
  return coreOf.map((core, cpu) => (core >= 0 && !offline.includes(cpu) ? 1 : 0));
}

/** Effects that free what days of uptime had taken; [] from the second boot on. */
export function uptimeCleared({ memory, uptimeRuns }: Host): Effect[] {
  const effects: Effect[] = [];
  for (const [node, runs] of uptimeRuns.entries()) {
    for (let i = 0; i < runs.length; i += 2) {
      const { owner, handle } = memory[node].base.covering(runs[i]);
      // The blocks go all at once: where one is free, no other is held.
      if (owner !== PARENT) break;
      effects.push({ ...RELEASE_BLOCK, node, handle });
    }
  }
  return effects;
}

/** One block of the parent's own, in a node's base store, to its free memory. */
const RELEASE_BLOCK = { kind: 'release', size: BASE, from: PARENT, to: FREE, uid: -1 } as const;

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
