/**
 * What the parents of a fleet cost a run before anything is asked of them, in seconds, from the file alone.
 *
 * A parent with uptime has lived through so many GiB × days, one by one; where many pieces lie in its
 * memory each costs more, so a square comes on top. Invariant: depends on the file only, by plain
 * arithmetic, so that it is the same on any machine. Trade-off: declared figures of one core, measured
 * warm from 64 GiB to 4 TiB and 10 to 3,000 days, within a factor of two.
 */
import type { PlatformId } from '../../core/platform/profile.js';
import { findInstanceType } from '../../core/topology/catalogue.js';
import type { FleetFile } from '../engine/schema.js';

/** Describing it and counting it; where something is reserved, its pages, too. */
const FRESH_SECONDS: Readonly<Record<PlatformId, number>> = {
  vm: 0.0007,
  qingtian: 0.004,
  nitro: 0.004,
};
/** For each 100,000 GiB × days, and for its square. */
const UPTIME_SECONDS = 0.005;
const PIECES_SECONDS = 0.0035;
const GIB_DAYS = 100_000;

/** The lengths of a table of servers are not known before it is read. */
const SERVERS_OF_A_TABLE = 1000;
/** Of a parent whose memory the file does not say in so many words. */
const USUAL_MIB = 131_072;
const MIB_PER_GIB = 1024;

type Parent = Extract<FleetFile['fleet'][number], { readonly parent: unknown }>['parent'];

export function parentSeconds({ fleet }: Pick<FleetFile, 'fleet'>, platform: PlatformId): number {
  let seconds = 0;
  for (const entry of fleet) {
    seconds +=
      'servers' in entry
        ? (entry.servers.first ?? SERVERS_OF_A_TABLE) * FRESH_SECONDS[platform]
        : entry.count * (FRESH_SECONDS[platform] + uptimeSeconds(entry.parent));
  }
  return seconds;
}

function uptimeSeconds(parent: Parent): number {
  const { memoryLayout } = parent;
  if (memoryLayout.kind !== 'uptime') return 0;
  const lived = ((memoryOf(parent) / MIB_PER_GIB) * memoryLayout.days) / GIB_DAYS;
  return lived * UPTIME_SECONDS + lived * lived * PIECES_SECONDS;
}

function memoryOf({ type, topology }: Parent): number {
  if (topology !== undefined) return topology.nodes.reduce((sum, node) => sum + node.memory, 0);
  return (type === undefined ? undefined : findInstanceType(type)?.memoryMib) ?? USUAL_MIB;
}
