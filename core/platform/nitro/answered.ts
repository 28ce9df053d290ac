/**
 * Kernel and hypervisor calls that the command's answers make fail.
 *
 * Invariant: the errno given is the one the driver call returns. There is one row for all of them:
 * why such a call fails lies outside the model (out of files, a poisoned page, a device time-out).
 */
import type { AnswerKind } from '../../host/command.js';
import type { Refusal } from '../../refusal/refusal.js';
import { notApplicable } from '../rule.js';
import { codeOf } from './errors.js';
import { driverRow } from './row.js';

export const ANSWERED = driverRow<object>({
  id: 'answered',
  sentence: 'A request to the hypervisor or the kernel may fail; its errno is passed through.',
  source: '§1.7',
  remedy: 'Look into the parent kernel log; the driver itself found nothing wrong.',
  check: () => notApplicable('decided by the answer, not by the state'),
});

/** How the names of requests to the hypervisor begin; the others are calls of the kernel. */
const REQUESTS = ['SLOT_', 'ENCLAVE_'];

/** The refusal for a call of `kind` that was made to fail with `errno` (positive). */
export function answeredRefusal(kind: AnswerKind, errno: number): Refusal {
  const code = codeOf(errno);
  return {
    layer: REQUESTS.some((prefix) => kind.startsWith(prefix)) ? 'hypervisor' : 'driver',
    codes: [code],
    rule: ANSWERED.id,
    message: `${kind} failed with ${code}`,
    numbers: { call: kind, errno },
    remedy: ANSWERED.remedy,
  };
}
