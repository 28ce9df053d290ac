/**
 * What the rule rows of QingTian look at: the host, the version's document and the options.
 *
 * Invariant: a context is made fresh from a host for one decision and only read.
 * Trade-off: what the pool can give is looked up when the first row asks, and kept for the decision,
 * so that an early refusal costs nothing and later rows agree on one answer.
 */
import type { QingtianConf, QingtianRequest } from '../../host/command.js';
import type { Host } from '../../host/host.js';
import type { NodeMemory } from '../../memory/node-memory.js';
import { type QingtianOptions, resolveOptions } from './options.js';
import type { Supply } from './pool-supply.js';
import type { QingtianVersion } from './versions.js';

export interface ParentContext {
  readonly host: Host;
  readonly version: QingtianVersion;
  readonly options: QingtianOptions;
}

export interface ReserveContext extends ParentContext {
  readonly conf: QingtianConf;
  /** The parent without the pool that a restart of the service would give back first. */
  readonly unpooled: Unpooled;
}

/** CPUs and memory the parent has when no pool is set aside. */
export interface Unpooled {
  /** Per CPU id: 1 = online. */
  readonly online: readonly number[];
  readonly memory: readonly NodeMemory[];
}

export interface StartContext extends ParentContext {
  readonly request: QingtianRequest;
  /** Page size of the pool in MiB; 0 = nothing is reserved. */
  readonly pageMib: number;
  /** Memory the enclave would get: as asked, or rounded up to whole pages by option. */
  readonly memoryMib: number;
  /** What each node of the pool can give: looked up by the first row that asks, for all after it. */
  supply: Supply | undefined;
}

export function parentContext(version: QingtianVersion, host: Host): ParentContext {
  return { host, version, options: resolveOptions(version, host.options) };
}

export function startContext(
  version: QingtianVersion,
  host: Host,
  request: QingtianRequest,
): StartContext {
  const options = resolveOptions(version, host.options);
  const { state, pageKib } = host.tree.reservation;
  const pageMib = state === 'active' ? pageKib / 1024 : 0;
  const rounds = options.memoryRounding === 'round-up' && pageMib > 0;
  const memoryMib = rounds ? Math.ceil(request.memoryMib / pageMib) * pageMib : request.memoryMib;
  return { host, version, options, request, pageMib, memoryMib, supply: undefined };
}
