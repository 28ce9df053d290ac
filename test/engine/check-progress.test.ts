/** What a long check of the input says: nothing for a second, then a line a second with rate and rest. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { CheckProgress } from '../../scenarios/engine/check-progress.js';
import { sha256Of } from '../../scenarios/engine/file-hash.js';
import { loadFleet } from '../../scenarios/engine/load-fleet.js';
import { startFleet } from '../../scenarios/engine/start-fleet.js';
import { writeDemand } from '../../scenarios/engine/trace/write-demand.js';
import { loadSweep } from '../../scenarios/sweep/load-sweep.js';

import { request } from '../kit/small-fleets.js';

const FOLDER = mkdtempSync(join(tmpdir(), 'hypercarve-check-'));
afterAll(() => rmSync(FOLDER, { recursive: true }));
const MIB = 1024 ** 2;

/** Progress by a clock that is set by hand, or goes on by itself at each look. */
function watched(stepMs = 0, command = 'fleet') {
  const said: string[] = [];
  const clock = { ms: 0 };
  const look = () => {
    clock.ms += stepMs;
    return clock.ms;
  };
  return { said, clock, progress: new CheckProgress(command, (line) => said.push(line), look) };
}

const ROWS = 40_000;
const FLEET = `fleetVersion: 1
title: Rows of a table
platform: vm
fleet: [{count: 3, parent: {topology: {nodes: [{cpus: 0-7, memory: 4GiB}]}}}]
workload: {trace: {file: rows.csv, columns: hypercarve}}
`;
const rows = Array.from({ length: ROWS }, (_, i) => `${ROWS - i},${i},5,1,1,1\n`);
const TABLE = `id,at_ms,lifetime_ms,vcpus,memory_mib,nodes\n${rows.join('')}`;
writeFileSync(join(FOLDER, 'rows.csv'), TABLE);

describe('progress of a check', () => {
  it('of a trace: silent for a second, then requests, rate, percent and what is left', () => {
    const { said, clock, progress } = watched();
    const { onBlock } = progress.trace('/some/where/rows.csv', 8 * MIB);
    clock.ms = 900;
    onBlock(new Uint8Array(MIB), 900);
    expect(said).toEqual([]);
    clock.ms = 2000;
    onBlock(new Uint8Array(MIB), 5000);
    clock.ms = 2900;
    onBlock(new Uint8Array(MIB), 9000);
    expect(said).toEqual([
      'fleet: checking rows.csv: 5000 requests, 2500 requests/s, 25 % of 8 MiB, about 6 s left\n',
    ]);
  });

  it('of ids that are read again, and of a file whose length nobody knows', () => {
    const { said, clock, progress } = watched();
    const { onBlock, onIdBlock } = progress.trace('rows.csv', 0);
    clock.ms = 1000;
    onBlock(new Uint8Array(MIB), 10);
    onIdBlock(new Uint8Array(MIB));
    clock.ms = 3000;
    onIdBlock(new Uint8Array(3 * MIB));
    expect(said).toEqual([
      'fleet: checking rows.csv: 10 requests, 10 requests/s\n',
      'fleet: checking rows.csv for ids that come twice: 4 MiB read again, 2 MiB/s\n',
    ]);
  });

  it('of steps, one line a second over all that is checked', () => {
    const { said, clock, progress } = watched();
    const built = progress.steps('parents built');
    const checked = progress.steps('variants checked');
    for (let i = 1; i <= 40; i++) {
      clock.ms = i * 100;
      built(i, 80);
      checked(i, undefined);
    }
    expect(said).toEqual([
      'fleet: 10 of 80 parents built, 10.0/s, about 7 s left\n',
      'fleet: 20 of 80 parents built, 10.0/s, about 6 s left\n',
      'fleet: 30 of 80 parents built, 10.0/s, about 5 s left\n',
      'fleet: 40 of 80 parents built, 10.0/s, about 4 s left\n',
    ]);
  });

  it('a fleet tells it of its trace and its parents, knows its length, and hashes it as it reads', async () => {
    const file = join(FOLDER, 'fleet.yaml');
    const loaded = loadFleet(FLEET, file);
    if ('problems' in loaded) throw new Error(JSON.stringify(loaded.problems));
    const { said, progress } = watched(600);
    const started = await startFleet(loaded, file, progress);
    if ('problems' in started) throw new Error(JSON.stringify(started.problems));
    const told = said.join('');
    expect(told).toMatch(/checking rows\.csv: \d+ requests, \d+ requests\/s, \d+ % of 1 MiB/);
    expect(told).toMatch(/\d of 3 parents built, /);
    expect(started.requests).toBe(ROWS);
    expect(started.contents.trace).toBe(sha256Of(join(FOLDER, 'rows.csv')));
    const quick = watched();
    await startFleet(loaded, file, quick.progress);
    expect(quick.said).toEqual([]);
  });

  it('a demand that is written tells how many rows it has so far, and may be stopped there', async () => {
    const told: number[] = [];
    const requests = Array.from({ length: 10_000 }, (_, id) => request(id));
    const file = join(FOLDER, 'written.csv');
    const write = (least: number) =>
      writeDemand(file, requests, 'hypercarve', 'ignore', (rows) => told.push(rows) < least);
    expect([await write(2), told]).toEqual(['stopped', [4095, 8191]]);
    expect(readdirSync(FOLDER).filter((name) => name.startsWith('written'))).toEqual([]);
    expect([await write(9), told.slice(2)]).toEqual([undefined, [4095, 8191]]);
    expect(readFileSync(file, 'utf8').trimEnd().split('\n')).toHaveLength(10_001);
  });

  it('a sweep tells it of its variants too', async () => {
    // Written anew: a table that was found sound some seconds ago is not read again.
    writeFileSync(join(FOLDER, 'rows.csv'), TABLE);
    const base = FLEET.replaceAll('\n', '\n  ');
    const text = `sweepVersion: 1
title: Four policies
base:
  ${base}
axes: {policy: [first-fit, best-fit, keep-1g, worst-fit]}
seeds: {count: 1}
`;
    const { said, progress } = watched(410, 'sweep');
    const loaded = await loadSweep(text, join(FOLDER, 'sweep.yaml'), progress);
    if ('problems' in loaded) throw new Error(JSON.stringify(loaded.problems));
    expect(said.join('')).toMatch(/sweep: [1-3] of 4 variants checked, .*\/s, about \d+ s left\n/);
    expect(said.join('')).toContain('checking rows.csv');
  });
});
