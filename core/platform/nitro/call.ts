/**
 * The ledger of one driver call while it is being decided: effects so far, requests that reached
 * the hypervisor, and how often each failable kernel call was made.
 *
 * Invariant: it lives only inside one decision; nothing here touches the host. Trade-off: a
 * mutable ledger, because a driver call may fail late and still leave what it did before.
 */
import type { AnswerKind, Answers } from '../../host/command.js';
import type { Decision, Facts, HypervisorRequest } from '../../host/decision.js';
import type { Effect } from '../../host/effect.js';
import type { Host } from '../../host/host.js';
import type { Counters } from '../../host/tree.js';
import type { Refusal } from '../../refusal/refusal.js';
import { rcOf } from './errors.js';

export interface Call {
  readonly effects: Effect[];
  readonly requests: HypervisorRequest[];
  readonly calls: Partial<Record<AnswerKind, number>>;
  readonly answers: Answers;
}

export function openCall(answers: Answers = {}): Call {
  return { effects: [], requests: [], calls: {}, answers };
}

/** Counts one call of a kind; the positive errno it is made to fail with, or 0. */
export function attempt(call: Call, kind: AnswerKind): number {
  const nth = (call.calls[kind] ?? 0) + 1;
  call.calls[kind] = nth;
  const answer = call.answers[kind];
  return answer !== undefined && answer.nth === nth ? answer.errno : 0;
}

export function addToCounter(call: Call, host: Host, name: keyof Counters, by: number): void {
  const from = host.tree.counters[name];
  if (by !== 0) call.effects.push({ kind: 'set-counter', name, from, to: from + by });
}

/** The call succeeded; `facts.rc` is 0 unless given. */
export function done(call: Call, facts: Facts = {}): Decision {
  return { effects: call.effects, facts: withLedger(call, 0, facts) };
}

/** The call failed with the refusal's root code; effects so far stay. */
export function refused(call: Call, refusal: Refusal, facts: Facts = {}): Decision {
  return { effects: call.effects, facts: withLedger(call, rcOf(refusal), facts), refusal };
}

/** Fills in the object it is given, which is made for this call: copying costs ten times as much. */
function withLedger({ requests, calls }: Call, rc: number, given: Facts): Facts {
  const facts: { -readonly [F in keyof Facts]: Facts[F] } = given;
  facts.rc ??= rc;
  if (requests.length > 0) facts.requests = requests;
  for (const _ in calls) {
    facts.calls = calls;
    break;
  }
  return facts;
}
