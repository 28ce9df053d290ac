/**
 * Parents out of a table of servers: free CPUs and memory of each of their nodes.
 *
 * Invariant: a server is what its row says is free; a node that has neither CPUs nor memory is not
 * there. Trade-off: a core is one thread, since such tables count CPUs.
 */
import type { HostDescription } from '../../../core/host/describe.js';
import type { Profile } from '../../../core/platform/profile.js';
import type { Problem } from '../../schema/problem.js';
import { fieldsOf, linesOf } from './csv-rows.js';

export interface ServerNode {
  readonly cpus: number;
  readonly gib: number;
}

/** Column pairs of a server's nodes. */
export type NodeColumns = readonly (readonly [cpus: string, gib: string])[];

/** mdl1104/Dataset-for-topology-aware-VM-placement, PM_res.csv (CC0-1.0). */
export const HUAWEI_SERVER_COLUMNS: NodeColumns = [
  ['CPU1', 'RAM1'],
  ['CPU2', 'RAM2'],
];

/** The nodes of each server, at most `most` of them, in the order of the rows. */
export function readServers(
  file: string,
  columns: NodeColumns,
  most: number,
): { readonly servers: readonly (readonly ServerNode[])[] } | { readonly problem: Problem } {
  const servers: ServerNode[][] = [];
  let header: readonly string[] | undefined;
  for (const { line, text } of linesOf(file)) {
    if (servers.length === most) break;
    const fields = fieldsOf(text) ?? [];
    if (header === undefined) {
      header = fields;
      const missing = columns.flat().find((name) => !fields.includes(name));
      if (missing === undefined) continue;
      return { problem: { file, line, path: '', message: `the header has no column ${missing}` } };
    }
    const names = header;
    const value = (name: string) => Number(fields[names.indexOf(name)]);
    const nodes = columns.map(([cpus, gib]) => ({ cpus: value(cpus), gib: value(gib) }));
    if (nodes.some(({ cpus, gib }) => !Number.isSafeInteger(cpus) || !Number.isSafeInteger(gib))) {
      return { problem: { file, line, path: '', message: 'a node is no pair of whole numbers' } };
    }
    servers.push(nodes.filter(({ cpus, gib }) => cpus > 0 || gib > 0));
  }
  return { servers };
}

/** A server as a host description: one-thread cores, numbered node by node. */
export function describeServer(profile: Profile, nodes: readonly ServerNode[]): HostDescription {
  const cores: number[][] = [];
  const numbered = nodes.map(({ cpus }, id) => {
    const first = cores.length;
    const ids = Array.from({ length: cpus }, (_, i) => first + i);
    cores.push(...ids.map((cpu) => [cpu]));
    return { id, cpus: ids };
  });
  const memoryMib = nodes.map(({ gib }) => gib * 1024);
  return {
    profile,
    topology: { cores, nodes: numbered },
    memoryMib,
    layout: {
      kind: 'explicit',
      freeKib: memoryMib.map((mib) => (mib > 0 ? [[0, mib * 1024]] : [])),
    },
  };
}
