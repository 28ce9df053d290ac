/**
 * Parents out of a table of servers: free CPUs and memory of each of their nodes.
 *
 * Invariant: a server is what its row says is free; a node that has neither CPUs nor memory is not
 * there; a row is a server or a problem with its line. Trade-off: a core is one thread, since such
 * tables count CPUs.
 */
import type { HostDescription } from '../../../core/host/describe.js';
import type { Profile } from '../../../core/platform/profile.js';
import { counted } from '../../../core/units/counted.js';
import type { Problem } from '../../schema/problem.js';
import { fieldsOf, linesOf, readTrouble } from './csv-rows.js';
import { columnsProblem } from './header.js';

export interface ServerNode {
  readonly cpus: number;
  readonly memoryMib: number;
}

/** Which columns say what is free on each node. */
export interface ServerColumns {
  readonly nodes: readonly { readonly cpus: string; readonly memory: string }[];
  readonly memoryUnit: 'MiB' | 'GiB';
}

export const SERVER_FORMATS = {
  /** mdl1104/Dataset-for-topology-aware-VM-placement, PM_res.csv (CC0-1.0). */
  'huawei-numa': {
    nodes: [
      { cpus: 'CPU1', memory: 'RAM1' },
      { cpus: 'CPU2', memory: 'RAM2' },
    ],
    memoryUnit: 'GiB',
  },
} as const satisfies Readonly<Record<string, ServerColumns>>;

export type ServerFormat = keyof typeof SERVER_FORMATS;

const MOST_PROBLEMS = 50;
const MIB_PER_GIB = 1024;
/** CPUs of a node, and its MiB: 16 TiB. */
const MOST_CPUS = 4096;
const MOST_MIB = 16 * 1024 * 1024;

/** The nodes of each server, at most `most` of them, in the order of the rows. */
export function readServers(
  file: string,
  columns: ServerColumns,
  most: number,
):
  | { readonly servers: readonly (readonly ServerNode[])[] }
  | { readonly problems: readonly Problem[] } {
  const servers: ServerNode[][] = [];
  const problems: Problem[] = [];
  let header: readonly string[] | undefined;
  try {
    for (const { line, text } of linesOf(file)) {
      if (servers.length === most || problems.length === MOST_PROBLEMS) break;
      if (text.trim() === '') continue;
      const problem = (message: string, suggestion?: string) =>
        problems.push({ file, line, path: '', message, ...(suggestion && { suggestion }) });
      const fields = fieldsOf(text);
      if (fields === undefined) problem('a quote is not closed on its line');
      else if (header === undefined) {
        header = fields;
        const names = columns.nodes.flatMap(({ cpus, memory }) => [cpus, memory]);
        const wrong = columnsProblem(header, names);
        if (wrong === undefined) continue;
        problem(wrong.message, wrong.suggestion);
        break;
      } else {
        const nodes = nodesOf(header, fields, columns);
        if (typeof nodes === 'string') problem(nodes);
        else servers.push(nodes);
      }
    }
  } catch (error) {
    problems.push({ file, path: '', message: readTrouble(error) });
  }
  if (problems.length === 0 && servers.length === 0) {
    problems.push({ file, path: '', message: 'the table has no server' });
  }
  return problems.length > 0 ? { problems } : { servers };
}

function nodesOf(
  header: readonly string[],
  fields: readonly string[],
  { nodes, memoryUnit }: ServerColumns,
): ServerNode[] | string {
  if (fields.length > header.length) {
    return `${counted(fields.length, 'field')} under ${counted(header.length, 'column')}`;
  }
  const perUnit = memoryUnit === 'GiB' ? MIB_PER_GIB : 1;
  const read: ServerNode[] = [];
  for (const names of nodes) {
    const [cpus, memory] = [names.cpus, names.memory].map((name) => {
      const text = (fields[header.indexOf(name)] ?? '').trim();
      return /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
    });
    if (!(cpus <= MOST_CPUS)) return `${names.cpus} is no whole number from 0 to ${MOST_CPUS}`;
    const memoryMib = memory * perUnit;
    if (!(memoryMib <= MOST_MIB)) return `${names.memory} is no whole number up to 16 TiB`;
    if (cpus > 0 || memoryMib > 0) read.push({ cpus, memoryMib });
  }
  return read.length > 0 ? read : 'the server has neither CPUs nor memory';
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
  const memory = nodes.map(({ memoryMib }) => memoryMib);
  return {
    profile,
    topology: { cores, nodes: numbered },
    memoryMib: memory,
    layout: {
      kind: 'explicit',
      freeKib: memory.map((mib) => (mib > 0 ? [[0, mib * 1024]] : [])),
    },
  };
}
