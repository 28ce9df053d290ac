/**
 * What a call of each kind can fail with, as the driver's own source passes it on.
 *
 * A request to the device is answered with whatever its reply says (EIO stands for that), with EINVAL
 * before it is sent, or with ETIMEDOUT after two minutes; the kernel's calls have their own. Invariant:
 * each kind has all that the driver is known to pass on, so that a step which asks for a certain errno meets
 * it. Trade-off: a reply's rc is any number; one stands for those that nobody looks at. QingTian's tool
 * tells no number of what failed below it.
 */
import type { AnswerKind } from '../../core/host/command.js';

const EIO = 5;
const ENOMEM = 12;
const EFAULT = 14;
const EBUSY = 16;
const EINVAL = 22;
const ENFILE = 23;
const EMFILE = 24;
const ETIMEDOUT = 110;
const EHWPOISON = 133;

const OF_DEVICE = [EIO, EINVAL, ETIMEDOUT] as const;

export const ERRNOS: Readonly<Record<AnswerKind, readonly number[]>> = {
  SLOT_ALLOC: OF_DEVICE,
  SLOT_ADD_VCPU: OF_DEVICE,
  SLOT_ADD_MEM: OF_DEVICE,
  ENCLAVE_START: OF_DEVICE,
  ENCLAVE_STOP: OF_DEVICE,
  SLOT_FREE: OF_DEVICE,
  SLOT_INFO: OF_DEVICE,
  CPU_OFFLINE: [EBUSY, EINVAL, ENOMEM],
  CPU_ONLINE: [EBUSY, EINVAL, ENOMEM, EIO],
  GUP: [EFAULT, ENOMEM, EHWPOISON],
  FD: [EMFILE, ENFILE, ENOMEM],
  ANON_INODE: [ENFILE, ENOMEM],
};

/** One of them for each operation, in turn. */
export function errnoInTurn(kind: AnswerKind, number: number): number {
  const errnos = ERRNOS[kind];
  return errnos[number % errnos.length];
}
