/** What the service takes over from bash and coreutils; expected values measured on bash 5.2.15. */
import { describe, expect, it } from 'vitest';
import { arithmeticConstant, testOperand } from '../../core/device/reservation/arithmetic.js';
import { hashOrder } from '../../core/device/reservation/hash-order.js';
import { neededBytes } from '../../core/device/reservation/hugepage-attempt.js';
import { cpusOfPoolText, nodeOfCpus } from '../../core/device/reservation/pool-text.js';
import { echoWords, readLines } from '../../core/device/reservation/shell-read.js';

describe('read', () => {
  it.each([
    ['strips blanks, not carriage returns', ' \ta b\t\n\rc\r\n', ['a b', '\rc\r']],
    ['joins a line behind a backslash', 'a\\\nb\nc\n', ['ab', 'c']],
    ['drops a last line without newline', 'a\nb', ['a']],
    ['drops it behind a joined line, too', 'a\\\n', []],
    ['keeps an escaped blank of a single word', '\\ a\\ \n', [' a ']],
    ['loses it behind several words', 'a b\\ \n', ['a b']],
    ['takes a quoted backslash', 'a\\\\b\n', ['a\\b']],
    ['drops NUL bytes', 'a\0b\n', ['ab']],
    ['keeps the escaped blank of a single word before a blank', 'a\\  \n', ['a ']],
    ['keeps an escaped blank before several words', '\\  b \n', ['  b']],
  ])('%s', (_, text, lines) => {
    expect(readLines(text)).toEqual(lines);
  });
});

describe('read of nothing but blanks, some of them escaped', () => {
  it.each(['\\  \\ ', ' \\   \\  ', '\\  \\ \\ ', '\\ \t\\\t', '\\\t \\ '])(
    'regression: "%s" leaves bash 5.2.15 with its own mark of an escaped character',
    (line) => {
      expect(readLines(`${line}\n`)).toEqual(['\u0001']);
    },
  );
});

describe('echo of an unquoted value', () => {
  it.each([
    ['1,2', '1,2\n'],
    [' 1,  2\t3 ', '1, 2 3\n'],
    ['-n 1', '1'],
    ['-n', ''],
    ['-e -nE 3', '3'],
    ['-x 1', '-x 1\n'],
    ['1 -n', '1 -n\n'],
  ])('"%s"', (value, written) => {
    expect(echoWords(value)).toBe(written);
  });
});

describe('shell numbers', () => {
  it.each([
    ['0', 0n],
    ['512', 512n],
    ['01000', 512n],
    ['0777', 511n],
    ['9223372036854775807', 2n ** 63n - 1n],
    ['9223372036854775808', -(2n ** 63n)],
    ['18446744073709551616', 0n],
    ['99999999999999999999', 7_766_279_631_452_241_919n],
    ['0777777777777777777777777', -1n],
    ['08', undefined],
    ['0129', undefined],
  ])('$((%s))', (digits, value) => {
    expect(arithmeticConstant(digits)).toBe(value);
  });

  it('[ compares in decimal, and fails from 2^63 on', () => {
    expect(testOperand('010')).toBe(10n);
    expect(testOperand('9223372036854775807')).toBe(2n ** 63n - 1n);
    expect(testOperand('9223372036854775808')).toBeUndefined();
  });
});

describe('needed bytes', () => {
  const MIB = 2n ** 20n;
  it.each([
    ['0 MiB is one page', 0n, 2n],
    ['1 MiB rounds up', 1n, 2n],
    ['2 MiB is exact', 2n, 2n],
    ['3 MiB rounds up', 3n, 4n],
    ['2^44 MiB wraps to 0: one page', 2n ** 44n, 2n],
    ['2^44 + 5 MiB wraps to 5', 2n ** 44n + 5n, 6n],
    ['2^43 MiB is negative: -2^63 bytes', 2n ** 43n, -(2n ** 43n)],
  ])('%s', (_, mib, expectedMib) => {
    const wrapped = BigInt.asIntN(64, expectedMib * MIB);
    expect(neededBytes(mib, 2n * MIB)).toBe(wrapped);
  });
});

describe('bash hash order', () => {
  it.each([
    [
      [1_048_576, 2048],
      [2048, 1_048_576],
    ],
    [
      [1_048_576, 32_768, 2048, 64],
      [32_768, 2048, 64, 1_048_576],
    ],
    [
      [16_777_216, 524_288, 2048],
      [524_288, 16_777_216, 2048],
    ],
  ])('of page sizes %j is %j', (sizes, order) => {
    const keys = (kib: readonly number[]) => kib.map((n) => `${n}kB`);
    expect(hashOrder(keys(sizes))).toEqual(keys(order));
  });

  it('puts the key inserted last first when two share a bucket', () => {
    const [early, late] = collidingKeys();
    expect(hashOrder([early, late])).toEqual([late, early]);
    expect(hashOrder([late, early])).toEqual([early, late]);
  });
});

/** Two keys that keep the order of neither by value: their order flips with the insertion. */
function collidingKeys(): [string, string] {
  for (let a = 0; a < 500; a++) {
    for (let b = a + 1; b < 500; b++) {
      const [x, y] = [`k${a}`, `k${b}`];
      if (hashOrder([x, y])[0] === y && hashOrder([y, x])[0] === x) return [x, y];
    }
  }
  throw new Error('no two of 500 keys share one of 1,024 buckets');
}

describe('the pool text as the script reads it back', () => {
  it.each([
    ['1,5\n', [1, 5]],
    ['1-3,05\n', [1, 2, 3, 5]],
    ['1, 2\n', [1, 2]],
    ['1 2\n', []],
    ['1-3 ,5\n', [5]],
    ['1-N\n', []],
    ['1,N\n', [1]],
    ['2\r\n', []],
    [',,3\n', [3]],
    ['3-1\n', []],
    ['x-3\n', []],
    ['\v1,\f2\n', [1, 2]],
    ['\n', []],
  ])('%j', (text, cpus) => {
    expect(cpusOfPoolText(text)).toEqual(cpus);
  });

  it('exits 200, 201 and 202: no CPU, a CPU without node, CPUs of two nodes', () => {
    const nodeOf = [0, 0, 1, -1];
    expect(nodeOfCpus([2], nodeOf)).toBe(1);
    expect(nodeOfCpus([], nodeOf)).toMatchObject({ reason: '200-empty-pool' });
    expect(nodeOfCpus([0, 3, 2], nodeOf)).toMatchObject({
      reason: '201-missing-node',
      refusal: { codes: ['201'], numbers: { cpu: 3 } },
    });
    expect(nodeOfCpus([9], nodeOf)).toMatchObject({ reason: '201-missing-node' });
    expect(nodeOfCpus([0, 2, 3], nodeOf)).toMatchObject({
      reason: '202-mixed-nodes',
      refusal: { codes: ['202'], numbers: { cpu: 2, node: 1, poolNode: 0 } },
    });
  });
});
