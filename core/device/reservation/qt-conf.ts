/**
 * The text of qt-enclave-env.conf, read into the values that `qingtian.reserve` judges.
 *
 * Declared grammar, since the real parser is not published: one `key: value` or `key:value` a line,
 * blanks around key and value do not count, blank lines and lines starting with # are skipped.
 * Unknown keys, repeated keys and values that are not whole numbers are problems with their line.
 * Invariant: reading decides only what the text says; whether the values are allowed (page size,
 * multiples, CPU 0, count against list, a key that is missing) is a rule of the reservation.
 * Source: QingTian Enclave user guide, configuring resources (keys, both spellings of the separator).
 */
import type { QingtianConf } from '../../host/command.js';

export const QINGTIAN_CONF_PATH = '/etc/qingtian/enclave/qt-enclave-env.conf';

/** The file as it is shipped: one 1 GiB page and two CPUs. */
export const SHIPPED_QINGTIAN_CONF = 'hugepage_size:1024\nmemory_mib:1024\ncpu_count:2\n';

/** A line that cannot be read; every one of them is an invalid parameter (QT 06). */
export interface ConfProblem {
  /** From 1. */
  readonly line: number;
  readonly code: 'QT 06';
  /** The key as written; empty when the line has none. */
  readonly key: string;
  readonly message: string;
}

export type ConfReading =
  | { readonly ok: true; readonly conf: QingtianConf }
  | { readonly ok: false; readonly problems: readonly ConfProblem[] };

const NUMBER_KEYS = {
  hugepage_size: 'hugepageSizeMib',
  memory_mib: 'memoryMib',
  cpu_count: 'cpuCount',
} as const satisfies Readonly<Record<string, keyof QingtianConf>>;

const LIST_KEY = 'cpu_list';
const KEYS: readonly string[] = [...Object.keys(NUMBER_KEYS), LIST_KEY];

/** A CPU id above this is no id of any machine Linux runs on (its NR_CPUS limit is 8,192). */
const MAX_CPU_ID = 8191;

type Writable<T> = { -readonly [K in keyof T]: T[K] };

/** Reads the whole text; all problems at once, in line order. */
export function readQingtianConf(text: string): ConfReading {
  const conf: Writable<QingtianConf> = {};
  const problems: ConfProblem[] = [];
  const firstLine = new Map<string, number>();
  for (const [i, raw] of text.split(/\r?\n/).entries()) {
    const line = raw.trim();
    if (line === '' || line.startsWith('#')) continue;
    const colon = line.indexOf(':');
    const parts = colon < 0 ? [line] : [line.slice(0, colon), line.slice(colon + 1)];
    const key = parts[0].trim();
    const value: string | undefined = parts[1]?.trim();
    const earlier = firstLine.get(key);
    firstLine.set(key, earlier ?? i + 1);
    const message =
      earlier === undefined
        ? readEntry(conf, key, value)
        : `${key} is already given on line ${earlier}`;
    if (message !== undefined) problems.push({ line: i + 1, code: 'QT 06', key, message });
  }
  return problems.length === 0 ? { ok: true, conf } : { ok: false, problems };
}

/** Stores one entry; a message when it cannot be read. */
function readEntry(
  conf: Writable<QingtianConf>,
  key: string,
  value: string | undefined,
): string | undefined {
  if (!KEYS.includes(key)) return `unknown key "${key}"; the keys are ${KEYS.join(', ')}`;
  if (value === undefined || value === '') return `${key} has no value; write ${key}: <value>`;
  if (key === LIST_KEY) {
    const cpus = readCpuList(value);
    if (cpus === undefined) return `${key} "${value}" is not CPU ids such as 1-3,5`;
    conf.cpuList = cpus;
    return undefined;
  }
  const number = readWhole(value);
  if (number === undefined) return `${key} "${value}" is not a whole number`;
  conf[NUMBER_KEYS[key as keyof typeof NUMBER_KEYS]] = number;
  return undefined;
}

function readWhole(text: string): number | undefined {
  const value = Number(text);
  return /^[0-9]+$/.test(text) && Number.isSafeInteger(value) ? value : undefined;
}

/** "1-3, 5" as ids in the order written, repeats kept; undefined when it is no such list. */
function readCpuList(text: string): number[] | undefined {
  const cpus: number[] = [];
  for (const part of text.split(',')) {
    const range = /^([0-9]+)(?:-([0-9]+))?$/.exec(part.trim());
    if (range === null) return undefined;
    const first = Number(range[1]);
    const last = Number(range[2] ?? range[1]);
    if (last < first || last > MAX_CPU_ID) return undefined;
    for (let cpu = first; cpu <= last; cpu++) cpus.push(cpu);
  }
  return cpus;
}
