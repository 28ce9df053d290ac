/**
 * Whether a fleet's seed changes anything: a trace replayed on fresh parents runs the same each time.
 *
 * Invariant: false only where no part of a run is drawn. A policy never sees the seed, so it cannot
 * be what makes runs differ. Used by sweeps, which must not call repetitions of one run certainty.
 */
import type { FleetFile } from './schema.js';

export function dependsOnSeed({ workload, fleet }: FleetFile): boolean {
  if (!('trace' in workload)) return true;
  return fleet.some(isMemoryDrawn);
}

/** Another seed gives these parents another memory. */
export function isMemoryDrawn(entry: FleetFile['fleet'][number]): boolean {
  if ('servers' in entry) return false;
  const { memoryLayout } = entry.parent;
  return memoryLayout.kind === 'uptime' && memoryLayout.seed === undefined;
}
