/**
 * Rules on qt-enclave-env.conf itself: what the reservation service refuses to read.
 *
 * Invariant: a missing key is QT 07 and comes before any wrong value, which is QT 06.
 * Trade-off: the order inside this list is declared here; no document gives one.
 * Source: QingTian Enclave user guide, configuring resources (b.1).
 */
import { notApplicable, type Outcome, PASS, type Rule, refuse } from '../rule.js';
import { qt } from './codes.js';
import type { ReserveContext } from './context.js';

type ConfRule = Rule<ReserveContext>;

const SOURCE = 'QingTian Enclave user guide, configuring resources';
const CONF = 'Correct /etc/qingtian/enclave/qt-enclave-env.conf and start the service again.';

function confRule(
  row: Pick<ConfRule, 'id' | 'sentence'> & { code: number; requirements: readonly string[] },
  check: (context: ReserveContext) => Outcome,
): ConfRule {
  return {
    id: row.id,
    sentence: row.sentence,
    source: SOURCE,
    requirements: row.requirements,
    checkedAt: 'reservation',
    layer: 'service',
    codes: [qt(row.code)],
    remedy: CONF,
    check,
  };
}

const confComplete = confRule(
  {
    id: 'conf-complete',
    sentence: 'hugepage_size, memory_mib and one of cpu_count and cpu_list are given.',
    code: 7,
    requirements: ['N11', 'Q15'],
  },
  ({ conf }) => {
    const missing: string[] = [];
    if (conf.hugepageSizeMib === undefined) missing.push('hugepage_size');
    if (conf.memoryMib === undefined) missing.push('memory_mib');
    if (conf.cpuCount === undefined && conf.cpuList === undefined) {
      missing.push('cpu_count or cpu_list');
    }
    if (missing.length === 0) return PASS;
    return refuse({ missing: missing.join(', ') }, `missing: ${missing.join(', ')}`);
  },
);

const hugepageSize = confRule(
  {
    id: 'hugepage-size',
    sentence: 'hugepage_size is 2 or 1024 MiB, and the parent’s kernel offers it.',
    code: 6,
    requirements: ['Q29'],
  },
  (context) => {
    const sizeMib = context.conf.hugepageSizeMib;
    if (sizeMib === undefined) return notApplicable('hugepage_size is not given');
    if (hasPageSize(context)) return PASS;
    return refuse({ hugepageSizeMib: sizeMib, allowed: '2, 1024' }, `hugepage_size is ${sizeMib}`);
  },
);

const confMemory = confRule(
  {
    id: 'conf-memory-multiple',
    sentence: 'memory_mib is a positive whole multiple of hugepage_size.',
    code: 6,
    requirements: ['Q29', 'N11'],
  },
  ({ conf }) => {
    const memoryMib = conf.memoryMib ?? 0;
    const pageMib = conf.hugepageSizeMib ?? 1;
    if (memoryMib > 0 && memoryMib % pageMib === 0) return PASS;
    const numbers = { memoryMib, hugepageSizeMib: pageMib };
    return refuse(numbers, `memory_mib ${memoryMib} is no positive multiple of ${pageMib}`);
  },
);

const cpuKeys = confRule(
  {
    id: 'cpu-keys-exclusive',
    sentence: 'cpu_count and cpu_list exclude each other; with both the service does not start.',
    code: 6,
    requirements: ['N11'],
  },
  ({ conf }) =>
    conf.cpuCount === undefined || conf.cpuList === undefined
      ? PASS
      : refuse({ cpuCount: conf.cpuCount }, 'both cpu_count and cpu_list are set'),
);

const cpuZero = confRule(
  {
    id: 'cpu-list-without-0',
    sentence: 'cpu_list may name any CPU except 0.',
    code: 6,
    requirements: ['Q10'],
  },
  ({ conf }) =>
    conf.cpuList?.includes(0) === true ? refuse({ cpu: 0 }, 'cpu_list names CPU 0') : PASS,
);

const cpuKnown = confRule(
  {
    id: 'cpu-list-known',
    sentence: 'cpu_list names at least one CPU, each once, present, online and on a NUMA node.',
    code: 6,
    requirements: ['Q28', 'N11'],
  },
  ({ conf, host, unpooled }) => {
    const { cpuList } = conf;
    if (cpuList === undefined) return PASS;
    if (cpuList.length === 0) return refuse({ cpus: 0 }, 'cpu_list is empty');
    const bad = cpuList.find(
      (cpu, i) =>
        unpooled.online[cpu] !== 1 || host.topology.nodeOf[cpu] < 0 || cpuList.indexOf(cpu) !== i,
    );
    if (bad === undefined) return PASS;
    return refuse({ cpu: bad }, `CPU ${bad} of cpu_list is unknown, offline or named twice`);
  },
);

const cpuCount = confRule(
  {
    id: 'cpu-count-positive',
    sentence: 'cpu_count is a positive whole number.',
    code: 6,
    requirements: ['N11'],
  },
  ({ conf: { cpuCount: count } }) =>
    count === undefined || (Number.isSafeInteger(count) && count > 0)
      ? PASS
      : refuse({ cpuCount: count }, `cpu_count is ${count}`),
);

/** Whether `hugepage_size` is given, allowed, and offered by the parent's kernel. */
export function hasPageSize({ conf: { hugepageSizeMib }, host }: ReserveContext): boolean {
  if (hugepageSizeMib !== 2 && hugepageSizeMib !== 1024) return false;
  return host.topology.pageSizesKib.includes(hugepageSizeMib * 1024);
}

/** In declared order. */
export const CONF_RULES: readonly ConfRule[] = [
  confComplete,
  hugepageSize,
  confMemory,
  cpuKeys,
  cpuZero,
  cpuKnown,
  cpuCount,
];
