/**
 * `nitro-cli run-enclave`, from the read arguments to the running enclave (nitro RULES.md §5.2).
 *
 * One launch is one process: it reads files and the pool, creates the slot, takes pages, copies the
 * image, gives pages and vCPUs to the driver one call each, and starts. It never asks how much is
 * left: what others hold is refused by the driver, as E29.
 * Invariant: the first failure in the program's order ends the process, and all it held goes back
 * (what the driver leaks stays lost). Trade-off: `yield*` steps joined by `??` are the program's own
 * list of steps; each gives its refusal or nothing.
 */

import type { Program } from '../../host/program.js';
import { PARENT_TYPE } from '../../platform/nitro/rules.js';
import { firstRefusal } from '../../platform/rule.js';
import { type Refusal, wrapRefusal } from '../../refusal/refusal.js';
import { BOOT_RULES, heartbeatTimeoutMs, READY_PORT_FREE } from './boot.js';
import { CPU_RULES, readPoolText } from './cpu-pool.js';
import { DEVICE_OPENS, IMAGE_OPENS, IMAGE_SIGNATURE, POOL_FILE_OPENS } from './file-rules.js';
import { PAGE_BACKED, pagesOfImage } from './image-copy.js';
import { printed, runInfo } from './json.js';
import {
  ioctl,
  type Launch,
  type RefusedCall,
  type RunEnvironment,
  type Stage,
  touchPage,
} from './launch.js';
import { IMAGE_RATIO, SOME_MEMORY } from './memory-rules.js';
import { newEnclaveName } from './names.js';
import { type HeldPage, heldMib, type PageAttempt, takePages } from './pages.js';
import {
  type EnclaveProcess,
  exitProcess,
  listenReady,
  moveProcess,
  stopListening,
} from './processes.js';
import { type ImageFile, plainImage, type RunRequest } from './request.js';
import { failedConnections } from './run-output.js';

/** What a launch did, whether it worked or not. */
export interface LaunchReport {
  readonly attempts: readonly PageAttempt[];
  /** The enclave's pages in the order given to the driver; at a failure those held then. */
  readonly pages: readonly HeldPage[];
  /** As added. */
  readonly cpus: readonly number[];
  readonly memoryMib: number;
}

export type RunResult =
  | {
      readonly ok: true;
      readonly status: 0;
      readonly enclave: EnclaveProcess;
      readonly report: LaunchReport;
      /** How long the process would have waited for the heartbeat, in ms. */
      readonly timeoutMs: number;
      readonly stdout: string;
      readonly stderr: readonly string[];
    }
  | {
      readonly ok: false;
      /** Exit status of the command: 39, since it was the enclave process that failed. */
      readonly status: number;
      readonly stage: Stage;
      readonly refusal: Refusal;
      /** The driver call behind an E29. */
      readonly call?: RefusedCall;
      readonly report: LaunchReport;
      readonly stderr: readonly string[];
    };

/** Launches one enclave. The arguments have been read (arguments.ts). */
export function* runEnclave(request: RunRequest, env: RunEnvironment): Program<RunResult> {
  const launch = beginLaunch(request, env);
  const enclave: EnclaveProcess = {
    pid: launch.task,
    name: launch.name,
    image: launch.image,
    debug: request.debug,
    slot: 0,
    cid: 0,
    cpus: [],
    memoryMib: 0,
    state: 'EMPTY',
    pages: [],
  };
  const refusal = yield* launchSteps(launch);
  stopListening(env.cli, launch.task);
  if (refusal !== undefined) return yield* failed(launch, enclave, refusal);
  return cameUp(launch, enclave);
}

function beginLaunch(request: RunRequest, env: RunEnvironment): Launch {
  const { cli } = env;
  const taken = cli.running.map(({ name }) => name);
  return {
    env,
    request,
    image: env.image ?? plainImage(0),
    name: newEnclaveName(request, taken),
    task: cli.nextPid++,
    stage: 'cpus',
    slot: 0,
    cid: 0,
    cpus: [],
    held: [],
    attempts: [],
    stderr: [],
  };
}

function* launchSteps(launch: Launch): Program<Refusal | undefined> {
  return (
    checkCpus(launch) ??
    (yield* createSlot(launch)) ??
    (yield* giveMemory(launch)) ??
    (yield* giveCpus(launch)) ??
    (yield* startAndBoot(launch))
  );
}

/** Steps 2 to 6. */
export function checkCpus({ env, request }: Pick<Launch, 'env' | 'request'>): Refusal | undefined {
  const { image, moduleLoaded = true } = env;
  const unopened =
    firstRefusal([IMAGE_OPENS], { path: request.eifPath, opens: image !== undefined }) ??
    firstRefusal([POOL_FILE_OPENS], { opens: moduleLoaded });
  if (unopened !== undefined) return unopened;
  const unsupported = firstRefusal([PARENT_TYPE], { host: env.host });
  // Nothing makes the kernel of such a parent load the driver, so there is no pool file to open.
  if (unsupported !== undefined) return wrapRefusal(unsupported, 'cli', POOL_FILE_OPENS.codes[0]);
  const read = readPoolText(env.host.tree.pool.text);
  if ('refusal' in read) return read.refusal;
  return firstRefusal(CPU_RULES, { asked: request.cpus, pool: read.cpus });
}

/** Steps 7 and 8. */
export function checkBeforeSlot({
  env,
  request: { memoryMib },
  image,
}: Pick<Launch, 'env' | 'request' | 'image'>): Refusal | undefined {
  return (
    firstRefusal([IMAGE_RATIO], { memoryMib, imageBytes: imageSize(image) }) ??
    firstRefusal([DEVICE_OPENS], { opens: env.deviceOpens ?? true })
  );
}

function imageSize({ bytes, exactBytes }: ImageFile): number | bigint {
  return exactBytes ?? bytes;
}

/** Steps 9 to 11. */
function* createSlot(launch: Launch): Program<Refusal | undefined> {
  launch.stage = 'new';
  const { request, image, task } = launch;
  const before = checkBeforeSlot(launch);
  if (before !== undefined) return before;
  const { facts, refusal } = yield* ioctl(launch, { kind: 'nitro.create-vm', task });
  if (refusal !== undefined) return refusal;
  launch.slot = facts.slot ?? 0;
  const { memoryMib } = request;
  const empty = firstRefusal([SOME_MEMORY], { memoryMib, imageBytes: imageSize(image) });
  if (empty !== undefined) return empty;
  launch.stage = 'run';
  return firstRefusal([IMAGE_SIGNATURE], image);
}

const EIF_FLAG = 1n;

/** Steps 13 to 16; each page a call of its own (quirk `page-by-page`). */
function* giveMemory(launch: Launch): Program<Refusal | undefined> {
  launch.stderr.push('Start allocating memory...');
  const { slot, task } = launch;
  const short = yield* takePages(launch, launch.request.memoryMib);
  if (short !== undefined) return short;
  const loadInfo = { kind: 'nitro.image-load-info', slot, flags: EIF_FLAG } as const;
  const { facts, refusal } = yield* ioctl(launch, loadInfo);
  if (refusal !== undefined) return refusal;
  const unwritten = yield* copyImage(launch, facts.memoryOffset ?? 0);
  if (unwritten !== undefined) return unwritten;
  for (const [position, page] of launch.held.entries()) {
    yield* touchPage(launch, position);
    const address = BigInt(page.address);
    const bytes = BigInt(page.pageKib) * 1024n;
    const region = { kind: 'nitro.set-memory', slot, task, flags: 0n, address, bytes } as const;
    const given = yield* ioctl(launch, region);
    if (given.refusal !== undefined) return given.refusal;
  }
  return undefined;
}

function* copyImage(launch: Launch, offset: number): Program<Refusal | undefined> {
  const rows = launch.held.map(({ pageKib }) => ({ pageKib, pages: 1 }));
  const { first, end } = pagesOfImage(rows, offset, launch.image.bytes);
  for (let position = first; position < end; position++) {
    const placed = yield* touchPage(launch, position);
    const { address } = launch.held[position];
    const refusal = firstRefusal([PAGE_BACKED], { address, placed });
    if (refusal !== undefined) return refusal;
  }
  return undefined;
}

/** Step 17: each listed id in the order given, or "pick one" as often as asked. */
function* giveCpus(launch: Launch): Program<Refusal | undefined> {
  const { slot, task, request } = launch;
  const ids = 'ids' in request.cpus ? request.cpus.ids : undefined;
  const count = 'count' in request.cpus ? request.cpus.count : request.cpus.ids.length;
  for (let i = 0; i < count; i++) {
    const cpu = ids?.[i] ?? 0;
    const { facts, refusal } = yield* ioctl(launch, { kind: 'nitro.add-vcpu', slot, task, cpu });
    if (refusal !== undefined) return refusal;
    launch.cpus.push(facts.vcpu ?? cpu);
  }
  return undefined;
}

/** Steps 18 to 21. */
function* startAndBoot(launch: Launch): Program<Refusal | undefined> {
  const { env, request, slot, task } = launch;
  const bound = listenReady(env.cli, task);
  const busy = firstRefusal([READY_PORT_FREE], { bound, listener: env.cli.readyListener });
  if (busy !== undefined) return busy;
  const flags = request.debug ? 1n : 0n;
  const { facts, refusal } = yield* ioctl(launch, {
    kind: 'nitro.start',
    slot,
    cid: request.cid,
    flags,
  });
  if (refusal !== undefined) return refusal;
  launch.cid = facts.cid ?? 0;
  launch.stderr.push(
    `Started enclave with enclave-cid: ${launch.cid}, ` +
      `memory: ${heldMib(launch.held)} MiB, cpu-ids: [${launch.cpus.join(', ')}]`,
  );
  const { decision } = yield { kind: 'nitro.poll', slot };
  return firstRefusal(BOOT_RULES, {
    heartbeat: env.heartbeat ?? 'ok',
    poll: decision.facts.poll ?? 0,
    timeoutMs: timeoutOf(launch),
  });
}

function timeoutOf({ image, held }: Launch): number {
  return heartbeatTimeoutMs(image.bytes, heldMib(held) * 2 ** 20);
}

function* failed(launch: Launch, enclave: EnclaveProcess, refusal: Refusal): Program<RunResult> {
  const { slot, held, stage, stderr, call } = launch;
  moveProcess(enclave, 'launchFailed');
  yield* exitProcess(
    slot,
    held.map(({ address }) => address),
  );
  const ending = failedConnections([refusal]);
  return {
    ok: false,
    status: ending.status,
    stage,
    refusal,
    ...(call === undefined ? {} : { call }),
    report: reportOf(launch),
    stderr: [...stderr, ...ending.stderr],
  };
}

/** Step 22. */
function cameUp(launch: Launch, enclave: EnclaveProcess): RunResult {
  const { cli } = launch.env;
  enclave.slot = launch.slot;
  enclave.cid = launch.cid;
  enclave.cpus = launch.cpus;
  enclave.memoryMib = heldMib(launch.held);
  enclave.pages = launch.held.map(({ address }) => address);
  moveProcess(enclave, 'heartbeat');
  cli.running.push(enclave);
  return {
    ok: true,
    status: 0,
    enclave,
    report: reportOf(launch),
    timeoutMs: timeoutOf(launch),
    stdout: printed(runInfo(cli.instanceId, enclave)),
    stderr: launch.stderr,
  };
}

function reportOf({ attempts, held, cpus }: Launch): LaunchReport {
  return { attempts, pages: held, cpus, memoryMib: heldMib(held) };
}
