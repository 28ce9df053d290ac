/** `qt enclave` line by line: what a line comes to, or the one reason why it is none. */
import { describe, expect, it } from 'vitest';
import { parseQtArguments, QT_CLI_RULES } from '../../core/device/qt-cli/arguments.js';
import { startService, stopService } from '../../core/device/qt-cli/service.js';
import { createQtTool, failed, failedSilently, printed } from '../../core/device/qt-cli/tool.js';
import { runProgram } from '../../core/host/program.js';
import { qingtianHost } from '../kit/hosts.js';

const tokens = (line: string) => line.split(' ').filter((token) => token !== '');

describe('a well-formed line', () => {
  it.each([
    ['start --eif a.eif', { name: 'start', eif: 'a.eif', debug: false }],
    [
      'start --eif=a.eif --cpus 2 --mem=128 --cid 0 --debug-mode',
      { name: 'start', eif: 'a.eif', cpus: 2, mem: 128, cid: 0, debug: true },
    ],
    ['start --cpus 007 --eif b', { name: 'start', eif: 'b', cpus: 7, debug: false }],
    ['query', { name: 'query' }],
    ['query --enclave-id 0', { name: 'query', id: 0 }],
    ['stop --enclave-id 3', { name: 'stop', id: 3 }],
    ['console --enclave-id=9007199254740991', { name: 'console', id: 9007199254740991 }],
  ])('"%s"', (line, command) => {
    expect(parseQtArguments(tokens(line))).toStrictEqual({ ok: true, command });
  });
});

/** Line, rule, code, numbers, message. */
const REFUSED = [
  ['', 'subcommand-given', 'QT 01', { missing: 'subcommand' }, 'no subcommand'],
  ['reboot', 'line-well-formed', 'QT 02', undefined, 'there is no subcommand "reboot"'],
  ['start --eif', 'line-well-formed', 'QT 02', undefined, undefined],
  // What is wrong with the line comes before what is missing, that before what a value is.
  ['start --cpus x --force', 'line-well-formed', 'QT 02', undefined, undefined],
  ['start --cpus x', 'option-given', 'QT 01', { missing: 'eif' }, '--eif is missing'],
  ['stop', 'option-given', 'QT 01', { missing: 'enclave-id' }, '--enclave-id is missing'],
  [
    'start --eif a --cid y --cpus x',
    'option-number',
    'QT 02',
    { option: 'cpus', value: 'x' },
    '--cpus "x" is not a whole number',
  ],
  [
    'start --eif a --cid y --mem 1e3',
    'option-number',
    'QT 02',
    { option: 'mem', value: '1e3' },
    '--mem "1e3" is not a whole number',
  ],
  [
    'query --enclave-id 1x',
    'option-number',
    'QT 02',
    { option: 'enclave-id', value: '1x' },
    '--enclave-id "1x" is not a whole number',
  ],
  [
    'stop --enclave-id x1',
    'option-number',
    'QT 02',
    { option: 'enclave-id', value: 'x1' },
    '--enclave-id "x1" is not a whole number',
  ],
] as const;

describe('a line that is refused', () => {
  it.each(REFUSED)('"%s" by %s', (line, rule, code, numbers, message) => {
    const parsed = parseQtArguments(tokens(line));
    if (parsed.ok) throw new Error('the line was taken');
    const { refusal } = parsed;
    expect(refusal).toMatchObject({ rule: `qt-cli.${rule}`, layer: 'cli', codes: [code] });
    expect(refusal.message).toBe(message ?? refusal.numbers.problem);
    expect(refusal.message.length).toBeGreaterThan(5);
    if (numbers !== undefined) expect(refusal.numbers).toEqual(numbers);
  });

  it('each row enacts N11 and is checked by the tool', () => {
    expect(QT_CLI_RULES.map(({ checkedAt, requirements }) => [checkedAt, requirements])).toEqual(
      QT_CLI_RULES.map(() => ['cli', ['N11']]),
    );
    expect(QT_CLI_RULES.map(({ id }) => id)).toEqual([
      'qt-cli.subcommand-given',
      'qt-cli.line-well-formed',
      'qt-cli.option-given',
      'qt-cli.option-number',
    ]);
  });
});

describe('what a command ends with', () => {
  const refusal = {
    layer: 'platform',
    rule: 'some-rule',
    message: 'it is so',
    numbers: {},
    remedy: 'do so',
  } as const;

  it('a refusal: the outermost code in brackets, if there is one, then why', () => {
    const coded = { ...refusal, codes: ['QT 10', 'QT 99'] };
    expect(failed(coded)).toEqual({
      status: 1,
      stdout: '',
      stderr: '[ QT 10 ] it is so',
      refusal: coded,
    });
    const bare = { ...refusal, codes: [] };
    expect(failed(bare)).toEqual({ status: 1, stdout: '', stderr: 'it is so', refusal: bare });
    expect(failedSilently(bare)).toEqual({ status: 1, stdout: '', stderr: '', refusal: bare });
  });

  it('a success: its text, and the enclave if there is one', () => {
    expect(printed('text')).toStrictEqual({ status: 0, stdout: 'text', stderr: '' });
    expect(printed('', 0)).toEqual({ status: 0, stdout: '', stderr: '', uid: 0 });
  });

  it('process ids of a tool begin where it is told', () => {
    expect(createQtTool()).toEqual({ processes: new Map(), nextPid: 1000 });
    expect(createQtTool(7).nextPid).toBe(7);
  });
});

describe('qt-enclave-env', () => {
  it('a configuration that cannot be read: every problem told, the first one is the refusal', () => {
    const text = 'hugepage_size:2\nmemory_mib:x\ncpus:2\n';
    const { refusal, status } = runProgram(qingtianHost(), startService(text));
    expect([status, refusal?.rule, refusal?.layer]).toEqual([1, 'conf-text', 'service']);
    expect(refusal?.numbers).toEqual({ line: 2, key: 'memory_mib', problems: 2 });
    expect(refusal?.message).toMatch(/^line 2: .+; line 3: .+$/);
    expect(refusal?.remedy).toBe('Correct that line of /etc/qingtian/enclave/qt-enclave-env.conf.');
  });

  it('a reservation that the platform refuses is told in its words, and so is a stop', () => {
    const conf = 'hugepage_size:2\nmemory_mib:512\ncpu_count:400\n';
    const started = runProgram(qingtianHost(), startService(conf));
    expect(started.status).toBe(1);
    expect(started.stderr).toContain(started.refusal?.message);
    const stopped = runProgram(qingtianHost(), stopService());
    expect(stopped).toMatchObject({ status: 1, stdout: '', stderr: 'the service is inactive' });
  });
});
