/**
 * Breadth-first search over every reachable state of a model.
 *
 * The queue is the visited table itself: states are expanded in the order they were found, so the
 * first way to a state is a shortest one. Invariant: when a search ends `complete`, every move of
 * every reachable state was tried. Trade-off: per state one parent and one move are remembered, six
 * bytes, so that any state's path can be told without keeping paths.
 */
import { type Breach, MOVED, type Model, REFUSED } from './model.js';
import { createVisited, type VisitedTable } from './visited.js';

export interface Limits {
  /** Give up after that many states; the search is then not complete. */
  readonly maxStates?: number;
  /** Told about every `progressEvery` expanded states. */
  readonly progressEvery?: number;
  readonly onProgress?: (progress: Progress) => void;
}

export interface Progress {
  readonly unique: number;
  readonly expanded: number;
  readonly transitions: number;
  readonly depth: number;
}

export interface Counts {
  /** Different states. */
  readonly unique: number;
  /** Moves that changed the state, one for each state and move. */
  readonly transitions: number;
  /** Moves of a longest shortest path. */
  readonly depth: number;
}

export interface Found {
  readonly breach: Breach;
  /** Moves from the initial state to the breach. */
  readonly path: readonly number[];
}

export interface Search {
  readonly counts: Counts;
  /** Moves tried that changed nothing. */
  readonly refused: number;
  /** Sum of the orbits of all expanded states: what their count would be without symmetry. */
  readonly orbits: number;
  /** The moves made in them, each counted for every state of its orbit: likewise without symmetry. */
  readonly orbitTransitions: number;
  readonly complete: boolean;
  readonly found?: Found;
  /** Ids of `sometimes` properties that were never reached; only of meaning when complete. */
  readonly unreached: readonly string[];
  /** Id of each `sometimes` property that was reached → the fewest moves to there. */
  readonly firstReached: ReadonlyMap<string, number>;
  readonly visited: VisitedTable;
  readonly bytesPerState: number;
}

/** Explores until all is seen, a breach is found or a limit is met. */
export function search(model: Model, limits: Limits = {}): Search {
  return new Explorer(model, limits).run();
}

const NO_PARENT = 0xffff_ffff;
const FIRST_ROOM = 1 << 12;

class Explorer {
  private readonly model: Model;
  private readonly limits: Limits;
  private readonly visited: VisitedTable;
  private readonly reached = new Set<string>();
  private readonly firstReached = new Map<string, number>();
  private parents = new Uint32Array(FIRST_ROOM);
  private moves = new Uint16Array(FIRST_ROOM);
  private transitions = 0;
  private refused = 0;
  private orbits = 0;
  private orbitTransitions = 0;
  private depth = 0;
  private found: Found | undefined = undefined;

  constructor(model: Model, limits: Limits) {
    this.model = model;
    this.limits = limits;
    this.visited = createVisited(model.words);
  }

  run(): Search {
    const { model, visited, limits } = this;
    const { maxStates = Number.POSITIVE_INFINITY, progressEvery = 1 << 14 } = limits;
    const here = new Int32Array(model.words);
    const there = new Int32Array(model.words);
    model.begin(here);
    this.enter(visited.insert(here), NO_PARENT, 0);
    this.orThrown(0, here, () => {
      const breach = model.judge(true, this.reached);
      if (breach !== undefined) this.found = { breach, path: [] };
    });
    this.noteReached(0);
    let state = 0;
    for (let levelEnd = 1; state < visited.size && this.found === undefined; state++) {
      if (state === levelEnd) {
        levelEnd = visited.size;
        this.depth++;
      }
      if (visited.size >= maxStates) break;
      visited.read(state, here);
      model.load(here);
      const made = this.transitions;
      this.orThrown(state, here, () => this.expand(state, there));
      if (this.reached.size > this.firstReached.size) this.noteReached(this.depth + 1);
      const orbit = model.orbit(here);
      this.orbits += orbit;
      this.orbitTransitions += orbit * (this.transitions - made);
      if ((state + 1) % progressEvery === 0) limits.onProgress?.(this.progress(state + 1));
    }
    return this.result(state);
  }

  /** A throw of the model's transitions or audits is found as a breach. */
  private orThrown(state: number, key: Int32Array, act: () => void): void {
    try {
      act();
    } catch (error) {
      const thrown = this.model.thrown?.(key);
      if (thrown === undefined) throw error;
      const { move, breach } = thrown;
      this.found = { breach, path: [...this.pathTo(state), ...(move === undefined ? [] : [move])] };
    }
  }

  private expand(state: number, there: Int32Array): void {
    const { model } = this;
    const { foreseen } = model;
    if (foreseen !== undefined) {
      this.refused += foreseen.lookAhead();
      for (let move = foreseen.takeNext(); move >= 0; move = foreseen.takeNext()) {
        if (this.follow(state, move, there)) return;
      }
      return;
    }
    for (let move = 0; move < model.moves; move++) {
      const tried = model.take(move);
      if (tried === REFUSED) this.refused++;
      if (tried === MOVED && this.follow(state, move, there)) return;
    }
  }

  /** Goes where the move just taken leads, and back; true = to a breach. */
  private follow(state: number, move: number, there: Int32Array): boolean {
    const { model } = this;
    this.transitions++;
    model.encode(there);
    const number = this.visited.insert(there);
    const breach = model.judge(number >= 0, this.reached);
    model.takeBack();
    if (number >= 0) this.enter(number, state, move);
    if (breach === undefined) return false;
    this.found = { breach, path: [...this.pathTo(state), move] };
    return true;
  }

  private noteReached(moves: number): void {
    for (const id of this.reached) {
      if (!this.firstReached.has(id)) this.firstReached.set(id, moves);
    }
  }

  private enter(state: number, parent: number, move: number): void {
    if (state >= this.parents.length) this.grow();
    this.parents[state] = parent;
    this.moves[state] = move;
  }

  private grow(): void {
    const parents = new Uint32Array(2 * this.parents.length);
    parents.set(this.parents);
    this.parents = parents;
    const moves = new Uint16Array(2 * this.moves.length);
    moves.set(this.moves);
    this.moves = moves;
  }

  private pathTo(state: number): number[] {
    const path: number[] = [];
    for (let at = state; this.parents[at] !== NO_PARENT; at = this.parents[at]) {
      path.push(this.moves[at]);
    }
    return path.reverse();
  }

  private progress(expanded: number): Progress {
    const { transitions, depth } = this;
    return { unique: this.visited.size, expanded, transitions, depth };
  }

  private result(expanded: number): Search {
    const { visited, transitions, depth, refused, orbits, orbitTransitions, found, model } = this;
    const bytes = visited.bytes + this.parents.byteLength + this.moves.byteLength;
    return {
      counts: { unique: visited.size, transitions, depth },
      refused,
      orbits,
      orbitTransitions,
      complete: found === undefined && expanded === visited.size,
      ...(found === undefined ? {} : { found }),
      firstReached: this.firstReached,
      unreached: model.sometimes.filter((id) => !this.reached.has(id)),
      visited,
      bytesPerState: bytes / visited.size,
    };
  }
}
