/**
 * Hosts and requests for the QingTian tests, in the words of the acceptance table.
 *
 * Invariant: a host made here is running and, unless `prepared` is used, has reserved nothing.
 */
import { readFileSync } from 'node:fs';
import type { Decision } from '../../core/host/decision.js';
import type { Host } from '../../core/host/host.js';
import { qingtianVersion } from '../../core/platform/qingtian/versions.js';
import {
  buildQingtianHost,
  type QingtianHostRow,
  type QingtianRow,
  type StepArguments,
  takeStep,
} from '../../scenarios/conform/qingtian.js';

export const SEED = qingtianVersion('2022-10');

/** One node of 16 CPUs in two-thread cores (0-1, 2-3, …) and 8 GiB, all free. */
export const SIXTEEN: QingtianHostRow = { nodes: [{ cpus: '0-15', memoryMib: 8192 }] };

export function hostOf(row: QingtianHostRow = SIXTEEN): Host {
  return buildQingtianHost(SEED, row);
}

/** Takes one step of the 2022-10 profile on a live host. */
export function take(host: Host, op: string, args: StepArguments = {}): Decision {
  return takeStep(SEED, host, op, args);
}

/** A host with CPUs 2-13 and 2 GiB of 2 MiB pages reserved. */
export function prepared(row: QingtianHostRow = SIXTEEN): Host {
  const host = hostOf(row);
  const decision = take(host, 'reserve', {
    hugepage_size: 2,
    memory_mib: 2048,
    cpu_list: '2-13',
  });
  if (decision.refusal !== undefined) throw new Error(decision.refusal.message);
  return host;
}

/** Everything a host holds, as plain values to compare. */
export function picture(host: Host): unknown {
  const memory = host.memory.map((node) =>
    [node.base, ...node.pools.map((pool) => pool.store)].map((store) =>
      [...store.extents()].map(({ start, frames, owner }) => [start, frames, owner]),
    ),
  );
  return structuredClone({ tree: host.tree, memory });
}

/** The committed acceptance table. */
export function acceptanceRows(): QingtianRow[] {
  const text = readFileSync(new URL('./qingtian-acceptance.jsonl', import.meta.url), 'utf8');
  return text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as QingtianRow);
}
