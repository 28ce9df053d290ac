/**
 * Replays one row of the QingTian acceptance table: a small host, steps, and the answer to each.
 *
 * A row is one JSON object on one line:
 * `{"id","requirements":["Q20"],"platform":"qingtian@2022-10","host":{…},"steps":[[op,args,expect],…],
 * "why"}`, with `"pair":[a,b]` where two rules fail at once and the expected one wins.
 * Two kinds of row have no steps: `{"id","code":"QT 12","unreachable":reason}` and
 * `{"id","pair":[a,b],"impossible":reason}`; they replay to nothing.
 *
 * - host: `nodes` [{`cpus` cpulist, `memoryMib`, `freeMib`? [[start, length], …]}]; `threadsPerCore`
 *   (2), `numbering` ("adjacent" or "block"), `flavor`, `region`, `os`, `bareMetal`, `options`.
 * - ops: `reserve` {hugepage_size, memory_mib, cpu_count, cpu_list}; `launch` (all steps) and
 *   `define` {cpus, mem, cid, debug, image, failing}; every other op is the rest of a command's kind
 *   (`map`, `stop`, …, or `parent.stop`) with {uid, accepted}.
 * - expect: `ok`, and any of `rule`, `codes`, `numbers` (the keys given), `uid`, `events` (names in
 *   order), `enclaves` (how many exist afterwards).
 *
 * Invariant: the expectation is never used to get there; only keys it has are compared.
 */
import type {
  Command,
  EnclaveImage,
  QingtianConf,
  QingtianRequest,
} from '../../core/host/command.js';
import type { Decision } from '../../core/host/decision.js';
import { createHost, type Host } from '../../core/host/host.js';
import { runInPlace } from '../../core/host/step.js';
import { createNodeMemory, type NodeMemory, PARENT } from '../../core/memory/node-memory.js';
import type { NamedOptions } from '../../core/platform/profile.js';
import { fillRequest } from '../../core/platform/qingtian/defaults.js';
import { launchSteps, runLaunch } from '../../core/platform/qingtian/launch.js';
import { qingtianProfile } from '../../core/platform/qingtian/profile.js';
import type { StageId } from '../../core/platform/qingtian/step-rules.js';
import { QINGTIAN_VERSIONS, type QingtianVersion } from '../../core/platform/qingtian/versions.js';
import { parseStrictCpulist } from '../../core/topology/cpulist.js';
import { regularCores, type SiblingNumbering } from '../../core/topology/regular.js';
import { buildTopology, type Topology } from '../../core/topology/topology.js';
import { compared, type Mismatch } from './mismatch.js';

export interface QingtianHostRow {
  readonly nodes: readonly {
    readonly cpus: string;
    readonly memoryMib: number;
    readonly freeMib?: readonly (readonly [startMib: number, lengthMib: number])[];
  }[];
  readonly threadsPerCore?: number;
  readonly numbering?: SiblingNumbering;
  readonly flavor?: string;
  readonly region?: string;
  readonly os?: 'linux' | 'other';
  readonly bareMetal?: boolean;
  readonly options?: NamedOptions;
}

export interface StepArguments {
  readonly hugepage_size?: number;
  readonly memory_mib?: number;
  readonly cpu_count?: number;
  readonly cpu_list?: string | readonly number[];
  readonly cpus?: number;
  readonly mem?: number;
  readonly cid?: number;
  readonly debug?: boolean;
  readonly image?: Partial<EnclaveImage>;
  readonly failing?: StageId;
  readonly uid?: number;
  readonly accepted?: boolean;
}

export interface StepExpectation {
  readonly ok: boolean;
  readonly rule?: string;
  readonly codes?: readonly string[];
  readonly numbers?: Readonly<Record<string, number | string>>;
  readonly uid?: number;
  readonly events?: readonly string[];
  readonly enclaves?: number;
}

export type QingtianStep = readonly [op: string, args: StepArguments, expect: StepExpectation];

export interface QingtianRow {
  readonly id: string;
  readonly requirements?: readonly string[];
  readonly platform?: string;
  readonly host?: QingtianHostRow;
  readonly steps?: readonly QingtianStep[];
  readonly pair?: readonly [string, string];
  readonly code?: string;
  readonly unreachable?: string;
  readonly impossible?: string;
  readonly why?: string;
}

/** Differences between a row and its replay; empty = conforms. Throws on a malformed row. */
export function replayQingtianRow(row: QingtianRow): Mismatch[] {
  if (row.steps === undefined || row.host === undefined) return [];
  const version = versionOf(row.platform ?? 'qingtian@2022-10');
  const host = buildQingtianHost(version, row.host);
  return row.steps.flatMap(([op, args, expect], step) => {
    const decision = takeStep(version, host, op, args);
    return compared(step, expect, answer(host, decision, expect));
  });
}

/** The host a row describes: running, nothing reserved, memory free except where `freeMib` says. */
export function buildQingtianHost(version: QingtianVersion, row: QingtianHostRow): Host {
  const profile = qingtianProfile(version.id);
  const topology = topologyOf(row);
  const resolved = profile.resolveOptions(row.options ?? {});
  if ('problems' in resolved) throw new Error(resolved.problems.join('; '));
  return createHost({
    profile,
    options: resolved.options,
    parent: {
      flavor: row.flavor ?? profile.parentDefaults.flavor ?? 'custom',
      region: row.region ?? profile.parentDefaults.region,
      os: row.os ?? 'linux',
      bareMetal: row.bareMetal ?? false,
      memoryMib: row.nodes.reduce((sum, node) => sum + node.memoryMib, 0),
    },
    topology,
    hypervisor: profile.hypervisor,
    memory: row.nodes.map((_, node) => memoryOf(row, topology, node)),
  });
}

/** Takes one step of a row on a live host. */
export function takeStep(
  version: QingtianVersion,
  host: Host,
  op: string,
  args: StepArguments,
): Decision {
  if (op === 'launch') {
    const take = (command: Command) => runInPlace(host, command);
    return runLaunch(requestOf(version, args), take, args.failing).last;
  }
  return runInPlace(host, commandOf(version, op, args));
}

/** `qt enclave start` as a row writes it; a small complete Linux image unless it says otherwise. */
export function requestOf(version: QingtianVersion, args: StepArguments): QingtianRequest {
  return fillRequest(version, {
    image: { ...SMALL_IMAGE, ...args.image },
    ...(args.cpus === undefined ? {} : { cpus: args.cpus }),
    ...(args.mem === undefined ? {} : { memoryMib: args.mem }),
    ...(args.cid === undefined ? {} : { cid: args.cid }),
    ...(args.debug === undefined ? {} : { debug: args.debug }),
  });
}

const SMALL_IMAGE: EnclaveImage = {
  bytes: 1_048_576,
  sections: ['kernel', 'cmdline', 'ramdisk', 'init'],
  os: 'linux',
  kind: 'eif',
};

/** The command a step of a row stands for; of `launch`, its first step is `define`. */
export function commandOf(version: QingtianVersion, op: string, args: StepArguments): Command {
  if (op === 'reserve') return { kind: 'qingtian.reserve', conf: confOf(args) };
  if (op === 'define') {
    const first = launchSteps(requestOf(version, args), args.failing).next();
    if (first.done !== true) return first.value;
  }
  const kind = op.startsWith('parent.') ? op : `qingtian.${op}`;
  // A row is data from a file: a kind that the profile does not list is refused by name.
  return { kind, uid: args.uid ?? 0, ...acceptedOf(args) } as Command;
}

function acceptedOf({ accepted }: StepArguments): { readonly accepted?: boolean } {
  return accepted === undefined ? {} : { accepted };
}

function confOf(args: StepArguments): QingtianConf {
  const { hugepage_size, memory_mib, cpu_count, cpu_list } = args;
  return {
    ...(hugepage_size === undefined ? {} : { hugepageSizeMib: hugepage_size }),
    ...(memory_mib === undefined ? {} : { memoryMib: memory_mib }),
    ...(cpu_count === undefined ? {} : { cpuCount: cpu_count }),
    ...(cpu_list === undefined ? {} : { cpuList: cpuIds(cpu_list) }),
  };
}

/** The parts of an answer that the expectation has. */
function answer(host: Host, decision: Decision, expect: StepExpectation): unknown {
  const { refusal, facts } = decision;
  const wanted = Object.keys(expect.numbers ?? {});
  const all: Record<keyof StepExpectation, unknown> = {
    ok: refusal === undefined,
    rule: refusal?.rule,
    codes: refusal?.codes,
    numbers: Object.fromEntries(wanted.map((key) => [key, refusal?.numbers[key]])),
    uid: facts.uid,
    events: facts.events?.map(({ name }) => name),
    enclaves: host.tree.records.length,
  };
  const keys = Object.keys(expect) as (keyof StepExpectation)[];
  // A refusal always shows its rule, so that a row which expects success says what went wrong.
  if (refusal !== undefined && !keys.includes('rule')) keys.push('rule');
  return Object.fromEntries(keys.map((key) => [key, all[key]]));
}

function versionOf(platform: string): QingtianVersion {
  const found = QINGTIAN_VERSIONS.find(({ id }) => platform === `qingtian@${id}`);
  if (found === undefined) throw new Error(`no platform "${platform}"`);
  return found;
}

function topologyOf(row: QingtianHostRow): Topology {
  const { threadsPerCore = 2, numbering = 'adjacent' } = row;
  const nodes = row.nodes.map(({ cpus }, id) => ({ id, cpus: cpuIds(cpus) }));
  const threads = nodes.reduce((sum, { cpus }) => sum + cpus.length, 0);
  const cores = regularCores({ cores: threads / threadsPerCore, threadsPerCore, numbering });
  const built = buildTopology({ cores, nodes });
  if ('problems' in built) throw new Error(built.problems.map((p) => p.message).join('; '));
  return built.topology;
}

function memoryOf(row: QingtianHostRow, topology: Topology, node: number): NodeMemory {
  const { memoryMib, freeMib } = row.nodes[node];
  const { pageSizesKib } = topology;
  const frameKib = pageSizesKib[0];
  const frames = Math.floor((memoryMib * 1024) / frameKib);
  const memory = createNodeMemory({ node, frameKib, frames, pageSizesKib });
  let held = 0;
  for (const [startMib, lengthMib] of [...(freeMib ?? [[0, memoryMib]]), [memoryMib, 0]]) {
    const start = Math.min(frames, (startMib * 1024) / frameKib);
    if (start > held) memory.base.allocAt(held, start - held, PARENT);
    held = start + (lengthMib * 1024) / frameKib;
  }
  return memory;
}

function cpuIds(cpus: string | readonly number[]): readonly number[] {
  if (typeof cpus !== 'string') return cpus;
  const parsed = parseStrictCpulist(cpus);
  if ('problem' in parsed) throw new Error(parsed.problem);
  return parsed.cpus;
}
