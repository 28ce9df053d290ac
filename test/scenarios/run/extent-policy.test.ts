/** The policy by which a scenario's memory chooses places for extents: told in its provenance, and it decides. */
import { describe, expect, it } from 'vitest';
import { buildHost } from '../../../scenarios/run/build-host.js';
import { loadPlatform } from '../../../scenarios/run/platform.js';
import { runScenario } from '../../../scenarios/run/run.js';
import { loadScenario } from '../../../scenarios/schema/load.js';

/** One VM of 256 MiB where 4 GiB are free low and 1 GiB is free high. */
const textOf = (extentPolicy: string) => `schemaVersion: 1
title: one VM, one place
platform: vm
parent:
  topology: { nodes: [{ cpus: "0-7", memory: 8GiB }] }
  memoryLayout: { kind: explicit, free: [[[0, 4GiB], [6GiB, 1GiB]]] }
${extentPolicy}
images:
  app: { size: 1MiB }
workload:
  timeline:
    - launch: { name: one, image: app, vcpus: 2, memory: 256MiB }
`;

/** GiB at which the VM's memory begins, and what is said of places. */
async function placeOf(extentPolicy: string) {
  const loaded = loadScenario(textOf(extentPolicy), 'place.yaml');
  if ('problems' in loaded) throw new Error(JSON.stringify(loaded.problems));
  const { profile, newSurface } = await loadPlatform('vm');
  const built = buildHost(loaded.scenario, profile);
  if ('problems' in built) throw new Error(JSON.stringify(built.problems));
  const { host, provenance } = built;
  const input = { scenario: loaded.scenario, file: '-', host, provenance, surface: newSurface() };
  const { timeline } = runScenario({ ...input, audit: true });
  expect(timeline.map(({ ok }) => ok)).toEqual([true]);
  const [base] = host.memory.map((node) => [...node.base.extents()]);
  const vm = base.find(({ frames, owner }) => frames === 128 && owner !== 0);
  return [(vm?.start ?? -1) / 512, provenance.filter((line) => line.startsWith('places'))];
}

describe('extentPolicy', () => {
  it.each([
    ['', 6, []],
    ['  extentPolicy: granule-aware', 6, ['places for extents: granule-aware, as given']],
    ['  extentPolicy: best-fit', 6, ['places for extents: best-fit, as given']],
    ['  extentPolicy: first-fit', 0, ['places for extents: first-fit, as given']],
  ])('%o: the VM is at %d GiB', async (line, gib, said) => {
    expect(await placeOf(line)).toEqual([gib, said]);
  });
});
