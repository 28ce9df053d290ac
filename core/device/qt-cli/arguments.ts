/**
 * The command line of `qt enclave`: which subcommand, which options, which values.
 *
 * Declared grammar, since the real parser is not published: `--name value` or `--name=value`, each
 * option once, numbers as decimal digits. First what is wrong with the line (QT 02), then what is
 * missing (QT 01), then each value in the order of the options (QT 02). Whether a well-formed number
 * is allowed (CID range, even vCPUs) is the platform's to say, not asked here; so is `--cid` where a
 * version requires it. Invariant: arguments that come out are whole numbers and present.
 * Source: QingTian Enclave user guide, qt enclave commands (b.2).
 */
import { firstRefusal, PASS, type Rule, refuse } from '../../platform/rule.js';
import type { Refusal } from '../../refusal/refusal.js';
import { type Arity, type GivenOptions, splitOptions } from '../nitro-cli/options.js';
import { INVALID_ARGUMENT, MISSING_ARGUMENT, qtRow } from './row.js';

export type QtCommand =
  | {
      readonly name: 'start';
      readonly eif: string;
      readonly cpus?: number;
      /** MiB. */
      readonly mem?: number;
      readonly cid?: number;
      readonly debug: boolean;
    }
  | { readonly name: 'query'; readonly id?: number }
  | { readonly name: 'stop' | 'console'; readonly id: number };

export type ParsedQt =
  | { readonly ok: true; readonly command: QtCommand }
  | { readonly ok: false; readonly refusal: Refusal };

interface Grammar {
  readonly options: Readonly<Record<string, Arity>>;
  readonly required: readonly string[];
  readonly numbers: readonly string[];
}

const ID: Grammar = {
  options: { 'enclave-id': 'one' },
  required: ['enclave-id'],
  numbers: ['enclave-id'],
};

const GRAMMARS: Readonly<Record<QtCommand['name'], Grammar>> = {
  start: {
    options: { eif: 'one', cpus: 'one', mem: 'one', cid: 'one', 'debug-mode': 'none' },
    required: ['eif'],
    numbers: ['cpus', 'mem', 'cid'],
  },
  query: { ...ID, required: [] },
  stop: ID,
  console: ID,
};

interface LineContext {
  readonly subcommand: string | undefined;
  readonly problem: string | undefined;
}

export const LINE_RULES: readonly Rule<LineContext>[] = [
  qtRow({
    id: 'subcommand-given',
    sentence: 'A subcommand is given.',
    number: MISSING_ARGUMENT,
    remedy: 'Type start, query, stop or console.',
    check: ({ subcommand }) =>
      subcommand === undefined ? refuse({ missing: 'subcommand' }, 'no subcommand') : PASS,
  }),
  qtRow({
    id: 'line-well-formed',
    sentence: 'The subcommand exists and has the options given, each once and with its value.',
    number: INVALID_ARGUMENT,
    remedy: 'See qt enclave --help.',
    check: ({ problem }) => (problem === undefined ? PASS : refuse({ problem }, problem)),
  }),
];

export const OPTION_GIVEN: Rule<{ readonly option: string; readonly given: boolean }> = qtRow({
  id: 'option-given',
  sentence: 'Every required option is given.',
  number: MISSING_ARGUMENT,
  remedy: 'Add the option.',
  check: ({ option, given }) =>
    given ? PASS : refuse({ missing: option }, `--${option} is missing`),
});

export const OPTION_NUMBER: Rule<{ readonly option: string; readonly text: string }> = qtRow({
  id: 'option-number',
  sentence: 'A count, size, CID or id is a whole number in decimal digits.',
  number: INVALID_ARGUMENT,
  remedy: 'Write digits only; sizes are in MiB.',
  check: ({ option, text }) =>
    wholeOf(text) === undefined
      ? refuse({ option, value: text }, `--${option} "${text}" is not a whole number`)
      : PASS,
});

/** Every row of the tool's own. */
export const QT_CLI_RULES: readonly Rule<never>[] = [...LINE_RULES, OPTION_GIVEN, OPTION_NUMBER];

/** `tokens`: what stands behind "qt enclave". */
export function parseQtArguments(tokens: readonly string[]): ParsedQt {
  const [subcommand, ...rest] = tokens;
  const line = isName(subcommand) ? lineOf(subcommand, rest) : unknown(subcommand);
  if ('problem' in line) {
    const refusal = firstRefusal(LINE_RULES, { subcommand, problem: line.problem });
    // biome-ignore lint/style/noNonNullAssertion: whatever the problem is, the second row refuses it.
    return { ok: false, refusal: refusal! };
  }
  const refusal = valueRefusal(GRAMMARS[line.name], line.given);
  if (refusal !== undefined) return { ok: false, refusal };
  return { ok: true, command: commandOf(line.name, line.given) };
}

type Line = { readonly name: QtCommand['name']; readonly given: GivenOptions };

function lineOf(name: QtCommand['name'], rest: readonly string[]): Line | { problem: string } {
  const split = splitOptions(rest, GRAMMARS[name].options);
  return 'problem' in split ? split : { name, ...split };
}

function unknown(subcommand: string | undefined): { readonly problem: string } {
  return { problem: `there is no subcommand "${subcommand}"` };
}

function isName(name: string | undefined): name is QtCommand['name'] {
  return name !== undefined && Object.hasOwn(GRAMMARS, name);
}

function valueRefusal(grammar: Grammar, given: GivenOptions): Refusal | undefined {
  for (const option of grammar.required) {
    const missing = firstRefusal([OPTION_GIVEN], { option, given: given.has(option) });
    if (missing !== undefined) return missing;
  }
  for (const option of grammar.numbers) {
    const text = given.get(option)?.[0];
    const bad = text === undefined ? undefined : firstRefusal([OPTION_NUMBER], { option, text });
    if (bad !== undefined) return bad;
  }
  return undefined;
}

function commandOf(name: QtCommand['name'], given: GivenOptions): QtCommand {
  const number = (option: string) => {
    const text = given.get(option)?.[0];
    return text === undefined ? undefined : wholeOf(text);
  };
  if (name === 'start') {
    // biome-ignore lint/style/noNonNullAssertion: a start without it has been refused.
    const [eif] = given.get('eif')!;
    const [cpus, mem, cid] = ['cpus', 'mem', 'cid'].map(number);
    return {
      name,
      eif,
      ...(cpus === undefined ? {} : { cpus }),
      ...(mem === undefined ? {} : { mem }),
      ...(cid === undefined ? {} : { cid }),
      debug: given.has('debug-mode'),
    };
  }
  const id = number('enclave-id');
  if (name === 'query') return id === undefined ? { name } : { name, id };
  return { name, id: id ?? 0 };
}

/** Decimal digits as a number that is exact, or undefined. */
function wholeOf(text: string): number | undefined {
  const value = Number(text);
  return /^[0-9]+$/.test(text) && Number.isSafeInteger(value) ? value : undefined;
}
