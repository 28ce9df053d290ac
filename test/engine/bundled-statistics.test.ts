/**
 * The statistics of two public traces that are bundled, counted anew from the traces themselves.
 *
 * The trace files are not part of this project: HYPERCARVE_TRACES names the folder that has them. They are
 * split into fields here, by no code of the project's own.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { OPENB_LIFETIMES, recordedMix } from '../../scenarios/engine/recorded-workloads.js';

const FOLDER = process.env.HYPERCARVE_TRACES ?? '';
const NUMA = [1, 2, 3, 4, 5].map((n) => join(FOLDER, 'huawei-numa', `VM_data_C${n}.csv`));
const PODS = join(FOLDER, 'openb', 'openb_pod_list_default.csv');
const areHere = FOLDER !== '' && [...NUMA, PODS].every((file) => existsSync(file));
const WHY = 'the traces are not here: HYPERCARVE_TRACES names their folder';

/** No field of these has a quote in it; of a VM without a group the last are missing. */
function rowsOf(file: string): Record<string, string>[] {
  const [head, ...lines] = readFileSync(file, 'utf8').trimEnd().split(/\r?\n/);
  const names = head.split(',');
  expect(lines.filter((line) => line.includes('"'))).toEqual([]);
  return lines.map((line) => {
    const fields = line.split(',');
    return Object.fromEntries(names.map((name, i) => [name, fields[i]]));
  });
}

function counted(keys: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const key of keys) counts.set(key, (counts.get(key) ?? 0) + 1);
  return counts;
}

const GIB = 1024;

describe('statistics that are bundled are those of the traces', () => {
  it('huawei-numa: every size, with its nodes, and how often it is asked for', (context) => {
    context.skip(!areHere, WHY);
    const requests = NUMA.flatMap(rowsOf);
    const counts = counted(
      requests.map((row) => [row.flavor_vcpus, Number(row.flavor_ram) * GIB, row.numa].join()),
    );
    const bundled = recordedMix('huawei-numa').map(
      ({ vcpus, memoryMib, nodes, weight }) => [`${vcpus},${memoryMib},${nodes}`, weight] as const,
    );
    expect(requests.length).toBe(24_990);
    expect(new Map(bundled)).toEqual(counts);
  });

  it('openb: the sixty most common sizes', (context) => {
    context.skip(!areHere, WHY);
    const pods = rowsOf(PODS);
    expect(pods.length).toBe(8152);
    const exact = counted(pods.map((pod) => `${pod.cpu_milli},${pod.memory_mib}`));
    const most = [...exact.values()].sort((a, b) => b - a).slice(0, 60);
    const bundled = recordedMix('openb');
    expect(bundled.map(({ weight }) => weight)).toEqual(most);
    // A part of a CPU counts as a whole one, so a size may stand for several; each is one of them.
    const sizes = new Set(
      [...exact].map(([size, count]) => {
        const [milli, mib] = size.split(',').map(Number);
        return `${Math.ceil(milli / 1000)},${mib},${count}`;
      }),
    );
    for (const { vcpus, memoryMib, weight, nodes } of bundled) {
      expect(sizes).toContain(`${vcpus},${memoryMib},${weight}`);
      expect(nodes).toBe(1);
    }
    expect(
      new Set(bundled.map(({ vcpus, memoryMib, weight }) => [vcpus, memoryMib, weight].join()))
        .size,
    ).toBe(bundled.length);
  });

  it('openb: quantiles of the lifetimes', (context) => {
    context.skip(!areHere, WHY);
    const lives = rowsOf(PODS)
      .map((pod) => Number(pod.deletion_time) - Number(pod.creation_time))
      .sort((a, b) => a - b);
    const quantiles = OPENB_LIFETIMES.map(
      ([milli]) => [milli, lives[Math.round((milli / 1000) * (lives.length - 1))]] as const,
    );
    expect(OPENB_LIFETIMES).toEqual(quantiles);
  });
});
