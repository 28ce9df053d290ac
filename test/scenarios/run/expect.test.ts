/**
 * The words of `expect`, each once met and once not: what is found instead is told.
 *
 * One Nitro run answers all rows: a reservation that fails, one that is kept, a launch that runs and
 * one that is refused.
 */
import { describe, expect, it } from 'vitest';
import { nitroProfile } from '../../../core/platform/nitro/profile.js';
import type { ExpectationResult } from '../../../reports/record.js';
import { buildHost } from '../../../scenarios/run/build-host.js';
import { nitroSurface } from '../../../scenarios/run/nitro-surface.js';
import { runScenario } from '../../../scenarios/run/run.js';
import { loadScenario } from '../../../scenarios/schema/load.js';

const TEXT = `schemaVersion: 1
title: words
platform: nitro
parent: { type: m5.2xlarge }
reservation: { memory: 100GiB, cpuCount: 4 }
images:
  large: { size: 600MiB }
workload:
  timeline:
    - reserve: { memory: 2052MiB, cpuCount: 4 }
    - launch: { name: fits, vcpus: 2, memory: 512MiB }
    - launch: { name: too-tight, image: large, vcpus: 2, memory: 512MiB }
`;

function check(expectation: string): ExpectationResult {
  const loaded = loadScenario(`${TEXT}expect:\n  - ${expectation}\n`, 'words.yaml');
  if ('problems' in loaded) throw new Error(JSON.stringify(loaded.problems));
  const { scenario } = loaded;
  const built = buildHost(scenario, nitroProfile());
  if ('problems' in built) throw new Error(JSON.stringify(built.problems));
  const { host, provenance } = built;
  const surface = nitroSurface();
  const input = { scenario, file: 'words.yaml', host, provenance, surface, audit: false };
  const [result] = runScenario(input).expectations;
  return result;
}

describe('expect', () => {
  it.each([
    '{ launch: fits, is: ok, memory: 1GiB, vcpus: 2, cpus: "1,5", node: 0, cid: 16, id: i-0000000000000000-enc1 }',
    '{ launch: fits, is: ok, status: 0, prints: Start allocating memory }',
    '{ launch: too-tight, is: { code: E26, says: "2400 MB", numbers: { minimumMib: 2400, memoryMib: "512" } } }',
    '{ launch: too-tight, is: {}, status: 39, prints: ["[ E26 ]", "[ E39 ]"] }',
    '{ reservation: { code: "206" }, nth: 1, attempts: [{ node: 0, pages: { 1GiB: 30 } }] }',
    '{ reservation: ok, status: 0, attempts: [{ node: 0, pages: { 1GiB: 2, 2MiB: 2 } }] }',
    '{ pool: "2,6" }',
    '{ poolText: "1,5,2,6" }',
    '{ parentMemory: { atLeast: 28GiB } }',
    '{ refused: { atLeast: 2 } }',
  ])('is met: %s', (expectation) => {
    expect(check(expectation)).toEqual({ text: expect.any(String), met: true });
  });

  it.each([
    ['{ launch: fits, is: ok, vcpus: 4 }', '2'],
    ['{ launch: fits, is: ok, node: 1 }', '0'],
    ['{ launch: fits, is: ok, id: "0" }', 'i-0000000000000000-enc1'],
    ['{ launch: fits, is: ok, status: 1 }', '0'],
    ['{ launch: fits, is: ok, prints: E39 }', 'printed "Start allocating memory'],
    ['{ launch: fits, is: { code: E26 }, status: 39 }', 'it succeeded'],
    ['{ launch: too-tight, is: { says: 2148 MB } }', '"At least 2400 MB must be'],
    ['{ launch: too-tight, is: { numbers: { minimumMib: 2148 } } }', 'minimumMib = 2400'],
    ['{ launch: too-tight, is: { numbers: { toString: 1 } } }', 'minimumMib = 2400'],
    ['{ launch: too-tight, is: { code: E27, says: "2400 MB" } }', 'E26 nitro-cli.memory-for-image'],
    ['{ reservation: { code: "206" }, nth: 1, status: 0 }', '1'],
    ['{ reservation: ok, attempts: [{ node: 0, pages: { 1GiB: 3 } }] }', '2 × 1GiB'],
    ['{ reservation: ok, attempts: [{ node: 1, pages: {} }] }', 'no try there'],
    ['{ poolText: "1-2,5-6" }', '1,5,2,6'],
    ['{ parentMemory: { atLeast: 31GiB } }', 'MiB'],
  ])('is not met: %s', (expectation, found) => {
    const result = check(expectation);
    expect(result.met).toBe(false);
    expect(result.found).toContain(found);
  });
});
