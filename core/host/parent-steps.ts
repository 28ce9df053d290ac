/**
 * The parent VM's own steps, shared by every platform that carves enclaves out of a parent.
 *
 * Stopping ends each enclave first, newest first, then gives the pool back, and only then is the
 * parent stopped (Q27). A crash does the same in one instant. The reservation does not survive: its
 * service must run again after boot, and nothing restarts an enclave (Q32).
 *
 * Invariant: in the events of one decision every `enclave.terminated` stands before
 * `parent.stopped`. Trade-off: memory is scrubbed on a crash too; what a cold boot leaves in DRAM is
 * not modelled.
 */

import type { ParentEvent } from '../lifecycle/parent-vm.js';
import type { ParentState } from '../lifecycle/states.js';
import { lifecycle } from '../lifecycle/surfaces.js';
import { next } from '../lifecycle/table.js';
import type { Steps } from '../platform/profile.js';
import { bootEffects, uptimeCleared } from './boot.js';
import type { Decision, HostEvent } from './decision.js';
import type { Effect } from './effect.js';
import type { Host } from './host.js';
import { newestFirst } from './records.js';
import { type PoolParts, returnPool } from './return-pool.js';
import type { Enclave } from './tree.js';

/** How a platform ends what lives in a parent that goes down, and what it has at a boot. */
export interface ParentEnds {
  /** Effects that return all an enclave holds and drop its record. */
  readonly endEnclave: (host: Host, enclave: Enclave) => readonly Effect[];
  /** Effects that end tasks and their mappings, after the enclaves; by default none. */
  readonly endTasks?: (host: Host) => readonly Effect[];
  /** Effects that give the pool back, after the tasks; by default those of return-pool. */
  readonly pool?: PoolParts;
  /** Effects of a boot on CPUs and device; by default those of `bootEffects`. */
  readonly boot?: (host: Host) => readonly Effect[];
}

type ParentStepKind = 'parent.boot' | 'parent.stop' | 'parent.terminate' | 'parent.crash';

/** The decision functions of the parent's commands for one platform, each with its `ends`. */
export function parentSteps(ends: ParentEnds): Pick<Steps, ParentStepKind> {
  const steps = stepsWith(ends);
  for (const step of Object.values(steps)) endsByStep.set(step, ends);
  return steps;
}

/** What a step was made of by `parentSteps`; undefined for any other step, or a wrapped one. */
export function endsOf(step: unknown): ParentEnds | undefined {
  return typeof step === 'function' ? endsByStep.get(step) : undefined;
}

const endsByStep = new WeakMap<object, ParentEnds>();

function stepsWith(ends: ParentEnds): Pick<Steps, ParentStepKind> {
  return {
    'parent.boot': (host) => {
      const effects = [...(ends.boot ?? bootEffects)(host), ...uptimeCleared(host)];
      const again = { effects, events: [] };
      return walk(host, 'boot', [{ event: 'boot', name: 'parent.launched' }], again);
    },
    'parent.stop': (host) => stop(host, ends, []),
    'parent.terminate': (host) => {
      const last: Move[] = [{ event: 'terminate', name: 'parent.terminated' }];
      if (host.tree.parent !== 'running') return walk(host, 'terminate', last);
      return stop(host, ends, last);
    },
    'parent.crash': (host) => {
      const gone = endAll(host, ends, 'parent_crashed');
      return walk(host, 'crash', [{ event: 'crash', name: 'parent.crashed' }], gone);
    },
  };
}

/** One move of the parent; `name` is the event reported once it is made. */
interface Move {
  readonly event: ParentEvent;
  readonly name: string;
}

interface Gone {
  readonly effects: readonly Effect[];
  readonly events: readonly HostEvent[];
}

const NOTHING_GONE: Gone = { effects: [], events: [] };

function stop(host: Host, ends: ParentEnds, after: readonly Move[]): Decision {
  const moves: Move[] = [
    { event: 'stop', name: 'parent.stopping' },
    { event: 'enclavesGone', name: 'parent.stopped' },
    ...after,
  ];
  return walk(host, 'stop', moves, endAll(host, ends, 'parent_stopped'));
}

/** Makes the moves in turn; `gone` happens after the first of two, or before the only one. */
function walk(
  host: Host,
  asked: string,
  moves: readonly Move[],
  gone: Gone = NOTHING_GONE,
): Decision {
  const effects: Effect[] = [];
  const events: HostEvent[] = [];
  const goneBefore = moves.length > 1 ? 1 : 0;
  let from: ParentState = host.tree.parent;
  for (const [i, move] of moves.entries()) {
    const to = next(lifecycle.parentVm(), from, move.event);
    if (to === undefined) return illegal(from, asked);
    if (i === goneBefore) {
      effects.push(...gone.effects);
      events.push(...gone.events);
    }
    effects.push({ kind: 'set-parent', from, to });
    events.push({ name: move.name });
    from = to;
  }
  return { effects, facts: { events } };
}

function endAll(host: Host, ends: ParentEnds, cause: string): Gone {
  const ended = newestFirst(host.tree);
  const effects = ended.flatMap((enclave) => ends.endEnclave(host, enclave));
  effects.push(...(ends.endTasks?.(host) ?? []), ...returnPool(host, ends.pool));
  return { effects, events: ended.map(({ uid }) => ({ name: 'enclave.terminated', uid, cause })) };
}

function illegal(from: ParentState, event: string): Decision {
  return {
    effects: [],
    facts: {},
    refusal: {
      layer: 'parent',
      codes: [],
      rule: 'lifecycle',
      message: `a parent VM that is ${from} cannot ${event}`,
      numbers: { from, event },
      remedy: 'Look at the state of the parent VM first.',
    },
  };
}
