/**
 * What the shipped fleets and some shipped scenarios end in, for each version of the engine.
 *
 * A run id names a run by its inputs and the engine's version. Invariant: so the version moves exactly
 * when results do: one version has one result for each file, and each version differs from the one
 * before in at least one of the files that both have.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { ENGINE_VERSION } from '../../core/version.js';
import { fleet } from '../../scenarios/cli/fleet.js';
import { run } from '../../scenarios/cli/run.js';
import { recordedStreams } from '../scenarios/cli/recorded-streams.js';

const LIBRARY = fileURLToPath(new URL('../../scenarios/library', import.meta.url));
const PINNED = fileURLToPath(new URL('results-of-version.json', import.meta.url));

type Results = Readonly<Record<string, string>>;
/** Versions in the order in which they came. */
const pinned: Readonly<Record<string, Results>> = JSON.parse(readFileSync(PINNED, 'utf8'));

const fleets = readdirSync(join(LIBRARY, 'fleets'))
  .filter((name) => name.endsWith('.yaml'))
  .map((name) => `fleets/${name}`);
/** Both platforms, a parent that stops, pages that leak, days of uptime. */
const scenarios = [
  'four-nitro-enclaves.yaml',
  'parent-stop.yaml',
  'two-and-a-third.yaml',
  'uptime-defeats-1g.yaml',
  'wrong-node-page-leaks.yaml',
];

async function resultOf(file: string): Promise<string> {
  const streams = recordedStreams();
  const path = join(LIBRARY, file);
  if (file.startsWith('fleets/')) await fleet(path, { json: true }, streams);
  else await run(path, { json: true }, streams);
  const hash = /"resultHash": "([0-9a-f]{64})"/.exec(streams.stdout())?.[1];
  if (hash === undefined) throw new Error(`${file}: ${streams.stderr()}`);
  return hash;
}

describe('the version moves exactly when results do', () => {
  // Found bug: fleets ended otherwise for weeks under one version, and so under equal run ids.
  it('this version ends in its results', async () => {
    const now: Record<string, string> = {};
    for (const file of [...fleets, ...scenarios].sort()) now[file] = await resultOf(file);
    const row = JSON.stringify({ [ENGINE_VERSION]: now }, null, 2);
    expect(
      pinned[ENGINE_VERSION],
      `no results are pinned for ${ENGINE_VERSION}; add to ${PINNED}: ${row}`,
    ).toBeDefined();
    const changed = Object.keys(now).filter((file) => pinned[ENGINE_VERSION][file] !== now[file]);
    expect(
      changed,
      `results changed: move the version (core/version.ts, package.json, package-lock.json) and pin ${row}`,
    ).toEqual([]);
    expect(Object.keys(pinned).at(-1), 'the latest version is the last').toBe(ENGINE_VERSION);
  });

  it('no version moved without a result that did', () => {
    const versions = Object.entries(pinned);
    for (const [i, [version, results]] of versions.entries()) {
      if (i === 0) continue;
      const [earlier, before] = versions[i - 1];
      const moved = Object.keys(results).filter(
        (file) => before[file] !== undefined && before[file] !== results[file],
      );
      expect(moved.length, `${earlier} and ${version} end in the same`).toBeGreaterThan(0);
    }
  });
});
