/** Corners of what the reservation services read: CPU listings, shell words and numbers, both files. */
import { describe, expect, it } from 'vitest';
import {
  arithmeticConstant,
  isDigits,
  printable,
} from '../../core/device/reservation/arithmetic.js';
import { listCpus } from '../../core/device/reservation/cpu-listing.js';
import { pickCpus } from '../../core/device/reservation/cpu-selection.js';
import { cpusOfPoolText } from '../../core/device/reservation/pool-text.js';
import { QINGTIAN_CONF_PATH, readQingtianConf } from '../../core/device/reservation/qt-conf.js';
import { echoLine, echoWords, readLines } from '../../core/device/reservation/shell-read.js';
import { evenTopology, smallParent } from './reservation-host.js';

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

  it('ids that are no CPU are not counted, and threads that are offline make a core smaller', () => {
    const holes = { cores: [[0], [2]], nodes: [{ id: 0, cpus: [0, 2] }], nrCpuIds: 4 };
    expect(listCpus(smallParent({ free: [64], topology: holes })).cpus).toBe(2);
    const single = { ...evenTopology(1), offline: [4, 5, 6, 7] };
    expect(listCpus(smallParent({ free: [64], topology: single })).threadsPerCore).toBe(1);
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
    ['cpu_list: 9-11', [9, 10, 11]],
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
    ['memory_mib: 5e3', /"5e3" is not a whole number/],
    ['memory_mib: 0x10', /"0x10" is not a whole number/],
    [': 5', /unknown key ""/],
    ['memory_mib: 5x', /"5x" is not a whole number/],
    ['memory_mib : ', /memory_mib has no value; write memory_mib: <value>/],
    ['foo', /unknown key "foo"; the keys are hugepage_size, memory_mib, cpu_count, cpu_list/],
  ])('%j is refused', (text, message) => {
    const reading = readQingtianConf(text);
    expect(reading.ok ? '' : reading.problems[0].message).toMatch(message);
  });

  it('is read from one place', () => {
    expect(QINGTIAN_CONF_PATH).toBe('/etc/qingtian/enclave/qt-enclave-env.conf');
  });

  it('a key given three times is told twice, each time with its first line', () => {
    const reading = readQingtianConf('cpu_count:2\ncpu_count:3\r\n cpu_count:4');
    expect(reading).toMatchObject({ ok: false, problems: [{ line: 2 }, { line: 3 }] });
    const told = reading.ok ? [] : reading.problems.map(({ message }) => message);
    expect(told).toEqual(Array(2).fill('cpu_count is already given on line 1'));
  });
});
