/** All planted faults, by name, for the table of tests. Invariant: a row stands in one list only. */
import type { Host } from '../../core/host/host.js';
import type { InvariantId } from '../../core/invariants/invariant.js';
import { FRAMES_FAULTS } from './planted-frames.js';
import { RECORDS_FAULTS } from './planted-records.js';
import { THREADS_FAULTS } from './planted-threads.js';

export interface PlantedFault {
  readonly invariant: InvariantId;
  readonly fault: string;
  readonly sound: () => Host;
  /** Breaks the host in place, or returns a broken one. */
  readonly plant: (host: Host) => Host | undefined;
}

export const PLANTED_FAULTS: readonly PlantedFault[] = [
  ...FRAMES_FAULTS,
  ...THREADS_FAULTS,
  ...RECORDS_FAULTS,
].map(([invariant, fault, sound, plant]) => ({ invariant, fault, sound, plant }));
