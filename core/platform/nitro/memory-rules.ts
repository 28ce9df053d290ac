/**
 * The checks of SET_USER_MEMORY_REGION, in the driver's order (nitro RULES.md §1.5, §3).
 *
 * Three lists: before any page is looked at, per page, and after the last page. Invariant: the rows
 * look at u64 arguments as bigint; once they have passed, address and size are exact as numbers.
 */
import type { CommandOf } from '../../host/command.js';
import type { Enclave } from '../../host/tree.js';
import { PASS, type Rule, refuse } from '../rule.js';
import { COPY_IN, CREATOR, type FileContext, IN_INIT } from './file.js';
import { GRANULE_BYTES } from './merge.js';
import { overlapping } from './regions.js';
import { driverRow } from './row.js';

export type SetMemory = CommandOf<'nitro.set-memory'>;
export type MemoryContext = FileContext<SetMemory>;

/** One looked-up page; `bytes` is 4096 for a tail page of a larger one. */
export interface PinnedPage {
  readonly phys: number;
  readonly bytes: number;
  readonly huge: boolean;
  /** NUMA node id. */
  readonly node: number;
}

interface PageContext {
  readonly enclave: Enclave;
  readonly page: PinnedPage;
}

const EFAULT = 14;
const ENOMEM = 12;
const EINVAL = 22;
const GRANULE = BigInt(GRANULE_BYTES);
/** First byte above user memory: x86_64, 4-level paging. */
const USER_LIMIT = 0x7fff_ffff_f000n;
/** The page array of 16 bytes per 2 MiB must fit the largest kmalloc, 4 MiB. */
const MOST_BYTES = 512n * 1024n * 1024n * 1024n;

export const MEMORY_RULES: readonly Rule<MemoryContext>[] = [
  COPY_IN,
  driverRow({
    id: 'memory-flags',
    sentence: 'The only memory flag is 0.',
    source: '§1.5 SET_USER_MEMORY_REGION 2',
    number: 274,
    remedy: 'Pass 0.',
    check: ({ command: { flags } }) =>
      flags === 0n ? PASS : refuse({ flags: `${flags}` }, `memory flags ${flags} are not 0`),
  }),
  IN_INIT,
  CREATOR,
  driverRow({
    id: 'memory-size',
    sentence: 'The size is a multiple of 2 MiB.',
    source: '§1.5 SET_USER_MEMORY_REGION 5',
    number: 259,
    requirements: ['N11'],
    remedy: 'Round the size to 2 MiB.',
    check: ({ command: { bytes } }) =>
      bytes % GRANULE === 0n
        ? PASS
        : refuse({ bytes: `${bytes}` }, `${bytes} bytes are no multiple of 2 MiB`),
  }),
  driverRow({
    id: 'memory-alignment',
    sentence: 'The user address is 2 MiB aligned.',
    source: '§1.5 SET_USER_MEMORY_REGION 6',
    number: 261,
    remedy: 'Map hugepages and pass their address.',
    check: ({ command: { address } }) =>
      address % GRANULE === 0n
        ? PASS
        : refuse({ address: hex(address) }, `${hex(address)} is not 2 MiB aligned`),
  }),
  driverRow({
    id: 'memory-user-range',
    sentence: 'The range is user memory.',
    source: '§1.5 SET_USER_MEMORY_REGION 7',
    number: 260,
    remedy: 'Pass an address of the calling process.',
    check: ({ command: { address, bytes } }) =>
      address <= USER_LIMIT - bytes
        ? PASS
        : refuse(
            { address: hex(address), bytes: `${bytes}` },
            `${hex(address)} + ${bytes} bytes is no user memory`,
          ),
  }),
  driverRow({
    // Quirk `no-alias-check`: only user addresses of one enclave are compared.
    id: 'memory-not-overlapping',
    sentence: 'The range overlaps no declared region of the same enclave.',
    source: '§3.4',
    number: 262,
    remedy: 'Pass memory that the enclave does not have yet.',
    check: ({ enclave, command }) => {
      const bytes = Number(command.bytes);
      const region = overlapping(enclave.regions, Number(command.address), bytes);
      if (region === undefined) return PASS;
      const { address } = region;
      return refuse({ address, bytes: region.bytes }, `the region at ${hex(address)} overlaps`);
    },
  }),
  driverRow({
    id: 'memory-page-array',
    sentence: 'A region is at least one page long and at most 512 GiB.',
    source: '§1.5 SET_USER_MEMORY_REGION 9, §3.2 step 1; finding 14',
    number: ENOMEM,
    remedy: 'Pass between 2 MiB and 512 GiB at once.',
    check: ({ command: { bytes } }) =>
      bytes > 0n && bytes <= MOST_BYTES
        ? PASS
        : refuse({ bytes: `${bytes}` }, `${bytes} bytes need no page, or too large an array`),
  }),
];

export const PAGE_MAPPED: Rule<{ readonly page: PinnedPage | undefined; address: number }> =
  driverRow({
    id: 'page-mapped',
    sentence: 'Every page of the region is mapped.',
    source: '§3.2 step 2; finding 13',
    number: EFAULT,
    remedy: 'Map the whole range first.',
    check: ({ page, address }) =>
      page === undefined ? refuse({ address }, `${hex(address)} is not mapped`) : PASS,
  });

export const PAGE_RULES: readonly Rule<PageContext>[] = [
  driverRow({
    id: 'page-huge',
    sentence: 'Every page is a hugetlb page.',
    source: '§3.2 step 3',
    number: 263,
    requirements: ['N11'],
    remedy: 'Map with MAP_HUGETLB.',
    check: ({ page }) => (page.huge ? PASS : refuse({ phys: page.phys }, 'not a hugetlb page')),
  }),
  driverRow({
    id: 'page-size',
    sentence: 'Every page is a multiple of 2 MiB; the tail of a larger page reads as 4 KiB.',
    source: '§3.2 step 4; finding 16',
    number: 273,
    requirements: ['N11'],
    remedy: 'Use 2 MiB or larger pages and start at the head of a page.',
    check: ({ page: { phys, bytes } }) =>
      bytes % GRANULE_BYTES === 0
        ? PASS
        : refuse({ phys, bytes }, `a page of ${bytes} bytes is no multiple of 2 MiB`),
  }),
  driverRow({
    id: 'page-node',
    sentence: "Every page is on the CPU pool's NUMA node.",
    source: '§3.2 step 5',
    number: 264,
    requirements: ['N12'],
    remedy: "Reserve hugepages on the pool's node.",
    check: ({ page: { node }, enclave }) =>
      node === enclave.node
        ? PASS
        : refuse({ node, poolNode: enclave.node }, `the page is on node ${node}`),
  }),
  driverRow({
    id: 'page-alignment',
    sentence: 'Every page starts on a physical multiple of 2 MiB.',
    source: '§3.3 step 1',
    number: EINVAL,
    remedy: 'None: real hugepages always do.',
    check: ({ page: { phys } }) =>
      phys % GRANULE_BYTES === 0 ? PASS : refuse({ phys }, `${hex(phys)} is not 2 MiB aligned`),
  }),
];

export const RANGE_RULES: readonly Rule<{ readonly enclave: Enclave; readonly ranges: number }>[] =
  [
    driverRow({
      id: 'memory-max-ranges',
      sentence: 'An enclave has at most as many physical ranges as the hypervisor allows.',
      source: '§3.5',
      number: 265,
      requirements: ['N11'],
      remedy: 'Use larger pages, so that fewer ranges are needed.',
      check: ({ enclave, ranges }) => {
        const { ranges: had, maxRanges } = enclave;
        return had + ranges <= maxRanges
          ? PASS
          : refuse({ had, ranges, maxRanges }, `${had} + ${ranges} ranges exceed ${maxRanges}`);
      },
    }),
  ];

function hex(value: number | bigint): string {
  return `0x${value.toString(16)}`;
}
