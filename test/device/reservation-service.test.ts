/** The service as a whole: order of its steps, both paths, its versions, and field reports. */
import { describe, expect, it } from 'vitest';
import { SERVICE_EXITS } from '../../core/device/reservation/exits.js';
import type { ServiceCommand } from '../../core/device/reservation/run.js';
import { allocatorProgram, runAllocator } from '../../core/device/reservation/service.js';
import type { Host } from '../../core/host/host.js';
import { runInPlace, step } from '../../core/host/step.js';
import { evenTopology, pagesOn, reserve, smallParent } from './reservation-host.js';

const M2 = 2048;
const config = (memoryMib: number | string, cpus: string) =>
  `---\nmemory_mib: ${memoryMib}\n${cpus}\n`;

/** Runs in place and keeps the texts written: a pool text as it is, pages as "node:size=count". */
function traced(host: Host, text: string) {
  const writes: string[] = [];
  const program = allocatorProgram(host, text);
  let turn = program.next();
  while (!turn.done) {
    writes.push(shown(turn.value));
    turn = program.next({ decision: runInPlace(host, turn.value), host });
  }
  return { run: turn.value, writes };
}

function shown(command: ServiceCommand): string {
  if (command.kind === 'nitro.write-pool') return command.text;
  return `${command.node}:${command.pageKib}=${command.text}`;
}

const CLEAR_0 = ['0:1048576=0', '0:2048=0'];

describe('cpu_count', () => {
  it('N12 holds: memory first, pool last', () => {
    const host = smallParent({ free: [2048] });
    const { run, writes } = traced(host, config(8, 'cpu_count: 4'));
    expect(writes).toEqual(['\n', ...CLEAR_0, '0:1048576=0', '0:2048=4', '1,5,2,6\n']);
    expect(run.lines).toEqual(['Successfully allocated Nitro Enclaves resources: 8 MiB, 4 CPUs']);
    expect(run).toMatchObject({ reason: 'ok', status: 0 });
  });

  it('a node without the memory is passed over; its pages are as before', () => {
    const host = smallParent({ free: [16, 2048] });
    reserve(host, 0, M2, 3, 0);
    const run = runAllocator(host, config(64, 'cpu_count: 2'));
    expect(run.attempts.map(({ node, ok }) => [node, ok])).toEqual([
      [0, false],
      [1, true],
    ]);
    expect([pagesOn(host, 0), pagesOn(host, 1)]).toEqual([
      [3, 0],
      [32, 0],
    ]);
    expect(host.tree.pool).toMatchObject({ node: 1, text: '2,6\n' });
  });

  it('a later node that is too small hides the memory failure', () => {
    const topology = {
      cores: [[0], [1], [2], [3]],
      nodes: [
        { id: 0, cpus: [0, 1, 2] },
        { id: 1, cpus: [3] },
      ],
    };
    const host = smallParent({ free: [16, 2048], topology });
    const run = runAllocator(host, config(64, 'cpu_count: 2'));
    expect(run.attempts).toHaveLength(1);
    expect(run).toMatchObject({
      reason: 'no-suitable-cpus',
      refusal: { numbers: { count: 2, largestNode: 2 } },
    });
  });

  it('a later node without any CPU ends the script silently, only behind a memory failure', () => {
    const [node0] = evenTopology(1).nodes;
    const topology = { ...evenTopology(1), nodes: [node0, { id: 1, cpus: [] }] };
    const short = smallParent({ free: [16, 2048], topology });
    expect(runAllocator(short, config(64, 'cpu_count: 2'))).toMatchObject({
      reason: 'silent',
      status: 1,
      lines: ['Memory configuration failed, rolling back memory reservations...'],
    });
    const tooMany = smallParent({ free: [16, 2048], topology });
    expect(runAllocator(tooMany, config(64, 'cpu_count: 8')).reason).toBe('no-suitable-cpus');
  });

  it('Q23 refused: more CPUs than a node has beside CPU 0', () => {
    const host = smallParent({ free: [2048, 2048] });
    expect(runAllocator(host, config(2, 'cpu_count: 2')).status).toBe(0);
    expect(runAllocator(host, config(2, 'cpu_count: 4')).status).toBe(0);
    expect(runAllocator(host, config(2, 'cpu_count: 6')).reason).toBe('no-suitable-cpus');
  });

  it('needs CPU 0 to be on a node', () => {
    const topology = { ...evenTopology(1), offline: [0] };
    const host = smallParent({ free: [2048], topology });
    expect(runAllocator(host, config(2, 'cpu_count: 2')).reason).toBe('no-node-of-cpu0');
  });
});

describe('cpu_pool', () => {
  it('pool first; it stays set when the memory fails', () => {
    const host = smallParent({ free: [16] });
    const { run, writes } = traced(host, config(64, 'cpu_pool: 1,5'));
    expect(writes.slice(0, 2)).toEqual(['\n', '1,5\n']);
    expect(run.reason).toBe('206-insufficient-memory');
    expect(host.tree.pool.text).toBe('1,5\n');
    expect([1, 5].map((cpu) => host.tree.online[cpu])).toEqual([0, 0]);
  });

  it.each(['0,4', '4', '1', '1-9', 'a', '1/4', '2,3,6'])(
    'Q26 Q28 refused: the driver refuses %s and the old pool is gone',
    (pool) => {
      const host = smallParent({ free: [2048] });
      expect(runAllocator(host, config(2, 'cpu_pool: 3,7')).status).toBe(0);
      const run = runAllocator(host, config(2, `cpu_pool: ${pool}`));
      expect(run).toMatchObject({ reason: 'pool-rejected', attempts: [] });
      expect(run.lines).toEqual(['Error: Failed to configure the CPU pool.']);
      expect(host.tree.pool.text).toBe('');
      expect(pagesOn(host, 0)).toEqual([1, 0]);
    },
  );

  it('200: N sets the pool, which the script cannot read back', () => {
    const topology = { cores: [[0], [1], [2]], nodes: [{ id: 0, cpus: [0, 1, 2] }] };
    const host = smallParent({ free: [2048], topology });
    const run = runAllocator(host, config(2, 'cpu_pool: 1-N'));
    expect(run).toMatchObject({ reason: '200-empty-pool', refusal: { codes: ['200'] } });
    expect(host.tree.pool.text).toBe('1-N\n');
    expect(pagesOn(host, 0)).toEqual([0, 0]);
  });

  it('a value that echo swallows writes nothing', () => {
    const { run, writes } = traced(smallParent({ free: [64] }), config(2, 'cpu_pool: -n'));
    expect(writes).toEqual(['\n']);
    expect(run.reason).toBe('200-empty-pool');
  });

  it('says the amount configured, not the amount rounded', () => {
    const run = runAllocator(smallParent({ free: [64] }), config('011', 'cpu_pool: 1,5'));
    expect(run.lines).toEqual([
      'Successfully allocated Nitro Enclaves resources: 011 MiB, CPU pool: 1,5',
    ]);
  });
});

describe('before any reservation', () => {
  it('N08 refused: a live enclave keeps pool and pages as they are', () => {
    const host = smallParent({ free: [2048] });
    runAllocator(host, config(4, 'cpu_count: 2'));
    runInPlace(host, { kind: 'nitro.create-vm', task: 0 });
    const { run, writes } = traced(host, config(8, 'cpu_count: 4'));
    expect(run).toMatchObject({
      reason: 'enclaves-running',
      refusal: { codes: ['EPERM'], numbers: { enclaves: 1 } },
    });
    expect(writes).toEqual(['\n']);
    expect(host.tree.pool.text).toBe('1,5\n');
    expect(pagesOn(host, 0)).toEqual([2, 0]);
  });

  it('without the driver nothing is written', () => {
    const host = smallParent({ free: [64] });
    const program = allocatorProgram(host, config(2, 'cpu_count: 2'), { driverLoaded: false });
    expect(program.next()).toMatchObject({ done: true, value: { reason: 'no-driver' } });
  });

  it('a config problem comes before everything else', () => {
    const program = allocatorProgram(smallParent({ free: [64] }), 'x', { driverLoaded: false });
    expect(program.next()).toMatchObject({ value: { reason: 'config-missing-memory' } });
  });

  it('N08 refused: a parent that does not run', () => {
    const host = smallParent({ free: [64] });
    runInPlace(host, { kind: 'parent.stop' });
    expect(runAllocator(host, config(2, 'cpu_count: 2'))).toMatchObject({
      reason: 'parent-not-running',
      lines: [],
    });
  });
});

describe('before commit 7d7966d (issue 313)', () => {
  const old = { version: 'before-313' } as const;

  it('cpu_count ignores the memory failure: the pool is set, the line says success', () => {
    const host = smallParent({ free: [16] });
    const run = runAllocator(host, config(64, 'cpu_count: 2'), old);
    expect(run).toMatchObject({ reason: 'ok', status: 0 });
    expect(run.refusal).toBeUndefined();
    expect(run.attempts).toMatchObject([{ ok: false, had: [{ pages: 0 }, { pages: 8 }] }]);
    expect(run.lines.at(-1)).toMatch(/^Successfully allocated .* 64 MiB, 2 CPUs$/);
    expect(host.tree.pool.text).toBe('1,5\n');
    expect(pagesOn(host, 0)).toEqual([0, 0]);
  });

  it('cpu_pool ends silently with the code as exit status', () => {
    const run = runAllocator(smallParent({ free: [16] }), config(64, 'cpu_pool: 1,5'), old);
    expect(run).toMatchObject({ reason: 'silent', status: 206 });
    expect(run.lines).toHaveLength(1);
  });
});

describe('field reports', () => {
  const fourCpus = evenTopology(1, 2, 2);

  it.each([
    ['1024 MiB on a 4-vCPU parent', 1024, 2, [0, 1], '1,3\n', fourCpus],
    ['the default 512 MiB', 512, 2, [256, 0], '1,3\n', fourCpus],
    ['4096 MiB, 4 of 8 CPUs', 4096, 4, [0, 4], '1,5,2,6\n', evenTopology(1)],
    ['8 x 1 GiB right after boot', 8192, 2, [0, 8], '1,3\n', fourCpus],
  ])('%s', (_, memoryMib, cpus, pages, pool, topology) => {
    const host = smallParent({ free: [12_288], topology });
    expect(runAllocator(host, config(memoryMib, `cpu_count: ${cpus}`)).status).toBe(0);
    expect(pagesOn(host, 0)).toEqual(pages);
    expect(host.tree.pool.text).toBe(pool);
  });

  it.each([
    ['before-313', 'ok', 0],
    ['1.5.0', '205-rollback', 1],
  ] as const)(
    'issue 313: 131072 MiB get 123 x 1 GiB and 662 x 2 MiB; %s ends with %s',
    (version, reason, status) => {
      const gib = 1_048_576;
      // 123 whole GiB; then two broken ones, with 330 and 332 places of 2 MiB
      const node1 = [
        [0, 123 * gib],
        [123 * gib + M2, 330 * M2],
        [124 * gib + M2, 332 * M2],
      ] as const;
      const host = smallParent({ free: [16, node1], topology: evenTopology(2) });
      reserve(host, 1, 1_048_576, 123, 0);
      reserve(host, 1, M2, version === '1.5.0' ? 1 : 0, 0);
      const run = runAllocator(host, config(131_072, 'cpu_count: 2'), { version });
      expect(run).toMatchObject({ reason, status });
      expect(run.attempts.at(-1)).toEqual({
        node: 1,
        ok: false,
        had: [
          { pageKib: gib, pages: 123 },
          { pageKib: M2, pages: 662 },
        ],
      });
      expect(pagesOn(host, 1)).toEqual(version === '1.5.0' ? [1, 122] : [0, 123]);
    },
  );
});

describe('as a program', () => {
  it('gives the same end in place and through Immer', () => {
    for (const text of [
      config(64, 'cpu_count: 2'),
      config(4096, 'cpu_count: 4'),
      config(6, 'cpu_pool: 2-3,6-7'),
      config(64, 'cpu_pool: 0'),
    ]) {
      const live = smallParent({ free: [2048] });
      const inPlace = runAllocator(live, text);
      let host = smallParent({ free: [2048] });
      const program = allocatorProgram(host, text);
      let turn = program.next();
      while (!turn.done) {
        const stepped = step(host, turn.value);
        host = stepped.host;
        turn = program.next({ decision: stepped.decision, host });
      }
      expect(turn.value).toEqual(inPlace);
      expect(host.tree).toEqual(live.tree);
      expect(host.memory.map((node) => node.snapshot())).toEqual(
        live.memory.map((node) => node.snapshot()),
      );
    }
  });

  it('every exit row has a sentence, a source and a remedy; 200 to 206 are there once', () => {
    const rows = Object.values(SERVICE_EXITS);
    for (const row of rows) {
      expect(row.sentence).toMatch(/\.$/);
      expect(row.source).toMatch(/^(nitro-enclaves-allocator|AWS Nitro)/);
      expect(row.remedy).toMatch(/\.$/);
    }
    const numeric = rows.flatMap(({ codes }) => codes).filter((code) => /^\d+$/.test(code));
    expect(numeric).toEqual(['200', '201', '202', '203', '204', '205', '206']);
  });
});
