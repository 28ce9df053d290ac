/** A sweep over a trace with groups: which asks are in groups whose rule is not kept, told once. */
import { copyFileSync, existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { asyncBufferFromFile, parquetReadObjects } from 'hyparquet';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SweepSummary } from '../../reports/sweep/summary.js';
import { hypercarve } from '../scenarios/cli/built-cli.js';
import { folderContent, runSweep, temporaryFolder } from './small-sweep.js';

const FOLDER = temporaryFolder();
const SAMPLES = fileURLToPath(new URL('../../scenarios/library/fleets/samples/', import.meta.url));
afterAll(() => rmSync(FOLDER, { recursive: true }));
beforeAll(() => copyFileSync(join(SAMPLES, 'groups.csv'), join(FOLDER, 'groups.csv')));

const sweepOf = (axis: string) => `sweepVersion: 1
title: Groups of a table
base:
  fleetVersion: 1
  title: Four parents
  platform: vm
  fleet:
    - count: 4
      parent: {topology: {nodes: [{cpus: 0-23, memory: 96GiB}]}}
  workload: {trace: {file: groups.csv, columns: hypercarve, groups: keep}}
axes:
  policy: [first-fit, worst-fit]
${axis}seeds: {count: 3, block: 1}
`;
const USES = '  workload.trace.groups: [ignore, keep]\n';
const TOLD = /asked in groups that are not kept: (.*?) known/g;
/** Without its line breaks. */
const told = (stdout: string) =>
  [...stdout.replaceAll(/\s+/g, ' ').matchAll(TOLD)].map(([, text]) => text);

/** How many rows of the sample are in fault domains, and in other groups, by its text alone. */
function counted(): { readonly kept: number; readonly notKept: number } {
  const text = readFileSync(join(SAMPLES, 'groups.csv'), 'utf8');
  const inDomains = text.match(/,fault_domain$/gm)?.length ?? 0;
  return { kept: text.match(/affinity$/gm)?.length ?? 0, notKept: inDomains };
}

describe('sweep: groups that are not kept', () => {
  it('are told once on the terminal, counted in the summary and in the runs', async () => {
    const { code, stdout, out, err } = await runSweep(FOLDER, sweepOf(''));
    expect([code, err]).toEqual([0, '']);
    const { kept, notKept } = counted();
    expect([kept > 0, notKept > 0]).toEqual([true, true]);
    expect(told(stdout)).toEqual([
      `${notKept} in each run, by fault_domain, since no domains of parents are`,
    ]);
    const summary: SweepSummary = JSON.parse(readFileSync(join(out, 'summary.json'), 'utf8'));
    for (const { groups } of summary.variants) expect(groups).toEqual({ kept, notKept });
    const file = await asyncBufferFromFile(join(out, 'runs.parquet'));
    const rows = await parquetReadObjects({ file });
    const [row] = rows;
    expect([row.groups_kept, row.groups_not_kept]).toEqual([BigInt(kept), BigInt(notKept)]);
  });

  it('say of how many variants where others ignore them, and leave a warm-up out', async () => {
    const { notKept } = counted();
    const text = sweepOf(USES);
    const some = await runSweep(FOLDER, text, { out: join(FOLDER, 'some') });
    expect(told(some.stdout)).toEqual([
      expect.stringContaining(`${notKept} in each run of 2 of the 4 variants, by`),
    ]);
    const warm = await runSweep(FOLDER, `${text}warmup: {requests: 5}\n`, {
      out: join(FOLDER, 'warm'),
    });
    const summary: SweepSummary = JSON.parse(readFileSync(join(warm.out, 'summary.json'), 'utf8'));
    const lines = readFileSync(join(SAMPLES, 'groups.csv'), 'utf8').split('\n').slice(1, 6);
    const early = lines.filter((line) => line.endsWith('fault_domain')).length;
    expect(summary.variants[1].groups?.notKept).toBe(notKept - early);
    expect(summary.variants[0]).not.toHaveProperty('groups');
  });

  // Found bug: how long a table is was found by the first run that had ended.
  it('a warm-up of as many asks as a table has is told before any run', async () => {
    const out = join(FOLDER, 'too-warm');
    const lines = readFileSync(join(SAMPLES, 'groups.csv'), 'utf8').trim().split('\n').length;
    const text = `${sweepOf('')}warmup: {requests: ${lines - 1}}\n`;
    const { code, err } = await runSweep(FOLDER, text, { out });
    expect([code, existsSync(out)]).toEqual([2, false]);
    expect(err).toContain('warmup.requests: leaves no request to count (policy=first-fit)');
  });

  it('say nothing where all groups are ignored', async () => {
    const text = sweepOf('').replace(', groups: keep', '');
    const { stdout } = await runSweep(FOLDER, text, { out: join(FOLDER, 'none') });
    expect(stdout).not.toContain('in groups');
  });

  it('1 and 2 workers leave the same bytes', () => {
    const folders = ['1', '2'].map((workers) => {
      const out = join(FOLDER, `by-${workers}`);
      const args = ['sweep', join(FOLDER, 'sweep.yaml'), '--workers', workers, '--out', out];
      const { code, stderr } = hypercarve(args);
      expect(code, stderr).toBe(0);
      return folderContent(out);
    });
    expect(folders[0]).toEqual(folders[1]);
  }, 60_000);
});
