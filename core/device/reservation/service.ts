/**
 * The Nitro reservation service: reads allocator.yaml, releases the old CPU pool, then reserves
 * hugepages and CPUs on one NUMA node.
 *
 * Two paths: cpu_count looks for a node, takes the memory first and the pool last; cpu_pool writes
 * the pool first, and leaves it set when the memory fails. The old pool is gone either way.
 * Invariant: the host changes only through the commands yielded, in the script's order.
 * Trade-off: progress lines of the script are not printed; its results, messages and silences are.
 * Source: script of aws/aws-nitro-enclaves-cli v1.5.0, main.
 */
import type { Host } from '../../host/host.js';
import { runProgram } from '../../host/program.js';
import { PARENT_TYPE } from '../../platform/nitro/rules.js';
import { firstRefusal } from '../../platform/rule.js';
import type { Refusal } from '../../refusal/refusal.js';
import { type AllocatorConfig, readAllocatorConfig } from './config.js';
import { type CpuListing, listCpus } from './cpu-listing.js';
import { nodeCapacity, pickCpus, readCpuCount } from './cpu-selection.js';
import {
  type Exit,
  type ExitReason,
  exitWith,
  notStarted,
  silentExit,
  withoutDriver,
} from './exits.js';
import { reserveMemory } from './hugepage-attempt.js';
import { type PageAttempt, perform, type Run, type ServiceVersion, type Steps } from './run.js';
import { echoWords } from './shell-read.js';

export interface ServiceOptions {
  /** By default 1.5.0. */
  readonly version?: ServiceVersion;
  /** False = the nitro_enclaves module is not loaded. By default true. */
  readonly driverLoaded?: boolean;
}

/** How a run ended and what it said. */
export interface ServiceRun {
  readonly reason: 'ok' | ExitReason;
  /** Exit status of the process. */
  readonly status: number;
  /** Result lines on standard output, in order. */
  readonly lines: readonly string[];
  /** Every try to reserve the memory, in order. */
  readonly attempts: readonly PageAttempt[];
  readonly refusal?: Refusal;
}

/** Runs the service on a live host. `config`: the exact text of allocator.yaml. */
export function runAllocator(host: Host, config: string, options?: ServiceOptions): ServiceRun {
  return runProgram(host, allocatorProgram(host, config, options));
}

/** The same as a program: yields each write, and is told its decision and the host after it. */
export function* allocatorProgram(
  host: Host,
  config: string,
  options: ServiceOptions = {},
): Steps<ServiceRun> {
  const { version = '1.5.0', driverLoaded = true } = options;
  const run: Run = { host, version, lines: [], attempts: [] };
  const exit = yield* started(run, config, driverLoaded);
  const { lines, attempts } = run;
  if (exit === undefined) return { reason: 'ok', status: 0, lines, attempts };
  if (exit.text !== undefined) lines.push(`Error: ${exit.text}`);
  const { reason, status, refusal } = exit;
  return { reason, status, lines, attempts, refusal };
}

function* started(run: Run, config: string, driverLoaded: boolean): Steps<Exit | undefined> {
  const { parent } = run.host.tree;
  if (parent !== 'running') return notStarted(parent);
  const reading = readAllocatorConfig(config);
  return reading.ok ? yield* main(run, reading.config, driverLoaded) : reading.exit;
}

/** Also on a parent without the device: nothing makes its kernel load the driver. */
const POOL_FILE_MISSING =
  'The CPU pool file is missing. Please make sure the Nitro Enclaves driver is inserted.';

function* main(
  run: Run,
  { memoryMib, cpus }: AllocatorConfig,
  driverLoaded: boolean,
): Steps<Exit | undefined> {
  const unsupported = firstRefusal([PARENT_TYPE], { host: run.host });
  if (unsupported !== undefined) return withoutDriver(POOL_FILE_MISSING, unsupported);
  if (!driverLoaded) return exitWith('no-driver', POOL_FILE_MISSING, {});
  const kept = yield* releasePool(run);
  if (kept !== undefined) return kept;
  const byCount = cpus.mode === 'count';
  const exit = byCount
    ? yield* configureByCount(run, cpus.value, memoryMib)
    : yield* configureByPool(run, cpus.value, memoryMib);
  if (exit !== undefined) return exit;
  const what = byCount ? `${cpus.value} CPUs` : `CPU pool: ${cpus.value}`;
  run.lines.push(`Successfully allocated Nitro Enclaves resources: ${memoryMib} MiB, ${what}`);
  return undefined;
}

const EPERM = -1;

/** An empty line to ne_cpus; only EPERM is noticed (quirk `pool-cleared-first`). */
function* releasePool(run: Run): Steps<Exit | undefined> {
  const rc = yield* perform(run, { kind: 'nitro.write-pool', text: '\n' });
  if (rc !== EPERM) return undefined;
  const text =
    'Could not re-online CPUs because there is at least one enclave currently running. Make sure ' +
    'you stop all enclaves prior to re-starting the nitro-enclaves-allocator.service.';
  return exitWith('enclaves-running', text, { enclaves: run.host.tree.records.length });
}

function* writePool(run: Run, value: string): Steps<Exit | undefined> {
  const text = echoWords(value);
  // echo with nothing to print makes no write at all
  const rc = text === '' ? 0 : yield* perform(run, { kind: 'nitro.write-pool', text });
  if (rc >= 0) return undefined;
  return exitWith('pool-rejected', 'Failed to configure the CPU pool.', { pool: value, rc });
}

/** Pool first; when the memory fails it stays set: quirk `pool-kept-without-memory`. */
function* configureByPool(run: Run, pool: string, memoryMib: string): Steps<Exit | undefined> {
  const rejected = yield* writePool(run, pool);
  if (rejected !== undefined) return rejected;
  const failed = yield* reserveMemory(run, memoryMib);
  if (failed === undefined) return undefined;
  if (run.version === '1.5.0' || failed.fatal) return failed.exit;
  return unreported(failed.exit);
}

/** Before 7d7966d the failure ended the script by `set -e`: its code is the exit status. */
function unreported(exit: Exit): Exit {
  const { message, numbers, codes } = exit.refusal;
  return silentExit(message, numbers, Number(codes[0]));
}

/** Memory first, on each node that has the CPUs, then the pool. */
function* configureByCount(run: Run, value: string, memoryMib: string): Steps<Exit | undefined> {
  const listing = listCpus(run.host);
  if (listing.cpu0Node < 0) {
    return exitWith('no-node-of-cpu0', 'Failed to get the NUMA node of CPU 0.', {});
  }
  const count = readCpuCount(value, listing);
  if (typeof count !== 'number') return count;
  const found = yield* search(run, listing, count, memoryMib);
  if (!('picked' in found)) return found;
  if (found.picked.length !== count) return noSuitableCpus(listing, count);
  if (found.failed !== undefined && run.version === '1.5.0') return found.failed;
  return yield* writePool(run, found.picked.join(','));
}

interface Found {
  /** CPUs of the last node looked at; [] when it was skipped. */
  readonly picked: readonly number[];
  /** The last memory failure. */
  readonly failed?: Exit;
}

function* search(
  run: Run,
  listing: CpuListing,
  count: number,
  memoryMib: string,
): Steps<Found | Exit> {
  let picked: readonly number[] = [];
  let failed: Exit | undefined;
  for (let node = 0; node < listing.nodes; node++) {
    picked = [];
    // Quirk `silent-at-empty-node`: set -e stays on after the first failure.
    if (failed !== undefined && listing.onNode(node).length === 0) {
      const why = `After a memory failure the script stops at node ${node}, which has no CPUs.`;
      return silentExit(why, { ...failed.refusal.numbers, emptyNode: node });
    }
    if (count > nodeCapacity(listing, node)) continue;
    picked = pickCpus(listing, node, count);
    if (picked.length !== count) continue;
    const refused = yield* reserveMemory(run, memoryMib, picked);
    if (refused === undefined) return { picked };
    if (refused.fatal) return refused.exit;
    failed = refused.exit;
  }
  return { picked, failed };
}

/** Also when memory failed and the last node is too small: quirk `memory-hidden-by-cpus`. */
function noSuitableCpus(listing: CpuListing, count: number): Exit {
  const text =
    'Failed to find suitable CPUs for the Nitro Enclaves CPU pool after checking all NUMA nodes.';
  const largest = Array.from({ length: listing.nodes }, (_, node) => nodeCapacity(listing, node));
  return exitWith('no-suitable-cpus', text, { count, largestNode: Math.max(0, ...largest) });
}
