/**
 * The arguments of `nitro-cli run-enclave`.
 *
 * First the option grammar with what is required and what excludes what (status 2, no E-code), then
 * each value in the program's order: cpu-count, eif-path, enclave-cid, memory, cpu-ids, name.
 * Invariant: a request that comes out is well-formed; nothing here looks at a host. As in the
 * program, --attach-console beside --config is taken and has no effect: the file alone decides.
 * Source: nitro RULES.md §5.1; order of values: RunEnclavesArgs::new_with.
 */
import { firstRefusal, PASS, type Rule, refuse } from '../../platform/rule.js';
import type { Refusal } from '../../refusal/refusal.js';
import { type CliCode, statusOf } from './codes.js';
import { readConfigFile } from './config-file.js';
import {
  type Arity,
  type GivenOptions,
  splitOptions,
  USAGE_STATUS,
  usageRefusal,
} from './options.js';
import type { RunRequest } from './request.js';
import { cliRow } from './row.js';
import {
  CID_VALUE_RULES,
  CPU_COUNT_VALUE,
  CPU_ID_VALUE,
  cidOf,
  MEMORY_VALUE_RULES,
  memoryMibOf,
  u32Of,
} from './values.js';

/** Reads a file as text; undefined = it cannot be opened. */
export type ReadText = (path: string) => string | undefined;

export type ParsedRun =
  | { readonly ok: true; readonly request: RunRequest; readonly warnings: readonly string[] }
  | { readonly ok: false; readonly status: number; readonly refusal: Refusal };

const OPTIONS: Readonly<Record<string, Arity>> = {
  'cpu-ids': 'many',
  'cpu-count': 'one',
  memory: 'one',
  'eif-path': 'one',
  'enclave-cid': 'one',
  'debug-mode': 'none',
  'attach-console': 'none',
  'enclave-name': 'one',
  config: 'one',
};

/** Pairs that exclude each other. */
const CONFLICTS: readonly (readonly [string, string])[] = [
  ['cpu-ids', 'cpu-count'],
  ...Object.keys(OPTIONS)
    .filter((name) => name !== 'config' && name !== 'attach-console')
    .map((name) => [name, 'config'] as const),
];

/** One option of each list must be given. */
const REQUIRED: readonly (readonly string[])[] = [
  ['cpu-ids', 'cpu-count', 'config'],
  ['memory', 'config'],
  ['eif-path', 'config'],
];

export const CONFIG_OPENS: Rule<{ readonly path: string; readonly content?: string }> = cliRow({
  id: 'config-opens',
  sentence: 'The config file can be opened.',
  source: '§5.1 JSON config',
  code: 'E19',
  remedy: 'Check the path and its permissions.',
  check: ({ path, content }) =>
    content === undefined ? refuse({ path }, `Failed to open config file ${path}`) : PASS,
});

/** `tokens`: what stands behind "run-enclave". `readText` serves --config. */
export function parseRunArguments(tokens: readonly string[], readText: ReadText): ParsedRun {
  const split = splitOptions(tokens, OPTIONS);
  if ('problem' in split) return usage(split.problem);
  const { given } = split;
  const problem = usageProblem(given);
  if (problem !== undefined) return usage(problem);
  const path = given.get('config')?.[0];
  return path === undefined ? fromOptions(given) : fromConfig(path, readText);
}

function usageProblem(given: GivenOptions): string | undefined {
  const clash = CONFLICTS.find(([a, b]) => given.has(a) && given.has(b));
  if (clash !== undefined) return `'--${clash[0]}' cannot be used with '--${clash[1]}'`;
  const missing = REQUIRED.find((names) => !names.some((name) => given.has(name)));
  return missing === undefined ? undefined : `'--${missing[0]}' was not provided`;
}

function fromConfig(path: string, readText: ReadText): ParsedRun {
  const content = readText(path);
  const unopened = firstRefusal([CONFIG_OPENS], { path, content });
  if (unopened !== undefined) return refusedRun(unopened);
  // Opened, so there is a text.
  const read = readConfigFile(content as string);
  if ('refusal' in read) return refusedRun(read.refusal);
  return { ok: true, request: read.request, warnings: [] };
}

function fromOptions(given: GivenOptions): ParsedRun {
  const one = (name: string): string | undefined => given.get(name)?.[0];
  // Both stand in REQUIRED, and --config is not given.
  const [memory, eifPath] = ['memory', 'eif-path'].map((name) => one(name) as string);
  const [count, cid] = ['cpu-count', 'enclave-cid'].map(one);
  const ids = given.get('cpu-ids') ?? [];
  const refusal =
    (count === undefined ? undefined : firstRefusal([CPU_COUNT_VALUE], count)) ??
    (cid === undefined ? undefined : firstRefusal(CID_VALUE_RULES, cid)) ??
    firstRefusal(MEMORY_VALUE_RULES, memory) ??
    ids.map((id) => firstRefusal([CPU_ID_VALUE], id)).find((found) => found !== undefined);
  if (refusal !== undefined) return refusedRun(refusal);
  const attachConsole = given.has('attach-console');
  const request: RunRequest = {
    eifPath,
    memoryMib: memoryMibOf(memory),
    cpus: count === undefined ? { ids: ids.map(u32Of) } : { count: u32Of(count) },
    cid: cid === undefined ? 0n : cidOf(cid),
    debug: given.has('debug-mode') || attachConsole,
    attachConsole,
  };
  const name = one('enclave-name');
  return {
    ok: true,
    request: name === undefined ? request : { ...request, name },
    warnings: cid !== undefined && request.cid === 0n ? [AUTOMATIC_CID] : [],
  };
}

const AUTOMATIC_CID = 'The enclave CID will be auto-generated as the provided CID is 0';

function refusedRun(refusal: Refusal): ParsedRun {
  return { ok: false, status: statusOf(refusal.codes[0] as CliCode), refusal };
}

function usage(message: string): ParsedRun {
  return { ok: false, status: USAGE_STATUS, refusal: usageRefusal('run-enclave', message) };
}
