/**
 * What QingTian promises about a host at every moment, as data for the isolation invariants.
 *
 * Invariant: stated from the document and the options, never from what the rule rows happen to do.
 * Trade-off: the guarantee on whole cores speaks of enclaves; a `cpu_list` may put half a core into
 * the pool, where it serves nobody.
 * Source: QingTian Enclave user guide, constraints.
 */
import { QINGTIAN_HYPERVISOR } from '../../host/hypervisor.js';
import { switchedOffAlone } from '../cpu-online.js';
import type { Caps, Guarantees } from '../guarantees.js';
import type { NamedOptions } from '../profile.js';
import { totalVcpuLimit } from './nodes.js';
import { resolveOptions } from './options.js';
import type { QingtianVersion } from './versions.js';

export function guaranteesOf(version: QingtianVersion): Guarantees {
  return {
    surface: 'qingtianEnclave',
    numaLocal: true,
    wholeCores: true,
    reservedCids: Array.from({ length: QINGTIAN_HYPERVISOR.firstCid }, (_, cid) => cid),
    parentCid: 3,
    countsReserved: true,
    parentFloor: ({ options }) => {
      const { parentVcpus, parentMemoryMib } = resolveOptions(version, options);
      return { vcpus: parentVcpus, memoryMib: parentMemoryMib };
    },
    caps: ({ options }) => keptCaps(version, options),
    offlineCause: switchedOffAlone,
  };
}

/** Kept per set of named options, since an audit asks after every event. */
function keptCaps(version: QingtianVersion, named: NamedOptions): Caps {
  const kept = capsOf.get(named);
  if (kept !== undefined && kept.version === version) return kept.caps;
  const fresh = { version, caps: caps(version, named) };
  capsOf.set(named, fresh);
  return fresh.caps;
}

const capsOf = new WeakMap<
  NamedOptions,
  { readonly version: QingtianVersion; readonly caps: Caps }
>();

function caps(version: QingtianVersion, named: NamedOptions): Caps {
  const options = resolveOptions(version, named);
  const { maxEnclaves, minMemoryMib, maxPages, imageRatio, vcpuTotalScope } = options;
  const limit = totalVcpuLimit(options);
  return {
    ...(maxEnclaves === 'none' ? {} : { maxEnclaves }),
    ...(options.vcpuEvenness === 'always' ? { vcpuStep: 2 } : {}),
    ...(vcpuTotalScope === 'all' ? {} : { maxVcpus: limit }),
    ...(vcpuTotalScope === 'per-enclave' ? {} : { maxVcpusTotal: limit }),
    minMemoryMib,
    maxPages,
    imageFactor: imageRatio,
  };
}
