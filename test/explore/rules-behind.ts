/**
 * The rules that refuse something in a small scope and are no planted fault by themselves: what is seen
 * when one of them alone is left out, and what stands behind those of which nothing is.
 *
 * Invariant: every rule that a small scope meets is either left out alone by a planted fault or stands
 * here, once. Trade-off: `nothing` says that no invariant reads what is then had; why is prose.
 */
import type { InvariantId } from '../../core/invariants/invariant.js';

export type Stand =
  /**
   * Missed, by a path too long for a planted fault, or one that random commands hardly take; `late` =
   * after many hundred states, up to 40,000: not in a push.
   */
  | { readonly alone: InvariantId; readonly scope: string; readonly late?: true }
  /** Missed only when these rules are left out, too: they refuse the same, or a later step of it. */
  | {
      readonly behind: readonly string[];
      readonly together: InvariantId;
      readonly scope: string;
      readonly late?: true;
    }
  /** These rules refuse the same; without them, too, nothing is had that an invariant reads. */
  | { readonly behind: readonly string[]; readonly scope: string }
  /** The step finds nothing to go on with: it throws. */
  | { readonly throwsIn: string }
  /** The step itself refuses; the row has the words. */
  | { readonly wordsOnly: true }
  | { readonly nothing: string; readonly scope: string };

const QR = 'qingtian-refusals';
const Q = 'qingtian-2x4x2x2';
const NR = 'nitro-refusals';
const NS = 'nitro-switched';
const NU = 'nitro-unbound';
const NT = 'nitro-two-sizes';
const WORDS = { wordsOnly: true } as const;

export const QINGTIAN_STANDS: Readonly<Record<string, Stand>> = {
  'parent-running': { alone: 'lifecycle-legal', scope: Q },
  'vcpu-total': { alone: 'platform-caps', scope: QR },
  'memory-min': { alone: 'platform-caps', scope: QR },
  'conf-memory-multiple': { alone: 'frame-conservation', scope: QR },
  'memory-multiple': { behind: ['memory-max'], together: 'platform-caps', scope: QR },
  'vcpu-node-max': { behind: ['vcpu-total'], together: 'platform-caps', scope: QR },
  'page-size': { behind: ['pool-cpus', 'memory-min', 'image-ratio'], scope: QR },
  'no-live-enclaves': { throwsIn: Q },
  'conf-complete': { throwsIn: QR },
  'hugepage-size': { throwsIn: QR },
  'cpu-count-positive': { throwsIn: QR },
  'pool-whole-cores': { throwsIn: QR },
  'pool-memory-free': { throwsIn: Q },
  'pool-pages': { throwsIn: Q },
  'cpu-keys-exclusive': { nothing: 'one of the two keys is followed', scope: QR },
  'pool-one-node': {
    nothing: 'a start takes the cores and pages of one node all the same',
    scope: Q,
  },
  'pool-cpus': { throwsIn: Q },
  'eif-complete': { nothing: 'no invariant reads what is in an image', scope: QR },
  'enclave-os': { nothing: 'no invariant reads what is in an image', scope: QR },
  'service-lifecycle': WORDS,
  'unreserve-live-enclaves': WORDS,
  lifecycle: WORDS,
  'not-running': WORDS,
  'console-debug': WORDS,
  'console-single': WORDS,
  'console-opened': WORDS,
  'console-read': WORDS,
  'stop-failed': WORDS,
  'step-capacity': WORDS,
  'step-define': WORDS,
  'step-map': WORDS,
  'step-add-memory': WORDS,
  'step-load-image': WORDS,
  'step-add-cpu': WORDS,
  'step-start': WORDS,
  'step-heartbeat': WORDS,
};

const FORM = 'it is about the form of a call: what is had is as with a call in good form';

export const NITRO_STANDS: Readonly<Record<string, Stand>> = {
  'parent-running': { alone: 'lifecycle-legal', scope: NR },
  'cpu-last-online': { alone: 'parent-floor', scope: NS },
  'pool-online': { alone: 'no-leak', scope: NS },
  'start-cid': { alone: 'cid-unique', scope: NR, late: true },
  'start-min-memory': { alone: 'platform-caps', scope: NT, late: true },
  'hypervisor-one-node': { alone: 'numa-local', scope: NU },
  'hypervisor-slot-started': { alone: 'lifecycle-legal', scope: NT, late: true },
  'hypervisor-cid': { alone: 'cid-unique', scope: 'nitro-2x2x2x2', late: true },
  'pool-in-use': { behind: ['pool-online'], together: 'thread-one-owner', scope: NR },
  'pool-one-node': {
    behind: ['hypervisor-one-node'],
    together: 'numa-local',
    scope: NR,
    late: true,
  },
  'page-node': { behind: ['hypervisor-one-node'], together: 'numa-local', scope: NR },
  'pool-not-cpu0': { behind: ['pool-not-cpu0-sibling'], together: 'whole-cores', scope: NR },
  'pool-not-cpu0-sibling': { behind: ['pool-not-cpu0'], together: 'whole-cores', scope: NR },
  'hypervisor-memory-shared': {
    behind: ['hypervisor-memory-owner'],
    together: 'frame-one-owner',
    scope: NS,
  },
  'hypervisor-memory-owner': {
    behind: ['hypervisor-memory-shared'],
    together: 'frame-one-owner',
    scope: NS,
  },
  'hypervisor-vcpu-offline': {
    behind: ['hypervisor-core-free'],
    together: 'whole-cores',
    scope: NS,
  },
  'in-init-state': {
    behind: ['hypervisor-slot-started'],
    together: 'lifecycle-legal',
    scope: NR,
    late: true,
  },
  'start-has-memory': { behind: ['start-min-memory'], together: 'platform-caps', scope: NR },
  'pool-syntax': { behind: ['pool-not-empty'], scope: NR },
  'pool-id-range': { behind: ['pool-not-empty'], scope: NR },
  'pool-number-size': { behind: ['pool-not-empty'], scope: NR },
  'map-page-size': { behind: ['map-page-available'], scope: NR },
  'memory-user-range': { behind: ['page-mapped'], scope: NR },
  'memory-alignment': { behind: ['page-mapped', 'page-size', 'memory-not-overlapping'], scope: NR },
  'vcpu-id-range': { behind: ['vcpu-in-pool'], scope: NR },
  'pool-not-empty': { throwsIn: NR },
  'hugepages-file': { throwsIn: NR },
  'hugepages-number': { throwsIn: NR },
  'hugepages-count': { throwsIn: NR },
  'touch-mapped': { throwsIn: NR },
  'unmap-mapped': { throwsIn: NR },
  'page-mapped': { throwsIn: NR },
  'vcpu-in-pool': { throwsIn: NR },
  'vcpu-left-in-pool': { throwsIn: NR },
  answered: WORDS,
  'pool-capability': { nothing: 'who may write the pool is no matter of isolation', scope: NR },
  'pool-text-length': { nothing: 'a pool of a longer text is a pool like others', scope: NR },
  'cpu-present': {
    nothing: 'a CPU that is an enclave’s or not there is switched on paper',
    scope: NS,
  },
  'create-needs-core': { nothing: 'an enclave without a core gets no vCPU', scope: NR },
  'map-page-available': {
    nothing: 'a mapping without a page is found at its first touch',
    scope: NR,
  },
  'open-file': { nothing: FORM, scope: NR },
  'copy-in': { nothing: FORM, scope: NR },
  'creator-only': { nothing: 'pages are still looked for among those of the task', scope: NR },
  'image-flags': { nothing: FORM, scope: NR },
  'memory-flags': { nothing: FORM, scope: NR },
  'start-flags': { nothing: FORM, scope: NR },
  'vcpu-not-used': { nothing: 'to add a vCPU that is there changes nothing', scope: NR },
  'memory-size': { nothing: 'a region is of whole pages all the same', scope: NR },
  'memory-page-array': { nothing: 'a region without a page gives nothing', scope: NR },
  'memory-not-overlapping': { nothing: 'the memory is the same enclave’s', scope: NR },
  'start-has-vcpu': { nothing: 'nobody runs on a CPU that another has', scope: NR },
  'start-full-cores': { nothing: 'the thread that was not added is nobody else’s', scope: NR },
  'device-bound': { nothing: 'the row stands for a crash of the real driver', scope: NU },
};

const V = 'vm-2x3x2x3';

export const VM_STANDS: Readonly<Record<string, Stand>> = {
  'vm-host-runs': { behind: ['vm-vcpus', 'vm-node-fit'], together: 'platform-caps', scope: V },
  'vm-nodes': {
    behind: ['vm-vcpus', 'vm-memory', 'vm-node-fit'],
    together: 'platform-caps',
    scope: V,
  },
  'vm-vcpus': { behind: ['vm-node-fit'], together: 'platform-caps', scope: V },
  'vm-memory': { behind: ['vm-node-fit'], together: 'platform-caps', scope: V },
  'vm-unknown': { nothing: 'there is no VM to end', scope: V },
};
