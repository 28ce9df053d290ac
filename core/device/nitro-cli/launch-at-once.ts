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
import { enclaveOwner } from '../../host/owner.js';
import { nodePosition, physOf } from '../../host/physical.js';
import { decide } from '../../host/step.js';
import { type Enclave, newEnclave, type UserRegion } from '../../host/tree.js';
import { firstAbove } from '../../platform/nitro/by-address.js';
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
import { type PlannedPage, planPages } from './page-plan.js';
import { type EnclaveProcess, moveProcess } from './processes.js';
import type { ImageFile, RunRequest } from './request.js';
import { ioctlRefusal } from './row.js';
import { checkBeforeSlot, checkCpus } from './run-enclave.js';
import { listedVcpus, planVcpus, type VcpuPlan } from './vcpu-plan.js';

/** What is decided; the effects are still to be applied. */
export type LaunchedAtOnce =
  | { readonly effects: readonly Effect[]; readonly refusal: Refusal }
  | { readonly effects: readonly Effect[]; readonly child: EnclaveProcess };

const NOTHING: readonly Effect[] = [];
const KIB_PER_MIB = 1024;
const BYTES_PER_KIB = 1024;

/**
 * Decides a launch whose arguments have been read, and enters its process in the list, as it came up.
 * Undefined = nothing was decided or changed: run the program.
 */
export function launchAtOnce(request: RunRequest, env: RunEnvironment): LaunchedAtOnce | undefined {
  const { cli, host, image } = env;
  if (image === undefined || !isOrdinary(request, env, image)) return undefined;
  const task = cli.nextPid;
  const early = checkCpus({ env, request }) ?? checkBeforeSlot({ env, request, image });
  if (early !== undefined) return refusedBy(env, NOTHING, early);
  const created = decide(host, { kind: 'nitro.create-vm', task });
  const { slot = 0, fd = 0 } = created.facts;
  if (created.refusal !== undefined) {
    return refusedBy(env, NOTHING, ioctlRefusal(created.refusal));
  }
  const plan = planPages(host, request.memoryMib);
  if (plan === undefined) return undefined;
  if (plan.missingBytes > 0) return withoutPages(request, env, plan.held, plan.missingBytes);
  const { held } = plan;
  const place = placesOf(host, held, env.localNode, image);
  const vcpus = planVcpus(host, slot, 'count' in request.cpus ? request.cpus.count : 0);
  if (place === undefined || vcpus === undefined) return undefined;
  const cid = assignedCid(host, slot, 0);
  const record = recordOfLaunch(host, { slot, fd, task, cid }, held, place, vcpus);
  if (record.ranges > record.maxRanges || record.memoryBytes < MIN_MEMORY_BYTES) return undefined;
  const child = processOf(request, env, record, held, vcpus);
  return { effects: effectsOf(host, record, place, vcpus), child };
}

/** Nothing of the request or the parent that only the program's own steps can tell. */
function isOrdinary({ cpus, cid, memoryMib }: RunRequest, env: RunEnvironment, image: ImageFile) {
  const { cli, heartbeat = 'ok' } = env;
  const asked = 'count' in cpus && cpus.count > 0 && cid === 0n && memoryMib > 0n;
  const signed = image.signature === 'none' || image.signature === 'valid';
  return asked && signed && heartbeat === 'ok' && cli.readyListener === 0;
}

function refusedBy({ cli }: RunEnvironment, effects: readonly Effect[], refusal: Refusal) {
  cli.nextPid++;
  return { effects, refusal };
}

/** The slot is used up; the pages, never touched, are promised and taken back. */
function withoutPages(
  { memoryMib }: RunRequest,
  env: RunEnvironment,
  taken: readonly PlannedPage[],
  missing: number,
): LaunchedAtOnce | undefined {
  const gotMib = taken.reduce((sum, { pageKib }) => sum + pageKib, 0) / KIB_PER_MIB;
  const context = {
    requestedMib: memoryMib,
    missingBytes: BigInt(missing),
    gotMib: BigInt(gotMib),
  };
  const refusal = firstRefusal(PAGES_RULES, context);
  if (refusal === undefined) return undefined;
  return refusedBy(env, [nextSlot(env.host)], refusal);
}

function placesOf(
  host: Host,
  held: readonly PlannedPage[],
  local: number,
  image: ImageFile,
): PlacedPages | undefined {
  const node = nodePosition(host.topology, host.tree.pool.node);
  if (node < 0) return undefined;
  const sizes = held.map(({ pageKib }) => pageKib);
  return placePages(host, held, node, local, pagesOfImage(sizes, IMAGE_OFFSET_BYTES, image.bytes));
}

interface Numbers {
  readonly slot: number;
  readonly fd: number;
  readonly task: number;
  readonly cid: number;
}

/** The record as START leaves it, but for its cores, which `take-core` gives it. */
function recordOfLaunch(
  host: Host,
  { slot, fd, task, cid }: Numbers,
  held: readonly PlannedPage[],
  { node: position, starts }: PlacedPages,
  vcpus: VcpuPlan,
): Enclave {
  const { node, parentCores, threadsPerCore } = host.tree.pool;
  const regions: UserRegion[] = [];
  const donated: number[] = [];
  let memoryBytes = 0;
  for (let i = 0; i < held.length; i++) {
    const { address, pageKib } = held[i];
    const bytes = pageKib * BYTES_PER_KIB;
    const phys = physOf(host, position, starts[i]);
    donated.push(phys, bytes);
    memoryBytes += bytes;
    const region = { address, bytes, pages: [phys, bytes] };
    const at = firstAbove(regions, address);
    if (at === regions.length) regions.push(region);
    else regions.splice(at, 0, region);
  }
  return newEnclave({
    uid: slot,
    state: 'RUNNING',
    cid,
    task,
    node,
    parentCores,
    threadsPerCore,
    vcpus: listedVcpus(vcpus),
    memoryBytes,
    ranges: held.length,
    maxRanges: host.hypervisor.maxRanges,
    regions,
    donated,
    fd,
    deviceState: DEVICE_RUNNING,
  });
}

function effectsOf(
  host: Host,
  enclave: Enclave,
  { node, rows }: PlacedPages,
  { indices, cores }: VcpuPlan,
): Effect[] {
  const { mappings, counters } = host.tree;
  const { uid, task, cid } = enclave;
  const effects: Effect[] = [nextSlot(host), { kind: 'add-enclave', enclave }];
  for (let i = 0; i < indices.length; i++) {
    effects.push({ kind: 'take-core', uid, index: indices[i], cpus: cores[i] });
  }
  const owner = enclaveOwner(uid);
  for (const { size, runs } of rows) {
    effects.push({ kind: 'claim', node, size, runs, owner, uid: -1 });
  }
  const { id } = host.topology.nodes[node];
  let position = mappings.length;
  for (const { address, pages: runs } of enclave.regions) {
    const [phys, pageBytes] = runs;
    const size = host.topology.pageSizesKib.indexOf(pageBytes / BYTES_PER_KIB);
    const mapping = { address, pageBytes, huge: 1, node: id, runs: [phys, 1], task, size } as const;
    effects.push({ kind: 'map', mapping, position: position++ });
  }
  effects.push(counter(host, 'pinned', enclave.ranges));
  effects.push(counter(host, 'nextCid', cid + 1 - counters.nextCid));
  return effects;
}

function nextSlot(host: Host): Effect {
  return counter(host, 'nextSlot', 1);
}

function counter({ tree }: Host, name: 'nextSlot' | 'nextCid' | 'pinned', by: number): Effect {
  const from = tree.counters[name];
  return { kind: 'set-counter', name, from, to: from + by };
}

function processOf(
  request: RunRequest,
  { cli, image }: RunEnvironment,
  { uid, task, cid, memoryBytes }: Enclave,
  held: readonly PlannedPage[],
  vcpus: VcpuPlan,
): EnclaveProcess {
  const taken = cli.running.map(({ name }) => name);
  cli.nextPid++;
  const child: EnclaveProcess = {
    pid: task,
    name: newEnclaveName(request, taken),
    image: image as ImageFile,
    debug: request.debug,
    slot: uid,
    cid,
    cpus: vcpus.cpus,
    memoryMib: memoryBytes / (BYTES_PER_KIB * KIB_PER_MIB),
    state: 'EMPTY',
    pages: held.map(({ address }) => address),
  };
  moveProcess(child, 'heartbeat');
  cli.running.push(child);
  return child;
}
