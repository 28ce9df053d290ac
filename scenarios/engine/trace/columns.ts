/**
 * Which columns of a CSV file mean what: the mapping that makes any table of requests a trace.
 *
 * Invariant: `vcpus` and `memory` are always mapped; without `at` all requests come at time 0 in the
 * order of the rows, without `end` and `lifetime` what started stays. `group` and `groupRule` are read
 * only where the demand keeps groups. The presets are those of two public traces, whose files are not
 * part of this project, and of our own tables.
 */
import type { GroupColumns, GroupNames } from './group-column.js';

export interface TraceColumns {
  readonly vcpus: string;
  readonly memory: string;
  /** Time of the request. */
  readonly at?: string;
  /** Time of the end; either this or `lifetime`. */
  readonly end?: string;
  readonly lifetime?: string;
  /** NUMA nodes asked for; by default 1. */
  readonly nodes?: string;
  /** Unique name of a request: twice the same is an error. */
  readonly id?: string;
  /** Name of the group a request belongs to, and its rule, both or neither: of request, GROUP_RULES. */
  readonly group?: string;
  readonly groupRule?: string;
  /** By default `unique`. */
  readonly groupNames?: GroupNames;
  readonly cpuUnit: 'vcpu' | 'milli';
  readonly memoryUnit: 'MiB' | 'GiB';
  readonly timeUnit: 's' | 'ms';
}

export const TRACE_FORMATS = {
  /** hkust-adsl/kubernetes-scheduler-simulator, data/csv/openb_pod_list_*.csv (Apache-2.0). */
  openb: {
    id: 'name',
    vcpus: 'cpu_milli',
    memory: 'memory_mib',
    at: 'creation_time',
    end: 'deletion_time',
    cpuUnit: 'milli',
    memoryUnit: 'MiB',
    timeUnit: 's',
  },
  /** mdl1104/Dataset-for-topology-aware-VM-placement, VM_data_C*.csv (CC0-1.0); no times. */
  'huawei-numa': {
    vcpus: 'flavor_vcpus',
    memory: 'flavor_ram',
    nodes: 'numa',
    group: 'group',
    groupRule: 'strategy',
    // Its groups of each strategy start at 0.
    groupNames: 'per-rule',
    cpuUnit: 'vcpu',
    memoryUnit: 'GiB',
    timeUnit: 's',
  },
  /** What `fleet --demand` writes: to the millisecond, so that a run of it repeats the first. */
  hypercarve: {
    id: 'id',
    at: 'at_ms',
    lifetime: 'lifetime_ms',
    vcpus: 'vcpus',
    memory: 'memory_mib',
    nodes: 'nodes',
    group: 'group',
    groupRule: 'group_rule',
    groupNames: 'per-rule',
    cpuUnit: 'vcpu',
    memoryUnit: 'MiB',
    timeUnit: 'ms',
  },
} as const satisfies Readonly<Record<string, TraceColumns>>;

/** Whether requests belong to the groups that a trace says; by default they do not. */
export const GROUP_USES = ['keep', 'ignore'] as const;
export type GroupUse = (typeof GROUP_USES)[number];

/** Undefined = these columns say no groups, or nobody wants to know. */
export function groupColumns(
  { group, groupRule: rule, groupNames: names = 'unique' }: TraceColumns,
  use: GroupUse,
): GroupColumns | undefined {
  if (use === 'ignore' || group === undefined || rule === undefined) return undefined;
  return { group, rule, names };
}

export type TraceFormat = keyof typeof TRACE_FORMATS;
