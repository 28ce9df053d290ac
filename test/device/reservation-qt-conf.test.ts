/** The declared text grammar of qt-enclave-env.conf. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readQingtianConf, SHIPPED_QINGTIAN_CONF } from '../../core/device/reservation/qt-conf.js';
import { SHIPPED_CONF } from '../../core/platform/qingtian/defaults.js';

describe('qt-enclave-env.conf', () => {
  it('the shipped file says the shipped values', () => {
    expect(readQingtianConf(SHIPPED_QINGTIAN_CONF)).toEqual({ ok: true, conf: SHIPPED_CONF });
  });

  it.each([
    ['', {}],
    ['\n  \n# comment\n', {}],
    ['memory_mib:1024', { memoryMib: 1024 }],
    [' memory_mib \t:  8192  \r\n', { memoryMib: 8192 }],
    ['hugepage_size: 4\ncpu_count: 3', { hugepageSizeMib: 4, cpuCount: 3 }],
    ['cpu_list: 1-3,5', { cpuList: [1, 2, 3, 5] }],
    ['cpu_list:0, 1', { cpuList: [0, 1] }],
    ['cpu_count:2\ncpu_list:3', { cpuCount: 2, cpuList: [3] }],
  ])('%j is read; whether it is allowed is not asked here', (text, conf) => {
    expect(readQingtianConf(text)).toEqual({ ok: true, conf });
  });

  it.each([
    ['memory: 5', 1, 'memory', /unknown key "memory"; the keys are hugepage_size, memory_mib/],
    ['\nMemory_mib: 5', 2, 'Memory_mib', /unknown key/],
    ['just words', 1, 'just words', /unknown key/],
    ['memory_mib', 1, 'memory_mib', /has no value/],
    ['memory_mib:', 1, 'memory_mib', /has no value/],
    ['memory_mib: -5', 1, 'memory_mib', /not a whole number/],
    ['memory_mib: 1.5', 1, 'memory_mib', /not a whole number/],
    ['memory_mib: 1024 # MiB', 1, 'memory_mib', /not a whole number/],
    ['memory_mib: 99999999999999999999', 1, 'memory_mib', /not a whole number/],
    ['cpu_list: 3-1', 1, 'cpu_list', /not CPU ids/],
    ['cpu_list: 1,', 1, 'cpu_list', /not CPU ids/],
    ['cpu_list: N', 1, 'cpu_list', /not CPU ids/],
    ['cpu_list: 8192', 1, 'cpu_list', /not CPU ids/],
    ['cpu_count:2\n\ncpu_count:2', 3, 'cpu_count', /already given on line 1/],
  ])('N11 refused: %j', (text, line, key, message) => {
    expect(readQingtianConf(text)).toEqual({
      ok: false,
      problems: [{ line, key, code: 'QT 06', message: expect.stringMatching(message) }],
    });
  });

  it('N11 refused: all problems at once, in line order', () => {
    const reading = readQingtianConf('a:1\nmemory_mib:x\ncpu_count:2\nb:2');
    if (reading.ok) throw new Error('accepted');
    expect(reading.problems.map(({ line }) => line)).toEqual([1, 2, 4]);
  });

  it('N11 holds: any values written are read back, whatever the blanks', () => {
    const blank = fc.constantFrom('', ' ', '\t', '  ');
    fc.assert(
      fc.property(fc.nat(), fc.nat(), fc.uniqueArray(fc.nat(8191)), blank, (a, b, list, gap) => {
        const lines = [`memory_mib${gap}:${gap}${a}${gap}`, `${gap}cpu_count:${b}`];
        if (list.length > 0) lines.push(`cpu_list:${gap}${list.join(`${gap},${gap}`)}`);
        const cpuList = list.length > 0 ? { cpuList: list } : {};
        expect(readQingtianConf(lines.join('\n'))).toEqual({
          ok: true,
          conf: { memoryMib: a, cpuCount: b, ...cpuList },
        });
      }),
    );
  });
});
