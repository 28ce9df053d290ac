/**
 * Every way the reservation service ends, as rows: one reason, its sentence, source and remedy.
 *
 * Invariant: the service ends with `ok` or with exactly one of these rows, and each row is one
 * message of the real script (or its silence); only a parent that does not run is a row of ours. Where
 * the driver is missing because of the parent's type, the refusal is the platform's row.
 * The numeric codes 200 to 206 are the script's own.
 * Source: aws/aws-nitro-enclaves-cli v1.5.0, bootstrap/nitro-enclaves-allocator, `fail`.
 */
import type { Numbers, Refusal } from '../../refusal/refusal.js';

interface ExitRow {
  readonly sentence: string;
  /** Section of the Nitro rule book. */
  readonly source: string;
  readonly codes: readonly string[];
  readonly remedy: string;
}

const SHRINK =
  'Ask for less memory, or restart the service right after boot, while memory is whole.';
const FIX_FILE = 'Correct that line of allocator.yaml and restart the service.';

/** Reasons by the slugs of the recorded behaviour. */
export const SERVICE_EXITS = {
  'config-unexpected-key': {
    sentence: 'A line behind the --- marker has one of the three known keys; none may be blank.',
    source: 'nitro-enclaves-allocator 1.5.0, parse_config',
    codes: [],
    remedy: FIX_FILE,
  },
  'config-missing-value': {
    sentence: 'A key has a value.',
    source: 'nitro-enclaves-allocator 1.5.0, parse_config',
    codes: [],
    remedy: FIX_FILE,
  },
  'config-missing-memory': {
    sentence: 'memory_mib is given behind a line that is exactly ---.',
    source: 'nitro-enclaves-allocator 1.5.0, parse_config',
    codes: [],
    remedy: 'Add memory_mib behind a --- line; check line ends (no CRLF) and the last newline.',
  },
  'config-missing-cpu': {
    sentence: 'cpu_count or cpu_pool is given.',
    source: 'nitro-enclaves-allocator 1.5.0, parse_config',
    codes: [],
    remedy: 'Add cpu_count or cpu_pool; the last line needs a newline.',
  },
  'config-conflict': {
    sentence: 'cpu_count and cpu_pool exclude each other.',
    source: 'nitro-enclaves-allocator 1.5.0, parse_config',
    codes: [],
    remedy: 'Keep one of the two keys.',
  },
  'enclaves-running': {
    sentence: 'The CPU pool is released only while no enclave exists.',
    source: 'nitro-enclaves-allocator 1.5.0, main; driver ne_set_kernel_param',
    codes: ['EPERM'],
    remedy: 'Terminate every enclave, then restart the service.',
  },
  'no-driver': {
    sentence: 'The Nitro Enclaves driver is loaded.',
    source: 'nitro-enclaves-allocator 1.5.0, main',
    codes: [],
    remedy: 'Load the nitro_enclaves module; the instance must be enclave-enabled.',
  },
  'no-node-of-cpu0': {
    sentence: 'CPU 0 is online and on a NUMA node.',
    source: 'nitro-enclaves-allocator 1.5.0, configure_cpu_pool_by_cpu_count',
    codes: [],
    remedy: 'Bring CPU 0 online.',
  },
  'cpu-count-invalid': {
    sentence: 'cpu_count is all digits.',
    source: 'nitro-enclaves-allocator 1.5.0, configure_cpu_pool_by_cpu_count',
    codes: [],
    remedy: 'Write a plain number; a comment behind the value is part of the value.',
  },
  'cpu-count-zero': {
    sentence: 'cpu_count is at least 1 and below 2^63.',
    source: 'nitro-enclaves-allocator 1.5.0, configure_cpu_pool_by_cpu_count',
    codes: [],
    remedy: 'Ask for at least one whole core.',
  },
  'cpu-count-exceeds-host': {
    sentence: 'cpu_count is at most the number of CPUs of the parent.',
    source: 'nitro-enclaves-allocator 1.5.0, configure_cpu_pool_by_cpu_count',
    codes: [],
    remedy: 'Ask for fewer CPUs or take a larger parent.',
  },
  'cpu-count-partial-core': {
    sentence: 'cpu_count is whole cores.',
    source: 'nitro-enclaves-allocator 1.5.0, configure_cpu_pool_by_cpu_count',
    codes: [],
    remedy: 'Ask for a multiple of the threads per core.',
  },
  'no-suitable-cpus': {
    sentence: 'One NUMA node has that many CPUs in whole cores, CPU 0 and its siblings aside.',
    source: 'nitro-enclaves-allocator 1.5.0, configure_cpu_pool_by_cpu_count',
    codes: [],
    remedy: 'Ask for fewer CPUs. If an earlier node had them, its memory was short: see attempts.',
  },
  'pool-rejected': {
    sentence: 'The driver accepts the CPU pool.',
    source: 'nitro-enclaves-allocator 1.5.0, cpu_pool path; driver ne_setup_cpu_pool',
    codes: [],
    remedy: 'Name whole cores of one NUMA node, all online, without CPU 0 and its siblings.',
  },
  'memory-invalid': {
    sentence: 'memory_mib is all digits.',
    source: 'nitro-enclaves-allocator 1.5.0, try_configure_huge_pages',
    codes: [],
    remedy: 'Write a plain number; a comment behind the value is part of the value.',
  },
  '200-empty-pool': {
    sentence: 'The script can read at least one CPU from the pool text.',
    source: 'nitro-enclaves-allocator 1.5.0, try_configure_huge_pages',
    codes: ['200'],
    remedy: 'Write CPU ids as numbers and ranges only, separated by commas; N is not understood.',
  },
  '201-missing-node': {
    sentence: 'Every CPU of the pool has a NUMA node.',
    source: 'nitro-enclaves-allocator 1.5.0, try_configure_huge_pages',
    codes: ['201'],
    remedy: 'Check the NUMA layout of the parent; use CPUs that the kernel places on a node.',
  },
  '202-mixed-nodes': {
    sentence: 'All CPUs of the pool are on one NUMA node.',
    source: 'nitro-enclaves-allocator 1.5.0, try_configure_huge_pages',
    codes: ['202'],
    remedy: 'Name CPUs of one node.',
  },
  '203-clear': {
    sentence: 'The kernel takes a zero for every page size of the node.',
    source: 'nitro-enclaves-allocator 1.5.0, try_configure_huge_pages',
    codes: ['203'],
    remedy: 'End whatever holds hugepages on that node.',
  },
  '204-set': {
    // Quirk `negative-page-count`: more pages in use than asked for.
    sentence: 'The kernel takes every page count written; a negative one it does not.',
    source: 'nitro-enclaves-allocator 1.5.0, try_configure_huge_pages',
    codes: ['204'],
    remedy: 'Pages in use exceed the request: end what holds hugepages on that node.',
  },
  '205-rollback': {
    sentence: 'After a failure the former page counts come back.',
    source: 'nitro-enclaves-allocator 1.5.0, try_configure_huge_pages',
    codes: ['205'],
    remedy: `The former reservation is lost in part. ${SHRINK}`,
  },
  '206-insufficient-memory': {
    sentence: 'The pages had on that node add up to exactly the memory needed.',
    source: 'nitro-enclaves-allocator 1.5.0, try_configure_huge_pages',
    codes: ['206'],
    remedy: SHRINK,
  },
  'parent-not-running': {
    sentence: 'The parent VM runs.',
    source: 'AWS Nitro Enclaves user guide, concepts',
    codes: [],
    remedy: 'Start the parent; its services start with it.',
  },
  silent: {
    sentence: 'Nothing makes bash end the script without a message.',
    source:
      'nitro-enclaves-allocator 1.5.0, configure_cpu_pool_by_cpu_count, try_configure_huge_pages',
    codes: [],
    remedy: 'Write numbers without a leading 0; ask for memory that the first fitting node has.',
  },
} as const satisfies Readonly<Record<string, ExitRow>>;

export type ExitReason = keyof typeof SERVICE_EXITS;

/** How a run ended badly. */
export interface Exit {
  readonly reason: ExitReason;
  /** Exit status of the process. */
  readonly status: number;
  /** What the script prints behind "Error: "; undefined when it ends without a word. */
  readonly text: string | undefined;
  readonly refusal: Refusal;
}

/** An end with the script's own message. `detail`: our numbers in words, for the refusal only. */
export function exitWith(
  reason: ExitReason,
  text: string,
  numbers: Numbers,
  detail?: string,
): Exit {
  const message = detail === undefined ? text : `${text} ${detail}`;
  return { reason, status: 1, text, refusal: asRefusal(reason, message, numbers) };
}

/** An end that prints nothing; `why` is ours. */
export function silentExit(why: string, numbers: Numbers, status = 1): Exit {
  return { reason: 'silent', status, text: undefined, refusal: asRefusal('silent', why, numbers) };
}

/** The service cannot even start. */
export function notStarted(parent: string): Exit {
  const refusal = asRefusal('parent-not-running', `The parent VM is ${parent}.`, { parent });
  return { reason: 'parent-not-running', status: 1, text: undefined, refusal };
}

/** The script misses the pool file; the cause is the platform's, and so are its words and remedy. */
export function withoutDriver(text: string, cause: Refusal): Exit {
  return { reason: 'no-driver', status: 1, text, refusal: cause };
}

function asRefusal(reason: ExitReason, message: string, numbers: Numbers): Refusal {
  const { codes, remedy } = SERVICE_EXITS[reason];
  return { layer: 'service', codes, rule: `service-${reason}`, message, numbers, remedy };
}
