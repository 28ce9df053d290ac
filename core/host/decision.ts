/**
 * A decision: what one command does to one host, before anything is done.
 *
 * `effects` is what `apply` will carry out, `facts` what the caller is told, `refusal` the first no in
 * the platform's own order. A refusal may come with effects (a core moved before the request
 * failed, a page pinned for good). Invariant: deciding never writes.
 */
import type { Refusal } from '../refusal/refusal.js';
import type { AnswerKind } from './command.js';
import type { Effect } from './effect.js';

/** A request that reached the hypervisor: name, operands, and the negative errno if it failed. */
export type HypervisorRequest = readonly [
  name: 'ALLOC' | 'VCPU' | 'MEM' | 'START' | 'STOP' | 'FREE' | 'INFO',
  ...operands: number[],
];

/** What a caller is told. Only the fields the command has are present. */
export interface Facts {
  /** Kernel return value of a driver or sysfs call: ≥ 0, or a negative errno / NE_ERR code. */
  readonly rc?: number;
  /** Slug of the check that refused a pool write (conformance format, section 1). */
  readonly why?: string;
  readonly slot?: number;
  readonly fd?: number;
  readonly vcpu?: number;
  readonly cid?: number;
  readonly memoryOffset?: number;
  readonly poll?: number;
  /** What the driver's release hook returned; the closing caller always sees 0. */
  readonly release?: number;
  readonly requests?: readonly HypervisorRequest[];
  /** How often each failable call was made, so that a pending fault can be counted down. */
  readonly calls?: Readonly<Partial<Record<AnswerKind, number>>>;
  /** Enclave this command created or concerns. */
  readonly uid?: number;
  /** User address of a new mapping. */
  readonly address?: number;
  /** NUMA node chosen. */
  readonly node?: number;
  /** nr_hugepages after a write. */
  readonly pages?: number;
  /** Things worth a line in a report: ids of events, e.g. "enclave.terminated". */
  readonly events?: readonly HostEvent[];
}

/** An event by its dotted name, such as `enclave.terminated`, with its numbers. */
export interface HostEvent {
  readonly name: string;
  readonly uid?: number;
  readonly cause?: string;
  readonly detail?: Readonly<Record<string, number | string | readonly string[]>>;
}

export interface Decision {
  readonly effects: readonly Effect[];
  readonly facts: Facts;
  readonly refusal?: Refusal;
}
