/**
 * Statistics of two public traces, for workloads drawn like them: sizes as asked, lifetimes as seen.
 *
 * Facts about the traces, not the traces themselves. Invariant: weights are numbers of requests, so a
 * mix drawn from them has the trace's own shares. Trade-off: sizes and lifetimes are drawn
 * independently of each other, and the pods' list ends with its 60 most common sizes.
 * Sources: `huawei-numa` mdl1104/Dataset-for-topology-aware-VM-placement @28c01120 (CC0-1.0),
 * VM_data_C1..C5; `openb` hkust-adsl/kubernetes-scheduler-simulator @8f3d6417 (Apache-2.0),
 * data/csv/openb_pod_list_default.csv.
 */
import type { MixEntry } from './workload.js';

export const RECORDED_MIXES = ['huawei-numa', 'openb'] as const;
export type RecordedMix = (typeof RECORDED_MIXES)[number];

/** Of 24990 requests: [vCPUs, GiB, NUMA nodes, how many]. */
// biome-ignore format: a table of numbers
const HUAWEI_NUMA: readonly (readonly [number, number, number, number])[] = [
    [32, 64, 2, 4816], [4, 8, 1, 3847], [2, 4, 1, 3468], [8, 32, 1, 3058], [2, 8, 1, 1860],
    [4, 16, 1, 1764], [16, 32, 1, 1759], [32, 128, 2, 1221], [16, 64, 1, 1219], [8, 16, 1, 1153],
    [64, 128, 2, 420], [12, 24, 1, 193], [12, 48, 1, 85], [48, 96, 2, 52], [48, 192, 2, 46],
    [24, 48, 1, 25], [64, 256, 2, 2], [24, 96, 1, 2],
];

/** Of 8152 pods, the most common sizes: [thousandths of a CPU, MiB, how many]. */
// biome-ignore format: a table of numbers
const OPENB: readonly (readonly [number, number, number])[] = [
    [3152, 5600, 1592], [11300, 49152, 857], [11908, 47104, 778], [8000, 30517, 649],
    [11400, 48128, 534], [12500, 57344, 364], [32000, 49152, 284], [18708, 64512, 255],
    [9810, 41560, 195], [4000, 22888, 189], [4000, 15258, 182], [12000, 24576, 162],
    [15700, 58368, 158], [4152, 10600, 152], [4000, 30517, 136], [15400, 51200, 120],
    [16000, 32768, 110], [8000, 16384, 106], [4000, 24576, 104], [12000, 16384, 99],
    [16500, 51200, 95], [14200, 58368, 93], [24200, 93184, 84], [11400, 77824, 65],
    [8000, 32768, 55], [6000, 6144, 51], [11900, 77824, 51], [12000, 15360, 44],
    [8200, 33792, 41], [4000, 31250, 40], [15200, 80896, 36], [16000, 65536, 34],
    [6000, 12288, 29], [6000, 22888, 28], [16400, 125952, 27], [1000, 2048, 26],
    [88000, 327680, 18], [6000, 18432, 18], [64200, 263168, 18], [11300, 37888, 16],
    [1000, 6144, 15], [8000, 15625, 12], [7000, 30000, 11], [11400, 57344, 11],
    [16000, 31250, 11], [6000, 8192, 10], [32200, 132096, 9], [15400, 90112, 9], [4000, 16384, 8],
    [12000, 32768, 8], [12000, 47104, 8], [6000, 16384, 8], [14900, 73728, 8], [16200, 66560, 7],
    [12000, 18432, 6], [6000, 23552, 6], [6000, 32768, 6], [9400, 52224, 6], [2000, 8192, 5],
    [4000, 32768, 5],
];

/** Quantiles of the pods' lifetimes: [thousandths, seconds]. */
// biome-ignore format: a table of numbers
export const OPENB_LIFETIMES: readonly (readonly [number, number])[] = [
    [0, 0], [10, 12], [50, 48], [100, 80], [250, 167], [500, 540], [750, 1971], [900, 6574],
    [950, 16377], [990, 93426], [999, 8772762], [1000, 12537496],
];

const MILLI = 1000;

/** The sizes of a trace; a part of a CPU counts as a whole one. */
export function recordedMix(name: RecordedMix): MixEntry[] {
  if (name === 'huawei-numa') {
    return HUAWEI_NUMA.map(([vcpus, gib, nodes, weight]) => {
      return { weight, vcpus, memoryMib: gib * 1024, nodes };
    });
  }
  return OPENB.map(([milli, memoryMib, weight]) => {
    return { weight, vcpus: Math.ceil(milli / MILLI), memoryMib, nodes: 1 };
  });
}
