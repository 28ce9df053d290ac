/** Parents out of a table of servers, named in a fleet file. */
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { fleet } from '../../scenarios/cli/fleet.js';
import { recordedStreams } from '../scenarios/cli/recorded-streams.js';

const FOLDER = mkdtempSync(join(tmpdir(), 'hypercarve-servers-'));
afterAll(() => rmSync(FOLDER, { recursive: true }));

async function run(table: string, servers: string, more = '') {
  writeFileSync(join(FOLDER, 'servers.csv'), table);
  writeFileSync(
    join(FOLDER, 'vms.csv'),
    'flavor_vcpus,flavor_ram,numa\n4,8,2\n4,8,1\n8,8,1\n2,2,1\n',
  );
  const file = join(FOLDER, 'fleet.yaml');
  const head = 'fleetVersion: 1\ntitle: Servers\nplatform: vm\n';
  const workload = 'workload: {trace: {file: vms.csv, columns: huawei-numa}}\n';
  writeFileSync(
    file,
    `${head}fleet: [{servers: {file: servers.csv, ${servers}}}]\n${workload}${more}`,
  );
  const streams = recordedStreams();
  const code = await fleet(file, { json: true }, streams);
  return { code, out: streams.stdout(), err: streams.stderr() };
}

const TABLE = 'CPU1,RAM1,CPU2,RAM2\n4,16,2,4\n\n8,8,0,0\n';

describe('fleet: a table of servers', () => {
  it('gives a parent a row, with the nodes that have anything', async () => {
    const { code, out, err } = await run(TABLE, 'columns: huawei-numa');
    expect([code, err]).toEqual([0, '']);
    const { parents, result, runId } = JSON.parse(out);
    expect(parents).toBe(2);
    // 2+2 over two nodes; 4 on node 1 of neither (2 left there), so on the second; 8 nowhere.
    expect([result.accepted, result.refused, result.peak.vcpus]).toEqual([3, 1, 10]);
    const other = await run(TABLE.replace('8,8,0', '9,8,0'), 'columns: huawei-numa');
    expect(JSON.parse(other.out).runId).not.toBe(runId);
  });

  // Found bug: each entry was held to 10,000, and all of them together to nothing.
  it('has 10,000 parents at most, by tables and counts together', async () => {
    const parent = 'parent: {topology: {nodes: [{cpus: 0-3, memory: 8GiB}]}';
    for (const [count, code] of [
      [9998, 0],
      [9999, 2],
    ] as const) {
      const both = `columns: huawei-numa}}, {count: ${count}, ${parent}`;
      const got = await run(TABLE, both);
      expect(got.code).toBe(code);
      if (code !== 0) expect(got.err).toContain('fleet: has more than 10000 parents in all');
    }
    const counts = await run(
      TABLE,
      `columns: huawei-numa}}, {count: 10000, ${parent}}}, {${parent}`,
    );
    expect(counts.err).toContain('fleet: has more than 10000 parents in all');
  });

  it('takes columns named by hand, another unit, and the first few', async () => {
    const columns = '{nodes: [{cpus: c, memory: m}], memoryUnit: MiB}';
    const { code, out, err } = await run('m,c\n8192,8\n1,1\n', `columns: ${columns}, first: 1`);
    expect([code, err]).toEqual([0, '']);
    expect(JSON.parse(out).parents).toBe(1);
  });

  it.each([
    [TABLE.replace('4,16', '-4,16'), '', 'servers.csv:2:1: CPU1 is no whole number'],
    [TABLE.replace('4,16', '4,many'), '', 'servers.csv:2:1: RAM1 is no whole number'],
    [TABLE.replace('8,8', '0,0'), '', 'servers.csv:4:1: the server has neither'],
    [TABLE.replace('RAM2', 'RAM1'), '', 'no column "RAM2"'],
    [`${TABLE}1,2,3,4,5\n`, '', 'servers.csv:5:1: 5 fields under 4 columns'],
    ['CPU1,RAM1,CPU2,RAM2\n', '', 'the table has no server'],
    [TABLE.replaceAll(',', ';'), '', 'by commas, not by ";"'],
    [TABLE, ', first: 3', 'has 2 servers, not 3'],
    [`CPU1,RAM1,CPU2,RAM2\n${'1,1,0,0\n'.repeat(10_001)}`, '', 'more than 10000 servers'],
  ])('bad ones are told by line, exit 2 (%#)', async (table, more, words) => {
    const { code, out, err } = await run(table, `columns: huawei-numa${more}`);
    expect([code, out, err]).toEqual([2, '', expect.stringContaining(words)]);
  });

  it('an event of a server that the table does not have', async () => {
    const events = 'parentEvents: [{at: 1, parent: 2, what: stop}]\n';
    const { code, err } = await run(TABLE, 'columns: huawei-numa', events);
    expect([code, err]).toEqual([2, expect.stringContaining('the fleet has 0 to 1')]);
  });

  it('a file that is not there', async () => {
    expect((await run(TABLE, 'columns: huawei-numa')).code).toBe(0);
    rmSync(join(FOLDER, 'servers.csv'));
    const streams = recordedStreams();
    expect(await fleet(join(FOLDER, 'fleet.yaml'), {}, streams)).toBe(2);
    expect(streams.stderr()).toContain('servers.csv: cannot be read');
  });
});

describe('fleet: the public servers and VMs, from the command line', () => {
  it.for([
    [false, 337],
    [true, 257],
  ] as const)(
    'C1 on the first 1100, blind %s: %i without a place',
    async ([blind, count], context) => {
      const traces = join(process.env.HYPERCARVE_TRACES ?? '', 'huawei-numa');
      const why = 'the traces are not here: HYPERCARVE_TRACES names their folder';
      context.skip(!existsSync(traces), why);
      const file = join(FOLDER, 'c1.yaml');
      writeFileSync(
        file,
        `fleetVersion: 1
title: C1
platform: vm
fleet: [{servers: {file: '${join(traces, 'PM_res.csv')}', columns: huawei-numa, first: 1100}}]
workload: {trace: {file: '${join(traces, 'VM_data_C1.csv')}', columns: huawei-numa}}
blind: ${blind}
`,
      );
      const streams = recordedStreams();
      expect(await fleet(file, { json: true }, streams), streams.stderr()).toBe(0);
      expect(JSON.parse(streams.stdout()).result.refused).toBe(count);
    },
  );
});
