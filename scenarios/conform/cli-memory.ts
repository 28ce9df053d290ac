/**
 * Replays one recorded launch of nitro-cli (conformance format, section 3).
 *
 * Builds a host with the recorded free hugepages and pool, launches through our nitro-cli, and
 * compares everything the recording has: reported memory, pages by node in order, every try to map,
 * the refusing driver call, the free pages while the enclave runs and after its process has ended.
 * Invariant: what the recording says about the end is never used to get there.
 * Trade-off: pages of a node lie one after the other, largest first; launches look at no address.
 */
import type { HeldPage } from '../../core/device/nitro-cli/pages.js';
import { createNitroCli } from '../../core/device/nitro-cli/processes.js';
import { type CpuRequest, plainImage } from '../../core/device/nitro-cli/request.js';
import { type RunResult, runEnclave } from '../../core/device/nitro-cli/run-enclave.js';
import { terminateEnclave } from '../../core/device/nitro-cli/terminate.js';
import { MEMORY_VALUE_RULES, memoryMibOf } from '../../core/device/nitro-cli/values.js';
import { createHost, type Host } from '../../core/host/host.js';
import { NITRO_HYPERVISOR } from '../../core/host/hypervisor.js';
import { nodePosition } from '../../core/host/physical.js';
import { runProgram } from '../../core/host/program.js';
import { runInPlace } from '../../core/host/step.js';
import {
  createNodeMemory,
  freePages,
  type NodeMemory,
  reservePages,
} from '../../core/memory/node-memory.js';
import { errorName } from '../../core/platform/nitro/errors.js';
import { nitroProfile } from '../../core/platform/nitro/profile.js';
import { firstRefusal } from '../../core/platform/rule.js';
import { parseKernelCpulist } from '../../core/topology/cpulist.js';
import { buildTopology, type Topology } from '../../core/topology/topology.js';
import { compared, type Mismatch } from './mismatch.js';

/** Page size in MiB ("0.0625" = 64 KiB) → free pages by node. */
type FreePages = Readonly<Record<string, readonly number[]>>;

/** u64: a number up to 2^53 - 1, else a hex string. */
type U64 = number | string;

export interface CliMemoryVector {
  readonly id: string;
  readonly host: {
    readonly cores: readonly string[];
    readonly nodes: Readonly<Record<string, string>>;
    readonly maxMemRegions: number;
    readonly pool: string;
    readonly pages: FreePages;
    readonly local: number;
  };
  readonly memory: string;
  readonly eifBytes: U64;
  readonly cpus: CpuRequest;
  readonly cid?: U64;
  readonly debug?: boolean;
  readonly out: Readonly<Record<string, unknown>>;
}

const KIB_PER_MIB = 1024;

/** Every difference between the recording and our run; none = the vector passes. */
export function replayCliMemoryVector(vector: CliMemoryVector): Mismatch[] {
  const got = launch(recordedHost(vector.host), vector);
  const fields = new Set([...Object.keys(vector.out), ...Object.keys(got)]);
  return [...fields].flatMap((field) => compared(field, vector.out[field], got[field]));
}

/** Our run in the shape of the recording. */
function launch(host: Host, vector: CliMemoryVector): Record<string, unknown> {
  const before = pageCounts(host, vector.host.pages);
  const unread = firstRefusal(MEMORY_VALUE_RULES, vector.memory);
  if (unread !== undefined) {
    const [code] = unread.codes;
    return { ok: false, stage: 'parse', code, attempts: [], freeAfterExit: 'same' };
  }
  const cli = createNitroCli();
  const memoryMib = memoryMibOf(vector.memory);
  const request = {
    eifPath: 'image.eif',
    memoryMib,
    cpus: vector.cpus,
    cid: BigInt(vector.cid ?? 0),
    debug: vector.debug ?? false,
    attachConsole: false,
  };
  const image = plainImage(BigInt(vector.eifBytes));
  const localNode = nodePosition(host.topology, vector.host.local);
  const result = runProgram(host, runEnclave(request, { cli, host, image, localNode }));
  const freeWhileRunning = pageCounts(host, vector.host.pages);
  const outcome = result.ok
    ? { ...succeeded(result), mib: recordedU64(memoryMib), freeWhileRunning }
    : refused(result);
  runProgram(host, terminateEnclave(cli, { all: true }));
  const after = pageCounts(host, vector.host.pages);
  const freeAfterExit = compared('', before, after).length === 0 ? 'same' : after;
  const attempts = result.report.attempts.map(({ pageKib, taken, failed }) => [
    pageKib / KIB_PER_MIB,
    taken,
    failed,
  ]);
  const leaked = host.tree.counters.pinned;
  return {
    attempts,
    freeAfterExit,
    ...(leaked > 0 ? { leakedPins: leaked } : {}),
    ...outcome,
  };
}

/** As the format writes a u64. */
function recordedU64(value: bigint): U64 {
  return value <= Number.MAX_SAFE_INTEGER ? Number(value) : `0x${value.toString(16)}`;
}

function succeeded({ report, enclave }: RunResult & { readonly ok: true }) {
  return {
    ok: true,
    allocatedMib: recordedU64(BigInt(report.memoryMib)),
    cid: recordedU64(BigInt(enclave.cid)),
    cpus: enclave.cpus,
    flags: enclave.debug ? 1 : 0,
    regions: pageRuns(report.pages),
  };
}

function refused({ stage, refusal, report, call }: RunResult & { readonly ok: false }) {
  const regions = stage === 'run' ? { regions: pageRuns(report.pages) } : {};
  const name = CALL_NAMES[call?.command ?? ''] ?? call?.command;
  const ioctl = call === undefined ? {} : { ioctl: [[name, call.rc, errorName(-call.rc)]] };
  return { ok: false, stage, code: refusal.codes[0], ...regions, ...ioctl };
}

/** Names of the driver calls as the recordings spell them. */
const CALL_NAMES: Readonly<Record<string, string>> = {
  'nitro.create-vm': 'createVm',
  'nitro.add-vcpu': 'addVcpu',
  'nitro.image-load-info': 'getImageLoadInfo',
  'nitro.set-memory': 'setUserMemoryRegion',
  'nitro.start': 'startEnclave',
};

/** Run-length [size in MiB, pages, node]. */
function pageRuns(pages: readonly HeldPage[]): (readonly [number, number, number])[] {
  const runs: [number, number, number][] = [];
  for (const { pageKib, node } of pages) {
    const mib = pageKib / KIB_PER_MIB;
    const last = runs.at(-1);
    if (last !== undefined && last[0] === mib && last[2] === node) last[1]++;
    else runs.push([mib, 1, node]);
  }
  return runs;
}

/** Free pages by node, of the sizes the recording names. */
function pageCounts(host: Host, sizes: FreePages): FreePages {
  return Object.fromEntries(
    Object.keys(sizes).map((mib) => {
      const size = host.topology.pageSizesKib.indexOf(Number(mib) * KIB_PER_MIB);
      return [mib, host.memory.map(({ pools }) => freePages(pools[size]))];
    }),
  );
}

function recordedHost(recorded: CliMemoryVector['host']): Host {
  const topology = recordedTopology(recorded);
  const memory = topology.nodes.map(({ id }, node) => recordedMemory(id, node, recorded.pages));
  const host = createHost({
    profile: nitroProfile(),
    options: {},
    parent: { flavor: 'custom', region: 'any', os: 'linux', bareMetal: false, memoryMib: 0 },
    topology,
    hypervisor: { ...NITRO_HYPERVISOR, kind: 'permissive', maxRanges: recorded.maxMemRegions },
    memory,
  });
  const { refusal } = runInPlace(host, { kind: 'nitro.write-pool', text: `${recorded.pool}\n` });
  if (refusal !== undefined) throw new Error(`recorded pool: ${refusal.message}`);
  return host;
}

function recordedTopology({ cores, nodes, pages }: CliMemoryVector['host']): Topology {
  const built = buildTopology({
    cores: cores.map(cpusOf),
    nodes: Object.entries(nodes).map(([id, text]) => ({ id: Number(id), cpus: cpusOf(text) })),
    pageSizesKib: Object.keys(pages).map((mib) => Number(mib) * KIB_PER_MIB),
  });
  if ('topology' in built) return built.topology;
  throw new Error(`recorded host: ${built.problems.map(({ message }) => message).join('; ')}`);
}

function cpusOf(text: string): readonly number[] {
  const highest = Math.max(...text.split(/[-,]/).map(Number));
  const parsed = parseKernelCpulist(text, highest + 1);
  if ('cpus' in parsed) return parsed.cpus;
  throw new Error(`recorded CPU list ${text}: ${parsed.errno}`);
}

/** Frames are as small as the smallest page and at most 2 MiB, so that every size fits. */
const FRAME_KIB = 2 * KIB_PER_MIB;

function recordedMemory(id: number, node: number, pages: FreePages): NodeMemory {
  const counts = Object.entries(pages)
    .map(([mib, byNode]) => ({ pageKib: Number(mib) * KIB_PER_MIB, count: byNode[node] }))
    .sort((a, b) => a.pageKib - b.pageKib);
  const pageSizesKib = counts.map(({ pageKib }) => pageKib);
  const frameKib = Math.min(FRAME_KIB, ...pageSizesKib);
  const totalKib = counts.reduce((sum, { pageKib, count }) => sum + pageKib * count, 0);
  const whole = Math.max(FRAME_KIB, ...pageSizesKib);
  const frames = (Math.ceil(totalKib / whole + 1) * whole) / frameKib;
  const memory = createNodeMemory({ node: id, frameKib, frames, pageSizesKib });
  let start = 0;
  for (const [size, { pageKib, count }] of [...counts.entries()].reverse()) {
    const length = (pageKib * count) / frameKib;
    if (length > 0) reservePages(memory, size, [start, length]);
    start += length;
  }
  return memory;
}
