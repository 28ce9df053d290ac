/**
 * The rules that no small scope meets, and why a small host cannot.
 *
 * Invariant: a rule is here or refuses some move of some small scope, never both; a test counts. So a
 * rule that is new, or met no longer, is asked about. Trade-off: a reason is prose, and says what it
 * would take.
 */
import type { PlatformId } from '../platform/profile.js';

type Reasons = Readonly<Record<string, string>>;

const FIXED = 'what the parent is stays the same for the life of a host';
const FRAMES = 'a free frame of a small host is a whole page';
const OPTION = 'only an option asks for it; scopes keep the default';

const QINGTIAN: Reasons = {
  'bare-metal': FIXED,
  'parent-os': FIXED,
  flavor: FIXED,
  region: FIXED,
  'pool-contiguity': FRAMES,
  'launch-race': OPTION,
  'cid-given': 'the version of the scopes has a default CID',
  contiguity: OPTION,
};

const NITRO: Reasons = {
  'nitro.parent-type': FIXED,
  'nitro.pool-node-known': 'every CPU is on a node',
  'nitro.touch-page': 'a pool is never smaller than its promises: none is broken by hand',
  'nitro.copy-out': 'it undoes nothing: the state is that of the call that was told its result',
  'nitro.page-huge': 'no scope maps memory that is no hugepage',
  'nitro.page-size': 'what is refused there stays pinned (quirk pin-leak), for more states',
  'nitro.page-alignment': FRAMES,
  'nitro.memory-max-ranges': 'it takes 65,536 ranges',
  'nitro.vcpu-core-index': 'it takes an unbinding, and a larger pool under an enclave',
  'nitro.hypervisor-vcpu-owner':
    'it takes a core that the pool lists twice, by unbinding and switching CPUs: such lists grow without end',
};

const OF: Readonly<Partial<Record<PlatformId, Reasons>>> = { qingtian: QINGTIAN, nitro: NITRO };

/** Why no small scope meets a rule; undefined = one does. */
export function whyNotMet(platform: PlatformId, rule: string): string | undefined {
  const reasons = OF[platform] ?? {};
  return Object.hasOwn(reasons, rule) ? reasons[rule] : undefined;
}
