/** Each column of a run's row by hand: what leaves the warm-up out, and what is of the whole run. */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { asyncBufferFromFile, parquetReadObjects } from 'hyparquet';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runSweep, temporaryFolder } from './small-sweep.js';

const FOLDER = temporaryFolder();
afterAll(() => rmSync(FOLDER, { recursive: true }));

/** Parents of 8 CPUs, of which first fit takes the first; it crashes once all have come. */
const TRACE = `at,life,v,m,g,r
0,1000,2,64,a,anti-affinity
10,1000,64,64,,
20,1000,2,64,b,affinity
25,1000,2,64,d,fault_domain
30,1000,2,64,a,anti-affinity
40,1000,64,64,,
50,1000,64,64,,
60,1000,2,64,,
70,10,2,64,c,fault_domain
`;

const sweep = (warmup: string) => `sweepVersion: 1
title: Rows
base:
  fleetVersion: 1
  title: Rows
  platform: vm
  fleet:
    - count: 2
      parent: {topology: {nodes: [{cpus: 0-7, memory: 4GiB}]}}
  workload:
    trace:
      file: t.csv
      columns: {vcpus: v, memory: m, at: at, lifetime: life, group: g, groupRule: r}
      groups: keep
  parentEvents: [{at: 100s, parent: 0, what: crash}]
axes: {policy: [first-fit]}
seeds: {count: 1}
${warmup}`;

async function rowOf(warmup: string) {
  const out = join(FOLDER, warmup === '' ? 'whole' : 'warm');
  const { code, err } = await runSweep(FOLDER, sweep(warmup), { out });
  expect(code, err).toBe(0);
  const file = await asyncBufferFromFile(join(out, 'runs.parquet'));
  const [row] = await parquetReadObjects({ file });
  const { variants, warmup: told } = JSON.parse(readFileSync(join(out, 'summary.json'), 'utf8'));
  const numbers = Object.entries(row).filter(([, value]) => !Number.isNaN(Number(value)));
  return {
    row: Object.fromEntries(numbers.map(([key, value]) => [key, Number(value)])),
    summed: [variants[0].tooLarge, variants[0].groups, told],
  };
}

describe('sweep: a row of a run with a warm-up', () => {
  beforeAll(() => writeFileSync(join(FOLDER, 't.csv'), TRACE));

  it('counts all asks where there is none', async () => {
    const { row, summed } = await rowOf('');
    expect(row).toMatchObject({
      ...{ asked: 9, accepted: 6, refused: 3, lost: 4, too_large: 3 },
      ...{ groups_kept: 3, groups_not_kept: 2, peak_running: 6, peak_vcpus: 12 },
    });
    expect(summed).toEqual([3, { kept: 3, notKept: 2 }, null]);
  });

  // Each of these could count the warm-up too, and no test saw it.
  it('leaves its asks out of what is accepted, refused, lost, too large and in groups', async () => {
    const { row, summed } = await rowOf('warmup: {requests: 4}\n');
    expect(row).toMatchObject({
      ...{ asked: 5, accepted: 3, refused: 2, lost: 1, too_large: 2 },
      ...{ groups_kept: 1, groups_not_kept: 1, peak_running: 6, peak_vcpus: 12 },
    });
    expect(summed).toEqual([2, { kept: 1, notKept: 1 }, { requests: 4 }]);
  });
});
