/**
 * The QingTian command line: the service, and `qt enclave start / query / stop / console`, with the
 * text they print and the codes they end with.
 */

import { describe, expect, it } from 'vitest';
import { parseQtArguments } from '../../core/device/qt-cli/arguments.js';
import { type QtEnvironment, qtEnclave } from '../../core/device/qt-cli/commands.js';
import { startService, stopService } from '../../core/device/qt-cli/service.js';
import { createQtTool, type QtTool } from '../../core/device/qt-cli/tool.js';
import type { EnclaveImage } from '../../core/host/command.js';
import type { Host } from '../../core/host/host.js';
import { runProgram } from '../../core/host/program.js';
import { theRecord, uidsOf } from '../../core/host/records.js';
import { runInPlace } from '../../core/host/step.js';
import { qingtianProfile } from '../../core/platform/qingtian/profile.js';
import { qingtianHost, smallHost } from '../kit/hosts.js';

const IMAGE: EnclaveImage = {
  bytes: 16 * 1024 * 1024,
  sections: ['kernel', 'cmdline', 'ramdisk', 'init'],
  os: 'linux',
  kind: 'eif',
};
const CONF = 'hugepage_size:2\nmemory_mib:512\ncpu_count:4\n';

function qt(host: Host, tool: QtTool, line: string, env: Partial<QtEnvironment> = {}) {
  const tokens = line.split(' ').filter((token) => token !== '');
  return runProgram(host, qtEnclave(tool, host, tokens, { image: IMAGE, ...env }));
}

function reserved(host: Host = qingtianHost()): { host: Host; tool: QtTool } {
  expect(runProgram(host, startService(CONF))).toEqual({ status: 0, stdout: '', stderr: '' });
  return { host, tool: createQtTool() };
}

const START = 'start --eif a.eif --cpus 2 --mem 128 --cid 4';

describe('qt enclave: what is printed', () => {
  it("start prints the enclave in the tool's own keys and order; ids start at 0", () => {
    const { host, tool } = reserved();
    const { status, stdout, uid } = qt(host, tool, START);
    expect([status, uid]).toEqual([0, 0]);
    expect(stdout).toBe(
      '{\n    "EnclaveID": 0,\n    "EnclaveCID": 4,\n    "NumberOfCPUs": 2,\n' +
        '    "MemoryMiB": 128,\n    "LaunchMode": "normal"\n}',
    );
  });

  it('query adds the process id, lists the lowest id first, and is [] for nobody', () => {
    const { host, tool } = reserved();
    expect(qt(host, tool, 'query').stdout).toBe('[]');
    qt(host, tool, START);
    qt(host, tool, 'start --eif=a.eif --cpus=2 --mem=128 --cid=5 --debug-mode');
    const entries = JSON.parse(qt(host, tool, 'query').stdout) as object[];
    expect(entries.map((entry) => Object.entries(entry))).toEqual(
      [
        [0, 1000, 4, 'normal'],
        [1, 1001, 5, 'debug'],
      ].map(([id, pid, cid, mode]) => [
        ['EnclaveID', id],
        ['ProcessID', pid],
        ['EnclaveCID', cid],
        ['NumberOfCPUs', 2],
        ['MemoryMiB', 128],
        ['LaunchMode', mode],
      ]),
    );
    expect(JSON.parse(qt(host, tool, 'query --enclave-id 1').stdout)).toEqual([entries[1]]);
    expect(qt(host, tool, 'query --enclave-id 7')).toMatchObject({ status: 0, stdout: '[]' });
  });

  it('query passes over an enclave that is still being started', () => {
    const { host, tool } = reserved();
    const request = { image: IMAGE, vcpus: 2, memoryMib: 128, cid: 4, debug: false, defaulted: [] };
    expect(runInPlace(host, { kind: 'qingtian.define', request }).facts.uid).toBe(0);
    expect(qt(host, tool, 'query').stdout).toBe('[]');
  });

  it('stop says so, and prints nothing when it fails', () => {
    const { host, tool } = reserved();
    qt(host, tool, START);
    const silent = { stdout: '', stderr: '' };
    const refusedBelow = qt(host, tool, 'stop --enclave-id 0', { accepted: false });
    expect(refusedBelow).toMatchObject({ ...silent, status: 1, refusal: { rule: 'stop-failed' } });
    expect(qt(host, tool, 'stop --enclave-id 0').stdout).toBe('stop 0 success');
    const again = qt(host, tool, 'stop --enclave-id 0');
    expect(again).toMatchObject({ ...silent, status: 1, refusal: { codes: ['QT 28'] } });
    expect(qt(host, tool, 'query').stdout).toBe('[]');
  });

  it('console is for debug mode only (QT 32), and a read can fail (QT 33)', () => {
    const { host, tool } = reserved();
    qt(host, tool, START);
    expect(qt(host, tool, 'console --enclave-id 0').stderr).toMatch(/^\[ QT 32 \] /);
    qt(host, tool, 'start --eif a.eif --mem 128 --cid 5 --debug-mode');
    const empty = { status: 0, stdout: '', stderr: '', uid: 1 };
    expect(qt(host, tool, 'console --enclave-id 1')).toEqual(empty);
    const unread = qt(host, tool, 'console --enclave-id 1', { accepted: false });
    expect(unread.refusal?.codes).toEqual(['QT 33']);
    // One console at a time, and the failed one was closed.
    expect(theRecord(host.tree, 1).console).toBe(0);
    theRecord(host.tree, 1).console = 1;
    expect(qt(host, tool, 'console --enclave-id 1').refusal?.rule).toBe('console-single');
    expect(qt(host, tool, 'console --enclave-id 9').refusal?.codes).toEqual(['QT 28']);
  });
});

describe('qt enclave: arguments', () => {
  it.each([
    ['', 'QT 01'],
    ['start', 'QT 01'],
    ['stop', 'QT 01'],
    ['console', 'QT 01'],
    ['reboot', 'QT 02'],
    ['toString', 'QT 02'],
    ['start --eif', 'QT 02'],
    ['start --eif a.eif --memory 5', 'QT 02'],
    ['start --eif a.eif --cpus two', 'QT 02'],
    ['start --eif a.eif --mem 1.5', 'QT 02'],
    ['start --eif a.eif --mem 0x80', 'QT 02'],
    ['start --eif a.eif --cid=-1', 'QT 02'],
    ['start --eif a.eif --cid 9007199254740992', 'QT 02'],
    ['start --eif a.eif --eif b.eif', 'QT 02'],
    ['start --eif a.eif extra', 'QT 02'],
    ['start --cpus 2', 'QT 01'],
    ['query --enclave-id x', 'QT 02'],
    ['stop --enclave-id 0 --force', 'QT 02'],
  ])('Q02: "%s" ends with %s', (line, code) => {
    const parsed = parseQtArguments(line.split(' ').filter((token) => token !== ''));
    if (parsed.ok) throw new Error('the line was taken');
    expect(parsed.refusal.codes).toEqual([code]);
    expect(parsed.refusal.message).not.toBe('');
  });

  it("a well-formed CID out of range, and one that a version requires, are the platform's", () => {
    const { host, tool } = reserved();
    const outside = qt(host, tool, 'start --eif a.eif --mem 128 --cid 3');
    expect(outside.refusal).toMatchObject({ rule: 'cid-range', codes: ['QT 02'] });
    const missing = qt(host, tool, 'start --eif a.eif --mem 128');
    expect(missing.refusal).toMatchObject({ rule: 'cid-given', codes: ['QT 01'] });
    const later = reserved(smallHost(qingtianProfile('2024-04')));
    const { stdout } = qt(later.host, later.tool, 'start --eif a.eif --mem 128');
    expect(JSON.parse(stdout)).toMatchObject({ EnclaveCID: 4, NumberOfCPUs: 2 });
  });

  it.each([
    ['capacity', 'QT 04'],
    ['define', 'QT 05'],
    ['map', 'QT 08'],
    ['add-memory', 'QT 09'],
    ['load-image', 'QT 10'],
    ['add-cpu', 'QT 11'],
    ['start', 'QT 19'],
    ['heartbeat', 'QT 20'],
  ] as const)('a start that fails at %s ends with %s and leaves nothing', (failing, code) => {
    const { host, tool } = reserved();
    const { refusal, stderr } = qt(host, tool, START, { failing });
    expect(refusal?.codes).toEqual([code]);
    expect(stderr.startsWith(`[ ${code} ] `)).toBe(true);
    expect(uidsOf(host.tree)).toEqual([]);
    expect(tool.processes.size).toBe(0);
  });
});

describe('qt-enclave-env', () => {
  it('tells every unreadable line and leaves the host as it was (QT 06)', () => {
    const { host } = reserved();
    const before = structuredClone(host.tree);
    const { status, refusal } = runProgram(host, startService('memory_mib:x\ncpus:2\n'));
    expect([status, refusal?.codes]).toEqual([1, ['QT 06']]);
    expect(refusal?.message).toMatch(/^line 1: .*; line 2: /);
    expect(host.tree).toEqual(before);
  });

  it('with both CPU keys the service does not start; a missing key is QT 07', () => {
    const both = runProgram(qingtianHost(), startService(`${CONF}cpu_list:2,3\n`));
    expect(both.refusal).toMatchObject({ rule: 'cpu-keys-exclusive', codes: ['QT 06'] });
    const without = runProgram(qingtianHost(), startService('hugepage_size:2\ncpu_count:2\n'));
    expect(without.refusal?.codes).toEqual(['QT 07']);
  });

  it('stops only without enclaves, and gives the pool back', () => {
    const { host, tool } = reserved();
    qt(host, tool, START);
    expect(runProgram(host, stopService()).refusal?.rule).toBe('unreserve-live-enclaves');
    qt(host, tool, 'stop --enclave-id 0');
    expect(runProgram(host, stopService())).toEqual({ status: 0, stdout: '', stderr: '' });
    expect(host.tree.pool.avail).toEqual([]);
  });
});
