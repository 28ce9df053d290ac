/** A reservation that the platform refuses is an answer of the sweep where its file wants it so; nothing else is. */
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SweepSummary } from '../../reports/sweep/summary.js';
import { merge } from '../../scenarios/cli/merge.js';
import { loadFleet } from '../../scenarios/engine/load-fleet.js';
import { startFleet } from '../../scenarios/engine/start-fleet.js';
import { loadSweep } from '../../scenarios/sweep/load-sweep.js';
import { planOf, replicationSeed } from '../../scenarios/sweep/plan.js';
import { recordedStreams } from '../scenarios/cli/recorded-streams.js';
import { folderContent, runSweep, temporaryFolder } from './small-sweep.js';

const FOLDER = temporaryFolder();
afterAll(() => rmSync(FOLDER, { recursive: true }));

/** 64 GiB are not there, nor are 40 vCPUs; the other two levels are granted. */
const SWEEP = `sweepVersion: 1
title: Which reservation carries the demand
base:
  fleetVersion: 1
  title: One parent
  platform: qingtian
  fleet:
    - count: 1
      parent: {topology: {nodes: [{cpus: 0-7, memory: 16GiB}]}}
      reservation: {memory: 2GiB, pageSize: 1GiB, cpuCount: 4}
  workload:
    requests: 12
    arrivals: {kind: poisson, every: 10s}
    lifetime: {kind: exponential, mean: 1m}
    mix: [{vcpus: 2, memory: 1GiB}]
axes:
  reserved:
    large: {'fleet[0].reservation.memory': 64GiB}
    small: {'fleet[0].reservation.memory': 2GiB}
    cores: {'fleet[0].reservation.cpuCount': 40}
    single: {'fleet[0].reservation.cpuCount': 2}
  policy: [first-fit, worst-fit]
seeds: {first: 1, count: 2, block: 1}
compare: {reserved: single}
onRefusedReservation: leave-out
`;
/** The same with the refused levels taken out by hand. */
const REST = SWEEP.replace(/ {4}(large|cores):.*\n/g, '');
const summaryOf = (out: string): SweepSummary =>
  JSON.parse(readFileSync(join(out, 'summary.json'), 'utf8'));

async function badInput(text: string): Promise<string> {
  const { code, stdout, err } = await runSweep(FOLDER, text, { out: join(FOLDER, 'none') });
  expect([code, stdout], err).toEqual([2, '']);
  expect(readdirSync(FOLDER)).not.toContain('none');
  return err;
}

describe('sweep: onRefusedReservation: leave-out', () => {
  const out = join(FOLDER, 'out');
  let ran: Awaited<ReturnType<typeof runSweep>>;
  beforeAll(async () => {
    ran = await runSweep(FOLDER, SWEEP);
  });

  it('tells rule, words and remedy, of each once, in the report and on standard error', () => {
    expect(ran.code, ran.err).toBe(0);
    const memory = 'parent-floor-memory: 65536 MiB asked, and the parent has 16384';
    const cores = 'parent-floor-vcpus: 40 vCPUs asked, and the parent has 8';
    const line = (what: string) =>
      `sweep: left out: fleet[0] cannot be reserved: ${what} (2 of 8 variants)\n`;
    expect(ran.err).toBe(line(memory) + line(cores));
    const text = ran.stdout.replaceAll(/\s+/g, ' ');
    expect(text).toContain('4 variants × 2 seeds = 8 runs');
    expect(text).toContain('left out, since they cannot be reserved: 4 of 8 variants');
    expect(text).toContain(
      `reserved=large, policy=first-fit; reserved=large, policy=worst-fit: fleet[0] cannot be reserved: ${memory} ` +
        'remedy: Reserve less memory, or use a larger parent VM.',
    );
  });

  it('keeps them in manifest.json and summary.json, with their place in the fleet', () => {
    const { leftOut = [], summaryVersion } = summaryOf(out);
    const {
      leftOut: planned,
      folderVersion,
      axes,
    } = JSON.parse(readFileSync(join(out, 'manifest.json'), 'utf8'));
    expect([planned, summaryVersion, folderVersion]).toEqual([leftOut, 6, 7]);
    expect(axes.reserved).toEqual(['large', 'small', 'cores', 'single']);
    expect(leftOut.map(({ levels }) => levels.reserved)).toEqual([
      'large',
      'large',
      'cores',
      'cores',
    ]);
    expect(leftOut[0]).toEqual({
      name: 'reserved=large, policy=first-fit',
      levels: { reserved: 'large', policy: 'first-fit' },
      reservations: [
        {
          entry: 0,
          layer: 'service',
          codes: [],
          rule: 'parent-floor-memory',
          message: '65536 MiB asked, and the parent has 16384',
          remedy: 'Reserve less memory, or use a larger parent VM.',
        },
      ],
    });
  });

  it('runs the rest as if the refused levels were not in the file', async () => {
    const rest = await runSweep(FOLDER, REST, { out: join(FOLDER, 'rest') });
    expect([rest.code, rest.err]).toEqual([0, '']);
    const { leftOut, sweepId, summaryVersion, ...others } = summaryOf(rest.out);
    expect([leftOut, summaryVersion, sweepId]).toEqual([undefined, 6, expect.any(String)]);
    expect(summaryOf(out)).toMatchObject(others);
    expect(others.baseline).toBe('reserved=single, policy=first-fit');
    expect(others.variants[0].metrics.acceptedShare?.difference?.mean).toBeGreaterThan(0);
    // Where nothing is left out the option leaves no trace.
    const asToday = REST.replace(/onRefused.*\n/, '');
    const today = await runSweep(FOLDER, asToday, { out: join(FOLDER, 'today') });
    expect(folderContent(today.out)).toEqual(folderContent(rest.out));
  });

  it('is the same after --resume from some blocks, and in a merge of shards, one of them on threads', async () => {
    const whole = folderContent(out);
    const [block] = readdirSync(join(out, 'blocks'));
    for (const name of [join('blocks', block), 'summary.json', 'runs.parquet']) {
      rmSync(join(out, name));
    }
    const resumed = await runSweep(FOLDER, SWEEP, { out, resume: true });
    expect(resumed.code, resumed.err).toBe(0);
    expect(folderContent(out)).toEqual(whole);
    const shards = ['1/2', '2/2'].map((shard, i) => ({
      shard,
      out: join(FOLDER, `s${i}`),
      workers: `${i + 1}`,
    }));
    for (const one of shards) expect((await runSweep(FOLDER, SWEEP, one)).code).toBe(0);
    const merged = join(FOLDER, 'merged');
    const streams = recordedStreams(100);
    const folders = shards.map((one) => one.out);
    expect(merge(folders, { out: merged }, streams), streams.stderr()).toBe(0);
    expect(folderContent(merged)).toEqual(whole);
    const told = (text: string) => text.replace(/run folder: .*/, '');
    expect(told(streams.stdout())).toBe(told(ran.stdout));
  });

  it('a stop rule is asked of the rest alone', async () => {
    const until = SWEEP.replace(
      /seeds:.*/,
      'seeds: {block: 1, until: {metric: refused, of: difference, within: 1000, least: 2, most: 40}}',
    );
    const stopped = await runSweep(FOLDER, until, { out: join(FOLDER, 'stopped') });
    const { seeds, runs, stoppedBy } = summaryOf(stopped.out);
    // On one parent both policies do the same under every seed: that is believed from 30 seeds on.
    expect([stopped.code, seeds, runs, stoppedBy]).toEqual([0, 30, 120, 'precision']);
  });
});

describe('sweep: what leave-out does not pardon', () => {
  it('by default the whole sweep is refused', async () => {
    const asEver = SWEEP.replace(/onRefused.*\n/, '');
    const err = await badInput(asEver);
    expect(err).toContain('in the variant reserved=large, policy=first-fit and 1 more');
    expect(err).toContain('qingtian refuses the reservation (parent-floor-memory)');
    expect(await badInput(SWEEP.replace('leave-out', 'refuse'))).toBe(err);
    expect(await badInput(SWEEP.replace('leave-out', 'stop'))).toContain('onRefusedReservation');
  });

  it('a baseline that is left out', async () => {
    const err = await badInput(SWEEP.replace('reserved: single', 'reserved: large'));
    expect(err).toMatch(/:\d+:\d+: compare: the baseline reserved=large, policy=first-fit /);
    expect(err).toContain('would be left out: qingtian refuses the reservation (parent-floor-mem');
  });

  it('nobody left, with all reasons', async () => {
    const err = await badInput(
      SWEEP.replace(/ {4}(small|single):.*\n/g, '').replace(': single', ': large'),
    );
    expect(err).toContain('the reservation of every variant is refused');
    expect(err).toContain('in the variant reserved=large, policy=first-fit and 1 more');
    expect(err).toContain('in the variant reserved=cores, policy=first-fit and 1 more');
  });

  it('nobody left to differ from the baseline', async () => {
    const seeds = 'seeds: {until: {metric: refused, of: difference, within: 1, most: 9}}';
    const alone = SWEEP.replace(/ {4}small:.*\n/, '').replace('first-fit, worst-fit', 'first-fit');
    expect(await badInput(alone.replace(/seeds:.*/, seeds))).toContain('one variant only');
  });

  it.each([
    ['an option nobody knows', `options: {maxEnclave: 3}`, 'maxEnclave'],
    ['a file that is missing', 'policy: {module: gone.mjs}', 'gone.mjs'],
    ['a platform nobody knows', 'platform: qingtan', 'did you mean `qingtian`'],
  ])('%s, beside a refused reservation', async (_, wrong, words) => {
    const [path] = wrong.split(': ', 1);
    const level = `{'fleet[0].reservation.memory': 64GiB, ${wrong.replace(`${path}:`, `'${path}':`)}}`;
    const text = SWEEP.replace(/large: .*/, `large: ${level}`).replace(/\n {2}policy: \[.*/, '');
    const err = await badInput(text);
    expect(err).toContain(words);
    expect(err).not.toContain('parent-floor-vcpus');
  });
});

describe('sweep: reservations of parents whose memory is drawn', () => {
  /** Under the fleet's own seed, 59, which no run has, 4 GiB are refused. */
  const DRAWN = SWEEP.replace('title: One parent', 'title: One parent\n  seed: 59')
    .replace('memory: 16GiB}]}}', 'memory: 16GiB}]}, memoryLayout: {kind: uptime, days: 16}}')
    .replace(/reserved:[\s\S]*policy: .*/, `'fleet[0].reservation.memory': [4GiB, 6GiB, 14GiB]`)
    .replace('count: 2, block: 1', 'count: 8')
    .replace('compare: {reserved: single}\n', '');

  /** Under how many of the seeds a fleet of this reservation cannot be started, each asked by itself. */
  async function refusedAlone(fleetText: string): Promise<number> {
    let refused = 0;
    for (let i = 0; i < 8; i++) {
      if ('problems' in (await startedAlone(fleetText, replicationSeed(1, i)))) refused++;
    }
    return refused;
  }

  /** Under how many seeds each reservation tried is refused: those left out, and 0 of those that stay. */
  async function refusedBySweep(
    text: string,
  ): Promise<{ told: Map<unknown, number>; fleetText: string }> {
    const loaded = await loadSweep(text, join(FOLDER, 'drawn.yaml'));
    if ('problems' in loaded) throw new Error(JSON.stringify(loaded.problems));
    const { leftOut = [], variants } = planOf(loaded);
    const told = new Map(
      leftOut.map(({ levels, reservations: [{ seeds, rule }] }) => {
        expect([rule, seeds?.of]).toEqual(['pool-contiguity', 8]);
        return [Object.values(levels)[0] as unknown, seeds?.refused ?? 0] as const;
      }),
    );
    for (const { levels } of variants) told.set(Object.values(levels)[0], 0);
    return { told, fleetText: loaded.variants[0].fleetText };
  }

  async function startedAlone(fleetText: string, seed: number) {
    const loaded = loadFleet(fleetText, '-');
    if ('problems' in loaded) throw new Error(JSON.stringify(loaded.problems));
    return startFleet({ ...loaded, fleet: { ...loaded.fleet, seed } }, '-');
  }

  it('are left out where one seed of the sweep has a no, and how many have', async () => {
    const { told, fleetText } = await refusedBySweep(DRAWN);
    for (const [memory, refused] of told) {
      const fleet = JSON.parse(fleetText);
      fleet.fleet[0].reservation.memory = memory;
      expect([memory, refused]).toEqual([memory, await refusedAlone(JSON.stringify(fleet))]);
    }
    const counts = [...told.values()];
    expect('problems' in (await startedAlone(fleetText, 59))).toBe(true);
    expect(told.get('4GiB')).toBe(0);
    expect(counts).toContain(8);
    expect(counts.some((count) => count > 0 && count < 8)).toBe(true);
  });

  it('are each asked, at their own place: a no of the last of an entry counts as that of the first', async () => {
    const alone = (await refusedBySweep(DRAWN)).told.get('6GiB') ?? 0;
    const fresh = '    - {count: 2, parent: {topology: {nodes: [{cpus: 0-7, memory: 16GiB}]}}}\n';
    const three = DRAWN.replace('    - count: 1', `${fresh}    - count: 3`)
      .replace("'fleet[0].", "'fleet[1].")
      .replace('[4GiB', '[2GiB, 4GiB');
    const { told, fleetText } = await refusedBySweep(three);
    const fleet = JSON.parse(fleetText);
    expect([...told.keys()].sort()).toEqual(['14GiB', '2GiB', '4GiB', '6GiB']);
    for (const [memory, refused] of told) {
      fleet.fleet[1].reservation.memory = memory;
      expect([memory, refused]).toEqual([memory, await refusedAlone(JSON.stringify(fleet))]);
    }
    expect(told.get('6GiB')).toBeGreaterThan(alone);
  });

  // Found bug: only the fleet's own seed was asked, which no run has. A sweep ended midway at the first no,
  // at a place that nobody wrote, and one whose own seed had a no was refused for nothing.
  it('by default refuse the sweep before its first run, with variant, seeds and what can be done', async () => {
    const asEver = DRAWN.replace(/onRefused.*\n/, '');
    const err = await badInput(asEver.replace(', 14GiB]', ']'));
    const loaded = await loadSweep(DRAWN, join(FOLDER, 'drawn.yaml'));
    if ('problems' in loaded) throw new Error(JSON.stringify(loaded.problems));
    const [{ fleetText }] = loaded.variants;
    const six = fleetText.replace('"4GiB"', '"6GiB"');
    expect(six).not.toBe(fleetText);
    let first: number | undefined;
    for (let i = 0; first === undefined && i < 8; i++) {
      const seed = replicationSeed(1, i);
      if ('problems' in (await startedAlone(six, seed))) first = seed;
    }
    const refused = await refusedAlone(six);
    expect(err.split('\n')).toHaveLength(2);
    expect(err).toMatch(/:\d+:\d+: base.fleet\[0\].reservation: qingtian refuses the reservation/);
    expect(err).toContain(
      `; under ${refused} of 8 seeds, the first of them ${first}; in the variant fleet[0].reservation.memory=6GiB (`,
    );
    expect(err).toContain('use 2 MiB pages. Or leave such variants out: `onRefusedReservation: l');
    const never = await badInput(asEver.replace('4GiB, 6GiB, ', ''));
    expect(never).toContain('; under 8 of 8 seeds');
    expect(never).not.toContain('leave-out');
  });

  it('are asked for under no other seed: the own one of the fleet may have a no', async () => {
    const granted = DRAWN.replace(/onRefused.*\n/, '').replace(', 6GiB, 14GiB]', ']');
    const { code, err } = await runSweep(FOLDER, granted, { out: join(FOLDER, 'granted') });
    expect([code, err]).toEqual([0, '']);
  });

  it('do not hide what else is wrong with a variant', async () => {
    const levels = `of:
    granted: {'fleet[0].reservation.memory': 4GiB}
    refused: {'fleet[0].reservation.memory': 14GiB, policy: {module: gone.mjs}}`;
    expect(await badInput(DRAWN.replace(/'fleet.*14GiB\]/, levels))).toContain('gone.mjs');
  });
});
