/**
 * Error numbers of the Nitro driver and of the kernel around it, with the names people meet.
 *
 * Invariant: a code ("NE 264", "EFAULT") and a number (264, 14) name each other, so that a
 * refusal's root code alone gives the return value of the call. Numbers are positive here; the
 * kernel returns them negated. Sources: nitro RULES.md §1.3 (nitro_enclaves.h), conformance
 * format, conventions.
 */
import type { Code, Refusal } from '../../refusal/refusal.js';
import { DRIVER_REMEDIES } from './error-remedies.js';

export interface DriverError {
  readonly number: number;
  readonly name: string;
  readonly meaning: string;
  /** What nitro-cli prints. */
  readonly text: string;
  /** What to do about it. */
  readonly remedy: string;
}

const PAGES = 'The enclave memory region is not backed by';
const NO_START = 'The enclave cannot start because';

/** [number, name without NE_ERR_, meaning, nitro-cli's text]. */
const TABLE: readonly (readonly [keyof typeof DRIVER_REMEDIES, string, string, string])[] = [
  [
    256,
    'VCPU_ALREADY_USED',
    'this enclave already added that vCPU',
    'The provided vCPU is already used',
  ],
  [
    257,
    'VCPU_NOT_IN_CPU_POOL',
    'the id is in no available core of the pool',
    'The provided vCPU is not available in the CPU pool',
  ],
  [
    258,
    'VCPU_INVALID_CPU_CORE',
    "core index outside the enclave's table",
    'The vCPU core ID is invalid for the CPU pool',
  ],
  [
    259,
    'INVALID_MEM_REGION_SIZE',
    'size is no multiple of 2 MiB',
    "The memory region's size is not a multiple of 2 MiB",
  ],
  [
    260,
    'INVALID_MEM_REGION_ADDR',
    'address range is no user memory',
    "The memory region's address is invalid",
  ],
  [
    261,
    'UNALIGNED_MEM_REGION_ADDR',
    'address is not 2 MiB aligned',
    "The memory region's address is not aligned",
  ],
  [
    262,
    'MEM_REGION_ALREADY_USED',
    'overlaps a region of the same enclave',
    'The memory region is already used',
  ],
  [263, 'MEM_NOT_HUGE_PAGE', 'page is not hugetlb', `${PAGES} contiguous physical huge page(s)`],
  [
    264,
    'MEM_DIFFERENT_NUMA_NODE',
    "page's node is not the pool's node",
    "The memory region's pages and the CPUs belong to different NUMA nodes",
  ],
  [
    265,
    'MEM_MAX_REGIONS',
    'too many physical ranges',
    'The maximum number of memory regions per enclave has been reached',
  ],
  [
    266,
    'NO_MEM_REGIONS_ADDED',
    'START without memory',
    `${NO_START} no memory regions have been added`,
  ],
  [267, 'NO_VCPUS_ADDED', 'START without a vCPU', `${NO_START} no vCPUs have been added`],
  [
    268,
    'ENCLAVE_MEM_MIN_SIZE',
    'START with less than 64 MiB',
    "The enclave's memory size is lower than the minimum supported",
  ],
  [
    269,
    'FULL_CORES_NOT_USED',
    'START while an owned core has a thread not added',
    `${NO_START} full CPU cores have not been set`,
  ],
  [
    270,
    'NOT_IN_INIT_STATE',
    'enclave request outside INIT',
    'The enclave is in an incorrect state to set resources or start',
  ],
  [
    271,
    'INVALID_VCPU',
    'vCPU id ≥ cores × threads',
    'The provided vCPU is out of range of the available CPUs',
  ],
  [
    272,
    'NO_CPUS_AVAIL_IN_POOL',
    'no core with threads left',
    'The enclave cannot be created because no CPUs are available in the pool',
  ],
  [
    273,
    'INVALID_PAGE_SIZE',
    'page size is no multiple of 2 MiB',
    `${PAGES} page(s) multiple of 2 MiB`,
  ],
  [
    274,
    'INVALID_FLAG_VALUE',
    'flags out of range',
    'The provided flags value in the ioctl arg data structure is invalid',
  ],
  [
    275,
    'INVALID_ENCLAVE_CID',
    'CID 1, 2, 3, u32 max or above',
    'The provided enclave CID is invalid, being a well-known CID or the parent VM CID',
  ],
];

/** The driver's own errors, 256 to 275. */
export const DRIVER_ERRORS: readonly DriverError[] = TABLE.map(([number, name, meaning, text]) => ({
  number,
  name: `NE_ERR_${name}`,
  meaning,
  text,
  remedy: DRIVER_REMEDIES[number],
}));

const ERRNO_NAMES: Readonly<Record<number, string>> = {
  1: 'EPERM',
  5: 'EIO',
  9: 'EBADF',
  11: 'EAGAIN',
  12: 'ENOMEM',
  13: 'EACCES',
  14: 'EFAULT',
  16: 'EBUSY',
  17: 'EEXIST',
  18: 'EXDEV',
  19: 'ENODEV',
  22: 'EINVAL',
  23: 'ENFILE',
  24: 'EMFILE',
  25: 'ENOTTY',
  28: 'ENOSPC',
  34: 'ERANGE',
  39: 'ENOTEMPTY',
  75: 'EOVERFLOW',
  98: 'EADDRINUSE',
  110: 'ETIMEDOUT',
  114: 'EALREADY',
  133: 'EHWPOISON',
};

const NUMBER_OF_CODE: ReadonlyMap<string, number> = new Map([
  ...DRIVER_ERRORS.map(({ number }) => [`NE ${number}`, number] as const),
  ...Object.entries(ERRNO_NAMES).map(([number, name]) => [name, Number(number)] as const),
]);

const FIRST_NE = 256;
const OTHER = 'errno ';

/** Name of a number as the headers spell it: 264 → NE_ERR_MEM_DIFFERENT_NUMA_NODE, 14 → EFAULT. */
export function errorName(number: number): string {
  const driver = DRIVER_ERRORS[number - FIRST_NE];
  return driver?.name ?? ERRNO_NAMES[number] ?? `${OTHER}${number}`;
}

/** Code of a number as a refusal carries it: 264 → "NE 264", 14 → "EFAULT". */
export function codeOf(number: number): Code {
  return DRIVER_ERRORS[number - FIRST_NE] === undefined ? errorName(number) : `NE ${number}`;
}

/** Number behind a code that `codeOf` gave, or undefined for codes of other lists. */
export function numberOf(code: Code): number | undefined {
  const known = NUMBER_OF_CODE.get(code);
  if (known !== undefined) return known;
  return code.startsWith(OTHER) ? Number(code.slice(OTHER.length)) : undefined;
}

/**
 * Kernel return value (negative) of a refused driver call: its root code. Throws if it has none.
 */
export function rcOf(refusal: Refusal): number {
  const number = numberOf(refusal.codes.at(-1) ?? '');
  if (number === undefined) throw new Error(`rule ${refusal.rule} has no error number`);
  return -number;
}
