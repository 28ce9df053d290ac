/** Every way the reservation service ends, provoked once: its codes and the operands of its refusal. */
import { describe, expect, it } from 'vitest';
import { SERVICE_EXITS } from '../../core/device/reservation/exits.js';
import {
  allocatorProgram,
  runAllocator,
  type ServiceRun,
} from '../../core/device/reservation/service.js';
import type { Command } from '../../core/host/command.js';
import { describeHost } from '../../core/host/describe.js';
import type { Host } from '../../core/host/host.js';
import { runInPlace } from '../../core/host/step.js';
import { nitroProfile } from '../../core/platform/nitro/profile.js';
import { PARENT_TYPE } from '../../core/platform/nitro/rules.js';
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

describe('a parent whose type has no enclave support', () => {
  it('prints that the pool file is missing; the refusal says why it is', () => {
    const described = describeHost({ profile: nitroProfile(), type: 'm5.large' });
    if ('problems' in described) throw new Error(JSON.stringify(described.problems));
    const run = runOn(described.host, config(1024, 'cpu_count: 2'));
    expect([run.reason, run.status, run.refusal?.rule]).toEqual(['no-driver', 1, PARENT_TYPE.id]);
    expect(run.lines.join()).toContain('Error: The CPU pool file is missing.');
    // A file that cannot be read is told first, as the script reads it first.
    expect(runOn(described.host, 'no marker').reason).toBe('config-missing-memory');
  });
});

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
    const topology = {
      cores: [[0], [1], [2], [3]],
      nodes: [
        { id: 0, cpus: [0, 1, 2] },
        { id: 1, cpus: [3] },
      ],
    };
    const ends = ['x', '08'].map((memory) =>
      runOn(smallParent({ free: [64, 64], topology }), config(memory, 'cpu_count: 2')),
    );
    expect(ends.map(({ reason, attempts }) => [reason, attempts])).toEqual([
      ['memory-invalid', []],
      ['silent', []],
    ]);
  });

  it('passes over a node that has the CPUs by number, but not in whole cores', () => {
    const spread = { ...evenTopology(1), offline: [6, 7] };
    const short = runOn(smallParent({ free: [64], topology: spread }), config(2, 'cpu_count: 4'));
    expect([short.reason, short.attempts]).toEqual(['no-suitable-cpus', []]);
  });

  it('counts a whole core for CPU 0, also where its own core is smaller', () => {
    const cores = [[0], [1, 2], [3, 4]];
    const topology = { cores, nodes: [{ id: 0, cpus: [0, 1, 2, 3, 4] }] };
    const run = (count: number) =>
      runOn(smallParent({ free: [64], topology }), config(2, `cpu_count: ${count}`)).reason;
    expect([run(2), run(4)]).toEqual(['ok', 'no-suitable-cpus']);
  });

  it('a write without a return value is an error of ours', () => {
    const host = small();
    const program = allocatorProgram(host, config(2, 'cpu_count: 2'));
    program.next();
    const nothing = { decision: { effects: [], facts: {} }, host };
    expect(() => program.next(nothing)).toThrow('nitro.write-pool returned no value');
  });

  it('the script before commit 7d7966d reports what ends it, and is silent about the rest', () => {
    const older = (memoryMib: string, pool: string) =>
      runAllocator(small(), config(memoryMib, `cpu_pool: ${pool}`), { version: 'before-313' });
    expect(older('1G', '1,5')).toMatchObject({ reason: 'memory-invalid', status: 1 });
    expect(older('08', '1,5')).toMatchObject({ reason: 'silent', status: 1 });
    expect(older('2', '-n')).toMatchObject({ reason: 'silent', status: 200 });
  });

  it('what a node gave is said in words behind the script’s own', () => {
    const run = runOn(small(), config(100, 'cpu_pool: 1,5'));
    expect(run.refusal?.message).toMatch(
      /insufficient system resources\. Node 0 gave 65536 of 102400 KiB\.$/,
    );
    expect(run.lines.at(-1)).toMatch(/insufficient system resources\.$/);
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
