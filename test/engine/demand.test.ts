/** `fleet --demand`: a workload as a table that says the same when it is read, and the shipped samples. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { fleet } from '../../scenarios/cli/fleet.js';
import { type FleetRequest, GROUP_RULES } from '../../scenarios/engine/request.js';
import {
  type GroupUse,
  TRACE_FORMATS,
  type TraceFormat,
} from '../../scenarios/engine/trace/columns.js';
import { checkTrace, readTrace } from '../../scenarios/engine/trace/read-trace.js';
import { traceLines } from '../../scenarios/engine/trace/write-trace.js';
import { recordedStreams } from '../scenarios/cli/recorded-streams.js';
import { scaledRuns } from '../seed.js';

const FOLDER = mkdtempSync(join(tmpdir(), 'hypercarve-demand-'));
afterAll(() => rmSync(FOLDER, { recursive: true }));
const LIBRARY = fileURLToPath(new URL('../../scenarios/library/fleets', import.meta.url));

const drawn = fc
  .array(
    fc.record({
      gap: fc.nat(5000),
      lifetimeMs: fc.oneof(
        { weight: 4, arbitrary: fc.nat(10_000_000) },
        fc.constant(Number.POSITIVE_INFINITY),
      ),
      vcpus: fc.integer({ min: 1, max: 448 }),
      memoryMib: fc.nat(25_165_824),
      nodes: fc.integer({ min: 1, max: 8 }),
    }),
    { minLength: 1, maxLength: 50 },
  )
  .map((list) => {
    let atMs = 0;
    return list.map(({ gap, ...rest }, id): FleetRequest => {
      atMs += gap;
      return { id, atMs, ...rest };
    });
  });

const groups = fc.option(
  fc.record({
    name: fc.oneof(fc.constantFrom('0', '1', 'a,b', '"x"'), fc.string({ minLength: 1 })),
    rule: fc.constantFrom(...GROUP_RULES),
  }),
  { nil: undefined },
);
/** Without what a row cannot hold: line breaks, and blanks around a name. */
const inGroups = fc
  .tuple(drawn, fc.array(groups, { minLength: 50, maxLength: 50 }))
  .map(([requests, belongs]): FleetRequest[] =>
    requests.map((request, i) => {
      const group = belongs[i];
      const isName = group !== undefined && /^\S([^\r\n]*\S)?$/.test(group.name);
      return isName ? { ...request, group } : request;
    }),
  );

function written(requests: readonly FleetRequest[], format: TraceFormat, use?: GroupUse): string {
  const file = join(FOLDER, `${format}.csv`);
  writeFileSync(file, `${[...traceLines(requests, TRACE_FORMATS[format], use)].join('\n')}\n`);
  return file;
}

describe('a workload as a table', () => {
  it('read again it is the same workload, to the millisecond', () => {
    fc.assert(
      fc.property(drawn, (requests) => {
        const file = written(requests, 'hypercarve');
        expect(checkTrace(file, TRACE_FORMATS.hypercarve)).toEqual([]);
        expect([...readTrace(file, TRACE_FORMATS.hypercarve)]).toEqual(requests);
      }),
      { numRuns: scaledRuns(100) },
    );
  });

  it('with its groups where they are kept, and without where they are not', () => {
    const { hypercarve } = TRACE_FORMATS;
    fc.assert(
      fc.property(inGroups, (requests) => {
        const bare = requests.map(({ group: _, ...rest }) => rest);
        const file = written(requests, 'hypercarve', 'keep');
        expect(checkTrace(file, hypercarve, 'keep')).toEqual([]);
        expect([...readTrace(file, hypercarve, 'keep')]).toEqual(requests);
        expect([...readTrace(file, hypercarve)]).toEqual(bare);
        const without = written(requests, 'hypercarve');
        expect(readFileSync(without, 'utf8')).not.toContain('group');
        expect([...readTrace(without, hypercarve)]).toEqual(bare);
      }),
      { numRuns: scaledRuns(50) },
    );
  });

  it('in the columns of the public traces it keeps what those can say', () => {
    fc.assert(
      fc.property(drawn, (requests) => {
        const seconds = [...readTrace(written(requests, 'openb'), TRACE_FORMATS.openb)];
        expect(seconds.map(({ vcpus, memoryMib }) => [vcpus, memoryMib])).toEqual(
          requests.map(({ vcpus, memoryMib }) => [vcpus, memoryMib]),
        );
        expect(seconds.map(({ atMs }) => atMs)).toEqual(
          requests.map(({ atMs }) => atMs - (atMs % 1000)),
        );
        expect(seconds.map(({ lifetimeMs }) => lifetimeMs === Number.POSITIVE_INFINITY)).toEqual(
          requests.map(({ lifetimeMs }) => lifetimeMs === Number.POSITIVE_INFINITY),
        );
        const numa = [...readTrace(written(requests, 'huawei-numa'), TRACE_FORMATS['huawei-numa'])];
        expect(numa.map(({ nodes, atMs }) => [nodes, atMs])).toEqual(
          requests.map(({ nodes }) => [nodes, 0]),
        );
      }),
      { numRuns: scaledRuns(50) },
    );
  });
});

/** Sample → the shipped fleet it was drawn from, with what was changed in it, and its columns. */
const SAMPLES = [
  ['requests.csv', 'churn.yaml', [['requests: 3000', 'requests: 200']], 'hypercarve'],
  ['like-openb.csv', 'pods-like-openb.yaml', [['requests: 2000', 'requests: 200']], 'openb'],
  [
    'like-huawei-numa.csv',
    'pods-like-openb.yaml',
    [
      ['requests: 2000', 'requests: 200'],
      ['mix: openb', 'mix: huawei-numa'],
      ['{ kind: recorded, trace: openb }', '{ kind: forever }'],
    ],
    'huawei-numa',
  ],
] as const;

describe('fleet --demand', () => {
  it.each(SAMPLES)('%s is what %s asks for', async (sample, from, changes, columns) => {
    let text = readFileSync(join(LIBRARY, from), 'utf8');
    for (const [old, now] of changes) {
      expect(text).toContain(old);
      text = text.replace(old, now);
    }
    const file = join(FOLDER, from);
    writeFileSync(file, text);
    const demand = join(FOLDER, sample);
    expect(await fleet(file, { demand, columns }, recordedStreams())).toBe(0);
    expect(readFileSync(demand, 'utf8')).toBe(
      readFileSync(join(LIBRARY, 'samples', sample), 'utf8'),
    );
  });

  // Pods of one or three vCPUs were refused by every parent that gives whole cores.
  it('rounds asks up to whole cores and pages where it is told to, and what is so already stays', async () => {
    const file = join(FOLDER, 'rounded.yaml');
    const table = join(FOLDER, 'uneven.csv');
    const rows = ['a,1,1,5,60', 'b,2,4096,5,', 'c,3,1025,6,70', 'd,4,0,6,70'];
    writeFileSync(table, `id,cpu,mib,at,end\n${rows.join('\n')}\n`);
    const text = (roundUp: string) => `fleetVersion: 1
title: Uneven asks
platform: nitro
fleet: [{ parent: { type: m5.2xlarge }, reservation: { memory: 16GiB, cpuCount: 6 } }]
workload:
  trace: { file: uneven.csv, columns: { id: id, vcpus: cpu, memory: mib, at: at, end: end } }${roundUp}
`;
    const sizes = async (roundUp: string) => {
      writeFileSync(file, text(roundUp));
      const demand = join(FOLDER, 'rounded.csv');
      expect(await fleet(file, { demand }, recordedStreams())).toBe(0);
      const lines = readFileSync(demand, 'utf8').trim().split('\n').slice(1);
      rmSync(demand);
      return lines.map((line) => line.split(',').slice(3, 5).join());
    };
    expect(await sizes('')).toEqual(['1,1', '2,4096', '3,1025', '4,0']);
    const both = '\n  roundUp: { vcpus: 2, memory: 1GiB }';
    expect(await sizes(both)).toEqual(['2,1024', '2,4096', '4,2048', '4,0']);
    expect(await sizes('\n  roundUp: { vcpus: 4 }')).toEqual(['4,1', '4,4096', '4,1025', '4,0']);
    for (const [roundUp, accepted] of [
      ['', 1],
      [both, 2],
    ] as const) {
      writeFileSync(file, text(roundUp));
      const streams = recordedStreams();
      expect(await fleet(file, { json: true }, streams)).toBe(0);
      expect(JSON.parse(streams.stdout()).result.accepted).toBe(accepted);
    }
    const wrong = recordedStreams();
    writeFileSync(file, text('\n  roundUp: { memory: 0 }'));
    expect(await fleet(file, {}, wrong)).toBe(2);
    expect(wrong.stderr()).toContain('workload.roundUp.memory: must be more than 0');
  });

  it('rounds what is drawn, too', async () => {
    const text = readFileSync(join(LIBRARY, 'churn.yaml'), 'utf8').replace('3000', '50');
    const file = join(FOLDER, 'drawn.yaml');
    const demand = join(FOLDER, 'drawn.csv');
    writeFileSync(file, text.replace('requests: 50', 'requests: 50\n  roundUp: { vcpus: 8 }'));
    expect(await fleet(file, { demand }, recordedStreams())).toBe(0);
    const lines = readFileSync(demand, 'utf8').trim().split('\n').slice(1);
    expect(new Set(lines.map((line) => line.split(',')[3]))).toEqual(new Set(['8', '16']));
  });

  it('a run of the table ends as the run of what was drawn', async () => {
    const text = readFileSync(join(LIBRARY, 'churn.yaml'), 'utf8').replace('3000', '300');
    const file = join(FOLDER, 'few.yaml');
    writeFileSync(file, text);
    const table = join(FOLDER, 'few.csv');
    expect(await fleet(file, { demand: table }, recordedStreams())).toBe(0);
    const again = join(FOLDER, 'again.yaml');
    const trace = 'workload: { trace: { file: few.csv, columns: hypercarve } }\npolicy';
    writeFileSync(again, text.replace(/workload:[\s\S]*policy/, trace));
    const [first, second] = [recordedStreams(), recordedStreams()];
    await fleet(file, { json: true }, first);
    await fleet(again, { json: true }, second);
    expect(JSON.parse(second.stdout()).result).toEqual(JSON.parse(first.stdout()).result);
  });

  // Found bug: refused, with the advice to take columns that have no times.
  it('what never ends is written with an empty end, which is read as such', async () => {
    const text = readFileSync(join(LIBRARY, 'churn.yaml'), 'utf8')
      .replace('3000', '20')
      .replace('{ kind: exponential, mean: 41s }', '{ kind: forever }');
    const file = join(FOLDER, 'forever.yaml');
    writeFileSync(file, text);
    const results: unknown[] = [];
    for (const columns of ['hypercarve', 'openb'] as const) {
      const table = join(FOLDER, `forever-${columns}.csv`);
      expect(await fleet(file, { demand: table, columns }, recordedStreams())).toBe(0);
      const read = [...readTrace(table, TRACE_FORMATS[columns])];
      expect(read.map(({ lifetimeMs }) => lifetimeMs)).toEqual(Array(20).fill(Infinity));
    }
    const again = join(FOLDER, 'forever-again.yaml');
    const trace =
      'workload: { trace: { file: forever-hypercarve.csv, columns: hypercarve } }\npolicy';
    writeFileSync(again, text.replace(/workload:[\s\S]*policy/, trace));
    for (const one of [file, again]) {
      const streams = recordedStreams();
      await fleet(one, { json: true }, streams);
      results.push(JSON.parse(streams.stdout()).result);
    }
    expect(results[1]).toEqual(results[0]);
  });

  it('with groups it ends as the first run too, and in columns without groups it is not written', async () => {
    const head = 'fleetVersion: 1\ntitle: Groups\nplatform: vm\n';
    const fleetOf = (trace: string, columns: string) =>
      `${head}fleet: [{count: 3, parent: {topology: {nodes: [{cpus: 0-7, memory: 8GiB}]}}}]\n` +
      `workload: {trace: {file: ${trace}, columns: ${columns}, groups: keep}}\n`;
    const rows = [
      'anti-affinity,0',
      'anti-affinity,0',
      'affinity,0',
      'affinity,0',
      'fault_domain,0',
    ];
    const lines = [...rows, ...rows, ''].map((row) => `2,1,1,${row}`);
    writeFileSync(
      join(FOLDER, 'rows.csv'),
      `flavor_vcpus,flavor_ram,numa,strategy,group\n${lines.join('\n')}\n`,
    );
    const file = join(FOLDER, 'rows.yaml');
    const again = join(FOLDER, 'rows-again.yaml');
    writeFileSync(file, fleetOf('rows.csv', 'huawei-numa'));
    writeFileSync(again, fleetOf('rows-again.csv', 'huawei-numa'));
    const table = join(FOLDER, 'rows-again.csv');
    const columns = 'huawei-numa';
    expect(await fleet(file, { demand: table, columns }, recordedStreams())).toBe(0);
    const [first, second, refused] = [recordedStreams(), recordedStreams(), recordedStreams()];
    await fleet(file, { json: true }, first);
    await fleet(again, { json: true }, second);
    const { result } = JSON.parse(first.stdout());
    expect(JSON.parse(second.stdout()).result).toEqual(result);
    // The fourth of three parents, and two whose first parent is full by then.
    expect(result.refusedBy['fleet-group']).toBe(3);
    expect(result.groups).toEqual({ kept: 8, notKept: 2 });
    const none = join(FOLDER, 'rows-none.csv');
    expect(await fleet(file, { demand: none, columns: 'openb' }, refused)).toBe(2);
    expect(refused.stderr()).toContain('these columns cannot say them');
    expect(existsSync(none)).toBe(false);
  });

  it('overwrites nothing, leaves nothing half-written, and names what is wrong', async () => {
    const churn = join(LIBRARY, 'churn.yaml');
    const there = join(FOLDER, 'there.csv');
    writeFileSync(there, 'mine\n');
    const complaint = async (options: Parameters<typeof fleet>[1]): Promise<string> => {
      const streams = recordedStreams();
      expect(await fleet(churn, options, streams)).toBe(2);
      return streams.stderr();
    };
    expect(await complaint({ demand: there })).toContain('exists already; not overwritten');
    expect(readFileSync(there, 'utf8')).toBe('mine\n');
    const demand = join(FOLDER, 'none.csv');
    expect(await complaint({ demand, columns: 'openbb' })).toContain('try openb');
    expect(await complaint({ demand: join(FOLDER, 'no', 'such.csv') })).toContain(
      'cannot be written',
    );
    expect(existsSync(demand)).toBe(false);
    expect(readdirSync(FOLDER).filter((name) => name.endsWith('.new'))).toEqual([]);
  });
});
