/** How many seeds make a task where the demand is a table: from how many rows it has. */
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { loadSweep } from '../../scenarios/sweep/load-sweep.js';
import { planOf } from '../../scenarios/sweep/plan.js';
import { temporaryFolder } from './small-sweep.js';

const FOLDER = temporaryFolder();
afterAll(() => rmSync(FOLDER, { recursive: true }));

const SWEEP = `sweepVersion: 1
title: A table on aged parents
base:
  fleetVersion: 1
  title: Two parents
  platform: vm
  fleet:
    - count: 2
      parent: {topology: {nodes: [{cpus: 0-7, memory: 4GiB}]}, memoryLayout: {kind: uptime, days: 1}}
  workload: {trace: {file: rows.csv, columns: {vcpus: cpu, memory: mem}}}
axes:
  policy: [first-fit, worst-fit]
seeds: {count: 5000}
`;

async function seedsOfTask(rows: number): Promise<number> {
  writeFileSync(join(FOLDER, 'rows.csv'), `cpu,mem\n${'2,512\n'.repeat(rows)}`);
  const loaded = await loadSweep(SWEEP, join(FOLDER, 'sweep.yaml'));
  if ('problems' in loaded) throw new Error(JSON.stringify(loaded.problems));
  return planOf(loaded).seeds.block;
}

// Found bug: a table of any length was reckoned as 100,000 rows, so that a task of a long one took minutes.
it('a longer table makes a smaller task', async () => {
  const [short, long, longer] = [
    await seedsOfTask(100),
    await seedsOfTask(10_000),
    await seedsOfTask(300_000),
  ];
  expect(short).toBeGreaterThan(2 * long);
  expect(long).toBeGreaterThan(2 * longer);
  expect(longer).toBe(1);
});
