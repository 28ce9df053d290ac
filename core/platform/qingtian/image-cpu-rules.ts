/**
 * Start rules on the image and on the number of vCPUs.
 *
 * Invariant: the count is judged by itself here; whether the pool has the cores comes later.
 * Source: QingTian Enclave user guide, constraints.
 */
import type { ImageSection } from '../../host/command.js';
import { counted } from '../../units/counted.js';
import { allows, notApplicable, PASS as PASSED, type Rule, refuse } from '../rule.js';
import type { StartContext } from './context.js';
import { nodeVcpuLimit, totalVcpuLimit } from './nodes.js';
import { supplyOf } from './pool-supply.js';

// Its own constant: V8 folds it into each check.
const PASS = PASSED;

type StartRule = Rule<StartContext>;

const SECTIONS: readonly ImageSection[] = ['kernel', 'cmdline', 'ramdisk', 'init'];
const SOURCE = 'QingTian Enclave user guide, constraints';

const eifComplete: StartRule = {
  id: 'eif-complete',
  sentence: 'An application is packaged with kernel, command line, ramdisk and init into an EIF.',
  source: 'QingTian Enclave user guide, make-img command',
  requirements: ['Q24', 'B07'],
  checkedAt: 'start',
  layer: 'platform',
  codes: [],
  remedy: 'Build the image with qt enclave make-img.',
  check: ({ request: { image } }) => {
    if (image.kind !== 'eif') return refuse({ kind: image.kind }, 'a container image is no EIF');
    if (hasAll(image.sections)) return PASS;
    const missing = SECTIONS.filter((section) => !image.sections.includes(section)).join(', ');
    return refuse({ missing }, `the image lacks ${missing}`);
  },
};

const enclaveOs: StartRule = {
  id: 'enclave-os',
  sentence: 'The enclave must run Linux.',
  source: SOURCE,
  requirements: ['Q14'],
  checkedAt: 'start',
  layer: 'platform',
  codes: [],
  remedy: 'Package the application with a Linux kernel.',
  check: ({ request: { image } }) =>
    image.os === 'linux' ? PASS : refuse({ os: image.os }, 'the image does not hold Linux'),
};

const vcpuEven: StartRule = {
  id: 'vcpu-even',
  sentence: 'The number of vCPUs of an enclave is even and at least 2.',
  source: SOURCE,
  requirements: ['Q20'],
  checkedAt: 'start',
  layer: 'platform',
  codes: [],
  remedy: 'Ask for 2, 4, 6, … vCPUs.',
  check: ({ host, options, request: { vcpus } }) => {
    if (options.vcpuEvenness === 'smt' && vcpus >= 1 && Number.isInteger(vcpus)) {
      const single = host.topology.cores.every((threads) => threads.length === 1);
      if (single) return notApplicable('cores have one thread');
    }
    if (vcpus % 2 === 0 && vcpus >= 2) return PASS;
    return refuse(
      { vcpus, min: 2, step: 2 },
      `${counted(vcpus, 'vCPU')} is not an even number from 2`,
    );
  },
};

const vcpuNodeMax: StartRule = {
  id: 'vcpu-node-max',
  sentence: 'An enclave has at most the vCPUs of a NUMA node minus 2.',
  source: SOURCE,
  requirements: ['Q21'],
  checkedAt: 'start',
  layer: 'platform',
  codes: [],
  remedy: 'Ask for fewer vCPUs, or use a parent VM with larger NUMA nodes.',
  check: (context) => {
    const { host, options, request } = context;
    const { vcpus } = request;
    const pooled = supplyOf(context).nodes;
    let max = 0;
    for (let i = 0; i < pooled.length; i++) max = Math.max(max, pooled[i].vcpuLimit);
    if (pooled.length === 0) {
      const limits = host.topology.nodes.map((_, i) => nodeVcpuLimit(host.topology, options, i));
      max = Math.max(0, ...limits);
    }
    if (vcpus <= max) return PASS;
    return refuse({ vcpus, max }, `${vcpus} vCPUs asked, a node allows ${max}`);
  },
};

const vcpuTotal: StartRule = {
  id: 'vcpu-total',
  sentence: 'The total number of vCPUs of enclaves is at most 62.',
  source: SOURCE,
  requirements: ['Q22'],
  checkedAt: 'start',
  layer: 'platform',
  codes: [],
  remedy: 'Ask for fewer vCPUs, or stop another enclave.',
  check: (context) => {
    const { options, request } = context;
    const { vcpus } = request;
    let inUse = 0;
    if (options.vcpuTotalScope !== 'per-enclave') {
      const live = context.host.tree.records;
      for (let i = 0; i < live.length; i++) inUse += live[i].request.vcpus;
    }
    const max = totalVcpuLimit(options);
    if (vcpus + inUse <= max) return PASS;
    return refuse({ vcpus, inUse, max }, `${vcpus} vCPUs over ${inUse} in use exceed ${max}`);
  },
};

function hasAll(sections: readonly ImageSection[]): boolean {
  for (let i = 0; i < SECTIONS.length; i++) {
    // Mostly they stand in the order in which they are asked for.
    if (sections[i] !== SECTIONS[i] && !sections.includes(SECTIONS[i])) return false;
  }
  return true;
}

/** In declared order. */
export const IMAGE_AND_CPU_RULES: readonly StartRule[] = [
  eifComplete,
  enclaveOs,
  vcpuEven,
  vcpuNodeMax,
  vcpuTotal,
];

/** Whether none of them refuses: each asked by its name (see `everyRowAllows`). */
export function imageAndCpuRowsAllow(context: StartContext): boolean {
  return (
    allows(eifComplete.check(context)) &&
    allows(enclaveOs.check(context)) &&
    allows(vcpuEven.check(context)) &&
    allows(vcpuNodeMax.check(context)) &&
    allows(vcpuTotal.check(context))
  );
}
