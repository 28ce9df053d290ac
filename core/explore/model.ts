/**
 * What the explorer asks of a model: states as keys of fixed width, and moves between them.
 *
 * A model holds one live state. `load` makes it that of a key; `take` tries a move on it, `encode`
 * writes the key of where that led, `judge` says whether that may be, `takeBack` undoes the move.
 * Invariant: after `takeBack` the live state is the loaded one again; equal keys are equal states,
 * as far as the model's declared view distinguishes states at all.
 */

/** What became of trying a move: there is none of that number here, refused, or made. */
export const ABSENT = 0;
export const REFUSED = 1;
export const MOVED = 2;
export type Tried = typeof ABSENT | typeof REFUSED | typeof MOVED;

/** Broken `always` properties. */
export interface Breach {
  readonly properties: readonly string[];
  readonly message: string;
}

/** A throw of a transition or of an audit, found anew. */
export interface Thrown {
  /** The move that throws; undefined = the audit of the state itself does. */
  readonly move: number | undefined;
  readonly breach: Breach;
}

/** Which moves change the loaded state, from a model that knows it without trying each. */
export interface Foreseen {
  /** Looks at all moves of the loaded state; returns how many are refused. */
  lookAhead(): number;
  /** Takes the next move that changes the state, in ascending order; -1 = there is no other. */
  takeNext(): number;
}

export interface Model {
  /** Int32 words of a key. */
  readonly words: number;
  /** Moves are numbered 0 … moves - 1; which of them exist depends on the state. */
  readonly moves: number;
  /** Ids of the `sometimes` properties that a whole search must reach. */
  readonly sometimes: readonly string[];
  /** Loads the initial state and writes its key. */
  begin(key: Int32Array): void;
  load(key: Int32Array): void;
  take(move: number): Tried;
  /** Where a model has it, the search asks it instead of trying each move. */
  readonly foreseen?: Foreseen;
  /** After `take` said MOVED. */
  encode(key: Int32Array): void;
  /** After `encode`. `isNew`: no search step came here before, so the state itself is judged too. */
  judge(isNew: boolean, reached: Set<string>): Breach | undefined;
  takeBack(): void;
  /**
   * What throws in the state of a key, asked once one of the others threw there; undefined = nothing
   * does, so the throw was the search's own. A model without it is one whose throws are errors.
   */
  thrown?(key: Int32Array): Thrown | undefined;
  /** Distinct keys that are the same state by symmetry; 1 where the model has none. */
  orbit(key: Int32Array): number;
}
