/** run-enclave, describe-enclaves and terminate-enclave on a small parent. */

import { describe, expect, it } from 'vitest';
import { heartbeatTimeoutMs } from '../../core/device/nitro-cli/boot.js';
import { describeEnclaves } from '../../core/device/nitro-cli/describe.js';
import { createNitroCli, endProcess, reapHungUp } from '../../core/device/nitro-cli/processes.js';
import { type ImageFile, plainImage } from '../../core/device/nitro-cli/request.js';
import { NITRO_CLI_RULES } from '../../core/device/nitro-cli/rules.js';
import { runEnclave } from '../../core/device/nitro-cli/run-enclave.js';
import { terminateEnclave } from '../../core/device/nitro-cli/terminate.js';
import type { Host } from '../../core/host/host.js';
import { HELD } from '../../core/host/owner.js';
import { runProgram } from '../../core/host/program.js';
import { theRecord, uidsOf } from '../../core/host/records.js';
import { runInPlace } from '../../core/host/step.js';
import { availablePages } from '../../core/platform/nitro/tasks.js';
import { around, asking, smallParent } from './nitro-cli-host.js';

const MIB = 2 ** 20;
const start = (
  host: Host,
  request: Parameters<typeof asking>[0] = {},
  env: Parameters<typeof around>[1] = {},
  cli = createNitroCli('i-0abc'),
) => runProgram(host, runEnclave(asking(request), around(host, env, cli)));

describe('a launch that works', () => {
  it('N12 holds: prints its JSON, gives whole cores and pages, and leaves the port', () => {
    const cli = createNitroCli('i-0abc');
    const host = smallParent({ 2: 32, 1024: 1 });
    const result = start(host, { debug: true }, {}, cli);
    expect(result).toMatchObject({ ok: true, status: 0, timeoutMs: 180_000 });
    if (!result.ok) return;
    const info = JSON.parse(result.stdout);
    expect(Object.entries(info)).toEqual([
      ['EnclaveName', 'hello'],
      ['EnclaveID', 'i-0abc-enc1'],
      ['ProcessID', 1000],
      ['EnclaveCID', 16],
      ['NumberOfCPUs', 2],
      ['CPUIDs', [1, 5]],
      ['MemoryMiB', 64],
    ]);
    expect(result.stderr).toEqual([
      'Start allocating memory...',
      'Started enclave with enclave-cid: 16, memory: 64 MiB, cpu-ids: [1, 5]',
    ]);
    expect(cli.readyListener).toBe(0);
    expect(theRecord(host.tree, 1)).toMatchObject({ state: 'RUNNING', memoryBytes: 64 * MIB });
  });

  it('the second of the same image is called hello_1', () => {
    const cli = createNitroCli();
    const host = smallParent({ 2: 64 });
    for (const name of ['hello', 'hello_1']) {
      const result = start(host, {}, {}, cli);
      expect(result.ok && result.enclave.name).toBe(name);
    }
  });

  it('waits longer for large images and much memory', () => {
    const result = start(smallParent({ 16384: 7 }), { memoryMib: 7n * 16_384n });
    expect(result).toMatchObject({ ok: true, timeoutMs: 270_000 });
    expect(heartbeatTimeoutMs(6 * 2 ** 30, 100 * 2 ** 30)).toBe(180_000);
    expect(heartbeatTimeoutMs(6 * 2 ** 30 + 1, 100 * 2 ** 30 + 1)).toBe(360_000);
  });
});

interface Failure {
  readonly codes: readonly string[];
  readonly asked: Parameters<typeof asking>[0];
  readonly env?: Parameters<typeof around>[1];
  readonly pool?: string;
}

const FAILURES: readonly Failure[] = [
  { codes: ['E19'], asked: {}, env: { image: undefined } },
  { codes: ['E19'], asked: {}, env: { moduleLoaded: false } },
  { codes: ['E19'], asked: {}, env: { deviceOpens: false } },
  { codes: ['E20'], asked: { cpus: { ids: [1, 1] } } },
  { codes: ['E21'], asked: { cpus: { ids: [1, 3] } } },
  { codes: ['E22'], asked: { cpus: { count: 5 } } },
  { codes: ['E23'], asked: {}, env: {}, pool: '1-2,5-6:2/2' },
  { codes: ['E26'], asked: { memoryMib: 3n } },
  { codes: ['E26'], asked: { memoryMib: 2n ** 44n }, env: { image: plainImage(0) } },
  { codes: ['E27'], asked: { memoryMib: 5000n } },
  { codes: ['E36'], asked: {}, env: { heartbeat: 'none' } },
  { codes: ['E36'], asked: {}, env: { heartbeat: 'wrong' } },
  { codes: ['E59'], asked: {}, env: { image: { ...plainImage(MIB), signature: 'invalid' } } },
  { codes: ['E59'], asked: {}, env: { image: { ...plainImage(MIB), signature: 'unreadable' } } },
  { codes: ['E29', 'NE 267'], asked: { cpus: { count: 0 } } },
  { codes: ['E29', 'NE 268'], asked: { memoryMib: 62n } },
  { codes: ['E29', 'NE 269'], asked: { cpus: { count: 1 } } },
  { codes: ['E29', 'NE 275'], asked: { cid: 3n } },
];

describe('a launch that fails', () => {
  it.each(FAILURES.map((failure, row) => ({ ...failure, named: failure.codes.join(' '), row })))(
    'N12 refused: $named (row $row) gives all back',
    ({ codes, asked, env, pool }) => {
      const host = smallParent({ 2: 40, 1024: 1 }, pool);
      const { avail } = structuredClone(host.tree.pool);
      const result = start(host, asked, env);
      expect(result).toMatchObject({ ok: false, status: 39, refusal: { codes, layer: 'cli' } });
      expect(result.stderr).toContain('Failed connections: 1');
      expect(result.stderr.join('\n')).toMatch(new RegExp(`\\[ ${codes[0]} \\].*\\[ E39 \\]`, 's'));
      expect([availablePages(host, 0), availablePages(host, 1)]).toEqual([40, 1]);
      expect(host.tree).toMatchObject({ records: [], mappings: [], pool: { avail } });
    },
  );

  it('N12 refused: pages of another node are E29 around NE 264, and one stays lost', () => {
    const host = smallParent({ 2: 40 });
    const wrongNode = { ...host, tree: { ...host.tree, pool: { ...host.tree.pool, node: 1 } } };
    const result = start(wrongNode);
    expect(result).toMatchObject({
      refusal: { codes: ['E29', 'NE 264'] },
      call: { command: 'nitro.set-memory', rc: -264 },
    });
    expect(wrongNode.tree.counters.pinned).toBe(1);
    expect(availablePages(wrongNode, 0)).toBe(39);
  });

  it('N12 refused: a page that lost its memory before the copy is E35', () => {
    const host = smallParent({ 2: 32 });
    const { store } = host.memory[0].pools[0];
    const program = runEnclave(asking(), around(host));
    let turn = program.next();
    while (!turn.done) {
      const { value } = turn;
      const decision = runInPlace(host, value);
      if (value.kind === 'nitro.image-load-info') store.allocAt(0, 32, HELD);
      turn = program.next({ decision, host });
    }
    expect(turn.value).toMatchObject({ ok: false, refusal: { codes: ['E35'] } });
  });

  it('N14 refused: an enclave that hangs up before its heartbeat is E36', () => {
    const host = smallParent({ 2: 32 });
    const hangUp = { kind: 'nitro.exit-event', slot: 1, state: 65_535 } as const;
    const result = runProgram(host, runEnclave(asking(), around(host)), (live, command) => {
      const decision = runInPlace(live, command);
      if (command.kind === 'nitro.start') runInPlace(live, hangUp);
      return decision;
    });
    expect(result).toMatchObject({ ok: false, refusal: { rule: 'nitro-cli.heartbeat-in-time' } });
    expect(uidsOf(host.tree)).toEqual([]);
  });

  it.each(['nitro.image-load-info', 'nitro.set-memory', 'nitro.add-vcpu', 'nitro.start'] as const)(
    'E29 names the first call that the driver refuses: %s',
    (kind) => {
      const host = smallParent({ 2: 32 });
      const result = runProgram(host, runEnclave(asking(), around(host)), (live, command) => {
        if (command.kind === kind) runInPlace(live, { kind: 'nitro.close', slot: 1 });
        return runInPlace(live, command);
      });
      expect(result).toMatchObject({ ok: false, call: { command: kind, rc: -9 } });
    },
  );

  it('every row has one code, every id once', () => {
    expect(NITRO_CLI_RULES.every(({ codes }) => /^E\d\d$/.test(codes.join()))).toBe(true);
    const ids = NITRO_CLI_RULES.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
  });
});

describe('two launches at the same moment', () => {
  it('N12 refused: the second to bind the ready port ends with E36, the first runs', () => {
    const host = smallParent({ 2: 80 });
    const env = around(host);
    const programs = [runEnclave(asking(), env), runEnclave(asking(), env)];
    const turns = programs.map((program) => program.next());
    while (turns.some((turn) => !turn.done)) {
      for (const [i, turn] of turns.entries()) {
        if (turn.done) continue;
        turns[i] = programs[i].next({ decision: runInPlace(host, turn.value), host });
      }
    }
    const [first, second] = turns.map(({ value }) => value);
    expect(first).toMatchObject({ ok: true });
    expect(second).toMatchObject({
      ok: false,
      status: 39,
      refusal: { codes: ['E36'], rule: 'nitro-cli.ready-port-free' },
    });
    expect(uidsOf(host.tree)).toHaveLength(1);
    expect(availablePages(host, 0)).toBe(48);
  });
});

describe('describe-enclaves', () => {
  const info = { name: 'web', version: '1', metadata: { BuildTime: 't', custom: 1 } };
  const image: ImageFile = { ...plainImage(MIB), measurements: { PCR0: 'aa' }, info };

  it('prints an array in the program’s key order; metadata only when asked', () => {
    const cli = createNitroCli('i-0abc');
    const host = smallParent({ 2: 32 });
    expect(runProgram(host, describeEnclaves(cli)).stdout).toBe('[]');
    start(host, { debug: true }, { image }, cli);
    const [plain] = JSON.parse(runProgram(host, describeEnclaves(cli)).stdout);
    expect(Object.keys(plain).slice(7)).toEqual(['State', 'Flags', 'Measurements']);
    expect(plain).toMatchObject({
      State: 'RUNNING',
      Flags: 'DEBUG_MODE',
      Measurements: { HashAlgorithm: 'Sha384 { ... }', PCR0: 'aa' },
    });
    const [full] = JSON.parse(runProgram(host, describeEnclaves(cli, true)).stdout);
    expect(Object.keys(full).slice(10)).toEqual(['ImageName', 'ImageVersion', 'Metadata']);
  });

  it('regression: the registers come in ascending order, whatever order they were measured in', () => {
    const cli = createNitroCli('i-0abc');
    const host = smallParent({ 2: 32 });
    const measurements = { PCR8: 'd', PCR2: 'c', PCR1: 'b', PCR0: 'a' };
    start(host, {}, { image: { ...image, measurements } }, cli);
    const [shown] = JSON.parse(runProgram(host, describeEnclaves(cli)).stdout);
    const order = ['HashAlgorithm', 'PCR0', 'PCR1', 'PCR2', 'PCR8'];
    expect(Object.keys(shown.Measurements)).toEqual(order);
  });

  it('N08 refused: an image that cannot be measured is E35, and its enclave ends', () => {
    const cli = createNitroCli();
    const host = smallParent({ 2: 32 });
    start(host, {}, { image: { bytes: MIB, signature: 'none' } }, cli);
    const described = runProgram(host, describeEnclaves(cli));
    expect(described).toMatchObject({ status: 39, stdout: '[]', refusals: [{ codes: ['E35'] }] });
    expect(uidsOf(host.tree)).toEqual([]);
  });
});

describe('an enclave ends', () => {
  it('N08 holds: by id, with the program’s words, and everything is back', () => {
    const cli = createNitroCli('i-0abc');
    const host = smallParent({ 2: 32 });
    start(host, {}, {}, cli);
    const [enclave] = cli.running;
    const done = runProgram(host, terminateEnclave(cli, { id: 'i-0abc-enc1' }));
    expect(done.stderr).toEqual(['Successfully terminated enclave i-0abc-enc1.']);
    expect(JSON.parse(done.stdout[0])).toEqual({
      EnclaveName: 'hello',
      EnclaveID: 'i-0abc-enc1',
      Terminated: true,
    });
    expect(enclave).toMatchObject({ state: 'gone', slot: 0, cid: 0, memoryMib: 0 });
    expect(host.tree).toMatchObject({ records: [], mappings: [] });
    expect(availablePages(host, 0)).toBe(32);
  });

  it('N08 refused: an unknown id is E11, an unknown or ambiguous name E58', () => {
    const cli = createNitroCli();
    const host = smallParent({ 2: 64 });
    const end = (target: Parameters<typeof terminateEnclave>[1]) =>
      runProgram(host, terminateEnclave(cli, target));
    expect(end({ id: 'i-0abc-enc9' })).toMatchObject({ status: 11, refusal: { codes: ['E11'] } });
    expect(end({ id: 'nonsense' })).toMatchObject({ status: 11 });
    expect(end({ name: 'hello' })).toMatchObject({ status: 58, refusal: { codes: ['E58'] } });
    start(host, {}, {}, cli);
    expect(end({ id: 'i-01' })).toMatchObject({ status: 11, stdout: [] });
    expect(end({ name: 'hello' })).toMatchObject({ status: 0 });
    expect(end({ all: true })).toMatchObject({ status: 0, stdout: [] });
  });

  it('N08 holds: a crash is seen as HUP, a signal needs none; both give all back', () => {
    const cli = createNitroCli();
    const host = smallParent({ 2: 64 });
    start(host, {}, {}, cli);
    start(host, {}, {}, cli);
    expect(runProgram(host, reapHungUp(cli))).toEqual([]);
    runInPlace(host, { kind: 'nitro.exit-event', slot: 1, state: 65_535 });
    expect(runProgram(host, reapHungUp(cli))).toMatchObject([{ name: 'hello', state: 'gone' }]);
    expect(availablePages(host, 0)).toBe(32);
    runProgram(host, endProcess(cli, cli.running[0], 'signal'));
    expect(availablePages(host, 0)).toBe(64);
    expect(cli.running).toEqual([]);
  });
});
