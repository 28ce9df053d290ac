/** What `fleet` prints agrees with itself: heads with counts, and what came too late is said. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { fleet } from '../../scenarios/cli/fleet.js';
import { recordedStreams } from '../scenarios/cli/recorded-streams.js';

const FOLDER = mkdtempSync(join(tmpdir(), 'hypercarve-words-'));
afterAll(() => rmSync(FOLDER, { recursive: true }));

/** Four VMs fit, which stay `mean`; ten are asked for, ten seconds apart on average. */
async function shown(onRefusal: string, lifetime: string, events = '[]') {
  const file = join(FOLDER, 'fleet.yaml');
  writeFileSync(
    file,
    `fleetVersion: 1
title: One parent
platform: vm
fleet: [{parent: {topology: {nodes: [{cpus: 0-7, memory: 4GiB}]}}}]
workload:
  requests: 10
  arrivals: {kind: poisson, every: 10s}
  lifetime: ${lifetime}
  mix: [{vcpus: 2, memory: 512MiB}]
policy: first-fit
onRefusal: ${onRefusal}
parentEvents: ${events}
`,
  );
  const streams = recordedStreams();
  expect([await fleet(file, {}, streams), streams.stderr()]).toEqual([0, '']);
  return streams.stdout();
}

describe('fleet: the head of the rules names whom they count', () => {
  // Found bug: "refused 0" stood above "Refused by rule: fleet-queue".
  it.each([
    ['{kind: refuse}', / {2}Refused by rule\n/],
    ['{kind: queue, most: 100, patience: 1m}', / {2}Expired in the queue by rule\n/],
    ['{kind: queue, most: 1, patience: 1m}', / {2}Refused, or expired in the queue by rule\n/],
  ])('%s', async (onRefusal, head) => {
    expect(await shown(onRefusal, '{kind: forever}')).toMatch(head);
  });
});

describe('fleet: parent events after the end', () => {
  const mean = '{kind: exponential, mean: 10s}';

  // Found bug: they vanished without a word.
  it('are counted, those that are refused too', async () => {
    const late = '[{at: 90d, parent: 0, what: boot}, {at: 91d, parent: 0, what: stop}]';
    const text = await shown('{kind: refuse}', mean, late);
    expect(text).toMatch(/parent events too late +2 +they lie after the end/);
  });

  it('are not those that somebody felt, nor those before the end', async () => {
    const early = await shown('{kind: refuse}', mean, '[{at: 0, parent: 0, what: boot}]');
    expect(early).not.toContain('too late');
    // VMs that stay are lost with their parent, however late that is; its boot comes after.
    const felt = '[{at: 90d, parent: 0, what: stop}, {at: 91d, parent: 0, what: boot}]';
    const lost = await shown('{kind: refuse}', '{kind: forever}', felt);
    expect(lost).toMatch(/lost with their parent +4\n {2}parent events too late +1 /);
  });
});
