/**
 * What the parent's tasks do with hugepages: map, touch, unmap.
 *
 * mmap of a hugetlb page succeeds when the size exists and the free pages of all nodes, less those
 * already promised, are at least one; the page itself comes at first touch (conformance format,
 * section 3). Invariant: a page leaves its task only when unmapped, donated or leaked; an unmapped
 * page that the driver still pins is HELD. Trade-off: addresses grow upwards and are reused only
 * when the upper end of user memory is reached.
 */
import type { CommandOf } from '../../host/command.js';
import type { Decision } from '../../host/decision.js';
import type { Host } from '../../host/host.js';
import { HELD, taskOwner } from '../../host/owner.js';
import { locate } from '../../host/physical.js';
import { isPromise, type Mapping, SHARED_TASK } from '../../host/tree.js';
import { FREE } from '../../memory/extent-store.js';
import { freePages } from '../../memory/node-memory.js';
import { firstRefusal } from '../rule.js';
import { firstAbove } from './by-address.js';
import { type Call, done, openCall, refused } from './call.js';
import { mappedBytes, touchPage } from './mapping.js';
import { poolOwnerAt } from './page-owner.js';
import { isPinned } from './regions.js';
import { MAP_PAGE_RULES, TOUCH_RULES, UNMAP_RULES } from './task-rules.js';

const FIRST_ADDRESS = 2 ** 44;
const USER_LIMIT = 0x7fff_ffff_f000;
const BYTES_PER_KIB = 1024;

/** Records a mapping of memory that no store of this host holds. */
export function mapForeign(host: Host, command: CommandOf<'nitro.map-foreign'>): Decision {
  const call = openCall();
  const { address, pageBytes, node } = command;
  const runs: number[] = [];
  for (const [phys, count] of command.runs) runs.push(phys, count);
  const huge = command.huge ? 1 : 0;
  const mapping = { address, pageBytes, huge, node, runs, task: SHARED_TASK, size: -1 } as const;
  call.effects.push({ kind: 'map', mapping, position: firstAbove(host.tree.mappings, address) });
  return done(call, { address });
}

export function mapPage(host: Host, command: CommandOf<'nitro.map-page'>): Decision {
  const call = openCall();
  const size = host.topology.pageSizesKib.indexOf(command.pageKib);
  const context = { size, pageKib: command.pageKib, available: availablePages(host, size) };
  const refusal = firstRefusal(MAP_PAGE_RULES, context);
  if (refusal !== undefined) return refused(call, refusal);
  const pageBytes = command.pageKib * BYTES_PER_KIB;
  const { address, position } = freeAddress(host.tree.mappings, pageBytes);
  const { task } = command;
  const mapping = { address, pageBytes, huge: 1, node: -1, runs: [], task, size } as const;
  call.effects.push({ kind: 'map', mapping, position });
  return done(call, { address });
}

/** Free pages of a size on all nodes, less the promised ones; negative after a pool shrank. */
export function availablePages(host: Host, size: number): number {
  if (size < 0) return 0;
  let pages = 0;
  for (const memory of host.memory) pages += freePages(memory.pools[size]);
  return pages - host.tree.promised[size];
}

export function touch(host: Host, command: CommandOf<'nitro.touch'>): Decision {
  const call = openCall();
  const { mappings } = host.tree;
  const position = firstAbove(mappings, command.address) - 1;
  const mapping = mappings[position];
  const { address } = command;
  const fresh = mapping !== undefined && isPromise(mapping);
  const touched = fresh ? touchPage(host, position, command.localNode) : undefined;
  const refusal = firstRefusal(TOUCH_RULES, { mapping, address, placed: touched !== undefined });
  if (refusal !== undefined) return refused(call, refusal);
  if (touched === undefined) return done(call, { node: mapping.node });
  call.effects.push(...touched.effects);
  return done(call, { node: touched.mapping.node });
}

export function unmap(host: Host, command: CommandOf<'nitro.unmap'>): Decision {
  const call = openCall();
  const { mappings } = host.tree;
  const position = firstAbove(mappings, command.address) - 1;
  const mapping = mappings[position];
  const refusal = firstRefusal(UNMAP_RULES, { mapping, address: command.address });
  if (refusal !== undefined) return refused(call, refusal);
  letGo(call, host, mapping);
  call.effects.push({ kind: 'unmap', mapping, position });
  return done(call);
}

/**
 * The page goes back to its pool, or is held while a region pins it; an enclave's stays its own.
 */
function letGo(call: Call, host: Host, { address, size, runs, task }: Mapping): void {
  if (size < 0 || runs.length === 0) return;
  const [phys] = runs;
  const place = locate(host, phys);
  if (place === undefined) throw new Error(`mapped page ${phys} is outside the memory`);
  const extent = poolOwnerAt(host.memory[place.node], place.frame);
  const from = taskOwner(task);
  if (extent?.owner !== from) return;
  const { node } = place;
  const at = { node, size, handle: extent.handle, from, uid: -1 } as const;
  if (isPinned(host, address, phys)) call.effects.push({ kind: 'give', ...at, to: HELD });
  else call.effects.push({ kind: 'release', ...at, to: FREE });
}

/** The first address above all mappings. */
export function upperEnd(mappings: readonly Mapping[]): number {
  const last = mappings.at(-1);
  return last === undefined ? 0 : last.address + mappedBytes(last);
}

/** Where a page of `bytes` goes when all before it end at `top`; -1 = it does not fit there. */
export function addressAbove(top: number, bytes: number): number {
  const address = alignUp(Math.max(top, FIRST_ADDRESS), bytes);
  return address + bytes <= USER_LIMIT ? address : -1;
}

/** Above all mappings, or in the lowest gap once user memory is used up to its end. */
function freeAddress(mappings: readonly Mapping[], bytes: number) {
  const address = addressAbove(upperEnd(mappings), bytes);
  if (address >= 0) return { address, position: mappings.length };
  let low = FIRST_ADDRESS;
  for (const [position, mapping] of mappings.entries()) {
    if (low + bytes <= mapping.address) return { address: low, position };
    low = Math.max(low, alignUp(mapping.address + mappedBytes(mapping), bytes));
  }
  throw new Error('user memory is full: more than 111 TiB are mapped');
}

function alignUp(value: number, to: number): number {
  return Math.ceil(value / to) * to;
}
