/**
 * What the naive driver holds, as the C structs do; and the JSON it is recorded in.
 *
 * Invariant: addresses are bigint, so that no u64 is rounded.
 */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
export type Dict = { [key: string]: Json };
export type NaiveOp = [string, ...Json[]];

export interface NaiveHost {
  nrCpuIds: number;
  cores: string[];
  nodes: Record<string, string>;
  maxMemRegions: number;
  offline?: string;
}

export interface NaiveEnclave {
  uid: number;
  fd: number;
  state: string;
  vcpus: Set<number>;
  cores: Set<number>[];
  mem: number;
  nr: number;
  regions: { at: bigint; size: bigint; pages: number }[];
  node: number;
  parentCores: number;
  tpc: number;
  event: number;
  listed: number;
  mm: number;
}

export interface NaiveMapping {
  at: bigint;
  pageSize: bigint;
  node: number;
  huge: boolean;
  phys: bigint[];
}
