/**
 * A launch as a program of steps: what `qt enclave start` does, one command at a time.
 *
 * The program yields commands and is told each decision, so that a scenario can run it at once and a
 * timeline or the explorer can interleave several. Invariant: it yields nothing after a refusal.
 * Trade-off: what the layer below refuses is given beforehand, per step; the program asks nobody.
 */
import type { QingtianCommand, QingtianRequest } from '../../host/command.js';
import type { Decision } from '../../host/decision.js';
import { PIPELINE_KINDS } from './pipeline.js';
import type { StageId } from './step-rules.js';

/** How a launch ended: its last step and what was decided there, and the enclave if one was defined. */
export interface Launched {
  readonly stage: QingtianCommand['kind'];
  readonly last: Decision;
  readonly uid: number | undefined;
}

/** What the program needs to hear of each command; a Reply of host/program says more. */
interface Told {
  readonly decision: Decision;
}

/** Steps of one start. `failing`: the step that the sandbox, kernel or enclave refuses. */
export function* launchSteps(
  request: QingtianRequest,
  failing?: StageId,
): Generator<QingtianCommand, Launched, Told> {
  let stage: QingtianCommand['kind'] = 'qingtian.define';
  let { decision: last } = yield {
    kind: stage,
    request,
    ...(failing === 'capacity' ? { capacity: false } : {}),
    ...(failing === 'define' ? { accepted: false } : {}),
  };
  // A define that is refused names no enclave.
  const { uid } = last.facts;
  if (uid === undefined) return { stage, last, uid };
  for (const kind of PIPELINE_KINDS) {
    stage = kind;
    const accepted = kind !== `qingtian.${failing}`;
    last = (yield accepted ? { kind, uid } : { kind, uid, accepted }).decision;
    if (last.refusal !== undefined) break;
  }
  return { stage, last, uid };
}

/** Runs a launch to its end; `take` decides and applies one command. */
export function runLaunch(
  request: QingtianRequest,
  take: (command: QingtianCommand) => Decision,
  failing?: StageId,
): Launched {
  const program = launchSteps(request, failing);
  let turn = program.next();
  while (turn.done !== true) turn = program.next({ decision: take(turn.value) });
  return turn.value;
}
