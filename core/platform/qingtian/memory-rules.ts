/**
 * Start rules on the amount of memory: page size, bounds, and the image's fourfold.
 *
 * The page size belongs to the pool, never to a start. Invariant: bytes are compared with bytes; a
 * size rounded to MiB never decides the image rule.
 * Source: QingTian Enclave user guide, constraints.
 */
import { MIB } from '../../units/size.js';
import { allows, notApplicable, PASS as PASSED, type Rule, refuse } from '../rule.js';
import { qt } from './codes.js';
import type { StartContext } from './context.js';

// Its own constant: V8 folds it into each check.
const PASS = PASSED;

type StartRule = Rule<StartContext>;

const SOURCE = 'QingTian Enclave user guide, constraints';

const pageSize: StartRule = {
  id: 'page-size',
  sentence: 'Enclave memory comes from a pool of 2 MiB or 1 GiB pages, one size for the pool.',
  source: 'QingTian Enclave user guide, configuring resources',
  requirements: ['Q28'],
  checkedAt: 'start',
  layer: 'service',
  codes: [],
  remedy: 'Start the reservation service qt-enclave-env before the enclave.',
  check: ({ host: { tree }, pageMib }) =>
    pageMib > 0
      ? PASS
      : refuse({ service: tree.reservation.state }, 'no pool of hugepages is reserved'),
};

const memoryMin: StartRule = {
  id: 'memory-min',
  sentence: 'An enclave has at least 128 MiB of memory.',
  source: SOURCE,
  requirements: ['Q16'],
  checkedAt: 'start',
  layer: 'platform',
  codes: [],
  remedy: 'Ask for at least 128 MiB.',
  check: ({ options, request: { memoryMib } }) => {
    const minMib = options.minMemoryMib;
    if (memoryMib >= minMib) return PASS;
    return refuse({ memoryMib, minMib }, `${memoryMib} MiB asked, at least ${minMib} needed`);
  },
};

const memoryMultiple: StartRule = {
  id: 'memory-multiple',
  sentence: 'Enclave memory is a whole number of pages of the pool.',
  source: 'QingTian Enclave user guide, configuring resources; for --mem a declared reading',
  requirements: ['Q29', 'N24'],
  checkedAt: 'start',
  layer: 'platform',
  codes: [],
  remedy: 'Ask for a multiple of the page size, or set the option memoryRounding to round-up.',
  check: ({ pageMib, memoryMib }) => {
    if (pageMib === 0) return notApplicable('no pool');
    if (memoryMib % pageMib === 0) return PASS;
    const message = `${memoryMib} MiB is no multiple of ${pageMib} MiB`;
    return refuse({ memoryMib, pageMib }, message);
  },
};

const memoryMax: StartRule = {
  id: 'memory-max',
  sentence: 'An enclave has at most 512 MiB with 2 MiB pages and 256 GiB with 1 GiB pages.',
  source: SOURCE,
  requirements: ['Q18', 'Q19'],
  checkedAt: 'start',
  layer: 'platform',
  codes: [],
  remedy: 'Ask for less, or reserve 1 GiB pages and ask for a multiple of 1 GiB.',
  check: ({ options, pageMib, memoryMib }) => {
    if (pageMib === 0) return notApplicable('no pool');
    const maxMib = options.maxPages * pageMib;
    if (memoryMib <= maxMib) return PASS;
    const message = `${memoryMib} MiB asked, at most ${maxMib} with ${pageMib} MiB pages`;
    return refuse({ memoryMib, maxMib, pageMib }, message);
  },
};

const imageRatio: StartRule = {
  id: 'image-ratio',
  sentence: 'Enclave memory is at least 4 times the size of the image file.',
  source: `${SOURCE}; error codes`,
  requirements: ['Q17'],
  checkedAt: 'start',
  layer: 'platform',
  codes: [qt(10)],
  remedy: 'Ask for more memory, or make the image smaller.',
  check: ({ options, request: { image }, memoryMib }) => {
    const neededBytes = options.imageRatio * image.bytes;
    const memoryBytes = memoryMib * MIB;
    if (memoryBytes >= neededBytes) return PASS;
    const numbers = { memoryBytes, imageBytes: image.bytes, neededBytes };
    return refuse(numbers, `${memoryBytes} bytes asked, the image needs ${neededBytes}`);
  },
};

/** In declared order. */
export const MEMORY_RULES: readonly StartRule[] = [
  pageSize,
  memoryMin,
  memoryMultiple,
  memoryMax,
  imageRatio,
];

/** Whether none of them refuses: each asked by its name (see `everyRowAllows`). */
export function memoryRowsAllow(context: StartContext): boolean {
  return (
    allows(pageSize.check(context)) &&
    allows(memoryMin.check(context)) &&
    allows(memoryMultiple.check(context)) &&
    allows(memoryMax.check(context)) &&
    allows(imageRatio.check(context))
  );
}
