/**
 * The checks of mapping, touching and unmapping memory.
 *
 * Invariant: an mmap that succeeds is a promise: the page exists when it is touched, unless the
 * pool was shrunk below its promises in between. Source: conformance format, section 3; Linux
 * hugetlb.
 */
import type { Mapping } from '../../host/tree.js';
import { PASS, type Rule, refuse } from '../rule.js';
import { driverRow } from './row.js';

const ENOMEM = 12;
const EFAULT = 14;
const EINVAL = 22;

interface MapContext {
  /** Index of the page size; -1 = the kernel does not have it. */
  readonly size: number;
  readonly pageKib: number;
  readonly available: number;
}

interface AddressContext {
  readonly mapping: Mapping | undefined;
  readonly address: number;
}

export const MAP_PAGE_RULES: readonly Rule<MapContext>[] = [
  driverRow({
    id: 'map-page-size',
    sentence: 'The kernel has hugepages of the size asked for.',
    source: 'conformance format, section 3',
    number: EINVAL,
    layer: 'parent',
    remedy: "Use one of the architecture's hugepage sizes.",
    check: ({ size, pageKib }) =>
      size < 0 ? refuse({ pageKib }, `there are no pages of ${pageKib} KiB`) : PASS,
  }),
  driverRow({
    id: 'map-page-available',
    sentence: 'A free page that is not promised to another mapping is left on some node.',
    source: 'conformance format, section 3',
    number: ENOMEM,
    layer: 'parent',
    requirements: ['N12'],
    remedy: 'Reserve more hugepages of this size.',
    check: ({ pageKib, available }) =>
      available >= 1 ? PASS : refuse({ pageKib, available }, `no page of ${pageKib} KiB is left`),
  }),
];

export const TOUCH_RULES: readonly Rule<AddressContext & { readonly placed: boolean }>[] = [
  mappingRow('touch-mapped', EFAULT),
  driverRow({
    id: 'touch-page',
    sentence: 'A promised page is there when it is touched.',
    source: 'Linux hugetlb: SIGBUS when the pool shrank below its promises',
    number: EFAULT,
    layer: 'parent',
    remedy: 'Do not shrink a pool that processes have mapped.',
    check: ({ mapping, placed, address }) =>
      placed || mapping === undefined || mapping.size < 0 || mapping.runs.length > 0
        ? PASS
        : refuse({ address }, 'no node has a free page of this size'),
  }),
];

export const UNMAP_RULES: readonly Rule<AddressContext>[] = [mappingRow('unmap-mapped', EINVAL)];

function mappingRow(id: string, number: number): Rule<AddressContext> {
  return driverRow({
    id,
    sentence: 'A mapping starts at the address.',
    source: 'conformance format, section 1, munmap',
    number,
    layer: 'parent',
    remedy: 'Use the address the mapping was made at.',
    check: ({ mapping, address }) =>
      mapping?.address === address ? PASS : refuse({ address }, 'no mapping starts there'),
  });
}
