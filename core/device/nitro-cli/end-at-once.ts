/**
 * `nitro-cli terminate-enclave` decided at once: STOP, SLOT_FREE, cores, pages and mappings together.
 *
 * Invariant: the host and the processes are those that the program leaves step by step, to the byte
 * of the stores (test/device/nitro-at-once); an enclave whose pages are not plainly its own and its
 * process's is left to the program: aliases, leaks, a forgotten or crashed one, a narrowed pool.
 * Pages are freed in the order in which the process unmaps them. Trade-off: as launch-at-once.ts.
 */
import type { Effect, LeavingPages } from '../../host/effect.js';
import type { Host } from '../../host/host.js';
import { enclaveOwner } from '../../host/owner.js';
import { locate, physOf } from '../../host/physical.js';
import type { Enclave, Mapping } from '../../host/tree.js';
import type { Handle } from '../../memory/extent-store.js';
import type { PagePool } from '../../memory/node-memory.js';
import { firstAbove } from '../../platform/nitro/by-address.js';
import { openEnclave } from '../../platform/nitro/file.js';
import { type EnclaveProcess, moveProcess, type NitroCli } from './processes.js';
import { exitTerminated } from './terminate.js';

const BYTES_PER_KIB = 1024;

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
  const { donated } = enclave;
  const place = donated.length === 0 ? undefined : locate(host, donated[0]);
  if (place === undefined) return undefined;
  const { node } = place;
  const pages = leavingPages(host, node, enclave, child);
  if (pages === undefined) return undefined;
  moveProcess(child, 'terminate');
  exitTerminated(cli, child);
  return [{ kind: 'dismiss-mapped', enclave, node, pages }];
}

/** Another enclave of the same task could pin the same pages. */
function sharesTask({ tree }: Host, { uid, task }: Enclave): boolean {
  return tree.records.some((other) => other.uid !== uid && other.task === task);
}

function isBeyondPool({ tree }: Host, { cores }: Enclave): boolean {
  return cores.some(({ index }) => index >= tree.pool.avail.length);
}

/** Its pages, last first; undefined = one is not as the launch left it, or not on the node. */
function leavingPages(
  host: Host,
  node: number,
  { uid, regions }: Enclave,
  { pid, pages }: EnclaveProcess,
): LeavingPages[] | undefined {
  const { mappings } = host.tree;
  const { pools, frameKib, base } = host.memory[node];
  const owner = enclaveOwner(uid);
  const firstByte = physOf(host, node, 0);
  const frameBytes = frameKib * BYTES_PER_KIB;
  const rows: Row[] = [];
  let row: Row | undefined;
  let position = firstAbove(mappings, pages[pages.length - 1]);
  // Downwards, so that no position moves before its turn. Regions are as many as pages and sorted:
  // where the pages are sorted too, each has its own at the same place.
  for (let i = pages.length - 1; i >= 0; i--) {
    const address = pages[i];
    position--;
    if (position < 0 || mappings[position].address !== address) {
      position = firstAbove(mappings, address) - 1;
    }
    const mapping = position < 0 ? undefined : mappings[position];
    const region = regions[i];
    if (mapping?.address !== address || mapping.task !== pid || mapping.size < 0) return undefined;
    const [phys] = mapping.runs;
    if (region.address !== address || region.pages.length !== 2) return undefined;
    const frame = Math.floor((phys - firstByte) / frameBytes);
    if (region.pages[0] !== phys || !(frame >= 0 && frame < base.frames)) return undefined;
    const handle = handleOf(pools[mapping.size], frame, owner);
    if (handle === undefined) return undefined;
    if (row === undefined || row.size !== mapping.size || row.position !== position + 1) {
      row = { size: mapping.size, handles: [], position, mappings: [] };
      rows.push(row);
    }
    row.position = position;
    row.handles.push(handle);
  }
  for (const one of rows) one.mappings = mappings.slice(one.position, endOf(one));
  return rows;
}

interface Row {
  readonly size: number;
  readonly handles: Handle[];
  position: number;
  mappings: readonly Mapping[];
}

function endOf({ position, handles }: Row): number {
  return position + handles.length;
}

/** An owner of the pool's store that is an enclave is in that pool, whatever the base says. */
function handleOf({ store }: PagePool, frame: number, owner: number): Handle | undefined {
  const { handle, owner: holder } = store.covering(frame);
  return holder === owner ? handle : undefined;
}
