/**
 * Which CPUs share a last-level cache (LLC), where somebody has said so.
 *
 * Neither the instance catalogue nor the QingTian documents say it, so for them it is unknown; a
 * description may give it. Invariant: a given list has every present CPU in exactly one group, and
 * never splits a core, whose threads share all their caches. Trade-off: only the last level; the
 * levels below are taken to be a core's own.
 */
import type { TopologyProblem, TopologySpec } from './topology.js';

/** Checks `lastLevelCaches` of a spec, which names CPUs by id; `coreOf`: -1 = not present. */
export function checkLastLevelCaches(
  { lastLevelCaches: groups, cores }: TopologySpec,
  coreOf: readonly number[],
  out: TopologyProblem[],
): void {
  if (groups === undefined) return;
  const groupOf = new Map<number, number>();
  groups.forEach((cpus, group) => {
    cpus.forEach((cpu, index) => {
      const path = `lastLevelCaches[${group}][${index}]`;
      if ((coreOf[cpu] ?? -1) < 0) {
        out.push({ code: 'cache-cpu-not-present', message: `no core names CPU ${cpu}`, path });
      } else if (groupOf.has(cpu)) {
        const message = `CPU ${cpu} is already at last-level cache ${groupOf.get(cpu)}`;
        out.push({ code: 'cpu-in-two-caches', message, path });
      } else {
        groupOf.set(cpu, group);
      }
    });
  });
  checkCores(cores, groupOf, out);
}

function checkCores(
  cores: readonly (readonly number[])[],
  groupOf: ReadonlyMap<number, number>,
  out: TopologyProblem[],
): void {
  const path = 'lastLevelCaches';
  cores.forEach((threads, core) => {
    const groups = new Set(threads.map((cpu) => groupOf.get(cpu)));
    const without = threads.find((cpu) => !groupOf.has(cpu));
    if (without !== undefined) {
      const message = `CPU ${without} is at no last-level cache; name all CPUs, or leave it out`;
      out.push({ code: 'cpu-without-cache', message, path });
    } else if (groups.size > 1) {
      const message = `core ${core} has threads at last-level caches ${[...groups].join(' and ')}`;
      out.push({ code: 'core-across-caches', message, path });
    }
  });
}
