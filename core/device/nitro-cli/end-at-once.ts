/**
 * `nitro-cli terminate-enclave` decided at once: STOP, SLOT_FREE, cores, pages and mappings together.
 *
 * Invariant: the host and the processes are those that the program leaves step by step, to the byte
 * of the stores (test/device/nitro-at-once); an enclave whose pages are not plainly its own and its
 * process's is left to the program: aliases, leaks, a forgotten or crashed one, a narrowed pool.
 * Pages are freed in the order in which the process unmaps them. Trade-off: as launch-at-once.ts.
 */
import type { Effect } from '../../host/effect.js';
import type { Host } from '../../host/host.js';
import { enclaveOwner, SCRUBBED } from '../../host/owner.js';
import { locate } from '../../host/physical.js';
import type { Enclave } from '../../host/tree.js';
import { FREE } from '../../memory/extent-store.js';
import { firstAbove } from '../../platform/nitro/by-address.js';
import { openCall } from '../../platform/nitro/call.js';
import { emptied, moveCores } from '../../platform/nitro/close.js';
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
  const pages = pageEffects(host, enclave, child);
  const call = openCall();
  moveCores(call, enclave);
  if (pages === undefined || call.effects.some((move) => isBeyondPool(host, move)))
    return undefined;
  const from = tree.counters.pinned;
  moveProcess(child, 'terminate');
  exitTerminated(cli, child);
  return [
    { kind: 'set-counter', name: 'pinned', from, to: from - enclave.regions.length },
    ...call.effects,
    { kind: 'drop-enclave', enclave: emptied(enclave) },
    ...pages,
  ];
}

/** Another enclave of the same task could pin the same pages. */
function sharesTask({ tree }: Host, { uid, task }: Enclave): boolean {
  return tree.records.some((other) => other.uid !== uid && other.task === task);
}

function isBeyondPool({ tree }: Host, effect: Effect): boolean {
  return effect.kind === 'return-core' && effect.index >= tree.pool.avail.length;
}

/** Each page scrubbed, freed and unmapped, last first; undefined = one is not as the launch left it. */
function pageEffects(
  host: Host,
  { uid, regions }: Enclave,
  { pid, pages }: EnclaveProcess,
): Effect[] | undefined {
  const { mappings } = host.tree;
  const owner = enclaveOwner(uid);
  const effects: Effect[] = [];
  let above = Number.POSITIVE_INFINITY;
  for (let i = pages.length - 1; i >= 0; i--) {
    const address = pages[i];
    // Downwards, so that no position moves before its turn.
    if (address >= above) return undefined;
    above = address;
    const position = firstAbove(mappings, address) - 1;
    const mapping = mappings[position];
    const region = regions[firstAbove(regions, address) - 1];
    if (mapping?.address !== address || mapping.task !== pid || mapping.size < 0) return undefined;
    if (region?.address !== address || region.pages[0] !== mapping.runs[0]) return undefined;
    const place = locate(host, region.pages[0]);
    if (place === undefined || region.pages.length !== 2) return undefined;
    const { node } = place;
    const { size } = mapping;
    // An owner of the pool's store that is an enclave is in that pool, whatever the base says.
    const { handle, owner: holder } = host.memory[node].pools[size].store.covering(place.frame);
    if (holder !== owner) return undefined;
    effects.push(
      { kind: 'scrub', node, size, handle, from: owner, to: SCRUBBED, uid: -1 },
      { kind: 'release', node, size, handle, from: SCRUBBED, to: FREE, uid: -1 },
      { kind: 'unmap', mapping, position },
    );
  }
  return effects;
}
