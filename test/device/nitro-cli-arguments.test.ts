/** The argument grammar of run-enclave, row by row. */
import { describe, expect, it } from 'vitest';
import { parseRunArguments } from '../../core/device/nitro-cli/arguments.js';
import {
  CLI_ERRORS,
  explainCode,
  printedError,
  statusOf,
} from '../../core/device/nitro-cli/codes.js';
import { readPoolText } from '../../core/device/nitro-cli/cpu-pool.js';
import {
  parseDescribeArguments,
  parseTerminateArguments,
} from '../../core/device/nitro-cli/enclave-arguments.js';
import { enclaveIdOf, slotOfId, socketOfId } from '../../core/device/nitro-cli/ids.js';
import { newEnclaveName } from '../../core/device/nitro-cli/names.js';

const noFiles = () => undefined;
const parse = (line: string, files: (path: string) => string | undefined = noFiles) =>
  parseRunArguments(line.split(' '), files);
const withMemory = (memory: string) =>
  parseRunArguments([`--memory=${memory}`, '--eif-path', 'a.eif', '--cpu-count', '2'], noFiles);
const BASE = '--eif-path a.eif --memory 64';

describe('memory', () => {
  it.each([
    ['64', 64n],
    ['64M', 64n],
    ['64m', 64n],
    ['2G', 2048n],
    ['2g', 2048n],
    ['1T', 1_048_576n],
    ['0', 0n],
    ['007', 7n],
    ['18446744073709551615', 2n ** 64n - 1n],
    ['18014398509481984G', 0n],
  ])('%s is %s MiB', (text, memoryMib) => {
    expect(withMemory(text)).toMatchObject({ ok: true, request: { memoryMib } });
  });

  it.each(['', '-10', '+64', ' 64', '64K', '64MB', '0x40', '1_000', '٣', '18446744073709551616'])(
    'N11 refused: "%s" is E03',
    (text) => {
      expect(withMemory(text)).toMatchObject({ ok: false, status: 3, refusal: { codes: ['E03'] } });
    },
  );
});

describe('CID', () => {
  it.each([
    ['4', 4n],
    ['+5', 5n],
    ['4294967294', 4294967294n],
  ])('%s is taken', (text, cid) => {
    expect(parse(`${BASE} --cpu-count 2 --enclave-cid ${text}`)).toMatchObject({
      request: { cid },
    });
  });

  it('0 is automatic, with a warning', () => {
    const parsed = parse(`${BASE} --cpu-count 2 --enclave-cid 0`);
    expect(parsed).toMatchObject({ ok: true, request: { cid: 0n } });
    expect(parsed.ok && parsed.warnings).toHaveLength(1);
  });

  it.each([
    ['x', 'cid-number'],
    ['1', 'cid-well-known'],
    ['2', 'cid-well-known'],
    ['4294967295', 'cid-any'],
    ['3', 'cid-parent'],
    ['4294967296', 'cid-width'],
    ['18446744073709551616', 'cid-number'],
  ])('N11 refused: CID %s by %s', (text, rule) => {
    const parsed = parse(`${BASE} --cpu-count 2 --enclave-cid ${text}`);
    expect(parsed).toMatchObject({ status: 3, refusal: { rule: `nitro-cli.${rule}` } });
  });
});

describe('options', () => {
  it('N11 holds: ids, name, debug and console are read', () => {
    const line = `${BASE} --cpu-ids 1 5 --enclave-name=web --attach-console`;
    expect(parse(line)).toMatchObject({
      request: { cpus: { ids: [1, 5] }, name: 'web', debug: true, attachConsole: true },
    });
  });

  it.each([
    '--cpu-count 2 --memory 64',
    '--cpu-count 2 --eif-path a.eif',
    BASE,
    `${BASE} --cpu-count 2 --cpu-ids 1`,
    `${BASE} --cpu-count 2 --config c.json`,
    `${BASE} --cpu-count 2 --unknown`,
    `${BASE} --cpu-count 2 stray`,
    `${BASE} --cpu-count 2 --debug-mode=yes`,
    `${BASE} --cpu-count 2 --memory 128`,
    '--eif-path a.eif --cpu-count 2 --memory -10',
    `${BASE} --cpu-count`,
    `${BASE} --constructor 2`,
  ])('N11 refused: "%s" ends with status 2 and no code', (line) => {
    expect(parse(line)).toMatchObject({ ok: false, status: 2, refusal: { codes: [] } });
  });

  it.each([`${BASE} --cpu-count two`, `${BASE} --cpu-ids 1 x`, `${BASE} --cpu-count 4294967296`])(
    'N11 refused: "%s" is E03',
    (line) => {
      expect(parse(line)).toMatchObject({ status: 3, refusal: { codes: ['E03'] } });
    },
  );
});

describe('config file', () => {
  const config = (value: unknown) =>
    parse('--config c.json', () => (typeof value === 'string' ? value : JSON.stringify(value)));
  const good = { eif_path: 'a.eif', memory_mib: 64, cpu_count: 2 };

  it('N11 holds: its fields are read, a reserved CID too', () => {
    expect(config({ ...good, enclave_cid: 3, attach_console: true })).toMatchObject({
      request: { cid: 3n, memoryMib: 64n, cpus: { count: 2 }, debug: true },
    });
  });

  it('0 is taken for every number: memory is refused later, a CID of 0 is automatic', () => {
    const zeros = { eif_path: 'a.eif', memory_mib: 0, cpu_ids: [0], enclave_cid: 0 };
    expect(config(zeros)).toMatchObject({
      ok: true,
      request: { memoryMib: 0n, cpus: { ids: [0] }, cid: 0n },
    });
  });

  it.each([
    [{}, false, false],
    [{ debug_mode: true }, true, false],
    [{ attach_console: true }, true, true],
    [{ debug_mode: false, attach_console: true }, true, true],
    [{ debug_mode: true, attach_console: false }, true, false],
  ])('%j is debug %s, console %s', (flags, debug, attachConsole) => {
    expect(config({ ...good, ...flags })).toMatchObject({ request: { debug, attachConsole } });
  });

  it.each([
    ['E17', 'not json'],
    ['E17', { ...good, eif_path: undefined }],
    ['E17', { ...good, memory_mib: '64' }],
    ['E17', { ...good, debug_mode: null }],
    ['E17', 'null'],
    ['E01', { ...good, cpu_count: null }],
    ['E02', { ...good, cpu_ids: [1] }],
  ])('N11 refused: %s for %j', (code, value) => {
    const status = Number(code.slice(1));
    expect(config(value)).toMatchObject({ ok: false, status, refusal: { codes: [code] } });
  });

  it('a file that cannot be opened is E19', () => {
    expect(parse('--config c.json')).toMatchObject({ status: 19, refusal: { codes: ['E19'] } });
  });
});

describe('pool text', () => {
  it('lists ids in the order written, blanks dropped', () => {
    expect(readPoolText('7,\t1-3\n')).toEqual({ cpus: [7, 1, 2, 3] });
    expect(readPoolText('\n')).toEqual({ cpus: [] });
    expect(readPoolText('1\n \t\n2')).toEqual({ cpus: [1, 2] });
  });

  it.each([
    ['E23', 'all'],
    ['E23', '1-N'],
    ['E23', '1,,2'],
    ['E23', '0-7:2/4'],
    ['E24', '1-2-3'],
  ])('%s for "%s"', (code, text) => {
    expect(readPoolText(text)).toMatchObject({ refusal: { codes: [code] } });
  });
});

describe('codes', () => {
  it('are E00 to E60 without a gap, and a status is the number', () => {
    const numbers = CLI_ERRORS.map(({ code }) => statusOf(code));
    expect(numbers).toEqual(Array.from({ length: 61 }, (_, i) => i));
  });

  it('explain knows E00 to E56 and E60', () => {
    const unknown = CLI_ERRORS.map(({ code }) => code).filter((code) =>
      explainCode(code).startsWith('No such'),
    );
    expect(unknown).toEqual(['E57', 'E58', 'E59']);
    expect(explainCode('E61')).toBe('No such error code');
  });

  it('are printed with the link to the manual', () => {
    const [first, second] = printedError({ codes: ['E27'], message: 'short' });
    expect(first).toBe('[ E27 ] short');
    expect(second).toMatch(/cli-errors\.html#E27$/);
  });

  it('a line that breaks the grammar is told so alone: it has no code and no page', () => {
    expect(printedError({ codes: [], message: 'error: no' })).toEqual(['error: no']);
  });
});

describe('names and ids', () => {
  it.each([
    ['/a/b/hello.eif', 'hello'],
    ['a.eif.eif', 'a'],
    ['plain', 'plain'],
    ['dir/v1.eif.bak', 'v1.eif.bak'],
  ])('%s names the enclave %s', (eifPath, name) => {
    expect(newEnclaveName({ eifPath }, [])).toBe(name);
  });

  it('a taken name gets a number behind the original', () => {
    const asked = { eifPath: 'x.eif', name: 'web' };
    expect(newEnclaveName(asked, ['web', 'web_1', 'web_1_2'])).toBe('web_2');
  });

  it('the slot is lower-case hex without padding, and reads back', () => {
    const id = enclaveIdOf('i-0abc', 255);
    expect(id).toBe('i-0abc-encff');
    expect(slotOfId(id)).toEqual({ slot: 255n });
    expect(socketOfId(id)).toBe('/run/nitro_enclaves/ff.sock');
    expect(slotOfId('i-0abc')).toEqual({ problem: 'Invalid enclave_id.' });
    expect(slotOfId('i-0abc-encxyz')).toEqual({ problem: 'Invalid enclave id format' });
  });
});

describe('terminate-enclave and describe-enclaves', () => {
  const words = (line: string) => line.split(' ').filter((word) => word !== '');

  it.each([
    ['--enclave-id i-0abc-enc1', { id: 'i-0abc-enc1' }],
    ['--enclave-name=web', { name: 'web' }],
    ['--all', { all: true }],
  ])('terminate-enclave %s is taken', (line, target) => {
    expect(parseTerminateArguments(words(line))).toEqual({ ok: true, target });
  });

  it.each([
    '',
    'i-0abc-enc1',
    '--enclave-id',
    '--all --enclave-id i-0abc-enc1',
    '--enclave-id i-0abc-enc1 --enclave-name web',
    '--all=yes',
    '--all --all',
    '--metadata',
  ])('N11 refused: terminate-enclave "%s" ends with status 2 and no code', (line) => {
    const parsed = parseTerminateArguments(words(line));
    expect(parsed).toMatchObject({ ok: false, status: 2, refusal: { codes: [] } });
  });

  it('describe-enclaves takes --metadata and nothing else', () => {
    expect(parseDescribeArguments([])).toEqual({ ok: true, metadata: false });
    expect(parseDescribeArguments(['--metadata'])).toEqual({ ok: true, metadata: true });
    expect(parseDescribeArguments(['--all'])).toMatchObject({ ok: false, status: 2 });
    expect(parseDescribeArguments(['web'])).toMatchObject({ ok: false, status: 2 });
  });

  it.each([
    ['run-enclave', () => parse('--all')],
    ['run-enclave', () => parse(BASE)],
    ['terminate-enclave', () => parseTerminateArguments(['--metadata'])],
    ['terminate-enclave', () => parseTerminateArguments(['--all', '--enclave-id', 'a'])],
    ['terminate-enclave', () => parseTerminateArguments([])],
    ['describe-enclaves', () => parseDescribeArguments(['--all'])],
  ])('whoever breaks the grammar of %s is sent to its help', (command, parsed) => {
    const remedy = `See nitro-cli ${command} --help.`;
    expect(parsed()).toMatchObject({ refusal: { rule: 'nitro-cli.usage', remedy } });
  });
});
