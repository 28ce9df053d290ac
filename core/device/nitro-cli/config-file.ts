/**
 * The JSON file behind --config.
 *
 * Invariant: what a config file says is checked for its shape only; a CID out of range is left for
 * the driver to refuse (275). Trade-off: numbers are read as JavaScript does, so 1e3 passes where the
 * program wants plain digits, and integers above 2^53 come rounded.
 * Source: nitro RULES.md §5.1 (RunEnclavesArgs).
 */
import { firstRefusal, PASS, type Rule, refuse } from '../../platform/rule.js';
import type { Refusal } from '../../refusal/refusal.js';
import type { RunRequest } from './request.js';
import { cliRow } from './row.js';

const U32_LIMIT = 2 ** 32;
const U64_LIMIT = 2 ** 64;

interface ConfigFields {
  readonly eif_path: string;
  readonly memory_mib: number;
  readonly enclave_cid?: number | null;
  readonly cpu_ids?: readonly number[] | null;
  readonly cpu_count?: number | null;
  readonly debug_mode?: boolean;
  readonly attach_console?: boolean;
  readonly enclave_name?: string | null;
}

type Wants = (value: unknown) => boolean;

const text: Wants = (value) => typeof value === 'string';
const flag: Wants = (value) => value === undefined || typeof value === 'boolean';
const below =
  (limit: number): Wants =>
  (value) =>
    typeof value === 'number' && Number.isInteger(value) && value >= 0 && value < limit;
const listOf =
  (wants: Wants): Wants =>
  (value) =>
    Array.isArray(value) && value.every(wants);
const optional =
  (wants: Wants): Wants =>
  (value) =>
    value === undefined || value === null || wants(value);

const FIELDS: Readonly<Record<keyof ConfigFields, Wants>> = {
  eif_path: text,
  memory_mib: below(U64_LIMIT),
  enclave_cid: optional(below(U64_LIMIT)),
  cpu_ids: optional(listOf(below(U32_LIMIT))),
  cpu_count: optional(below(U32_LIMIT)),
  debug_mode: flag,
  attach_console: flag,
  enclave_name: optional(text),
};

export const CONFIG_FILE_RULES: readonly Rule<{ readonly json: unknown }>[] = [
  cliRow({
    id: 'config-shape',
    sentence: 'The config file is a JSON object whose fields have their types.',
    source: '§5.1 JSON config',
    code: 'E17',
    requirements: ['N11'],
    remedy: 'Give eif_path, memory_mib and one of cpu_count, cpu_ids; numbers without quotes.',
    check: ({ json }) => {
      if (typeof json !== 'object' || json === null) return refuse({}, 'no JSON object');
      const given = json as Readonly<Record<string, unknown>>;
      const wrong = Object.entries(FIELDS).find(([field, wants]) => !wants(given[field]));
      return wrong === undefined
        ? PASS
        : refuse({ field: wrong[0] }, `Invalid JSON format for config file: ${wrong[0]}`);
    },
  }),
  cliRow({
    id: 'config-cpus',
    sentence: 'A config file gives cpu_count or cpu_ids.',
    source: '§5.1 JSON config',
    code: 'E01',
    remedy: 'Add cpu_count or cpu_ids.',
    check: ({ json }) => {
      const { cpu_count, cpu_ids } = json as ConfigFields;
      return cpu_count == null && cpu_ids == null
        ? refuse({}, 'Missing both `cpu-count` and `cpu-ids`')
        : PASS;
    },
  }),
  cliRow({
    id: 'config-one-of',
    sentence: 'A config file gives only one of cpu_count and cpu_ids.',
    source: '§5.1 JSON config',
    code: 'E02',
    remedy: 'Keep one of the two.',
    check: ({ json }) => {
      const { cpu_count, cpu_ids } = json as ConfigFields;
      return cpu_count != null && cpu_ids != null
        ? refuse({}, '`cpu-count` and `cpu-ids` cannot be used together')
        : PASS;
    },
  }),
];

/** Reads the exact text of a config file. */
export function readConfigFile(
  content: string,
): { readonly request: RunRequest } | { readonly refusal: Refusal } {
  const json = parsed(content);
  const refusal = firstRefusal(CONFIG_FILE_RULES, { json });
  if (refusal !== undefined) return { refusal };
  const fields = json as ConfigFields;
  const { cpu_count, cpu_ids, enclave_name, attach_console, debug_mode } = fields;
  const request: RunRequest = {
    eifPath: fields.eif_path,
    memoryMib: BigInt(fields.memory_mib),
    cpus: cpu_ids == null ? { count: cpu_count ?? 0 } : { ids: cpu_ids },
    cid: BigInt(fields.enclave_cid ?? 0),
    debug: debug_mode === true || attach_console === true,
    attachConsole: attach_console === true,
  };
  return { request: enclave_name == null ? request : { ...request, name: enclave_name } };
}

/** The JSON value, or undefined when there is none. */
function parsed(content: string): unknown {
  try {
    return JSON.parse(content);
  } catch {
    return undefined;
  }
}
