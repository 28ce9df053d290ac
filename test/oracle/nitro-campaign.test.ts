/**
 * Nitro against its naive twin: half a million commands a push, half of them with hotplug, unbinding
 * and failing closes; in all of them the kernel now and then refuses a CPU of a pool write.
 */
import { describe, expect, it } from 'vitest';
import { judgedPush } from './campaign-of.js';

/** What the campaign must have met, or its agreement says little. */
const MET = [
  'nitro.write-pool ok',
  'nitro.write-hugepages ok',
  'nitro.set-memory ok',
  'nitro.start ok',
  'nitro.close ok',
  'nitro.unmap ok',
  'nitro.exit-event ok',
  'nitro.unbind ok',
  'parent.stop ok',
  'nitro.write-pool nitro.pool-full-cores',
  'nitro.write-pool nitro.pool-not-cpu0-sibling',
  'nitro.write-pool nitro.pool-online',
  'nitro.write-pool nitro.answered',
  'nitro.add-vcpu nitro.vcpu-left-in-pool',
  'nitro.add-vcpu nitro.creator-only',
  'nitro.set-memory nitro.page-node',
  'nitro.set-memory nitro.hypervisor-memory-shared',
  'nitro.set-memory nitro.hypervisor-memory-owner',
  'nitro.set-memory nitro.memory-not-overlapping',
  'nitro.start nitro.start-full-cores',
  'nitro.start nitro.hypervisor-cid',
  'nitro.start nitro.hypervisor-one-node',
  'nitro.add-vcpu nitro.hypervisor-vcpu-offline',
  'nitro.add-vcpu nitro.hypervisor-core-free',
  'nitro.close nitro.answered',
  'nitro.close nitro.device-bound',
  'nitro.hotplug nitro.hypervisor-cpu-donated',
];

describe('oracle: Nitro', () => {
  it('N12 holds: results, counters and owners equal the twin’s, 500,000 commands', () => {
    const work = judgedPush(['nitro', 'nitro-wild']);
    expect(MET.filter((result) => !work.results.has(result))).toEqual([]);
  }, 600_000);
});
