/**
 * What a planted fault is: a sound host, what is broken in it by hand, and the invariant that must
 * notice. The harness is not trusted before every invariant has caught its faults.
 *
 * Invariant: a row breaks tree or stores past all rules, as no command can; the sound host it starts
 * from violates nothing (asserted by the test).
 */

import type { Host } from '../../core/host/host.js';
import { theRecord } from '../../core/host/records.js';
import { poolStore } from '../../core/host/stores.js';
import type { Enclave } from '../../core/host/tree.js';
import type { InvariantId } from '../../core/invariants/invariant.js';

/** The invariant, the fault in words, the sound host, and how it is broken: in place, or returned. */
export type FaultRow = readonly [
  invariant: InvariantId,
  fault: string,
  sound: () => Host,
  plant: (host: Host) => Host | undefined,
];

export function enclave(host: Host, uid: number): Enclave {
  return theRecord(host.tree, uid);
}

/** First free frame of the page pool `size` of a node. */
export function firstFree(host: Host, node: number, size: number): number {
  return poolStore(host.memory[node], size).findLowest(1, 1);
}
