/**
 * Equal topologies as one object: parents of a fleet that are built one after the other share theirs.
 *
 * A topology is never written, so whoever keeps something by topology (platform/vm/capacity) then
 * finds it for all of them at once. Invariant: what is given back equals what came, value for value.
 * Trade-off: only the last one is remembered, so that nothing grows; types that alternate share none.
 */
import type { Topology } from './topology.js';

/** The last topology if it equals this one, else this one. */
export function sharedTopology(topology: Topology): Topology {
  if (latest === undefined || !areEqual(latest, topology)) latest = topology;
  return latest;
}

let latest: Topology | undefined;

/** By core and node of each CPU, from which the lists of cores and nodes follow, and all the rest. */
function areEqual(a: Topology, b: Topology): boolean {
  return (
    a.architecture === b.architecture &&
    sameNumbers(a.coreOf, b.coreOf) &&
    sameNumbers(a.nodeOf, b.nodeOf) &&
    sameNumbers(a.nodes.map(idOf), b.nodes.map(idOf)) &&
    sameNumbers(a.pageSizesKib, b.pageSizesKib) &&
    sameNumbers(a.offline, b.offline) &&
    sameCaches(a.lastLevelCaches, b.lastLevelCaches)
  );
}

const idOf = ({ id }: Topology['nodes'][number]) => id;

/** Unknown caches equal only unknown ones. Each CPU is in one, so no list begins another. */
function sameCaches(a: Topology['lastLevelCaches'], b: Topology['lastLevelCaches']): boolean {
  if (a === undefined || b === undefined) return a === b;
  return a.every((cpus, i) => sameNumbers(cpus, b[i]));
}

function sameNumbers(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((value, i) => value === b[i]);
}
