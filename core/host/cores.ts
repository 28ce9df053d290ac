/**
 * The cores an enclave owns, as a list by ascending core index.
 *
 * Invariant: no index twice, no core without threads; a list is never written, each change gives a
 * new one. Trade-off: a list of a few is searched from its start; enclaves of hundreds of cores are
 * put together core by core only by the driver's own steps.
 */
import type { OwnedCore } from './tree.js';

/** Threads owned at a core index; undefined = none. */
export function coreAt(cores: readonly OwnedCore[], index: number): readonly number[] | undefined {
  for (let i = 0; i < cores.length; i++) if (cores[i].index === index) return cores[i].cpus;
  return undefined;
}

/** The list with these threads at an index; without the index where there are none. */
export function withCore(
  cores: readonly OwnedCore[],
  index: number,
  cpus: readonly number[],
): OwnedCore[] {
  const list: OwnedCore[] = [];
  let i = 0;
  for (; i < cores.length && cores[i].index < index; i++) list.push(cores[i]);
  if (cpus.length > 0) list.push({ index, cpus });
  for (; i < cores.length; i++) if (cores[i].index !== index) list.push(cores[i]);
  return list;
}

/** Every thread of the cores, core by core. */
export function threadsOf(cores: readonly OwnedCore[]): number[] {
  const threads: number[] = [];
  for (const { cpus } of cores) for (const cpu of cpus) threads.push(cpu);
  return threads;
}
