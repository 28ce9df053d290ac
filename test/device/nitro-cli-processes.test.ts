/** What nitro-cli processes share, how they go, and the small grammars they read and print by. */
import { describe, expect, it } from 'vitest';
import { parseRunArguments } from '../../core/device/nitro-cli/arguments.js';
import { heartbeatTimeoutMs } from '../../core/device/nitro-cli/boot.js';
import { readPoolText } from '../../core/device/nitro-cli/cpu-pool.js';
import { slotOfId, socketOfId } from '../../core/device/nitro-cli/ids.js';
import { describeInfo, terminateInfo } from '../../core/device/nitro-cli/json.js';
import { newEnclaveName } from '../../core/device/nitro-cli/names.js';
import { splitOptions } from '../../core/device/nitro-cli/options.js';
import {
  createNitroCli,
  dropLost,
  type EnclaveProcess,
  exitProcess,
  listenReady,
  moveProcess,
  stopListening,
} from '../../core/device/nitro-cli/processes.js';
import { plainImage } from '../../core/device/nitro-cli/request.js';
import { runEnclave } from '../../core/device/nitro-cli/run-enclave.js';
import { failedConnections } from '../../core/device/nitro-cli/run-output.js';
import { terminateEnclave } from '../../core/device/nitro-cli/terminate.js';
import type { Command } from '../../core/host/command.js';
import type { Program } from '../../core/host/program.js';
import { runProgram } from '../../core/host/program.js';
import { uidsOf } from '../../core/host/records.js';
import { runInPlace } from '../../core/host/step.js';
import { around, asking, smallParent } from './nitro-cli-host.js';

const KIB = 1024;
const MIB = 1024 * KIB;
const GIB = 1024 * MIB;

function processOf(given: Partial<EnclaveProcess> = {}): EnclaveProcess {
  return {
    ...{ pid: 7, name: 'web', image: plainImage(1), debug: false, slot: 10, cid: 16 },
    ...{ cpus: [1, 5], memoryMib: 64, state: 'RUNNING', pages: [] },
    ...given,
  };
}

/** The commands of a program that is told nothing. */
function commandsOf(program: Program<unknown>): Command[] {
  const commands: Command[] = [];
  const reply = { decision: { effects: [], facts: {} }, host: smallParent({ 2: 1 }) };
  for (let turn = program.next(); !turn.done; turn = program.next(reply)) commands.push(turn.value);
  return commands;
}

describe('the ready port', () => {
  it('has one listener, and only that one gives it up', () => {
    const cli = createNitroCli();
    expect([listenReady(cli, 7), listenReady(cli, 8), cli.readyListener]).toEqual([true, false, 7]);
    stopListening(cli, 8);
    expect(cli.readyListener).toBe(7);
    stopListening(cli, 7);
    expect([cli.readyListener, listenReady(cli, 8)]).toEqual([0, true]);
  });
});

describe('processes', () => {
  it('of a fresh parent count from 1000 up, on an instance without a name', () => {
    expect(createNitroCli()).toEqual({
      ...{ instanceId: 'i-0000000000000000', running: [], readyListener: 0, nextPid: 1000 },
    });
    const cli = createNitroCli('i-1', 50);
    const env = around(smallParent({ 2: 64 }), {}, cli);
    for (const name of ['a', 'b']) runProgram(env.host, runEnclave(asking({ name }), env));
    expect(cli.running.map(({ pid, name }) => [pid, name])).toEqual([
      [50, 'a'],
      [51, 'b'],
    ]);
  });

  it('give back memory first, last page first, then the file they have, if any', () => {
    const unmap = (address: number) => ({ kind: 'nitro.unmap', address });
    const close = { kind: 'nitro.close', slot: 3 };
    expect(commandsOf(exitProcess(3, [4096, 8192]))).toEqual([unmap(8192), unmap(4096), close]);
    expect(commandsOf(exitProcess(0, [4096]))).toEqual([unmap(4096)]);
  });

  it('that the lifecycle does not let go on are an error of ours', () => {
    const gone = processOf({ state: 'gone' });
    expect(() => moveProcess(gone, 'terminate')).toThrow('process 7: terminate in gone');
  });

  it('whose enclave went with the parent are dropped, the others stay', () => {
    const host = smallParent({ 2: 1 });
    runInPlace(host, { kind: 'nitro.create-vm', task: 7 });
    const [slot] = uidsOf(host.tree);
    const cli = createNitroCli();
    const kept = processOf({ slot });
    cli.running.push(processOf({ slot: 8 }), kept, processOf({ slot: 9 }));
    dropLost(cli, host);
    expect(cli.running).toEqual([kept]);
  });

  it('are found by what stands behind the last -enc of an id, whatever the instance', () => {
    const host = smallParent({ 2: 64 });
    const cli = createNitroCli('i-1');
    const env = around(host, {}, cli);
    for (const name of ['a', 'b']) runProgram(host, runEnclave(asking({ name }), env));
    const done = runProgram(host, terminateEnclave(cli, { id: 'i-other-enc2' }));
    expect(done).toMatchObject({
      status: 0,
      stderr: ['Successfully terminated enclave i-1-enc2.'],
    });
    expect(cli.running.map(({ name }) => name)).toEqual(['a']);
    const all = runProgram(host, terminateEnclave(cli, { all: true }));
    expect([all.stdout.length, cli.running]).toEqual([1, []]);
  });
});

describe('words', () => {
  it('no failure, no output and status 0; else each its own, a count, and an E39', () => {
    expect(failedConnections([])).toEqual({ status: 0, stderr: [] });
    const refusal = { layer: 'cli', rule: 'r', numbers: {}, remedy: '' } as const;
    const two = ['E27', 'E36'].map((code) => ({ ...refusal, codes: [code], message: code }));
    const { status, stderr } = failedConnections(two);
    expect(status).toBe(39);
    expect(stderr.filter((line) => line.startsWith('['))).toEqual([
      ...['[ E27 ] E27', '[ E36 ] E36'],
      '[ E39 ] Failed to connect to 2 enclave processes',
    ]);
    expect(stderr).toContain('Failed connections: 2');
  });

  it('what describe-enclaves shows of an enclave', () => {
    const info = { name: 'web', version: '2', metadata: { BuildTime: 't' } };
    const image = { ...plainImage(1), measurements: { PCR1: 'b', PCR0: 'a' }, info };
    const shown = {
      ...{ EnclaveName: 'web', EnclaveID: 'i-1-enca', ProcessID: 7, EnclaveCID: 16 },
      ...{ NumberOfCPUs: 2, CPUIDs: [1, 5], MemoryMiB: 64, State: 'RUNNING', Flags: 'NONE' },
      Measurements: { HashAlgorithm: 'Sha384 { ... }', PCR0: 'a', PCR1: 'b' },
    };
    expect(describeInfo('i-1', processOf({ image }), false)).toEqual(shown);
    const about = { ImageName: 'web', ImageVersion: '2', Metadata: { BuildTime: 't' } };
    expect(describeInfo('i-1', processOf({ image }), true)).toEqual({ ...shown, ...about });
    const plain = {
      ...shown,
      Flags: 'DEBUG_MODE',
      Measurements: { HashAlgorithm: 'Sha384 { ... }' },
    };
    const unmeasured = processOf({ debug: true, image: { bytes: 1, signature: 'none' } });
    expect(describeInfo('i-1', unmeasured, true)).toEqual(plain);
    expect(terminateInfo('web', 'i-1-enca')).toEqual({
      ...{ EnclaveName: 'web', EnclaveID: 'i-1-enca', Terminated: true },
    });
  });
});

describe('options as the program splits them', () => {
  const ARITY = { one: 'one', many: 'many', none: 'none' } as const;
  const split = (line: string) => splitOptions(line === '' ? [] : line.split(' '), ARITY);

  it.each([
    ['', {}],
    ['--one a', { one: ['a'] }],
    ['--one=a=b', { one: ['a=b'] }],
    ['--one=', { one: [''] }],
    ['--one=-5', { one: ['-5'] }],
    ['--one -', { one: ['-'] }],
    ['--many a b --none', { many: ['a', 'b'], none: [] }],
    ['--none --many=a --one b', { none: [], many: ['a'], one: ['b'] }],
  ])('"%s"', (line, given) => {
    const read = split(line);
    expect('given' in read && Object.fromEntries(read.given)).toEqual(given);
  });

  it.each([
    ['stray', "unexpected argument 'stray' found"],
    ['-one a', "unexpected argument '-one' found"],
    ['x--one a', "unexpected argument 'x--one' found"],
    ['--', "unexpected argument '--' found"],
    ['--toString a', "unexpected argument '--toString' found"],
    ['--one a b', "unexpected argument 'b' found"],
    ['--none a', "unexpected argument 'a' found"],
    ['--many=a b', "unexpected argument 'b' found"],
    ['--one a --one b', "'--one' cannot be used multiple times"],
    ['--none=', "unexpected value '' for '--none'"],
    ['--one', "a value is required for '--one'"],
    ['--many --none', "a value is required for '--many'"],
    ['--one -5', "a value is required for '--one'"],
  ])('"%s" is told: %s', (line, problem) => {
    expect(split(line)).toEqual({ problem });
  });

  it('a value may hold a line end', () => {
    expect(splitOptions(['--one=a\nb'], ARITY)).toEqual({ given: new Map([['one', ['a\nb']]]) });
  });

  it('what run-enclave misses or cannot join is told by the option', () => {
    const told = (line: string) => {
      const parsed = parseRunArguments(line.split(' '), () => undefined);
      return parsed.ok ? '' : parsed.refusal.message;
    };
    expect(told('--cpu-count 2 --cpu-ids 1')).toBe(
      "error: '--cpu-ids' cannot be used with '--cpu-count'",
    );
    expect(told('--memory 1 --eif-path a')).toBe("error: '--cpu-ids' was not provided");
    expect(told('--cpu-count 2 --eif-path a')).toBe("error: '--memory' was not provided");
    expect(told('--cpu-count 2 --memory 1')).toBe("error: '--eif-path' was not provided");
    for (const [name, line] of [
      ...[
        ['cpu-ids', '--cpu-ids 1'],
        ['cpu-count', '--cpu-count 1'],
        ['memory', '--memory 1'],
      ],
      ...[
        ['eif-path', '--eif-path a'],
        ['enclave-cid', '--enclave-cid 4'],
      ],
      ...[
        ['debug-mode', '--debug-mode'],
        ['enclave-name', '--enclave-name a'],
      ],
    ]) {
      expect(told(`${line} --config c`)).toBe(`error: '--${name}' cannot be used with '--config'`);
    }
    expect(told('--attach-console --config c')).toMatch(/open config file c$/);
  });

  it('without options there is no name, no debug mode and no warning', () => {
    const line = '--cpu-count +3 --memory 64 --eif-path a';
    expect(parseRunArguments(line.split(' '), () => undefined)).toStrictEqual({
      ok: true,
      request: {
        ...{ eifPath: 'a', memoryMib: 64n, cpus: { count: 3 }, cid: 0n },
        ...{ debug: false, attachConsole: false },
      },
      warnings: [],
    });
    const debug = parseRunArguments(
      `${line} --debug-mode --enclave-cid 4`.split(' '),
      () => undefined,
    );
    expect(debug).toMatchObject({ request: { debug: true, attachConsole: false }, warnings: [] });
  });

  it('a config file without the optional fields asks for none of them', () => {
    const text = JSON.stringify({ eif_path: 'a', memory_mib: 64, cpu_ids: [1, 5] });
    expect(parseRunArguments(['--config', 'c'], () => text)).toStrictEqual({
      ok: true,
      request: {
        ...{ eifPath: 'a', memoryMib: 64n, cpus: { ids: [1, 5] }, cid: 0n },
        ...{ debug: false, attachConsole: false },
      },
      warnings: [],
    });
    const named = JSON.stringify({ ...JSON.parse(text), enclave_name: 'web', debug_mode: true });
    expect(parseRunArguments(['--config', 'c'], () => named)).toMatchObject({
      request: { name: 'web', debug: true, attachConsole: false },
    });
  });
});

describe('names, ids and pool texts', () => {
  it.each([
    ['a.eif/b', 'b'],
    ['x.eifs', 'x.eifs'],
    ['xeif', 'xeif'],
    ['/a/', ''],
  ])('an image at %s names the enclave "%s"', (eifPath, name) => {
    expect(newEnclaveName({ eifPath }, [])).toBe(name);
  });

  it.each([
    ['i-1-encFF', { slot: 255n }],
    ['-enc0', { slot: 0n }],
    ['i-1-encffffffffffffffff', { slot: 2n ** 64n - 1n }],
    ['i-1-enc10000000000000000', { problem: 'Invalid enclave id format' }],
    ['i-1-enc', { problem: 'Invalid enclave id format' }],
    ['i-1-enc x', { problem: 'Invalid enclave id format' }],
    ['i-1-enc5g', { problem: 'Invalid enclave id format' }],
  ])('the slot in %s', (id, read) => {
    expect(slotOfId(id)).toEqual(read);
  });

  it('a socket lies in its folder, named behind the last separator', () => {
    expect(socketOfId('i-enc1-enc2', '/tmp')).toBe('/tmp/2.sock');
  });

  it('a pool text is read anew when it changes, and empty lines are none', () => {
    expect(readPoolText('1-2\n\n 7 \n')).toEqual({ cpus: [1, 2, 7] });
    expect(readPoolText('3-1')).toEqual({ cpus: [] });
    expect(readPoolText('')).toEqual({ cpus: [] });
    expect(readPoolText('+4')).toEqual({ cpus: [4] });
  });
});

describe('the image of a process', () => {
  it('sizes beyond 2^53 keep their exact number beside the nearest usable one', () => {
    expect(plainImage(5)).toStrictEqual({ bytes: 5, signature: 'none', measurements: {} });
    const most = Number.MAX_SAFE_INTEGER;
    expect(plainImage(most)).not.toHaveProperty('exactBytes');
    expect(plainImage(2n ** 60n)).toMatchObject({ bytes: most, exactBytes: 2n ** 60n });
  });

  it('the wait for a heartbeat grows by 90 s with each 6 GiB of image and 100 GiB of memory', () => {
    expect(heartbeatTimeoutMs(1, 1)).toBe(180_000);
    expect(heartbeatTimeoutMs(12 * GIB + 1, 64 * MIB)).toBe(360_000);
    expect(heartbeatTimeoutMs(1, 200 * GIB)).toBe(270_000);
  });
});
