/**
 * The records of the naive Nitro twin: an enclave slot, a mapping, the CPU pool.
 *
 * Invariant: plain arrays of numbers as a person would write them on paper; no code of core/.
 */

/** A page by node, first frame and page size index. */
export interface TwinPage {
  readonly node: number;
  readonly frame: number;
  readonly size: number;
}

export interface TwinRegion {
  readonly address: number;
  readonly bytes: number;
  readonly pages: readonly TwinPage[];
}

export interface TwinMapping {
  readonly address: number;
  readonly size: number;
  readonly task: number;
  /** Where its page is; undefined = nobody has touched it. */
  page: TwinPage | undefined;
}

export interface TwinSlot {
  readonly slot: number;
  readonly task: number;
  readonly node: number;
  /** Ids below this may be added. */
  readonly cpuBound: number;
  readonly tableCores: number;
  state: 'INIT' | 'RUNNING' | 'STOPPED';
  fd: number;
  cid: number;
  listed: boolean;
  hup: boolean;
  debug: boolean;
  /** The hypervisor's own state number. */
  device: number;
  vcpus: number[];
  /** By core index. */
  owned: Map<number, number[]>;
  regions: TwinRegion[];
  /** Pages the hypervisor took. */
  donated: TwinPage[];
  ranges: number;
  bytes: number;
}

export interface TwinPool {
  node: number;
  threadsPerCore: number;
  tableCores: number;
  /** By core index: threads still there. */
  cores: number[][];
}

export function noPool(node: number): TwinPool {
  return { node, threadsPerCore: 0, tableCores: 0, cores: [] };
}
