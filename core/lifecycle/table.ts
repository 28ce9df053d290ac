/**
 * A machine's legality as a dense table: state × event → next state, or illegal.
 *
 * The machines are for readers and drawing tools; an xstate transition costs microseconds, an array
 * read nanoseconds. So each machine is asked about every pair once, and the table answers after.
 * Invariant: `next[s * events + e]` is what the machine does in state s on event e; a legal move to
 * the same state is that state's index, never ILLEGAL.
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

/** Entry of `next` for an event that the state does not handle. */
export const ILLEGAL = -1;

export type StateOf<M extends AnyStateMachine> = StateValueFrom<M> & string;
export type EventOf<M extends AnyStateMachine> = EventFromLogic<M>['type'];

export interface LifecycleTable<S extends string, E extends string> {
  /** The machine's id, for messages. */
  readonly id: string;
  /** In the order the machine declares them; index 0 is not necessarily the initial state. */
  readonly states: readonly S[];
  /** Sorted, so that indices do not depend on declaration order. */
  readonly events: readonly E[];
  readonly initial: S;
  readonly stateIndex: ReadonlyMap<string, number>;
  readonly eventIndex: ReadonlyMap<string, number>;
  /** Row per state, column per event; ILLEGAL or a state index. Not to be written. */
  readonly next: Int8Array;
}

/** Asks `machine` about every state × event pair. Throws when it is not flat. */
export function compileTable<M extends AnyStateMachine>(
  machine: M,
): LifecycleTable<StateOf<M>, EventOf<M>> {
  assertPlainRoot(machine);
  const states = Object.keys(machine.states) as StateOf<M>[];
  const events = [...machine.events].sort() as EventOf<M>[];
  const stateIndex = indexOf(states);
  const next = new Int8Array(states.length * events.length).fill(ILLEGAL);
  states.forEach((state, row) => {
    assertFlat(machine, state);
    events.forEach((event, column) => {
      const target = ask(machine, state, event);
      if (target === undefined) return;
      next[row * events.length + column] = lookUp(stateIndex, target, machine.id, 'state');
    });
  });
  const initial = machine.config.initial as StateOf<M>;
  return { id: machine.id, states, events, initial, stateIndex, eventIndex: indexOf(events), next };
}

/**
 * The state that `event` leads to from `state`; undefined = illegal there, which the caller turns
 * into its platform's refusal. Throws on a name that is not the table's (another surface's state).
 */
export function next<S extends string, E extends string>(
  table: LifecycleTable<S, E>,
  state: NoInfer<S>,
  event: NoInfer<E>,
): S | undefined {
  const row = lookUp(table.stateIndex, state, table.id, 'state');
  const column = lookUp(table.eventIndex, event, table.id, 'event');
  const target = nextIndex(table, row, column);
  return target === ILLEGAL ? undefined : table.states[target];
}

/** `next` by index, for hot paths: a state index, or ILLEGAL. Indices must be in range. */
export function nextIndex(
  table: LifecycleTable<string, string>,
  stateIndex: number,
  eventIndex: number,
): number {
  return table.next[stateIndex * table.events.length + eventIndex] ?? ILLEGAL;
}

/** The states in which `event` is legal, for whoever asks about one event again and again. */
export function statesWith<S extends string, E extends string>(
  table: LifecycleTable<S, E>,
  event: NoInfer<E>,
): ReadonlySet<string> {
  return new Set(table.states.filter((state) => next(table, state, event) !== undefined));
}

/** The events legal in `state`, in table order. */
export function legalEvents<S extends string, E extends string>(
  table: LifecycleTable<S, E>,
  state: NoInfer<S>,
): E[] {
  return table.events.filter((event) => next(table, state, event) !== undefined);
}

function ask(machine: AnyStateMachine, state: string, event: string): string | undefined {
  const snapshot = machine.resolveState({ value: state, context: {} });
  const object = { type: event };
  if (!snapshot.can(object)) return undefined;
  return String(getNextSnapshot(machine, snapshot, object).value);
}

function assertFlat(machine: AnyStateMachine, state: string): void {
  const node = machine.states[state];
  const leaf = node !== undefined && (node.type === 'atomic' || node.type === 'final');
  const edges = leaf ? [...node.transitions.values()].flat() : [];
  const eventless = node?.always !== undefined || (node?.after.length ?? 0) > 0;
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

function indexOf(names: readonly string[]): ReadonlyMap<string, number> {
  return new Map(names.map((name, index) => [name, index]));
}

function lookUp(
  index: ReadonlyMap<string, number>,
  name: string,
  table: string,
  what: 'state' | 'event',
): number {
  const found = index.get(name);
  if (found === undefined) throw new Error(`${table}: ${what} "${name}" is unknown`);
  return found;
}
