/** A sweep of six tiny variants on plain VMs, run through the command as a user would. */
import { mkdtempSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { sweep } from '../../scenarios/cli/sweep.js';
import type { SweepOptions } from '../../scenarios/cli/sweep-options.js';
import { recordedStreams } from '../scenarios/cli/recorded-streams.js';

export const SMALL_SWEEP = `sweepVersion: 1
title: Policies under two loads
base:
  fleetVersion: 1
  title: Two parents
  platform: vm
  fleet:
    - count: 2
      parent: {topology: {nodes: [{cpus: 0-7, memory: 4GiB}]}}
  workload:
    requests: 60
    arrivals: {kind: poisson, every: 10s}
    lifetime: {kind: exponential, mean: 2m}
    mix: [{weight: 2, vcpus: 2, memory: 512MiB}, {vcpus: 4, memory: 2GiB}]
axes:
  policy: [first-fit, worst-fit, keep-1g]
  load:
    light: {workload.arrivals.every: 12s}
    heavy: {workload.arrivals.every: 8s}
seeds: {first: 1, count: 6, block: 2}
compare: {load: light}
`;

export function temporaryFolder(): string {
  return mkdtempSync(join(tmpdir(), 'hypercarve-sweep-'));
}

/** Writes the text into the folder, runs it with one worker, and tells how it went. */
export async function runSweep(folder: string, text: string, options: SweepOptions = {}) {
  const file = join(folder, 'sweep.yaml');
  writeFileSync(file, text);
  const streams = recordedStreams(100);
  const out = join(folder, 'out');
  const code = await sweep(file, { workers: '1', out, ...options }, streams);
  // How quick this machine is shows in progress lines only.
  const err = streams.stderr().replace(/^sweep: \d+ of .*\n/gm, '');
  return { code, file, out: options.out ?? out, stdout: streams.stdout(), err };
}

/** Path below the folder → content as text of bytes. */
export function folderContent(folder: string): Record<string, string> {
  const content: Record<string, string> = {};
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort()) {
    const path = join(folder, name);
    if (statSync(path).isFile()) content[relative(folder, path)] = readFileSync(path, 'latin1');
  }
  return content;
}
