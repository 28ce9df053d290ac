/**
 * A machine's legality as a dense table: state × event → next state, or illegal.
 *
 * The machines are for readers and drawing tools; an xstate transition costs microseconds, an array
 * read nanoseconds. So compile-table.ts asks each machine about every pair once, and the table
 * answers after.
 * Invariant: `next[s * events + e]` is what the machine does in state s on event e; a legal move to
 * the same state is that state's index, never ILLEGAL.
 * Trade-off: a table is plain data apart from its two indices, so a build may carry it ready made
 * and leave xstate out.
 */

/** Entry of `next` for an event that the state does not handle. */
export const ILLEGAL = -1;

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

/** What a table is made of; the indices follow from it. */
export type TableContent<S extends string, E extends string> = Pick<
  LifecycleTable<S, E>,
  'id' | 'states' | 'events' | 'initial'
> & { readonly next: ArrayLike<number> };

export function tableOf<S extends string, E extends string>(
  content: TableContent<S, E>,
): LifecycleTable<S, E> {
  const { states, events, next } = content;
  return {
    ...content,
    stateIndex: indexOf(states),
    eventIndex: indexOf(events),
    next: Int8Array.from(next),
  };
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
): readonly string[] {
  // A list of the few that there are: a search through it costs less than a hash.
  return table.states.filter((state) => next(table, state, event) !== undefined);
}

/** The events legal in `state`, in table order. */
export function legalEvents<S extends string, E extends string>(
  table: LifecycleTable<S, E>,
  state: NoInfer<S>,
): E[] {
  return table.events.filter((event) => next(table, state, event) !== undefined);
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
