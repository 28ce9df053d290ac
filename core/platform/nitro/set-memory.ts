/**
 * SET_USER_MEMORY_REGION: hugepages of the caller to an enclave (nitro RULES.md §1.5, §3).
 *
 * Invariant: a failure before the region is recorded leaves the enclave untouched; a request the
 * hypervisor refuses leaves the region recorded and the ranges before it counted (quirk
 * `memory-kept`). Pages of the host's pools change owner exactly when the hypervisor accepts them.
 */
import type { Decision } from '../../host/decision.js';
import type { Host } from '../../host/host.js';
import { enclaveOwner, taskOwner } from '../../host/owner.js';
import { locate } from '../../host/physical.js';
import { firstRefusal } from '../rule.js';
import { ask } from './ask.js';
import { firstAbove } from './by-address.js';
import { addToCounter, type Call, done, refused } from './call.js';
import { onFile } from './file.js';
import { MEMORY_RULES, type MemoryContext, RANGE_RULES, type SetMemory } from './memory-rules.js';
import { type PinnedRegion, pinRegion } from './page-loop.js';
import { poolOwnerAt } from './page-owner.js';

export function setMemory(host: Host, command: SetMemory): Decision {
  return onFile(host, command, decideSetMemory);
}

function decideSetMemory(call: Call, context: MemoryContext): Decision {
  const refusal = firstRefusal(MEMORY_RULES, context);
  if (refusal !== undefined) return refused(call, refusal);
  const region = pinRegion(call, context);
  if ('rule' in region) return refused(call, region);
  const { enclave } = context;
  const tooMany = firstRefusal(RANGE_RULES, { enclave, ranges: region.ranges.length / 2 });
  if (tooMany !== undefined) return refused(call, tooMany);
  return register(call, context, region);
}

function register(call: Call, context: MemoryContext, region: PinnedRegion): Decision {
  const { host, enclave, command } = context;
  const { uid } = enclave;
  const address = Number(command.address);
  const bytes = Number(command.bytes);
  call.effects.push({
    kind: 'add-region',
    uid,
    region: { address, bytes, pages: region.pages },
    position: firstAbove(enclave.regions, address),
  });
  addToCounter(call, host, 'pinned', region.pages.length / 2);
  let memoryBytes = enclave.memoryBytes;
  let ranges = enclave.ranges;
  for (let i = 0; i < region.ranges.length; i += 2) {
    const phys = region.ranges[i];
    const length = region.ranges[i + 1];
    const { task } = command;
    const request = { kind: 'SLOT_ADD_MEM', slot: uid, task, phys, bytes: length } as const;
    const denied = ask(host, call, request);
    if (denied !== undefined) {
      count(call, context, memoryBytes, ranges);
      return refused(call, denied);
    }
    call.effects.push({ kind: 'donate', uid, phys, bytes: length });
    if (region.owned) giveRange(call, context, phys, length);
    memoryBytes += length;
    ranges += 1;
  }
  count(call, context, memoryBytes, ranges);
  return done(call);
}

function count(call: Call, { enclave }: MemoryContext, memoryBytes: number, ranges: number): void {
  const { uid, memoryBytes: hadBytes, ranges: had } = enclave;
  if (ranges === had) return;
  call.effects.push(
    { kind: 'set-enclave', uid, field: 'memoryBytes', from: hadBytes, to: memoryBytes },
    { kind: 'set-enclave', uid, field: 'ranges', from: had, to: ranges },
  );
}

/** Every pool extent of the range that the task holds becomes the enclave's. */
function giveRange(
  call: Call,
  { host, enclave, command }: MemoryContext,
  phys: number,
  bytes: number,
) {
  const from = taskOwner(command.task);
  const to = enclaveOwner(enclave.uid);
  for (let at = phys; at < phys + bytes; ) {
    const place = locate(host, at);
    if (place === undefined) return;
    const { node } = place;
    const memory = host.memory[node];
    const extent = poolOwnerAt(memory, place.frame);
    if (extent === undefined) return;
    if (extent.owner === from) {
      const { size, handle } = extent;
      call.effects.push({ kind: 'give', node, size, handle, from, to, uid: -1 });
    }
    at += (extent.start + extent.frames - place.frame) * memory.frameKib * 1024;
  }
}
