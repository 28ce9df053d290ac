/**
 * CREATE_VM: a new slot with its file (nitro RULES.md §1.4).
 *
 * It asks that some core be free but takes none (quirk `create-takes-no-core`), so more enclaves
 * may exist than cores; the losers find out at ADD_VCPU. Invariant: a failed SLOT_ALLOC uses no
 * slot number; a result that cannot be copied out uses one and frees the slot again.
 */
import type { CommandOf } from '../../host/command.js';
import type { Decision } from '../../host/decision.js';
import type { Host } from '../../host/host.js';
import { type HostTree, type Newborn, newEnclave } from '../../host/tree.js';
import { firstRefusal, PASS, type Rule, refuse } from '../rule.js';
import { answeredRefusal } from './answered.js';
import { ask } from './ask.js';
import { addToCounter, attempt, done, openCall, refused } from './call.js';
import { COPY_OUT } from './file.js';
import { driverRow } from './row.js';

/** Number of the first enclave file; 0 to 2 are the process's own, 3 the device. */
export const FIRST_FILE = 4;

export const CREATE_VM_RULES: readonly Rule<{ readonly host: Host }>[] = [
  driverRow({
    id: 'create-needs-core',
    sentence: 'Some core of the pool still has its threads.',
    source: '§1.4 CREATE_VM 1',
    number: 272,
    remedy: 'Write a larger pool, or end an enclave.',
    check: ({ host }) => {
      for (const cpus of host.tree.pool.avail) if (cpus.length > 0) return PASS;
      return refuse({ freeCores: 0 }, 'the pool has no free core');
    },
  }),
];

/** Kernel calls on the way to a file, in order. */
const FILE_CALLS = ['FD', 'ANON_INODE'] as const;
const REPORTED = [COPY_OUT];

export function createVm(host: Host, command: CommandOf<'nitro.create-vm'>): Decision {
  const call = openCall(command.answers);
  const refusal = firstRefusal(CREATE_VM_RULES, { host });
  if (refusal !== undefined) return refused(call, refusal);
  for (const kind of FILE_CALLS) {
    const errno = attempt(call, kind);
    if (errno !== 0) return refused(call, answeredRefusal(kind, errno));
  }
  const denied = ask(host, call, { kind: 'SLOT_ALLOC' });
  if (denied !== undefined) return refused(call, denied);
  const slot = host.tree.counters.nextSlot;
  addToCounter(call, host, 'nextSlot', 1);
  const unreported = firstRefusal(REPORTED, { command });
  const zombie =
    unreported !== undefined && ask(host, call, { kind: 'SLOT_FREE', slot }) !== undefined;
  const fd = zombie ? -1 : lowestFreeFile(host.tree);
  if (unreported === undefined || zombie) {
    const { node, parentCores, threadsPerCore } = host.tree.pool;
    const maxRanges = host.hypervisor.maxRanges;
    const { task } = command;
    const state = 'INIT';
    const given: Newborn = {
      uid: slot,
      task,
      node,
      parentCores,
      threadsPerCore,
      maxRanges,
      state,
      fd,
    };
    call.effects.push({ kind: 'add-enclave', enclave: newEnclave(given) });
  }
  if (unreported !== undefined) return refused(call, unreported);
  return done(call, { rc: fd, fd, slot, uid: slot });
}

/** The number that the next enclave file gets. */
export function lowestFreeFile({ records }: HostTree): number {
  let fd = FIRST_FILE;
  while (isUsed(records, fd)) fd++;
  return fd;
}

function isUsed(records: HostTree['records'], fd: number): boolean {
  for (let i = 0; i < records.length; i++) if (records[i].fd === fd) return true;
  return false;
}
