/** The grammar of allocator.yaml, as the script's own parse_config answered under bash 5.2.15. */
import { describe, expect, it } from 'vitest';
import {
  readAllocatorConfig,
  SHIPPED_ALLOCATOR_CONFIG,
} from '../../core/device/reservation/config.js';

/** [what it shows, text, memory_mib, mode, CPU value]. */
const ACCEPTED = [
  ['the shipped file', SHIPPED_ALLOCATOR_CONFIG, '512', 'count', '2'],
  ['blanks around the marker', ' --- \nmemory_mib: 512\ncpu_count: 2\n', '512', 'count', '2'],
  ['a second marker', '---\n---\nmemory_mib: 512\ncpu_count: 2\n', '512', 'count', '2'],
  [
    'comments, also indented and behind a carriage return',
    '---\n# a\n  # b\n\r# c\nmemory_mib: 512\ncpu_count: 2\n',
    '512',
    'count',
    '2',
  ],
  [
    'blanks before the colon, quotes around the value',
    '---\nmemory_mib : "512"\ncpu_pool: "1,3"\n',
    '512',
    'pool',
    '1,3',
  ],
  ['a kept opening quote', '---\nmemory_mib:"512"\ncpu_pool:1\n', '"512', 'pool', '1'],
  ['a kept comment', '---\nmemory_mib: 512 # two\ncpu_count: 2\n', '512 # two', 'count', '2'],
  [
    'the last duplicate wins',
    '---\nmemory_mib: 5\nmemory_mib: 6\ncpu_count: 2\n',
    '6',
    'count',
    '2',
  ],
  ['the last colon', '---\nmemory_mib: 512\ncpu_pool: 1-7:1/2\n', '512', 'pool', '1/2'],
  [
    'a carriage return: kept behind a blank, removed as the first blank',
    '---\nmemory_mib: 512\r\ncpu_count:2\r\n',
    '512\r',
    'count',
    '2',
  ],
  ['a line without colon', '---\nmemory_mib 512\ncpu_count: 2\n', 'memory_mib512', 'count', '2'],
  ['a joined line', '---\nmemory_mib: \\\n512\ncpu_count: 2\n', '512', 'count', '2'],
  ['a quoted digit', '---\nmemory_mib: 51\\2\ncpu_count: 2\n', '512', 'count', '2'],
  [
    'an escaped blank at the end of several words',
    '---\nmemory_mib: 512\\ \ncpu_count: 2\n',
    '512',
    'count',
    '2',
  ],
  [
    'inner blanks, one closing quote',
    '---\nmemory_mib: a: 512"\ncpu_pool:  1,  2\t\n',
    '512',
    'pool',
    '1,  2',
  ],
  [
    'vertical tabs and form feeds as blanks, in a comment and before a value',
    '---\n\v\f# c\nmemory_mib:\v\f512\ncpu_count: 2\n',
    '512',
    'count',
    '2',
  ],
  ['a value that starts like a comment', '---\nmemory_mib: #\ncpu_count: 2\n', '#', 'count', '2'],
] as const;

const NO_MEMORY = 'Config error: missing memory reservation (`memory_mib`).';
const NO_CPU = 'Config error: missing CPU reservation (either `cpu_count` or `cpu_pool`).';
const at = (line: number) => `Error in /etc/nitro_enclaves/allocator.yaml:${line}`;

/** [what it shows, text, reason, printed text]. */
const REFUSED = [
  ['an empty file', '', 'config-missing-memory', NO_MEMORY],
  ['no marker', 'memory_mib: 512\ncpu_count: 2\n', 'config-missing-memory', NO_MEMORY],
  [
    'a marker with CRLF',
    '---\r\nmemory_mib: 512\ncpu_count: 2\n',
    'config-missing-memory',
    NO_MEMORY,
  ],
  ['no memory', '---\ncpu_count: 2\n', 'config-missing-memory', NO_MEMORY],
  ['no CPUs', '---\nmemory_mib: 512\n', 'config-missing-cpu', NO_CPU],
  [
    'a last line without newline',
    '---\nmemory_mib: 512\ncpu_count: 2',
    'config-missing-cpu',
    NO_CPU,
  ],
  [
    'both CPU keys',
    '---\nmemory_mib: 512\ncpu_count: 2\ncpu_pool: 1\n',
    'config-conflict',
    'Config error: `cpu_count` conflicts with `cpu_pool`.',
  ],
  [
    'a blank line',
    '---\nmemory_mib: 512\n\ncpu_count: 2\n',
    'config-unexpected-key',
    `${at(3)} - unexpected: `,
  ],
  [
    'an unknown key',
    '---\nmemory_mib: 512\nfoo: 1\n',
    'config-unexpected-key',
    `${at(3)} - unexpected: foo`,
  ],
  [
    'a key in other case',
    '---\nMemory_mib: 512\n',
    'config-unexpected-key',
    `${at(2)} - unexpected: Memory_mib`,
  ],
  ['a line echo swallows', '---\n-n\n', 'config-unexpected-key', `${at(2)} - unexpected: `],
  [
    'a key with a letter of another script',
    '---\nmemory\u00e9_mib: 5\n',
    'config-unexpected-key',
    `${at(2)} - unexpected: memory`,
  ],
  [
    'a key before a line end of another system',
    '---\nfoo\r: 5\n',
    'config-unexpected-key',
    `${at(2)} - unexpected: foo`,
  ],
  ['no key', '---\n: 5\n', 'config-unexpected-key', `${at(2)} - unexpected: `],
  [
    'a key without value',
    '---\nmemory_mib: 512\ncpu_count:\n',
    'config-missing-value',
    `${at(3)} - missing value for cpu_count`,
  ],
  [
    'an empty quoted value',
    '---\nmemory_mib: ""\ncpu_count: 2\n',
    'config-missing-value',
    `${at(2)} - missing value for memory_mib`,
  ],
] as const;

describe('allocator.yaml', () => {
  it.each(ACCEPTED)(
    'N11 holds: %s is read as the shell reads it',
    (_, text, memoryMib, mode, value) => {
      expect(readAllocatorConfig(text)).toEqual({
        ok: true,
        config: { memoryMib, cpus: { mode, value } },
      });
    },
  );

  it.each(REFUSED)('N11 refused: %s', (_, text, reason, printed) => {
    const reading = readAllocatorConfig(text);
    if (reading.ok) throw new Error('accepted');
    expect(reading.exit).toMatchObject({ reason, text: printed, status: 1 });
    expect(reading.exit.refusal).toMatchObject({ layer: 'service', message: printed });
  });
});
