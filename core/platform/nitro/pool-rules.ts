/**
 * The checks of a CPU pool write, in the driver's order (nitro RULES.md §2.2, §2.3).
 *
 * Invariant: "sibling" means online sibling, as the kernel's topology mask lists them; a core with
 * an offline thread counts as whole without it. Each row has the slug that the conformance format
 * calls `why`.
 */
import type { Host } from '../../host/host.js';
import {
  type CpulistErrno,
  type KernelCpulist,
  parseKernelCpulist,
} from '../../topology/cpulist.js';
import { siblingsOf, type Topology } from '../../topology/topology.js';
import { existing } from '../../units/counted.js';
import { PASS, type Rule, refuse } from '../rule.js';
import { driverRow } from './row.js';

const EPERM = 1;
const EINVAL = 22;
const ENOSPC = 28;
const ERANGE = 34;
const EOVERFLOW = 75;
/** Size of the driver's string buffer in bytes, its final zero included. */
const PARAMETER_BYTES = 512;

interface WriteContext {
  readonly host: Host;
  readonly command: { readonly capable?: boolean };
}

interface TextContext {
  readonly topology: Topology;
  readonly text: string;
  /** What the kernel's list parser makes of the text on this topology. */
  readonly list: KernelCpulist;
}

interface SetContext {
  readonly topology: Topology;
  /** Per CPU id, after the old pool was torn down. */
  readonly online: readonly number[];
  /** Ascending; not empty once `pool-not-empty` has passed. */
  readonly cpus: readonly number[];
}

/** Online threads of a CPU's core, ascending (quirk `pool-lone-thread`). */
export function siblingsOnline(
  topology: Topology,
  online: readonly number[],
  cpu: number,
): number[] {
  return siblingsOf(topology, cpu).filter((sibling) => online[sibling] === 1);
}

/** The text of a write, read once for all rows. */
export function poolText(topology: Topology, text: string): TextContext {
  return { topology, text, list: parseKernelCpulist(text, topology.nrCpuIds) };
}

/** CPUs of a text that parses; [] for one that does not. */
export function poolCpus({ list }: TextContext): readonly number[] {
  return 'errno' in list ? [] : list.cpus;
}

/** Before anything is changed. */
export const POOL_WRITE_RULES: readonly Rule<WriteContext>[] = [
  driverRow({
    id: 'pool-capability',
    sentence: 'Only a caller with CAP_SYS_ADMIN may write the pool.',
    source: '§2.2 step 1',
    number: EPERM,
    requirements: ['N15'],
    remedy: 'Write it as root.',
    check: ({ command }) =>
      command.capable === false ? refuse({}, 'the caller lacks CAP_SYS_ADMIN') : PASS,
  }),
  driverRow({
    id: 'pool-in-use',
    sentence: 'The pool cannot be written while any enclave exists, in whatever state.',
    source: '§2.2 step 2',
    number: EPERM,
    requirements: ['N12'],
    remedy: 'End every enclave first.',
    check: ({ host: { tree } }) => {
      const enclaves = tree.records.filter(({ listed }) => listed === 1).length;
      return enclaves > 0 ? refuse({ enclaves }, existing(enclaves, 'enclave')) : PASS;
    },
  }),
];

/** The text, after the old pool is gone. One row per error number of the kernel's list parser. */
export const POOL_PARSE_RULES: readonly Rule<TextContext>[] = [
  parseRow('pool-syntax', 'EINVAL', EINVAL, 'The text must be a kernel CPU list.'),
  parseRow('pool-id-range', 'ERANGE', ERANGE, 'Every id must be a possible CPU id.'),
  parseRow('pool-number-size', 'EOVERFLOW', EOVERFLOW, 'Every number must fit in 32 bits.'),
];

export const POOL_SET_RULES: readonly Rule<SetContext>[] = [
  driverRow({
    id: 'pool-not-empty',
    sentence: 'A pool has at least one CPU; an empty write only releases the old pool.',
    source: '§2.3 check 2',
    number: EINVAL,
    remedy: 'Name at least one whole core.',
    check: ({ cpus }) => (cpus.length === 0 ? refuse({ cpus: 0 }, 'no CPU named') : PASS),
  }),
  driverRow({
    id: 'pool-online',
    sentence: 'Every CPU of the pool is online in the parent.',
    source: '§2.3 check 3',
    number: EINVAL,
    remedy: 'Bring the CPU online first.',
    check: ({ cpus, online }) => {
      const cpu = cpus.find((id) => online[id] !== 1);
      return cpu === undefined ? PASS : refuse({ cpu }, `CPU ${cpu} is offline`);
    },
  }),
  driverRow({
    id: 'pool-node-known',
    sentence: 'The kernel knows the NUMA node of the first CPU.',
    source: '§2.3 check 4',
    number: EINVAL,
    remedy: 'Use CPUs that belong to a NUMA node.',
    check: ({ topology, cpus }) =>
      topology.nodeOf[cpus[0]] === -1
        ? refuse({ cpu: cpus[0] }, `CPU ${cpus[0]} has no NUMA node`)
        : PASS,
  }),
  driverRow({
    id: 'pool-one-node',
    sentence: 'All CPUs of the pool are on one NUMA node.',
    source: '§2.3 check 4',
    number: EINVAL,
    requirements: ['N12'],
    remedy: 'Take all CPUs from one node.',
    check: ({ topology, cpus }) => {
      const node = topology.nodeOf[cpus[0]];
      const cpu = cpus.find((id) => topology.nodeOf[id] !== node);
      if (cpu === undefined) return PASS;
      const other = topology.nodeOf[cpu];
      return refuse({ cpu, node: other, poolNode: node }, `CPU ${cpu} is on node ${other}`);
    },
  }),
  driverRow({
    id: 'pool-not-cpu0',
    sentence: 'CPU 0 stays with the parent.',
    source: '§2.3 check 5',
    number: EINVAL,
    requirements: ['N12'],
    remedy: 'Leave CPU 0 out.',
    check: ({ cpus }) => (cpus[0] === 0 ? refuse({ cpu: 0 }, 'CPU 0 is in the pool') : PASS),
  }),
  driverRow({
    id: 'pool-not-cpu0-sibling',
    sentence: 'The siblings of CPU 0 stay with the parent.',
    source: '§2.3 check 6',
    number: EINVAL,
    requirements: ['N12'],
    remedy: "Leave CPU 0's whole core out.",
    check: ({ topology, online, cpus }) => {
      const cpu = siblingsOnline(topology, online, 0).find((id) => cpus.includes(id));
      return cpu === undefined ? PASS : refuse({ cpu }, `CPU ${cpu} is a sibling of CPU 0`);
    },
  }),
  driverRow({
    id: 'pool-full-cores',
    sentence: 'The pool holds whole cores: every online sibling of its CPUs is in it too.',
    source: '§2.3 check 7',
    number: EINVAL,
    requirements: ['N12'],
    remedy: 'Name all threads of each core.',
    check: ({ topology, online, cpus }) => {
      const named = new Set(cpus);
      for (const cpu of cpus) {
        const missing = siblingsOnline(topology, online, cpu).find((id) => !named.has(id));
        if (missing !== undefined) {
          return refuse({ cpu, missing }, `CPU ${missing}, sibling of CPU ${cpu}, is missing`);
        }
      }
      return PASS;
    },
  }),
];

export const POOL_STORE_RULES: readonly Rule<{ readonly text: string }>[] = [
  driverRow({
    id: 'pool-text-length',
    sentence: 'The text fits the parameter buffer of 512 bytes; else the new pool is undone.',
    source: '§2.2 step 5; finding 6',
    number: ENOSPC,
    remedy: 'Write ranges instead of single ids.',
    check: ({ text }) =>
      text.length < PARAMETER_BYTES
        ? PASS
        : refuse(
            { bytes: text.length, mostBytes: PARAMETER_BYTES - 1 },
            `${text.length} bytes do not fit`,
          ),
  }),
];

/** Slug of a row as the conformance format names it; a CPU that stays online has no row here. */
export const WHY_OF_RULE: ReadonlyMap<string, string> = new Map([
  ['nitro.pool-capability', 'no-cap'],
  ['nitro.pool-in-use', 'in-use'],
  ['nitro.pool-syntax', 'parse'],
  ['nitro.pool-id-range', 'parse'],
  ['nitro.pool-number-size', 'parse'],
  ['nitro.pool-not-empty', 'empty'],
  ['nitro.pool-online', 'offline-cpu'],
  ['nitro.pool-node-known', 'no-node'],
  ['nitro.pool-one-node', 'mixed-nodes'],
  ['nitro.pool-not-cpu0', 'cpu0'],
  ['nitro.pool-not-cpu0-sibling', 'cpu0-sibling'],
  ['nitro.pool-full-cores', 'partial-core'],
  ['nitro.pool-text-length', 'string-too-long'],
]);

function parseRow(
  id: string,
  errno: CpulistErrno,
  number: number,
  sentence: string,
): Rule<TextContext> {
  return driverRow({
    id,
    sentence,
    source: '§2.3 check 1; grammar in the conformance format, section 1',
    number,
    remedy: 'Write a list such as "2,4-6,9" of ids this host has.',
    check: ({ topology, text, list }) =>
      'errno' in list && list.errno === errno
        ? refuse({ text, cpuIds: topology.nrCpuIds }, `"${text.trim()}" does not parse: ${errno}`)
        : PASS,
  });
}
