/** Every way the reservation service ends, provoked once: its codes and the operands of its refusal. */
import { describe, expect, it } from 'vitest';
import {
  arithmeticConstant,
  isDigits,
  printable,
} from '../../core/device/reservation/arithmetic.js';
import { listCpus } from '../../core/device/reservation/cpu-listing.js';
import { pickCpus } from '../../core/device/reservation/cpu-selection.js';
import { SERVICE_EXITS } from '../../core/device/reservation/exits.js';
import { cpusOfPoolText } from '../../core/device/reservation/pool-text.js';
import { readQingtianConf } from '../../core/device/reservation/qt-conf.js';
import { allocatorProgram, type ServiceRun } from '../../core/device/reservation/service.js';
import { echoLine, echoWords, readLines } from '../../core/device/reservation/shell-read.js';
import type { Command } from '../../core/host/command.js';
import type { Host } from '../../core/host/host.js';
import { runInPlace } from '../../core/host/step.js';
import { evenTopology, pagesOn, reserve, smallParent } from './reservation-host.js';

const M2 = 2048;
const GIB = 1_048_576;
const config = (memoryMib: number | string, cpus: string) =>
  `---\nmemory_mib: ${memoryMib}\n${cpus}\n`;

interface Told {
  /** The n-th command (from 0) fails with this return value. */
  readonly fails?: readonly [n: number, rc: number];
  readonly driverLoaded?: boolean;
}

function runOn(host: Host, text: string, { fails, driverLoaded = true }: Told = {}): ServiceRun {
  const program = allocatorProgram(host, text, { driverLoaded });
  let turn = program.next();
  for (let n = 0; !turn.done; n++) {
    const failed = fails?.[0] === n ? { effects: [], facts: { rc: fails[1] } } : undefined;
    turn = program.next({ decision: failed ?? runInPlace(host, turn.value), host });
  }
  return turn.value;
}

/** One node of 8 CPUs with 64 MiB. */
const small = () => smallParent({ free: [64] });
const prepared = (...commands: readonly Command[]) => {
  const host = small();
  for (const command of commands) runInPlace(host, command);
  return host;
};

const ENDS: Readonly<Record<string, readonly [by: () => ServiceRun, numbers: object]>> = {
  'config-unexpected-key': [
    () => runOn(small(), '---\nmemory_mib: 1\nfoo: 2\n'),
    { line: 3, key: 'foo' },
  ],
  'config-missing-value': [
    () => runOn(small(), '---\nmemory_mib:\n'),
    { line: 2, key: 'memory_mib' },
  ],
  'config-missing-memory': [() => runOn(small(), '---\ncpu_count: 2\n'), {}],
  'config-missing-cpu': [() => runOn(small(), '---\nmemory_mib: 2\n'), {}],
  'config-conflict': [() => runOn(small(), config(2, 'cpu_count: 2\ncpu_pool: 1,5')), {}],
  'enclaves-running': [
    () =>
      runOn(
        prepared({ kind: 'nitro.write-pool', text: '1,5' }, { kind: 'nitro.create-vm', task: 0 }),
        config(2, 'cpu_count: 2'),
      ),
    { enclaves: 1 },
  ],
  'no-driver': [() => runOn(small(), config(2, 'cpu_count: 2'), { driverLoaded: false }), {}],
  'no-node-of-cpu0': [
    () =>
      runOn(
        smallParent({ free: [64], topology: { ...evenTopology(1), offline: [0] } }),
        config(2, 'cpu_count: 2'),
      ),
    {},
  ],
  'cpu-count-invalid': [() => runOn(small(), config(2, 'cpu_count: two')), { value: 'two' }],
  'cpu-count-zero': [() => runOn(small(), config(2, 'cpu_count: 0')), { value: '0' }],
  'cpu-count-exceeds-host': [
    () => runOn(small(), config(2, 'cpu_count: 9')),
    { value: '9', cpus: 8 },
  ],
  'cpu-count-partial-core': [
    () => runOn(small(), config(2, 'cpu_count: 3')),
    { value: '3', threadsPerCore: 2 },
  ],
  'no-suitable-cpus': [
    () => runOn(small(), config(2, 'cpu_count: 8')),
    { count: 8, largestNode: 6 },
  ],
  'pool-rejected': [() => runOn(small(), config(2, 'cpu_pool: 0,4')), { pool: '0,4', rc: -22 }],
  'memory-invalid': [() => runOn(small(), config('1G', 'cpu_pool: 1,5')), { value: '1G' }],
  '200-empty-pool': [() => runOn(small(), config(2, 'cpu_pool: -n')), {}],
  '203-clear': [
    () => runOn(small(), config(2, 'cpu_pool: 1,5'), { fails: [2, -5] }),
    { node: 0, pageKib: GIB, rc: -5 },
  ],
  '204-set': [
    () => runOn(small(), config(4, 'cpu_pool: 1,5'), { fails: [5, -5] }),
    { node: 0, pageKib: M2, pages: 2, rc: -5 },
  ],
  '205-rollback': [rolledBack, { node: 0, pageKib: GIB, pages: 0, wanted: 1 }],
  '206-insufficient-memory': [
    () => runOn(small(), config(100, 'cpu_pool: 1,5')),
    {
      ...{ node: 0, neededKib: 100 * 1024, hadKib: 64 * 1024, leftKib: 36 * 1024 },
      ...{ pages1048576Kib: 0, pages2048Kib: 32 },
    },
  ],
  'parent-not-running': [
    () => runOn(prepared({ kind: 'parent.stop' }), config(2, 'cpu_count: 2')),
    { parent: 'stopped' },
  ],
  silent: [() => runOn(small(), config('08', 'cpu_pool: 1,5')), { value: '08' }],
};

function rolledBack(): ServiceRun {
  const runs = [
    [0, GIB],
    [GIB, 64 * 1024],
  ] as const;
  const host = smallParent({ free: [runs] });
  reserve(host, 0, GIB, 1, 0);
  reserve(host, 0, M2, 32, 0);
  return runOn(host, config(4096, 'cpu_pool: 1,5'));
}

describe('ends of the reservation service', () => {
  it('these are all', () => {
    // a pool that the driver took has CPUs of one node, so these two stand with nodeOfCpus
    const elsewhere = ['201-missing-node', '202-mixed-nodes'];
    expect([...Object.keys(ENDS), ...elsewhere].sort()).toEqual(Object.keys(SERVICE_EXITS).sort());
  });

  it.each(Object.entries(ENDS))('%s', (reason, [by, numbers]) => {
    const run = by();
    expect(run.reason).toBe(reason);
    expect(run.refusal?.numbers).toEqual(numbers);
    expect(run.refusal?.rule).toBe(`service-${reason}`);
    expect(run.refusal?.message).toMatch(/\w/);
  });

  it('have the script’s codes, or those of the driver’s errno, or none', () => {
    const codes = Object.entries(SERVICE_EXITS).flatMap(([reason, row]) =>
      row.codes.map((code) => [reason, code]),
    );
    const numeric = codes.filter(([, code]) => /^\d+$/.test(code));
    expect(codes.filter((one) => !numeric.includes(one))).toEqual([['enclaves-running', 'EPERM']]);
    for (const [reason, code] of numeric) expect(reason.startsWith(`${code}-`)).toBe(true);
  });

  it('a silent end prints nothing, and still says why to a report', () => {
    const topology = { ...evenTopology(1), nodes: [evenTopology(1).nodes[0], { id: 1, cpus: [] }] };
    const host = smallParent({ free: [16, 64], topology });
    const run = runOn(host, config(64, 'cpu_count: 2'));
    expect(run).toMatchObject({ reason: 'silent', status: 1 });
    expect(run.refusal?.numbers).toMatchObject({ node: 0, neededKib: 64 * 1024, emptyNode: 1 });
    const octal = runOn(small(), config(2, 'cpu_count: 08'));
    expect(octal).toMatchObject({ reason: 'silent', lines: [] });
    expect(octal.refusal?.numbers).toEqual({ value: '08' });
  });
});

describe('the walk over the nodes', () => {
  it('ends at a fatal failure: memory that is no number is not tried on the next node', () => {
    const run = runOn(smallParent({ free: [64, 64] }), config('x', 'cpu_count: 2'));
    expect([run.reason, run.attempts]).toEqual(['memory-invalid', []]);
  });

  it('writes no page twice where the first size already covers all', () => {
    const host = smallParent({ free: [2048] });
    const run = runOn(host, config(1024, 'cpu_pool: 1,5'));
    expect(run.attempts).toEqual([{ node: 0, had: [{ pageKib: GIB, pages: 1 }], ok: true }]);
    expect(pagesOn(host, 0)).toEqual([0, 1]);
  });

  it('a roll-back that cannot be written ends with the code of that write', () => {
    // commands: pool, pool text, two clears, two sets, then the roll-back's two clears and two sets
    const rollBack = (n: number) => {
      const host = small();
      reserve(host, 0, M2, 3, 0);
      return runOn(host, config(100, 'cpu_pool: 1,5'), { fails: [n, -5] }).reason;
    };
    expect([6, 7, 8, 9].map(rollBack)).toEqual([
      ...['203-clear', '203-clear', '204-set', '204-set'],
    ]);
  });
});

describe('listings', () => {
  it('count present CPUs and online ones apart, and a core shortened by an offline thread', () => {
    const topology = { ...evenTopology(2), offline: [4] };
    const listing = listCpus(smallParent({ free: [64, 64], topology }));
    expect([listing.cpus, listing.nodes, listing.threadsPerCore, listing.cpu0Node]).toEqual([
      ...[8, 2, 2, 0],
    ]);
    expect([listing.onNode(0), listing.onNode(1)]).toEqual([
      [0, 1, 5],
      [2, 3, 6, 7],
    ]);
    expect([0, 1, 4, 5].map(listing.threadsBeside0)).toEqual([[], [1, 5], [], [1, 5]]);
    expect(pickCpus(listing, 0, 2)).toEqual([1, 5]);
  });

  it('a host whose CPU 0 is offline has no node of it', () => {
    const topology = { ...evenTopology(1), offline: [0] };
    expect(listCpus(smallParent({ free: [64], topology })).cpu0Node).toBe(-1);
  });
});

describe('the shell', () => {
  it.each([
    ['-n', ''],
    ['-neE', ''],
    ['-e', ''],
    ['a-n', 'a-n'],
    ['-nx', '-nx'],
    ['-', '-'],
  ])('echo of a quoted "%s"', (line, seen) => {
    expect(echoLine(line)).toBe(seen);
  });

  it.each([
    ['', '\n'],
    [' \t\n ', '\n'],
    ['-E', '\n'],
    ['-nE -e', ''],
    ['-e -n', ''],
    ['a\nb', 'a b\n'],
    ['x-n y', 'x-n y\n'],
    ['-nx', '-nx\n'],
  ])('echo of an unquoted %j', (value, written) => {
    expect(echoWords(value)).toBe(written);
  });

  it.each([
    ['a blank line', '\n', ['']],
    ['only blanks', ' \t \n', ['']],
    ['one word between blanks', '\t a \t\n', ['a']],
    ['an escaped blank alone', '\\ \n', [' ']],
    ['escaped blanks at the front of several words', '\\ a b\n', [' a b']],
    ['an escaped tab at the end of several words', 'a b\\\t\n', ['a b']],
    ['blanks behind an escaped one at the end', 'a b\\  \n', ['a b']],
    ['an escaped line end inside a word', 'a\\\nb c\n', ['ab c']],
    ['an escaped NUL', 'a\\\0b\n', ['a\0b']],
    ['inner blanks stay', 'a  b\n', ['a  b']],
  ])('read: %s', (_, text, lines) => {
    expect(readLines(text)).toEqual(lines);
  });

  it('numbers: digits only, octal behind a 0, text beyond 2^53', () => {
    expect(['0', '12', '', 'a1', '1a', '-1'].map(isDigits)).toEqual([
      ...[true, true, false, false, false, false],
    ]);
    expect(['00', '07', '018', '09'].map(arithmeticConstant)).toEqual([0n, 7n, ...Array(2)]);
    expect([printable(5n), printable(2n ** 53n), printable(-(2n ** 53n))]).toEqual([
      ...[5, '9007199254740992', '-9007199254740992'],
    ]);
  });

  it.each([
    ['1-2-3', [1, 2]],
    ['x1', []],
    ['1x', []],
    ['1,x2,3', [1, 3]],
    [' 1,\t2', [1, 2]],
    ['4\n5', [4]],
    ['7-7', [7]],
  ])('seq reads %j', (text, cpus) => {
    expect(cpusOfPoolText(text)).toEqual(cpus);
  });
});

describe('qt-enclave-env.conf', () => {
  it.each([
    ['cpu_list: 8191', [8191]],
    ['cpu_list: 3-3', [3]],
    ['cpu_list: 5,5,1', [5, 5, 1]],
    ['cpu_list:\t1 , 2 ', [1, 2]],
  ])('%j', (text, cpuList) => {
    expect(readQingtianConf(text)).toEqual({ ok: true, conf: { cpuList } });
  });

  it.each([
    ['cpu_list: a1', /"a1" is not CPU ids/],
    ['cpu_list: 1a', /"1a" is not CPU ids/],
    ['cpu_list: 1-', /not CPU ids/],
    ['cpu_list: 1-8192', /not CPU ids/],
    ['cpu_list: 1 - 2', /not CPU ids/],
    ['memory_mib: x5', /"x5" is not a whole number/],
    ['memory_mib: 5x', /"5x" is not a whole number/],
    ['memory_mib : ', /memory_mib has no value; write memory_mib: <value>/],
    ['foo', /unknown key "foo"; the keys are hugepage_size, memory_mib, cpu_count, cpu_list/],
  ])('%j is refused', (text, message) => {
    const reading = readQingtianConf(text);
    expect(reading.ok ? '' : reading.problems[0].message).toMatch(message);
  });

  it('a key given three times is told twice, each time with its first line', () => {
    const reading = readQingtianConf('cpu_count:2\ncpu_count:3\r\n cpu_count:4');
    expect(reading).toMatchObject({ ok: false, problems: [{ line: 2 }, { line: 3 }] });
    const told = reading.ok ? [] : reading.problems.map(({ message }) => message);
    expect(told).toEqual(Array(2).fill('cpu_count is already given on line 1'));
  });
});
