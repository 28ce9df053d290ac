/**
 * The grammar of allocator.yaml: a handful of shell filters, which is not YAML.
 *
 * Only lines behind a `---` line count, one key each. The value is what follows the last colon,
 * less its first run of blanks (and an opening quote right behind it) and one closing quote. Values
 * stay text here: what a number is differs by the place that reads it (arithmetic).
 * Invariant: a config is accepted iff the real script goes on to touch the machine.
 * Source: script of aws/aws-nitro-enclaves-cli v1.5.0, parse_config.
 */
import { type Exit, exitWith } from './exits.js';
import { echoLine, readLines } from './shell-read.js';

export const ALLOCATOR_CONFIG_PATH = '/etc/nitro_enclaves/allocator.yaml';

/** The file as it is shipped. */
export const SHIPPED_ALLOCATOR_CONFIG = '---\nmemory_mib: 512\ncpu_count: 2\n';

/** Values exactly as the script holds them; both are non-empty. */
export interface AllocatorConfig {
  readonly memoryMib: string;
  readonly cpus: { readonly mode: 'count' | 'pool'; readonly value: string };
}

export type ConfigReading =
  | { readonly ok: true; readonly config: AllocatorConfig }
  | { readonly ok: false; readonly exit: Exit };

const KEYS = ['memory_mib', 'cpu_count', 'cpu_pool'] as const;
type Key = (typeof KEYS)[number];

/** ASCII white space inside a line, as `\s` of grep and sed has it: a carriage return too. */
const COMMENT = /^[ \t\v\f\r]*#/;
const FIRST_BLANKS = /[ \t\v\f\r]+"?/;
/** What follows the letters, digits and dashes at the start of a line: the colon ends them, too. */
const NOT_A_KEY = /[^-_a-z0-9].*/is;

/** Reads the exact bytes of the file, one UTF-16 string; the first problem ends it. */
export function readAllocatorConfig(text: string): ConfigReading {
  const values: Partial<Record<Key, string>> = {};
  let behindMarker = false;
  for (const [i, line] of readLines(text).entries()) {
    const seen = echoLine(line);
    if (COMMENT.test(seen)) continue;
    if (line === '---') behindMarker = true;
    else if (behindMarker) {
      const problem = readEntry(seen, i + 1, values);
      if (problem !== undefined) return { ok: false, exit: problem };
    }
  }
  return checked(values);
}

function readEntry(
  line: string,
  lineNumber: number,
  values: Partial<Record<Key, string>>,
): Exit | undefined {
  const text = line.replace(NOT_A_KEY, '');
  const key = KEYS.find((known) => known === text);
  const numbers = { line: lineNumber, key: text };
  const place = `Error in ${ALLOCATOR_CONFIG_PATH}:${lineNumber}`;
  if (key === undefined) {
    return exitWith('config-unexpected-key', `${place} - unexpected: ${text}`, numbers);
  }
  // Quirk `last-colon-value`: a stride such as 2-9:1/2 never arrives whole.
  const behindColon = line.slice(line.lastIndexOf(':') + 1);
  const value = behindColon.replace(FIRST_BLANKS, '').replace(/"$/, '');
  if (value === '') {
    return exitWith('config-missing-value', `${place} - missing value for ${text}`, numbers);
  }
  values[key] = value;
  return undefined;
}

function checked(values: Partial<Record<Key, string>>): ConfigReading {
  const { memory_mib: memoryMib, cpu_count: count, cpu_pool: pool } = values;
  if (memoryMib === undefined) {
    return failed('config-missing-memory', 'missing memory reservation (`memory_mib`).');
  }
  if (count !== undefined && pool !== undefined) {
    return failed('config-conflict', '`cpu_count` conflicts with `cpu_pool`.');
  }
  if (count !== undefined) {
    return { ok: true, config: { memoryMib, cpus: { mode: 'count', value: count } } };
  }
  if (pool !== undefined) {
    return { ok: true, config: { memoryMib, cpus: { mode: 'pool', value: pool } } };
  }
  return failed(
    'config-missing-cpu',
    'missing CPU reservation (either `cpu_count` or `cpu_pool`).',
  );
}

function failed(
  reason: 'config-missing-memory' | 'config-missing-cpu' | 'config-conflict',
  text: string,
): ConfigReading {
  return { ok: false, exit: exitWith(reason, `Config error: ${text}`, {}) };
}
