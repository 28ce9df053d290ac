/** What a single fleet run says beside its counts, a sweep says of each variant: remarks, late events. */
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { howMany, sharedRemarks } from '../../reports/sweep/remarks.js';
import type { SweepSummary } from '../../reports/sweep/summary.js';
import { merge } from '../../scenarios/cli/merge.js';
import { recordedStreams } from '../scenarios/cli/recorded-streams.js';
import { folderContent, runSweep, temporaryFolder } from './small-sweep.js';

const FOLDER = temporaryFolder();
afterAll(() => rmSync(FOLDER, { recursive: true }));

/** Nothing is reserved in the first variant; the second boots a parent when all is over, too. */
const SWEEP = `sweepVersion: 1
title: With and without a reservation
base:
  fleetVersion: 1
  title: One parent
  platform: qingtian
  fleet:
    - count: 1
      parent: {topology: {nodes: [{cpus: 0-7, memory: 16GiB}]}}
  workload:
    requests: 5
    arrivals: {kind: poisson, every: 10s}
    lifetime: {kind: exponential, mean: 1m}
    mix: [{vcpus: 2, memory: 1GiB}]
axes:
  parent:
    bare: {policy: first-fit}
    reserved:
      fleet[0].reservation: {memory: 8GiB, pageSize: 1GiB, cpuCount: 4}
      parentEvents: [{at: 7d, parent: 0, what: crash}, {at: 8d, parent: 0, what: boot}]
seeds: {first: 1, count: 3, block: 1}
`;
const REMARK =
  'fleet[0]: nothing is reserved on these parents, so no enclave gets in; ' +
  'add a `reservation` (memory, cpuCount, pageSize)';

describe('sweep: what a run says beside its counts', () => {
  it('is counted for each variant, on standard error, in the report and in summary.json', async () => {
    const { code, err, out, stdout } = await runSweep(FOLDER, SWEEP);
    expect([code, err]).toEqual([0, `sweep: ${REMARK} (1 of 2 variants)\n`]);
    const { variants }: SweepSummary = JSON.parse(readFileSync(join(out, 'summary.json'), 'utf8'));
    expect(variants.map(({ remarks }) => remarks)).toEqual([[REMARK], []]);
    // Two events, three seeds.
    expect(variants.map(({ eventsAfterEnd }) => eventsAfterEnd)).toEqual([0, 6]);
    const text = stdout.replaceAll(/\s+/g, ' ');
    expect(text).toContain(`remarks parent=bare: ${REMARK}`);
    expect(text).toContain('parent events too late, when nobody was left parent=reserved: 6 ');
  });

  it('is the same in a merge of shards', async () => {
    const shards = ['1/2', '2/2'].map((shard) => ({ shard, out: join(FOLDER, `s${shard[0]}`) }));
    for (const one of shards) expect((await runSweep(FOLDER, SWEEP, one)).code).toBe(0);
    const out = join(FOLDER, 'merged');
    const folders = shards.map((one) => one.out);
    expect(merge(folders, { out }, recordedStreams())).toBe(0);
    expect(folderContent(out)).toEqual(folderContent(join(FOLDER, 'out')));
  });

  it('a remark of several variants is told once', () => {
    const all = sharedRemarks([{ remarks: ['a', 'b'] }, { remarks: ['b'] }]);
    expect(all).toEqual([
      { text: 'a', variants: [0] },
      { text: 'b', variants: [0, 1] },
    ]);
    expect(all.map((one) => howMany(one, 2))).toEqual(['1 of 2 variants', 'all variants']);
  });
});
