/**
 * The record of one run: everything a report shows, as data, decided before any report is drawn.
 *
 * Reports (terminal, JSON, later HTML and tables) read a record and decide nothing. Invariant: a
 * record is plain JSON (no bigint, no undefined in arrays), stands alone, and equal runs give equal
 * records. Sizes say their unit in the name.
 */
import type { Refusal } from '../core/refusal/refusal.js';

export const RECORD_VERSION = 1;

/** One run of one scenario on one platform. */
export interface RunRecord {
  readonly recordVersion: typeof RECORD_VERSION;
  readonly engine: { readonly name: 'hypercarve'; readonly version: string };
  /** Hash of the inputs. */
  readonly runId: string;
  /** Hash of the journal of commands and outcomes. */
  readonly resultHash: string;
  readonly scenario: ScenarioHead;
  readonly host: HostPicture;
  /** Every timeline entry in the order it happened. */
  readonly timeline: readonly TimelineEntry[];
  /** Host pictures worth drawing, in time order; the last one is the end. */
  readonly snapshots: readonly Snapshot[];
  /** Refusals grouped by rule: a reservation that launches then missed first, then most frequent. */
  readonly refusals: readonly RefusalGroup[];
  readonly expectations: readonly ExpectationResult[];
  /** Invariant violations found (with --audit after every command, else at the end). */
  readonly violations: readonly ViolationRecord[];
  readonly audited: 'every-command' | 'end';
  /** Commands decided and applied. */
  readonly commands: number;
  readonly verdict: Verdict;
}

export interface ScenarioHead {
  readonly title: string;
  /** One sentence: what the scenario teaches. */
  readonly teaches: string;
  /** File name as given, without folders; "-" for standard input. */
  readonly file: string;
  /** Dated profile, e.g. "qingtian@2022-10". */
  readonly platform: string;
  readonly seed: number;
  /** Options that differ from the literal reading. */
  readonly options: Readonly<Record<string, string | number | boolean>>;
  /** Inputs that were derived from an observed outcome or tuned to it: they prove nothing. */
  readonly derived: readonly string[];
  /** What people observed and this run does not show, with both figures. */
  readonly differs?: readonly string[];
  /** Where the facts come from, for field incidents. */
  readonly source?: string;
}

/** What the parent VM is. */
export interface HostPicture {
  readonly parentType: string;
  readonly architecture: string;
  readonly vcpus: number;
  readonly threadsPerCore: number;
  readonly memoryMib: number;
  readonly nodes: readonly {
    readonly id: number;
    readonly cpus: string;
    readonly memoryMib: number;
  }[];
  readonly pageSizesKib: readonly number[];
  /** Which facts are documented, measured, inferred, or given by the scenario. */
  readonly provenance: readonly string[];
  /** What follows from the platform's rules for this parent, computed before anything was reserved. */
  readonly follows: readonly string[];
}

export type TimelineKind =
  | 'reserve'
  | 'unreserve'
  | 'launch'
  | 'terminate'
  | 'crash'
  | 'parent'
  | 'cpu-offline'
  | 'cpu-online'
  | 'command'
  | 'event';

export interface TimelineEntry {
  /** Simulated seconds since the start. */
  readonly at: number;
  readonly kind: TimelineKind;
  /** Name of the enclave in the scenario, when there is one. */
  readonly name?: string;
  /** One line: what was asked or what happened. */
  readonly text: string;
  readonly ok: boolean;
  readonly refusal?: Refusal;
  /** Step of the platform's own launch at which it ended, when refused ("START_ENCLAVE", "define"). */
  readonly stage?: string;
  /** What a refusal or an end left behind ("1 hugepage of 2 MiB lost on node 1 until reboot"). */
  readonly leftBehind?: readonly string[];
  /** Numbers given to the enclave when it runs. */
  readonly enclave?: EnclavePicture;
  /** Exit status of the platform's own program, where one is modelled. */
  readonly status?: number;
  /** Lines that program printed about how it went. */
  readonly printed?: readonly string[];
  /** A reservation's tries to get its memory, in order. */
  readonly attempts?: readonly PageAttemptPicture[];
}

/** One try to reserve memory on one node. */
export interface PageAttemptPicture {
  readonly node: number;
  /** Page size in KiB → pages had, before any roll-back when it failed. */
  readonly pages: Readonly<Record<string, number>>;
  readonly ok: boolean;
}

/** What an enclave that runs was given. */
export interface EnclavePicture {
  readonly id: string;
  readonly cid: number;
  readonly node: number;
  readonly cpus: readonly number[];
  readonly askedMib: number;
  readonly memoryMib: number;
  /** Pages by size in KiB. */
  readonly pages: Readonly<Record<string, number>>;
}

/** The host at one moment. */
export interface Snapshot {
  readonly at: number;
  readonly title: string;
  readonly cpus: readonly CpuPicture[];
  readonly memory: readonly NodePicture[];
  readonly capacity: Capacity;
  /** Last-level caches that serve two owners or more; absent = nobody knows which CPUs share one. */
  readonly sharedCaches?: readonly SharedCachePicture[];
}

/** A last-level cache and whom it serves: "parent" and names of enclaves. Reported, not forbidden. */
export interface SharedCachePicture {
  readonly cpus: string;
  readonly owners: readonly string[];
}

/** Owner of a thread: "parent", "offline", "pool", or an enclave's name. */
export interface CpuPicture {
  readonly cpu: number;
  readonly node: number;
  readonly core: number;
  readonly owner: string;
}

/** One node's physical memory as runs in address order. */
export interface NodePicture {
  readonly node: number;
  readonly frameKib: number;
  readonly frames: number;
  readonly runs: readonly MemoryRun[];
}

export interface MemoryRun {
  readonly start: number;
  readonly frames: number;
  /** "hole", "parent", "free", "pool", "leaked", or an enclave's name. */
  readonly owner: string;
  /** Page size in KiB for pool and enclave runs; 0 otherwise. */
  readonly pageKib: number;
}

/** Where the capacity is: used, free to use, and stranded with the reason. All integers. */
export interface Capacity {
  readonly vcpus: Share;
  readonly memoryMib: Share;
  /** Memory and CPUs nobody can use, by reason. */
  readonly stranded: readonly Stranded[];
}

export interface Share {
  readonly total: number;
  readonly parent: number;
  readonly poolFree: number;
  readonly enclaves: number;
  /** Memory that nobody gets back before a reboot; absent = none. */
  readonly leaked?: number;
}

export interface Stranded {
  readonly reason:
    | 'wrong-node'
    | 'no-cpu'
    | 'no-page'
    | 'sibling'
    | 'page-rounding'
    | 'fragmentation'
    | 'leaked';
  /** "vCPUs" or "MiB". */
  readonly unit: 'vCPU' | 'MiB';
  readonly amount: number;
  readonly sentence: string;
}

export interface RefusalGroup {
  readonly rule: string;
  readonly sentence: string;
  readonly source: string;
  readonly codes: readonly string[];
  readonly count: number;
  readonly example: Refusal;
  readonly who: readonly string[];
}

export interface ExpectationResult {
  readonly text: string;
  readonly met: boolean;
  /** What was found instead. */
  readonly found?: string;
}

export interface ViolationRecord {
  readonly invariant: string;
  readonly message: string;
  readonly afterCommand: number;
  /** Named quirk of the real platform that explains the breach: shown, but it fails no run. */
  readonly quirk?: string;
}

/** The run in one line, with the counts behind it. */
export interface Verdict {
  readonly ok: boolean;
  readonly text: string;
  readonly launches: number;
  readonly launched: number;
  /** Entries of any kind that were refused, reservations too. */
  readonly refused: number;
  readonly running: number;
}
