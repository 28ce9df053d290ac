/**
 * What nitro-cli checks about memory: the request against the image, the pages against the request.
 *
 * Invariant: bytes are u64 modulo 2^64 in the first list and i64 in the second, as in the program's
 * release build, so that absurd requests fail where they do on the machine. The 64 MiB minimum, the
 * pages' node and their number are not checked here but by the driver.
 * Source: nitro RULES.md §5.2 steps 7 and 10, §5.4 (resource_manager.rs).
 */
import { MEMORY_PER_IMAGE } from '../../platform/nitro/derived.js';
import { PASS, type Rule, refuse } from '../../platform/rule.js';
import { cliRow } from './row.js';

const MIB_BITS = 20n;
const KIB = 1024n;
const RATIO = BigInt(MEMORY_PER_IMAGE);
const U64_BITS = 64;

/** Bytes of a request in MiB: u64, high bits lost (quirk `memory-shift`). */
export function requestedBytes(memoryMib: bigint): bigint {
  return BigInt.asUintN(U64_BITS, memoryMib << MIB_BITS);
}

interface RequestContext {
  readonly memoryMib: bigint;
  /** u64; bigint where a number would round it. */
  readonly imageBytes: number | bigint;
}

/** Before CREATE_VM. */
export const IMAGE_RATIO: Rule<RequestContext> = cliRow({
  id: 'memory-for-image',
  sentence: 'Memory is at least four times the image, both in bytes modulo 2^64, unsigned.',
  source: '§5.2 step 7',
  code: 'E26',
  requirements: ['N11'],
  remedy: 'Use a smaller image, or ask for the minimum and reserve at least that much.',
  check: ({ memoryMib, imageBytes }) => {
    const bytes = BigInt(imageBytes);
    const neededBytes = BigInt.asUintN(U64_BITS, bytes * RATIO);
    if (neededBytes <= requestedBytes(memoryMib)) return PASS;
    const minimumMib = ceilDiv(ceilDiv(bytes, KIB), KIB) * RATIO;
    return refuse(
      {
        memoryMib: `${memoryMib}`,
        imageBytes: typeof imageBytes === 'bigint' ? `${imageBytes}` : imageBytes,
        minimumMib: `${minimumMib}`,
      },
      `At least ${minimumMib} MB must be allocated (which is ${RATIO} times the EIF file size)`,
    );
  },
});

/** After CREATE_VM. */
export const SOME_MEMORY: Rule<RequestContext> = cliRow({
  id: 'memory-not-zero',
  sentence: 'Memory is not 0 bytes; only an empty image gets as far as here with 0.',
  source: '§5.2 step 10',
  code: 'E26',
  requirements: ['N11'],
  remedy: 'Ask for memory.',
  check: ({ memoryMib }) =>
    requestedBytes(memoryMib) === 0n
      ? refuse({ memoryMib: `${memoryMib}` }, 'Cannot start an enclave with no memory')
      : PASS,
});

interface TakenContext {
  readonly requestedMib: bigint;
  /** What is still missing after both passes, in bytes; negative = overshoot. */
  readonly missingBytes: bigint;
  /** Sum of the pages kept. */
  readonly gotMib: bigint;
}

export const PAGES_RULES: readonly Rule<TakenContext>[] = [
  cliRow({
    id: 'pages-cover-request',
    sentence: 'The free hugepages of the parent, of whatever size, cover the request.',
    source: '§5.4 step 4',
    code: 'E27',
    requirements: ['N12'],
    remedy:
      'Reserve more hugepages (smaller ones, where a large page went to a small enclave), ' +
      'or ask for what is free and still four times the image.',
    check: ({ requestedMib, missingBytes }) => {
      if (missingBytes <= 0n) return PASS;
      const missingMib = missingBytes >> MIB_BITS;
      return refuse(
        { requestedMib: `${requestedMib}`, missingMib: `${missingMib}` },
        `Failed to allocate entire memory (${missingMib} MB remained)`,
      );
    },
  }),
  cliRow({
    id: 'pages-enough',
    sentence: 'The pages kept add up to the request; one of 2^43 MiB or more counts as negative.',
    source: '§5.4 step 1',
    code: 'E27',
    requirements: ['N12'],
    remedy: 'Ask for less than 2^43 MiB.',
    check: ({ requestedMib, gotMib }) =>
      gotMib >= requestedMib
        ? PASS
        : refuse(
            { requestedMib: `${requestedMib}`, gotMib: `${gotMib}` },
            'Failed to allocate sufficient memory ' +
              `(requested ${requestedMib} MB, but got ${gotMib} MB)`,
          ),
  }),
];

function ceilDiv(a: bigint, b: bigint): bigint {
  return (a + b - 1n) / b;
}
