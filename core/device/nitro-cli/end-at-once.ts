/**
 * `nitro-cli terminate-enclave` decided at once: STOP, SLOT_FREE, cores, pages and mappings together.
 *
 * Invariant: the host and the processes are those that the program leaves step by step, to the byte
 * of the stores (test/device/nitro-at-once); an enclave whose pages are not plainly its own and its
 * process's is left to the program: aliases, leaks, a forgotten or crashed one, a narrowed pool.
 * Pages are freed in the order in which the process unmaps them. Trade-off: as launch-at-once.ts.
 */
import type { Effect, LeavingRun } from '../../host/effect.js';
import type { Host } from '../../host/host.js';
import { enclaveOwner } from '../../host/owner.js';
import { locate } from '../../host/physical.js';
import type { Enclave } from '../../host/tree.js';
import { holdsEach } from '../../memory/equal-extents.js';
import { firstAbove } from '../../platform/nitro/by-address.js';
import { openEnclave } from '../../platform/nitro/file.js';
import { type EnclaveProcess, moveProcess, type NitroCli } from './processes.js';
import { exitTerminated } from './terminate.js';

/**
 * The effects of ending a process that came up, still to be applied; the process is gone from the
 * list. Undefined = nothing was decided or changed: run the program.
 */
export function endAtOnce(
  cli: NitroCli,
  child: EnclaveProcess,
  host: Host,
): readonly Effect[] | undefined {
  const { tree } = host;
  const enclave = openEnclave(host, child.slot);
  if (enclave === undefined || enclave.state !== 'RUNNING') return undefined;
  if (tree.parent !== 'running' || tree.counters.bound !== 1) return undefined;
  if (sharesTask(host, enclave) || enclave.regions.length !== child.pages.length) return undefined;
  if (isBeyondPool(host, enclave)) return undefined;
  const found = runsOf(host, enclave, child);
  if (found === undefined || found.length === 0) return undefined;
  const place = locate(host, found[0].phys);
  if (place === undefined) return undefined;
  const { node } = place;
  const owner = enclaveOwner(enclave.uid);
  const runs: LeavingRun[] = [];
  for (const run of found) {
    const leaving = leavingRun(host, node, owner, run);
    if (leaving === undefined) return undefined;
    runs.push(leaving);
  }
  moveProcess(child, 'terminate');
  exitTerminated(cli, child);
  return [{ kind: 'dismiss-mapped', enclave, node, runs }];
}

/** Another enclave of the same task could pin the same pages. */
function sharesTask({ tree }: Host, { uid, task }: Enclave): boolean {
  return tree.records.some((other) => other.uid !== uid && other.task === task);
}

function isBeyondPool({ tree }: Host, { cores }: Enclave): boolean {
  return cores.some(({ index }) => index >= tree.pool.avail.length);
}

/** A run on its way down: what it begins with changes with each page. */
interface Run {
  readonly size: number;
  readonly pageBytes: number;
  address: number;
  phys: number;
  position: number;
  pages: number;
}

/**
 * Its pages in runs, last first; undefined = one is not as the launch left it. Regions are as many as
 * pages and sorted: where the pages are sorted too, each has its own at the same place.
 */
function runsOf(
  { tree: { mappings } }: Host,
  { regions }: Enclave,
  { pid, pages }: EnclaveProcess,
): Run[] | undefined {
  const runs: Run[] = [];
  let run: Run | undefined;
  let position = firstAbove(mappings, pages[pages.length - 1]);
  // Downwards, so that no position moves before its turn.
  for (let i = pages.length - 1; i >= 0; i--) {
    const address = pages[i];
    const region = regions[i];
    position--;
    if (mappings[position]?.address !== address) position = firstAbove(mappings, address) - 1;
    const mapping = mappings[position];
    if (mapping?.address !== address || mapping.task !== pid || mapping.size < 0) return undefined;
    const phys = mapping.runs[0];
    if (region.address !== address || region.pages.length !== 2) return undefined;
    if (region.pages[0] !== phys) return undefined;
    const { size, pageBytes } = mapping;
    const goesOn =
      run !== undefined &&
      run.size === size &&
      run.address === address + pageBytes &&
      run.phys === phys + pageBytes &&
      run.position === position + 1;
    if (run === undefined || !goesOn) {
      run = { size, pageBytes, address, phys, position, pages: 1 };
      runs.push(run);
      continue;
    }
    run.address = address;
    run.phys = phys;
    run.position = position;
    run.pages++;
  }
  return runs;
}

/** As the effect has it; undefined = not on the node, or not the enclave's own. */
function leavingRun(
  host: Host,
  node: number,
  owner: number,
  { size, pageBytes, address, phys, position, pages }: Run,
): LeavingRun | undefined {
  const place = locate(host, phys);
  const last = locate(host, phys + (pages - 1) * pageBytes);
  if (place?.node !== node || last?.node !== node) return undefined;
  const { store, pageFrames } = host.memory[node].pools[size];
  const start = place.frame;
  // An owner of the pool's store that is an enclave is in that pool, whatever the base says.
  if (!holdsEach(store, { start, frames: pageFrames, count: pages }, owner)) return undefined;
  const mappings = host.tree.mappings.slice(position, position + pages);
  return { size, address, start, pages, position, mappings };
}
