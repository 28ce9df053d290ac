/** The sweep command: what its folder holds, what it repeats, and when it stops. */
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { asyncBufferFromFile, parquetReadObjects } from 'hyparquet';
import { afterAll, describe, expect, it } from 'vitest';
import type { SweepSummary } from '../../reports/sweep/summary.js';
import { fleet } from '../../scenarios/cli/fleet.js';
import { merge } from '../../scenarios/cli/merge.js';
import { loadSweep } from '../../scenarios/sweep/load-sweep.js';
import { replicationSeed } from '../../scenarios/sweep/plan.js';
import { recordedStreams } from '../scenarios/cli/recorded-streams.js';
import { folderContent, runSweep, SMALL_SWEEP, temporaryFolder } from './small-sweep.js';

const FOLDER = temporaryFolder();
afterAll(() => rmSync(FOLDER, { recursive: true }));

const rowsOf = async (folder: string, table: string) =>
  parquetReadObjects({ file: await asyncBufferFromFile(join(folder, `${table}.parquet`)) });
const summaryOf = (folder: string): SweepSummary =>
  JSON.parse(readFileSync(join(folder, 'summary.json'), 'utf8'));

describe('sweep: one folder', () => {
  it('every variant under every seed, with intervals and paired differences', async () => {
    const { code, out, stdout, err } = await runSweep(FOLDER, SMALL_SWEEP);
    expect([code, err]).toEqual([0, '']);
    expect(stdout).toContain('6 variants × 6 seeds = 36 runs');
    const { variants, baseline } = summaryOf(out);
    expect(baseline).toBe('policy=first-fit, load=light');
    expect(variants.map(({ name }) => name)[1]).toBe('policy=first-fit, load=heavy');
    const [light, heavy] = variants.map(({ metrics }) => metrics.acceptedShare);
    expect(light?.difference).toBeUndefined();
    const { mean = 0, halfWidth = 0 } = heavy?.difference ?? {};
    expect(mean).toBeCloseTo((heavy?.mean ?? 0) - (light?.mean ?? 0), 12);
    // More load is worse, and pairs tell it apart.
    expect(mean).toBeLessThan(-halfWidth);
  });

  it('a row of the runs is the run that `fleet` makes of the variant and the seed', async () => {
    const out = join(FOLDER, 'out');
    const rows = await rowsOf(out, 'runs');
    expect(rows.length).toBe(36);
    const row = rows[4 * 6 + 5];
    expect(row.variant_name).toBe('policy=keep-1g, load=light');
    const loaded = await loadSweep(SMALL_SWEEP, join(FOLDER, 'sweep.yaml'));
    if ('problems' in loaded) throw new Error(JSON.stringify(loaded.problems));
    const text = JSON.parse(loaded.variants[4].fleetText);
    const file = join(FOLDER, 'fleet.json');
    writeFileSync(file, JSON.stringify({ ...text, seed: Number(row.seed) }));
    const streams = recordedStreams();
    await fleet(file, { json: true }, streams);
    const { runId, result } = JSON.parse(streams.stdout());
    expect([row.run_id, row.result_hash]).toEqual([runId, result.resultHash]);
    expect(row.accepted).toBe(BigInt(result.accepted));
  });

  it('equal replications have equal seeds in all variants, and no two the same', async () => {
    const rows = await rowsOf(join(FOLDER, 'out'), 'runs');
    const seeds = rows.slice(0, 6).map(({ seed }) => Number(seed));
    for (const row of rows) expect(Number(row.seed)).toBe(seeds[row.replication]);
    expect(seeds).toEqual([0, 1, 2, 3, 4, 5].map((i) => replicationSeed(1, i)));
    expect(new Set(Array.from({ length: 50_000 }, (_, i) => replicationSeed(9, i))).size).toBe(
      50_000,
    );
  });

  it('the same again gives the same folder to the byte, and --json prints its summary', async () => {
    const again = join(FOLDER, 'again');
    const { stdout } = await runSweep(FOLDER, SMALL_SWEEP, { out: again, json: true });
    expect(folderContent(again)).toEqual(folderContent(join(FOLDER, 'out')));
    expect(stdout).toBe(readFileSync(join(again, 'summary.json'), 'utf8'));
  });

  it('refusals by rule add up to what was refused', async () => {
    const out = join(FOLDER, 'out');
    const refusals = (await rowsOf(out, 'refusals')).filter(({ kind }) => kind === 'ask');
    const refused = (await rowsOf(out, 'runs')).reduce((sum, row) => sum + Number(row.refused), 0);
    expect(refused).toBeGreaterThan(0);
    expect(refusals.reduce((sum, row) => sum + Number(row.count), 0)).toBe(refused);
  });
});

describe('sweep: warm-up', () => {
  it('is counted out exactly: the first requests of each run, and nothing else', async () => {
    const folder = join(FOLDER, 'warm');
    const text = SMALL_SWEEP.replace('seeds:', 'warmup: {requests: 20}\nseeds:');
    const warm = await runSweep(FOLDER, text, { out: folder });
    expect(warm.err).toBe('');
    const short = join(FOLDER, 'short');
    await runSweep(FOLDER, SMALL_SWEEP.replace('requests: 60', 'requests: 20'), { out: short });
    const [counted, begun, whole] = await Promise.all(
      [folder, short, join(FOLDER, 'out')].map((one) => rowsOf(one, 'runs')),
    );
    for (const [i, row] of counted.entries()) {
      expect(Number(row.asked)).toBe(40);
      expect(row.accepted + begun[i].accepted).toBe(whole[i].accepted);
      expect(row.result_hash).toBe(whole[i].result_hash);
    }
  });

  it.each([
    ['retry', '{kind: retry, every: 20s, times: 3}'],
    ['queue', '{kind: queue, most: 10, patience: 90s}'],
  ])(
    'is told apart where refused asks wait (%s), by when each came, for any number of workers',
    async (kind, onRefusal) => {
      const text = SMALL_SWEEP.replace('axes:', `  onRefusal: ${onRefusal}\naxes:`)
        .replace('every: 12s', 'every: 4s')
        .replace('every: 8s', 'every: 3s');
      const warm = text.replace('seeds:', 'warmup: {time: 80s}\nseeds:');
      const run = (of: string, name: string, workers: string) =>
        runSweep(FOLDER, of, { out: join(FOLDER, `${kind}-${name}`), workers });
      const { out, err } = await run(warm, 'one', '1');
      expect(err).toBe('');
      const two = await run(warm, 'two', '2');
      expect(folderContent(two.out)).toEqual(folderContent(out));
      const { out: whole } = await run(text, 'whole', '1');
      const [counted, all] = await Promise.all([rowsOf(out, 'runs'), rowsOf(whole, 'runs')]);
      let late = 0;
      for (const [i, row] of counted.entries()) {
        const { asked, accepted, refused, expired, accepted_late } = row;
        expect(Number(accepted) + Number(refused) + Number(expired)).toBe(Number(asked));
        expect(row.result_hash).toBe(all[i].result_hash);
        expect(Number(asked)).toBeLessThan(60);
        late += Number(all[i].accepted_late) - Number(accepted_late);
      }
      // Some of the warm-up waited, and are not counted.
      expect(late).toBeGreaterThan(0);
    },
  );
});

describe('sweep: precision', () => {
  const until = (within: number) =>
    SMALL_SWEEP.replace(
      /seeds:.*/,
      `seeds: {until: {metric: acceptedShare, within: ${within}, most: 40}, block: 3}`,
    );

  it('stops after the first round that is precise enough, and not before', async () => {
    const { out } = await runSweep(FOLDER, until(0.1), { out: join(FOLDER, 'precise') });
    const { seeds, stoppedBy, variants } = summaryOf(out);
    expect(stoppedBy).toBe('precision');
    expect([seeds % 3, seeds < 40, seeds >= 5]).toEqual([0, true, true]);
    const widths = variants.map(({ metrics }) => metrics.acceptedShare?.halfWidth ?? 1);
    expect(Math.max(...widths)).toBeLessThanOrEqual(0.1);
  });

  it('shards run all rounds, and a merge stops where one machine did', async () => {
    const text = until(0.1);
    const shards = ['1/2', '2/2'].map((shard) => ({
      shard,
      out: join(FOLDER, `half-${shard[0]}`),
    }));
    for (const shard of shards) await runSweep(FOLDER, text.replace('most: 40', 'most: 12'), shard);
    const local = join(FOLDER, 'one-machine');
    await runSweep(FOLDER, text.replace('most: 40', 'most: 12'), { out: local });
    const out = join(FOLDER, 'put-together');
    expect(
      merge(
        shards.map((one) => one.out),
        { out },
        recordedStreams(),
      ),
    ).toBe(0);
    expect(summaryOf(out).stoppedBy).toBe('precision');
    expect(folderContent(out)).toEqual(folderContent(local));
  }, 60_000);

  it('says so when the most was not enough', async () => {
    const out = join(FOLDER, 'most');
    const { stdout } = await runSweep(FOLDER, until(1e-6).replace('most: 40', 'most: 6'), { out });
    expect([summaryOf(out).seeds, summaryOf(out).stoppedBy]).toEqual([6, 'most']);
    expect(stdout).toContain('was not reached');
  });
});

describe('sweep: the shipped example', () => {
  it('runs, and a larger reservation surely leaves more memory stranded', async () => {
    const file = new URL(
      '../../scenarios/library/sweeps/policy-and-reservation.yaml',
      import.meta.url,
    );
    const text = readFileSync(file, 'utf8').replace('count: 12', 'count: 5');
    const { code, out, err } = await runSweep(FOLDER, text, { out: join(FOLDER, 'example') });
    expect(err).toBe('');
    expect([code, existsSync(join(out, 'runs.parquet'))]).toEqual([0, true]);
    const { mean = 0, halfWidth = 0 } =
      summaryOf(out).variants[1].metrics.strandedMib?.difference ?? {};
    expect(mean).toBeGreaterThan(halfWidth);
  }, 60_000);
});
