/** Groups in a trace: what rows say, what is wrong with them, and what a fleet file has to say first. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { fleet } from '../../scenarios/cli/fleet.js';
import { TRACE_FORMATS, type TraceColumns } from '../../scenarios/engine/trace/columns.js';
import { GroupColumn } from '../../scenarios/engine/trace/group-column.js';
import { checkTrace, readTrace } from '../../scenarios/engine/trace/read-trace.js';
import { recordedStreams } from '../scenarios/cli/recorded-streams.js';

const FOLDER = mkdtempSync(join(tmpdir(), 'hypercarve-groups-'));
afterAll(() => rmSync(FOLDER, { recursive: true }));

const NUMA = TRACE_FORMATS['huawei-numa'];
const NUMA_HEADER = 'flavor_vcpus,flavor_ram,numa,strategy,group,domain';
const OWN: TraceColumns = {
  vcpus: 'cpu',
  memory: 'mem',
  group: 'set',
  groupRule: 'rule',
  cpuUnit: 'vcpu',
  memoryUnit: 'GiB',
  timeUnit: 's',
};
const OWN_HEADER = 'cpu,mem,set,rule';

function traceOf(...lines: readonly string[]): string {
  const file = join(FOLDER, 'trace.csv');
  writeFileSync(file, `${lines.join('\n')}\n`);
  return file;
}

describe('engine: groups of trace rows', () => {
  const file = () =>
    traceOf(
      NUMA_HEADER,
      '4,8,1',
      '4,8,1,affinity,0',
      '4,8,1,anti-affinity,0,',
      '4,8,1,affinity,0',
      '4,8,1,fault_domain,0,2',
      '4,8,1,,,',
    );

  it('are those of each strategy in the NUMA trace, one object a group', () => {
    expect(checkTrace(file(), NUMA, 'keep')).toEqual([]);
    const groups = [...readTrace(file(), NUMA, 'keep')].map(({ group }) => group);
    expect(groups).toEqual([
      undefined,
      { name: '0', rule: 'affinity' },
      { name: '0', rule: 'anti-affinity' },
      { name: '0', rule: 'affinity' },
      { name: '0', rule: 'fault_domain' },
      undefined,
    ]);
    expect(groups[3]).toBe(groups[1]);
  });

  it('are not read unless they are kept, whatever the columns hold', () => {
    const any = traceOf(NUMA_HEADER, '4,8,1,any,0', '4,8,1,,7');
    expect(checkTrace(any, NUMA)).toEqual([]);
    for (const request of readTrace(any, NUMA)) expect(request).not.toHaveProperty('group');
    expect(checkTrace(any, NUMA, 'keep')).toHaveLength(2);
  });
});

/** What is wrong, the row after one of group 0 by affinity, words of the message. */
const BAD: readonly (readonly [string, string, string])[] = [
  [
    'an unknown rule',
    '1,1,0,spread',
    'rule is none of anti-affinity, affinity, fault_domain: "spread"',
  ],
  ['a group without a rule', '1,1,7,', 'set is "7", and rule is missing'],
  ['a rule without a group', '1,1,,affinity', 'rule is "affinity", and set is missing'],
  [
    'another rule',
    '1,1,0,anti-affinity',
    'set "0" is of affinity on line 2 and of anti-affinity here',
  ],
  ['a name too long', `1,1,${'x'.repeat(201)},affinity`, 'set is longer than 200 characters'],
];

describe('engine: what is wrong with a group', () => {
  it.each(BAD)('%s is told with its line', (_, row, message) => {
    const file = traceOf(OWN_HEADER, '1,1,0,affinity', row, '1,1,0,affinity');
    const problems = checkTrace(file, OWN, 'keep');
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatchObject({ file, line: 3 });
    expect(problems[0]?.message).toContain(message);
    expect(() => [...readTrace(file, OWN, 'keep')]).toThrow(message);
    expect(checkTrace(file, OWN)).toEqual([]);
  });

  it('another rule is another group where each rule numbers its own', () => {
    const file = traceOf(OWN_HEADER, '1,1,0,affinity', '1,1,0,anti-affinity');
    expect(checkTrace(file, OWN, 'keep')[0]?.message).toContain('say `groupNames: per-rule`');
    expect(checkTrace(file, { ...OWN, groupNames: 'per-rule' }, 'keep')).toEqual([]);
  });

  it('columns that are not there are missed only where groups are kept', () => {
    const file = traceOf('cpu,mem', '1,1');
    expect(checkTrace(file, OWN)).toEqual([]);
    expect(checkTrace(file, OWN, 'keep')[0]?.message).toContain('no column "set", "rule"');
  });

  it('too many groups', () => {
    const column = new GroupColumn({ group: 'set', rule: 'rule', names: 'unique' }, 2);
    const read = (name: string) => column.read(name, 'affinity', 1);
    expect(['a', 'b', 'c', 'a'].map((name) => typeof read(name))).toEqual([
      'object',
      'object',
      'string',
      'object',
    ]);
    expect(read('c')).toBe('more than 2 groups');
  });
});

async function run(columns: string, options: { readonly json?: boolean } = {}) {
  traceOf(NUMA_HEADER, ...Array(3).fill('2,2,1,anti-affinity,0'), '2,2,1,fault_domain,0,1');
  const file = join(FOLDER, 'fleet.yaml');
  writeFileSync(
    file,
    'fleetVersion: 1\ntitle: Groups\nplatform: vm\n' +
      'fleet: [{count: 2, parent: {topology: {nodes: [{cpus: 0-7, memory: 16GiB}]}}}]\n' +
      `workload: {trace: {file: trace.csv, ${columns}}}\n`,
  );
  const streams = recordedStreams();
  const code = await fleet(file, options, streams);
  return { code, out: streams.stdout(), err: streams.stderr() };
}

describe('fleet: groups of a trace', () => {
  it('are kept where the file says so, and what is not kept is told', async () => {
    const { code, out } = await run('columns: huawei-numa, groups: keep');
    expect(code).toBe(0);
    expect(out).toMatch(/fleet-group +1\n/);
    expect(out).toMatch(/asked in groups +3 +by anti-affinity or affinity\n/);
    expect(out).toMatch(/asked in groups +1 +by fault_domain: not kept/);
  });

  it('are ignored otherwise, said or not', async () => {
    const [said, unsaid] = [
      await run('columns: huawei-numa, groups: ignore', { json: true }),
      await run('columns: huawei-numa', { json: true }),
    ];
    const { result } = JSON.parse(unsaid.out);
    expect(JSON.parse(said.out).result).toEqual(result);
    expect([result.accepted, result.groups]).toEqual([4, undefined]);
  });

  const sizes = 'vcpus: flavor_vcpus, memory: flavor_ram';
  it.each([
    ['columns: openb, groups: keep', 'there are no groups to keep'],
    [`columns: {${sizes}}, groups: keep`, 'there are no groups to keep'],
    [`columns: {${sizes}, group: group}`, '`group` and `groupRule` say something only together'],
    [`columns: {${sizes}, groupRule: strategy}`, 'say something only together'],
    [`columns: {${sizes}, groupNames: unique}`, '`groupNames` says how `group` is read'],
    ['columns: huawei-numa, groups: keeep', 'keep'],
  ])('%s is told, exit 2', async (columns, words) => {
    const { code, out, err } = await run(columns);
    expect([code, out, err]).toEqual([2, '', expect.stringContaining(words)]);
  });
});
