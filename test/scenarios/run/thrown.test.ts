/**
 * A command that throws in a run is told with its line, its number and its kind; nothing is written.
 *
 * The fault is planted into the profile of plain VMs itself, since the command line makes its own hosts.
 */
import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type PlantedFault, plant } from '../../../core/explore/planted-faults.js';
import { findScope } from '../../../core/explore/scopes.js';
import type { Effect } from '../../../core/host/effect.js';
import { numaLocal } from '../../../core/invariants/numa-local.js';
import { vmProfile } from '../../../core/platform/vm/profile.js';
import { run } from '../../../scenarios/cli/run.js';
import { verify } from '../../../scenarios/cli/verify.js';
import { faultNamed } from '../../explore/fault-named.js';
import { withCheck } from '../../explore/with-check.js';
import { recordedStreams } from '../cli/recorded-streams.js';

/** A launch claims its frames twice: the store gives none to a second owner. */
const CLAIMS_TWICE: PlantedFault = {
  ...faultNamed('frames-of-nobody'),
  effects: (effects) =>
    effects.flatMap((one): Effect[] => (one.kind === 'claim' ? [one, one] : [one])),
};

function smallVms() {
  const scope = findScope('vm-2x3x2x3');
  if (scope === undefined) throw new Error('no such scope');
  return scope;
}

/** Something done while every host of plain VMs has the fault. */
async function withFault(act: () => Promise<void>): Promise<void> {
  const { steps } = vmProfile();
  const sound = { ...steps };
  Object.assign(steps, plant(smallVms().build(), CLAIMS_TWICE).profile.steps);
  try {
    await act();
  } finally {
    Object.assign(steps, sound);
  }
}

function inFolder(name: string, text?: string): string {
  const file = join(mkdtempSync(join(tmpdir(), 'hypercarve-')), name);
  if (text !== undefined) writeFileSync(file, text);
  return file;
}

const PARENT = `schemaVersion: 1
title: plain VMs
platform: vm
parent: {topology: {cores: ['0,2', '1,3'], nodes: [{cpus: 0-3, memory: 4GiB}]}}
images: {small: {size: 8MiB}}
workload:
`;
const CHURNED = `${PARENT}  churn: {launches: 3, every: 10s, lifetime: 5s, mix: [{vcpus: 2, memory: 1GiB, image: small}]}
`;
const WRITTEN = `${PARENT}  timeline:
    - snapshot: before
    - command: {kind: vm.launch, vcpus: 2, memoryMib: 1024, nodes: 1}
`;

describe('a command that throws in a run', () => {
  // Found bug: "internal error: frames [0, +1) are not all free", without the command or its line.
  it('is told as verify’s trail has it, with line, number and kind, and no folder is written', async () => {
    const sick = { ...smallVms(), build: () => plant(smallVms().build(), CLAIMS_TWICE) };
    const trail = inFolder('trail.yaml');
    expect(await verify({ trail, reduced: true }, recordedStreams(), [sick])).toBe(1);
    const line =
      1 +
      readFileSync(trail, 'utf8')
        .split('\n')
        .findIndex((one) => /kind: vm\.launch/.test(one));
    const report = inFolder('report');
    const streams = recordedStreams();
    await withFault(async () => {
      await expect(run(trail, { audit: true, report }, streams)).rejects.toThrow(
        new RegExp(
          `trail\\.yaml:${line}:\\d+: workload\\.timeline\\[0\\]: ` +
            'carrying out command 1, vm\\.launch, throws on vm@1: frames \\[\\d, \\+\\d\\) are not all free$',
        ),
      );
    });
    expect(existsSync(report)).toBe(false);
    expect(streams.stdout() + streams.stderr()).toBe('');
    expect(await run(trail, { audit: true, report }, streams)).toBe(0);
    expect(existsSync(report)).toBe(true);
  });

  it('shows where in the program, for who reports it', async () => {
    await withFault(async () => {
      const error = await run(inFolder('s.yaml', WRITTEN), {}, recordedStreams()).catch(
        (one) => one,
      );
      expect(error.stack.split('\n')[0]).toBe(error.message);
      expect(error.stack).toMatch(/\n {4}at .*core.memory/);
    });
  });

  it('is told as of the churn that it came of', async () => {
    await withFault(async () => {
      await expect(run(inFolder('s.yaml', CHURNED), {}, recordedStreams())).rejects.toThrow(
        /s\.yaml:7:\d+: workload\.churn: carrying out command 1, vm\.launch, throws on vm@1: /,
      );
    });
  });

  it('is told as of the audit of what it did, and at the end of the whole file', async () => {
    const file = inFolder('s.yaml', WRITTEN);
    const broken = () => {
      throw new Error('no such node');
    };
    await withCheck(numaLocal, broken, async () => {
      await expect(run(file, { audit: true }, recordedStreams())).rejects.toThrow(
        /s\.yaml:9:\d+: workload\.timeline\[1\]: auditing command 1, vm\.launch, throws on vm@1: no such node$/,
      );
      await expect(run(file, {}, recordedStreams())).rejects.toThrow(
        /s\.yaml.*: it throws on vm@1: no such node$/,
      );
    });
  });
});
