/** The documented DuckDB queries, run by DuckDB on a real run folder, and held against summary.json. */
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SweepSummary } from '../../reports/sweep/summary.js';
import { runSweep, SMALL_SWEEP, temporaryFolder } from './small-sweep.js';

const FOLDER = temporaryFolder();
const OUT = join(FOLDER, 'out');
const PAGE = readFileSync(new URL('../../reports/sweep/TABLES.md', import.meta.url), 'utf8');
const QUERIES = [...PAGE.matchAll(/^```sql\n([\s\S]*?)^```/gm)].map(([, sql]) => sql);

let summary: SweepSummary;
let ask: (sql: string) => Promise<readonly Readonly<Record<string, unknown>>[]>;

beforeAll(async () => {
  const metrics = 'metrics: [acceptedShare, refused, strandedMib]\n';
  const { code, err } = await runSweep(FOLDER, SMALL_SWEEP + metrics, { out: OUT });
  expect([code, err]).toEqual([0, '']);
  summary = JSON.parse(readFileSync(join(OUT, 'summary.json'), 'utf8'));
  const connection = await (await DuckDBInstance.create(':memory:')).connect();
  await connection.run(`SET file_search_path = '${OUT.replaceAll("'", "''")}'`);
  ask = async (sql) => (await connection.runAndReadAll(sql)).getRowObjects();
}, 60_000);
afterAll(() => rmSync(FOLDER, { recursive: true }));

describe('documented queries', () => {
  it('all give rows', async () => {
    expect(QUERIES.length).toBe(6);
    for (const sql of QUERIES) expect((await ask(sql)).length, sql).toBeGreaterThan(0);
  });

  it('the ranking says what summary.json says', async () => {
    const rows = await ask(QUERIES[0]);
    expect(rows.length).toBe(summary.variants.length);
    for (const { variant_name, mean, half_width, difference } of rows) {
      const variant = summary.variants.find(({ name }) => name === variant_name);
      const measured = variant?.metrics.acceptedShare;
      expect([mean, half_width]).toEqual([measured?.mean, measured?.halfWidth]);
      expect(difference).toBe(measured?.difference?.mean ?? null);
    }
  });

  it('refusals by rule are those of summary.json', async () => {
    const rows = await ask(QUERIES[1]);
    for (const { name, refusedBy } of summary.variants) {
      const own = rows.filter(({ variant_name }) => variant_name === name);
      expect(Object.fromEntries(own.map(({ rule, asks }) => [rule, Number(asks)]))).toEqual(
        refusedBy,
      );
    }
  });

  it('who accepts a share, and who surely does not, is told by the interval of summary.json', async () => {
    const shares = summary.variants.map(({ name, metrics: { acceptedShare } }) => {
      const { mean = 0, halfWidth = 0 } = acceptedShare ?? {};
      return { name, mean, least: mean - halfWidth, most: mean + halfWidth };
    });
    const answers = new Set<unknown>();
    const best = shares.reduce((one, other) => (other.least > one.least ? other : one));
    for (const share of [0.95, best.least, best.mean]) {
      const rows = await ask(QUERIES[5].replaceAll('0.95', `${share}`));
      const told = Object.fromEntries(rows.map((row) => [row.variant_name, row.accepts_95]));
      const wanted = shares.map(({ name, least, most }) => {
        return [name, least >= share ? 'yes' : most < share ? 'no' : 'not sure'];
      });
      expect(told).toEqual(Object.fromEntries(wanted));
      for (const answer of Object.values(told)) answers.add(answer);
    }
    expect(answers).toEqual(new Set(['yes', 'no', 'not sure']));
  });

  it('differences that DuckDB makes from the runs are those of the metrics table', async () => {
    const rows = await ask(QUERIES[4]);
    expect(rows.length).toBe(summary.variants.length - 1);
    for (const { variant_name, difference, standard_error } of rows) {
      const variant = summary.variants.find(({ name }) => name === variant_name);
      const { mean = 0, halfWidth = 0 } = variant?.metrics.refused?.difference ?? {};
      expect(difference).toBeCloseTo(mean, 9);
      // Six seeds: Student's t with 5 degrees of freedom.
      expect(Number(standard_error) * 2.570582).toBeCloseTo(halfWidth, 5);
    }
  });

  it('the manifest lists the tables that are there', async () => {
    const { tables } = JSON.parse(readFileSync(join(OUT, 'manifest.json'), 'utf8'));
    for (const name of Object.keys(tables)) expect(PAGE).toContain(`\`${name}\``);
    const [{ n }] = await ask("SELECT count(*) AS n FROM 'runs.parquet'");
    expect(Number(n)).toBe(summary.runs);
  });
});
