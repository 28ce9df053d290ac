/**
 * Makes a machine's dense table by asking the machine.
 *
 * Invariant: every state × event pair of the table was asked of xstate, none is assumed.
 * Trade-off: only flat machines without context, guards and delays compile; anything else throws.
 * A legal no-op must name its own state as target: xstate reports a transition without target and
 * actions as one that cannot be taken.
 */
import {
  type AnyStateMachine,
  type EventFromLogic,
  getNextSnapshot,
  type StateValueFrom,
} from 'xstate';
import { ILLEGAL, type LifecycleTable, tableOf } from './table.js';

export type StateOf<M extends AnyStateMachine> = StateValueFrom<M> & string;
export type EventOf<M extends AnyStateMachine> = EventFromLogic<M>['type'];

/** Asks `machine` about every state × event pair. Throws when it is not flat. */
export function compileTable<M extends AnyStateMachine>(
  machine: M,
): LifecycleTable<StateOf<M>, EventOf<M>> {
  assertPlainRoot(machine);
  const states = Object.keys(machine.states) as StateOf<M>[];
  const events = [...machine.events].sort() as EventOf<M>[];
  const next = new Int8Array(states.length * events.length).fill(ILLEGAL);
  states.forEach((state, row) => {
    assertFlat(machine, state);
    events.forEach((event, column) => {
      const target = ask(machine, state, event);
      if (target === undefined) return;
      // A target that is no state of its own is nested: that state is refused when its turn comes.
      next[row * events.length + column] = states.indexOf(target as StateOf<M>);
    });
  });
  const initial = machine.config.initial as StateOf<M>;
  return tableOf({ id: machine.id, states, events, initial, next });
}

function ask(machine: AnyStateMachine, state: string, event: string): string | undefined {
  const snapshot = machine.resolveState({ value: state, context: {} });
  const object = { type: event };
  if (!snapshot.can(object)) return undefined;
  return String(getNextSnapshot(machine, snapshot, object).value);
}

function assertFlat(machine: AnyStateMachine, state: string): void {
  const node = machine.states[state];
  const leaf = node.type === 'atomic' || node.type === 'final';
  const edges = [...node.transitions.values()].flat();
  const eventless = node.always !== undefined || node.after.length > 0;
  const plain = edges.every((edge) => edge.guard === undefined && edge.target !== undefined);
  if (!leaf || eventless || !plain) {
    throw new Error(`${machine.id}: state ${state} is not flat, so it has no dense table`);
  }
}

function assertPlainRoot(machine: AnyStateMachine): void {
  if (machine.root.transitions.size > 0) {
    throw new Error(`${machine.id}: has transitions at its root, so it has no dense table`);
  }
  if (machine.config.context !== undefined) {
    throw new Error(`${machine.id}: has context, so it has no dense table`);
  }
}
