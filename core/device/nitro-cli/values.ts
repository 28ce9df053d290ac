/**
 * The values behind the options of run-enclave, as the program reads them.
 *
 * Invariant: a value is converted only after its rows have passed; numbers that may exceed 2^53 are
 * bigint. Memory multiplies modulo 2^64, as the release build does. Source: nitro RULES.md §5.1
 * (commands_parser.rs).
 */
import { PASS, type Rule, refuse } from '../../platform/rule.js';
import { cliRow } from './row.js';

const U32_MAX = 0xffff_ffffn;
const U64_LIMIT = 1n << 64n;
const U64_BITS = 64;

/** Suffix → MiB. */
const UNITS: Readonly<Record<string, bigint>> = {
  '': 1n,
  M: 1n,
  m: 1n,
  G: 1024n,
  g: 1024n,
  T: 1_048_576n,
  t: 1_048_576n,
};

/** Splits where the first character that is no number of any script stands. */
function splitMemory(text: string): { readonly digits: string; readonly suffix: string } {
  // The first match begins at the first character, be it empty.
  const suffix = text.replace(/\p{N}*/u, '');
  return { digits: text.slice(0, text.length - suffix.length), suffix };
}

export const MEMORY_VALUE_RULES: readonly Rule<string>[] = [
  cliRow({
    id: 'memory-number',
    sentence: 'The memory starts with ASCII digits that make a number below 2^64.',
    source: '§5.1 Memory',
    code: 'E03',
    requirements: ['N11'],
    remedy: 'Write the memory in MiB, or with M, G or T behind the number.',
    check: (text) =>
      unsignedBelow(splitMemory(text).digits, U64_LIMIT)
        ? PASS
        : refuse({ memory: text }, `memory "${text}" does not start with a number`),
  }),
  cliRow({
    id: 'memory-unit',
    sentence: 'Behind the number stands nothing, M, G or T, large or small.',
    source: '§5.1 Memory',
    code: 'E03',
    requirements: ['N11'],
    remedy: 'Use no suffix, M, G or T.',
    check: (text) => {
      const { suffix } = splitMemory(text);
      return Object.hasOwn(UNITS, suffix)
        ? PASS
        : refuse({ memory: text }, `"${suffix}" is no size indicator`);
    },
  }),
];

/** MiB behind a text that has passed, modulo 2^64. */
export function memoryMibOf(text: string): bigint {
  const { digits, suffix } = splitMemory(text);
  return BigInt.asUintN(U64_BITS, BigInt(digits) * UNITS[suffix]);
}

export const CID_VALUE_RULES: readonly Rule<string>[] = [
  cidRow(
    'cid-number',
    'The CID is a number below 2^64.',
    (text) => !unsignedBelow(text, U64_LIMIT),
  ),
  cidRow('cid-well-known', 'The CID is neither 1 nor 2, the well-known ones.', (text) =>
    [1n, 2n].includes(BigInt(text)),
  ),
  cidRow(
    'cid-any',
    'The CID is not 4294967295, which means any.',
    (text) => BigInt(text) === U32_MAX,
  ),
  cidRow('cid-parent', "The CID is not 3, the parent's.", (text) => BigInt(text) === 3n),
  cidRow('cid-width', 'The CID fits in 32 bits.', (text) => BigInt(text) > U32_MAX),
];

function cidRow(id: string, sentence: string, wrong: (text: string) => boolean): Rule<string> {
  return cliRow({
    id,
    sentence,
    source: '§5.1 CID',
    code: 'E03',
    requirements: ['N11'],
    remedy: 'Use 4 to 4294967294, or 0 for an automatic one.',
    check: (text) =>
      wrong(withoutPlus(text)) ? refuse({ cid: text }, `CID "${text}" cannot be used`) : PASS,
  });
}

/** CID behind a text that has passed; 0 = automatic. */
export function cidOf(text: string): bigint {
  return BigInt(withoutPlus(text));
}

function u32Rule(option: string): Rule<string> {
  return cliRow({
    id: `${option}-number`,
    sentence: `Every value of --${option} is a number below 2^32.`,
    source: '§5.1',
    code: 'E03',
    requirements: ['N11'],
    remedy: 'Write a plain number.',
    check: (text) =>
      unsignedBelow(withoutPlus(text), U32_MAX + 1n)
        ? PASS
        : refuse({ [option]: text }, `--${option} "${text}" is not a number`),
  });
}

export const CPU_COUNT_VALUE: Rule<string> = u32Rule('cpu-count');
/** For each value of --cpu-ids. */
export const CPU_ID_VALUE: Rule<string> = u32Rule('cpu-ids');

export function u32Of(text: string): number {
  return Number(withoutPlus(text));
}

/** The program's number reader takes one leading plus sign. */
function withoutPlus(text: string): string {
  return text.startsWith('+') ? text.slice(1) : text;
}

function unsignedBelow(digits: string, limit: bigint): boolean {
  return /^[0-9]+$/.test(digits) && BigInt(digits) < limit;
}
