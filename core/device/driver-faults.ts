/**
 * Faults that a script orders ahead: "the k-th coming call of this kind fails".
 *
 * Invariant: one pending fault per kind; a new one replaces it; it is counted down by the calls
 * that really were made and stays until it fires.
 */
import type { Answer, AnswerKind, Answers } from '../host/command.js';
import type { Facts } from '../host/decision.js';

export interface PendingFaults {
  /** `k` = 1: the next call. `errno` is positive. */
  order(kind: AnswerKind, errno: number, k: number): void;
  /** What the next command must be told; undefined = no fault is pending. */
  answers(): Answers | undefined;
  /** Counts down by the calls a command made. */
  settle(calls: Facts['calls']): void;
}

export function createPendingFaults(): PendingFaults {
  const pending = new Map<AnswerKind, Answer>();
  /** The same as answers, until a fault is ordered or counted. */
  let told: Answers | undefined;
  const set = (kind: AnswerKind, answer: Answer | undefined) => {
    if (answer === undefined) pending.delete(kind);
    else pending.set(kind, answer);
    told = pending.size === 0 ? undefined : Object.fromEntries(pending);
  };
  return {
    order: (kind, errno, k) => set(kind, { nth: k, errno }),
    answers: () => told,
    settle: (calls) => {
      if (told === undefined || calls === undefined) return;
      for (const [kind, { nth, errno }] of pending) {
        const made = calls[kind] ?? 0;
        if (made >= nth) set(kind, undefined);
        else set(kind, { nth: nth - made, errno });
      }
    },
  };
}
