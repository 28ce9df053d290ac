/** Times that lie before the first ask of a trace are remarked: in a fleet, and of a sweep's warm-up. */
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { fleet } from '../../scenarios/cli/fleet.js';
import { recordedStreams } from '../scenarios/cli/recorded-streams.js';
import { runSweep, temporaryFolder } from './small-sweep.js';

const FOLDER = temporaryFolder();
afterAll(() => rmSync(FOLDER, { recursive: true }));

const BASE = `fleetVersion: 1
title: Epoch
platform: vm
fleet:
  - count: 2
    parent: {topology: {nodes: [{cpus: 0-7, memory: 4GiB}]}}
workload: {trace: {file: t.csv, columns: {vcpus: v, memory: m, at: at, lifetime: life}}}
parentEvents: [{at: 0s, parent: 1, what: stop}, {at: 2h, parent: 0, what: crash}, {at: 3h, parent: 0, what: boot}]
`;

/** Four asks, a minute apart. */
function traceFrom(second: number): void {
  const rows = [0, 60, 120, 180].map((at) => `${second + at},30,2,512`);
  writeFileSync(join(FOLDER, 't.csv'), ['at,life,v,m', ...rows, ''].join('\n'));
}

const EARLY =
  'parentEvents: 2 of 3 events before the first ask, at 1700000009s; times count from the moment that the trace calls 0';
const EMPTY =
  'warmup: leaves nobody out: no ask before 3600s, the first at 1700000009s; times count from the moment that the trace calls 0';

async function fleetSays(): Promise<string> {
  const file = join(FOLDER, 'fleet.yaml');
  writeFileSync(file, BASE);
  const streams = recordedStreams(200);
  expect(await fleet(file, { json: true }, streams)).toBe(0);
  return streams.stderr();
}

async function sweepSays(warmup: string) {
  const base = BASE.replace(/^/gm, '  ').trimEnd();
  const text = `sweepVersion: 1\ntitle: Epoch\nbase:\n${base}\naxes: {policy: [first-fit, worst-fit]}\nseeds: {count: 2}\n${warmup}`;
  rmSync(join(FOLDER, 'out'), { recursive: true, force: true });
  const { code, err, stdout } = await runSweep(FOLDER, text);
  expect(code, err).toBe(0);
  return { err, shown: stdout.replaceAll(/\s+/g, ' ') };
}

describe('a trace that counts from 1970', () => {
  // Found bug: the crash at 2h of a trace in epoch seconds was one in 1970, and nothing was said.
  it('remarks parent events before its first ask, but for those at 0', async () => {
    traceFrom(1_700_000_009);
    expect(await fleetSays()).toBe(`fleet: ${EARLY}\n`);
  });

  // Found bug: the warm-up of an hour left nobody out.
  it('remarks a warm-up before its first ask', async () => {
    const { err, shown } = await sweepSays('warmup: {time: 1h}\n');
    expect(err).toBe(`sweep: ${EARLY} (all variants)\nsweep: ${EMPTY} (all variants)\n`);
    expect(shown).toContain(`remarks all variants: ${EARLY} all variants: ${EMPTY}`);
    expect((await sweepSays('warmup: {requests: 1}\n')).err).not.toContain('warmup');
  });

  it('one that begins before them gives no remark', async () => {
    traceFrom(3599);
    expect(await fleetSays()).toBe('');
    expect((await sweepSays('warmup: {time: 1h}\n')).err).toBe('');
  });
});
