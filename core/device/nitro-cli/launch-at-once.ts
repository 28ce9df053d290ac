/**
 * A launch by nitro-cli decided at once: what an engine of many launches needs.
 *
 * Runs of equal pages are planned, placed and written together, and a launch that the arguments, the
 * CPU pool, CREATE_VM or a lack of pages will refuse is refused before it takes a page. Invariant:
 * the host, the processes and the refusal are those of the program run step by step, to the byte of
 * the stores (test/device/nitro-at-once); every other launch is left to the program: answers
 * ordered ahead, pages on the wrong node, too many ranges, vCPUs that are refused, a START that is.
 * Trade-off: what lies between the first step and the last cannot be seen, and the lines that the
 * program prints are not written; so scenarios, recordings and the explorer run the program.
 */
import type { Effect } from '../../host/effect.js';
import type { Host } from '../../host/host.js';
import { pagesIn } from '../../host/mapped-life.js';
import { nodePosition } from '../../host/physical.js';
import type { Newborn } from '../../host/tree.js';
import { assignedCid } from '../../platform/nitro/hypervisor.js';
import { IMAGE_OFFSET_BYTES } from '../../platform/nitro/image-load-info.js';
import { DEVICE_RUNNING } from '../../platform/nitro/start.js';
import { MIN_MEMORY_BYTES } from '../../platform/nitro/start-rules.js';
import { firstRefusal } from '../../platform/rule.js';
import type { Refusal } from '../../refusal/refusal.js';
import { pagesOfImage } from './image-copy.js';
import type { RunEnvironment } from './launch.js';
import { PAGES_RULES } from './memory-rules.js';
import { newEnclaveName } from './names.js';
import { type PlacedPages, placePages } from './page-places.js';
import { type PagePlan, type PageRow, planPages } from './page-plan.js';
import { type EnclaveProcess, moveProcess, type NitroCli } from './processes.js';
import type { ImageFile, RunRequest } from './request.js';
import { ioctlRefusal } from './row.js';
import { checkBeforeSlot, checkCpus } from './run-enclave.js';
import { planSlot } from './slot-plan.js';
import { listedVcpus, planVcpus, type VcpuPlan } from './vcpu-plan.js';

/** What is decided; the effects are still to be applied. */
export type LaunchedAtOnce =
  | { readonly effects: readonly Effect[]; readonly refusal: Refusal }
  | { readonly effects: readonly Effect[]; readonly child: EnclaveProcess };

const NOTHING: readonly Effect[] = [];
const BYTES_PER_KIB = 1024;
const BYTES_PER_MIB = 1024 ** 2;

/**
 * Decides a launch whose arguments have been read, and enters its process in the list, as it came up.
 * Undefined = nothing was decided or changed: run the program.
 */
export function launchAtOnce(request: RunRequest, env: RunEnvironment): LaunchedAtOnce | undefined {
  const { cli, host, image } = env;
  if (image === undefined || !isOrdinary(request, env, image)) return undefined;
  const task = cli.nextPid;
  const early = refusalBeforeSlot(request, env, image);
  if (early !== undefined) return refusedBy(env, NOTHING, early);
  const created = planSlot(host);
  if (created.refusal !== undefined) {
    return refusedBy(env, NOTHING, ioctlRefusal(created.refusal));
  }
  const { slot, fd } = created;
  const plan = planPages(host, request.memoryMib);
  if (plan === undefined) return undefined;
  if (plan.missingBytes > 0) return withoutPages(request, env, plan);
  const { held } = plan;
  const ranges = pagesIn(held);
  const memoryBytes = bytesIn(held);
  if (ranges > host.hypervisor.maxRanges || memoryBytes < MIN_MEMORY_BYTES) return undefined;
  const place = placesOf(host, held, env.localNode, image);
  const vcpus = planVcpus(host, slot, 'count' in request.cpus ? request.cpus.count : 0);
  if (place === undefined || vcpus === undefined) return undefined;
  const cid = assignedCid(host, slot, 0);
  const debug = request.debug ? 1 : 0;
  const enclave = recordOfLaunch(host, { slot, fd, task, cid, debug, ranges, memoryBytes }, vcpus);
  const child = processOf(request, cli, image, enclave);
  child.cpus = vcpus.cpus;
  child.pages = addressesOf(held, ranges);
  return { effects: [admitOf(host, enclave, place, vcpus)], child };
}

/** Nothing of the request or the parent that only the program's own steps can tell. */
function isOrdinary({ cpus, cid, memoryMib }: RunRequest, env: RunEnvironment, image: ImageFile) {
  const { cli, heartbeat = 'ok' } = env;
  const asked = 'count' in cpus && cpus.count > 0 && cid === 0n && memoryMib > 0n;
  const signed = image.signature === 'none' || image.signature === 'valid';
  return asked && signed && heartbeat === 'ok' && cli.readyListener === 0;
}

/**
 * Steps 2 to 8. They look at the request, the image and the text of the pool alone, and a fleet asks
 * one parent after the other: what passed last is not looked at again.
 */
function refusalBeforeSlot(
  request: RunRequest,
  env: RunEnvironment,
  image: ImageFile,
): Refusal | undefined {
  const { text } = env.host.tree.pool;
  const opens = env.moduleLoaded !== false && env.deviceOpens !== false;
  const again = passed.request === request && passed.image === image && passed.text === text;
  if (again && opens) return undefined;
  const refusal = checkCpus({ env, request }) ?? checkBeforeSlot({ env, request, image });
  if (refusal === undefined) passed = { request, image, text };
  return refusal;
}

let passed: { request?: RunRequest; image?: ImageFile; text?: string } = {};

function refusedBy({ cli }: RunEnvironment, effects: readonly Effect[], refusal: Refusal) {
  cli.nextPid++;
  return { effects, refusal };
}

/** The slot is used up; the pages, never touched, are promised and taken back. */
function withoutPages(
  { memoryMib }: RunRequest,
  env: RunEnvironment,
  { held, missingBytes }: PagePlan,
): LaunchedAtOnce | undefined {
  const context = {
    requestedMib: memoryMib,
    missingBytes: BigInt(missingBytes),
    gotMib: BigInt(bytesIn(held) / BYTES_PER_MIB),
  };
  const refusal = firstRefusal(PAGES_RULES, context);
  if (refusal === undefined) return undefined;
  return refusedBy(env, [nextSlot(env.host)], refusal);
}

function bytesIn(held: readonly PageRow[]): number {
  let kib = 0;
  for (const { pageKib, pages } of held) kib += pageKib * pages;
  return kib * BYTES_PER_KIB;
}

function placesOf(
  host: Host,
  held: readonly PageRow[],
  local: number,
  image: ImageFile,
): PlacedPages | undefined {
  const node = nodePosition(host.topology, host.tree.pool.node);
  if (node < 0) return undefined;
  return placePages(host, held, node, local, pagesOfImage(held, IMAGE_OFFSET_BYTES, image.bytes));
}

interface Numbers {
  readonly slot: number;
  readonly fd: number;
  readonly task: number;
  readonly cid: number;
  readonly debug: 0 | 1;
  readonly ranges: number;
  readonly memoryBytes: number;
}

type LaunchedRecord = Newborn & { readonly task: number; readonly cid: number };

/** The record as START leaves it, but for its cores and pages, which the effect lists. */
function recordOfLaunch(
  { tree, hypervisor }: Host,
  { slot, fd, task, cid, debug, ranges, memoryBytes }: Numbers,
  vcpus: VcpuPlan,
): LaunchedRecord {
  const { node, parentCores, threadsPerCore } = tree.pool;
  return {
    uid: slot,
    state: 'RUNNING',
    cid,
    debug,
    task,
    node,
    parentCores,
    threadsPerCore,
    vcpus: listedVcpus(vcpus),
    memoryBytes,
    ranges,
    maxRanges: hypervisor.maxRanges,
    fd,
    deviceState: DEVICE_RUNNING,
  };
}

function admitOf(
  { tree }: Host,
  enclave: LaunchedRecord,
  { node, touched, runs }: PlacedPages,
  { cores }: VcpuPlan,
): Effect {
  const nextCid = { from: tree.counters.nextCid, to: enclave.cid + 1 };
  return { kind: 'admit-mapped', enclave, cores, node, touched, runs, nextCid };
}

function nextSlot({ tree }: Host): Effect {
  const from = tree.counters.nextSlot;
  return { kind: 'set-counter', name: 'nextSlot', from, to: from + 1 };
}

/** User address of each of so many pages. */
function addressesOf(held: readonly PageRow[], pages: number): number[] {
  const addresses = new Array<number>(pages);
  let at = 0;
  for (const row of held) {
    const bytes = row.pageKib * BYTES_PER_KIB;
    for (let i = 0; i < row.pages; i++) addresses[at++] = row.address + i * bytes;
  }
  return addresses;
}

/** Its process, entered in the list as it came up. */
function processOf(
  request: RunRequest,
  cli: NitroCli,
  image: ImageFile,
  { uid, task, cid, memoryBytes = 0 }: LaunchedRecord,
): EnclaveProcess {
  const taken = cli.running.map(({ name }) => name);
  cli.nextPid++;
  const child: EnclaveProcess = {
    pid: task,
    name: newEnclaveName(request, taken),
    image,
    debug: request.debug,
    slot: uid,
    cid,
    cpus: [],
    memoryMib: memoryBytes / BYTES_PER_MIB,
    state: 'EMPTY',
    pages: [],
  };
  moveProcess(child, 'heartbeat');
  cli.running.push(child);
  return child;
}
