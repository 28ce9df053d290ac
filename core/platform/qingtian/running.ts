/**
 * What happens to a running enclave: stop, crash, and its read-only debug console.
 *
 * Invariant: every end returns all at once, and nothing restarts an enclave (Q32).
 * Trade-off: the console carries no text here; only who may open it, and that one may at a time.
 * Source: QingTian Enclave user guide, stop and console commands (b.2), error codes (b.6).
 */

import type { CommandOf } from '../../host/command.js';
import type { Decision, HostEvent } from '../../host/decision.js';
import type { Host } from '../../host/host.js';
import { recordOf } from '../../host/records.js';
import type { SayEnd } from '../../host/release-enclave.js';
import type { Bit, Enclave } from '../../host/tree.js';
import type { QingtianEvent } from '../../lifecycle/qingtian-enclave.js';
import { lifecycle } from '../../lifecycle/surfaces.js';
import { statesWith } from '../../lifecycle/table.js';
import type { Step } from '../profile.js';
import { stateOf } from './pipeline.js';
import {
  CONSOLE_OPENED,
  CONSOLE_READ,
  CONSOLE_SINGLE,
  LIFECYCLE,
  NOT_DEBUG,
  NOT_RUNNING,
  refusedBy,
  STOP_FAILED,
  type StepRule,
} from './step-rules.js';

/** `qt enclave stop`. */
export function stop(say: SayEnd): Step<'qingtian.stop'> {
  return (host, { uid, accepted }) => {
    const enclave = recordOf(host.tree, uid);
    if (enclave === undefined || !mayStop(enclave)) {
      return illegalEdge(enclave, uid, 'stop', NOT_RUNNING);
    }
    if (accepted === false) {
      return refusedBy(STOP_FAILED, { enclave: uid }, `enclave ${uid} did not stop`);
    }
    return ended(say, host, enclave, [{ name: 'enclave.terminated', uid, cause: 'stopped' }]);
  };
}

/** The workload ended, or the enclave died: an operator must start it again by hand. */
export function crash(say: SayEnd): Step<'qingtian.crash'> {
  return (host, { uid }) => {
    const enclave = recordOf(host.tree, uid);
    if (enclave === undefined || !mayCrash(enclave)) {
      return illegalEdge(enclave, uid, 'crash', LIFECYCLE);
    }
    const detail = { action: 'start the enclave again by hand' };
    return ended(say, host, enclave, [
      { name: 'enclave.crashed', uid },
      { name: 'operator.action_required', uid, detail },
    ]);
  };
}

export function openConsole(host: Host, { uid }: CommandOf<'qingtian.console-open'>): Decision {
  return onConsole(host, uid, (enclave) =>
    enclave.console === 1
      ? refusedBy(CONSOLE_SINGLE, { enclave: uid }, `enclave ${uid} has a console already`)
      : consoleSet(enclave, 1),
  );
}

export function readConsole(
  host: Host,
  { uid, accepted }: CommandOf<'qingtian.console-read'>,
): Decision {
  return onConsole(host, uid, (enclave) => {
    const refused = notOpened(enclave);
    if (refused !== undefined) return refused;
    if (accepted === false) {
      return refusedBy(CONSOLE_READ, { enclave: uid }, `the console of enclave ${uid} failed`);
    }
    return { effects: [], facts: { uid } };
  });
}

export function closeConsole(host: Host, { uid }: CommandOf<'qingtian.console-close'>): Decision {
  return onConsole(host, uid, (enclave) => notOpened(enclave) ?? consoleSet(enclave, 0));
}

function ended(say: SayEnd, host: Host, enclave: Enclave, events: readonly HostEvent[]): Decision {
  const { uid } = enclave;
  const effects = say(host, enclave);
  return { effects, facts: { uid, events } };
}

/** Whether the lifecycle has the edge where the enclave stands; `absent` has neither. */
function mayStop({ state }: Enclave): boolean {
  legal.stop ??= statesWith(lifecycle.qingtianEnclave(), 'stop');
  return isAmong(legal.stop, state);
}

function mayCrash({ state }: Enclave): boolean {
  legal.crash ??= statesWith(lifecycle.qingtianEnclave(), 'crash');
  return isAmong(legal.crash, state);
}

/** A loop, since it is asked of each end, and of a list of one. */
function isAmong(states: readonly string[], state: string): boolean {
  for (let i = 0; i < states.length; i++) if (states[i] === state) return true;
  return false;
}

/** Read off the table when first asked. */
const legal: { stop: readonly string[] | undefined; crash: readonly string[] | undefined } = {
  stop: undefined,
  crash: undefined,
};

function illegalEdge(
  enclave: Enclave | undefined,
  uid: number,
  event: QingtianEvent,
  rule: StepRule,
): Decision {
  const from = stateOf(enclave);
  return refusedBy(rule, { enclave: uid, from, event }, `enclave ${uid} is ${from}: no ${event}`);
}

/** What is done with the console of an enclave that may have one. */
function onConsole(host: Host, uid: number, act: (enclave: Enclave) => Decision): Decision {
  const enclave = recordOf(host.tree, uid);
  if (enclave?.state !== 'running') {
    const numbers = { enclave: uid, from: stateOf(enclave), event: 'console' };
    return refusedBy(NOT_RUNNING, numbers, `enclave ${uid} is not running`);
  }
  if (enclave.debug === 1) return act(enclave);
  return refusedBy(NOT_DEBUG, { enclave: uid }, `enclave ${uid} is not in debug mode`);
}

function notOpened({ uid, console }: Enclave): Decision | undefined {
  if (console === 1) return undefined;
  return refusedBy(CONSOLE_OPENED, { enclave: uid }, `enclave ${uid} has no open console`);
}

function consoleSet({ uid, console }: Enclave, to: Bit): Decision {
  const effects = [{ kind: 'set-enclave', uid, field: 'console', from: console, to }] as const;
  return { effects, facts: { uid } };
}
