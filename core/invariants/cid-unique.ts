/**
 * Live CIDs are unique and never reserved ones.
 *
 * Invariant: a CID is live while the enclave's record has one and the enclave has not ended; 0 means
 * that none is assigned yet, which no enclave that runs may have (plain VMs have none). Trade-off: a
 * stopped Nitro slot still shows its CID, but nothing answers there, so it may be used again.
 */
import type { LifecycleState } from '../lifecycle/states.js';
import type { Always, Violation } from './invariant.js';
import { isRunning } from './running.js';

const ID = 'cid-unique';
const ENDED: ReadonlySet<LifecycleState> = new Set(['STOPPED', 'zombie', 'absent', 'INIT']);

export const cidUnique: Always = {
  id: ID,
  sentence: 'Live CIDs are unique and never reserved ones.',
  kind: 'always',
  check({ host }) {
    const reserved = host.profile.guarantees?.reservedCids ?? [];
    const found: Violation[] = [];
    const holder = new Map<number, number>();
    for (const { uid, cid, state } of host.tree.records) {
      if (ENDED.has(state)) continue;
      if (cid === 0 && !(isRunning(state) && reserved.includes(0))) continue;
      const other = holder.get(cid);
      holder.set(cid, uid);
      if (other !== undefined) {
        const message = `enclaves ${other} and ${uid} both have CID ${cid}`;
        found.push({ invariant: ID, message, numbers: { cid, other }, enclave: uid });
      }
      if (reserved.includes(cid)) {
        const message = `enclave ${uid} has the reserved CID ${cid}`;
        found.push({ invariant: ID, message, numbers: { cid }, enclave: uid });
      }
    }
    return found;
  },
};
