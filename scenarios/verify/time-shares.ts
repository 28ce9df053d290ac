/**
 * What the time of a search went into: asking for the first time, and each step of what is known.
 *
 * After a search, moves of some of its states are made again, first up to one step, then up to the
 * next; what a step adds is its time, for then every answer is remembered. What the search took
 * longer than all steps together it spent on asking rules, effects and properties what nothing alike
 * was known of, and on running code that was not compiled yet. Invariant: shares are of one and add
 * up to it. Trade-off: a sample of states, in runs as a search meets them, spread over all; on a busy
 * machine the first share was once 0.58 and once 0.30 of the same scope.
 */
import type { RememberingModel } from '../../core/explore/remembering-model.js';
import type { Search } from '../../core/explore/search.js';

export interface TimeShares {
  /** Asking rules, effects and properties for the first time. */
  readonly asking: number;
  /** Finding the moves that change a state. */
  readonly moves: number;
  /** Their effects, the key of where they lead, its canonical form. */
  readonly keys: number;
  /** The visited table. */
  readonly table: number;
  /** Whether the move was legal and, of new states, the invariants. */
  readonly invariants: number;
}

/** States are looked at again in so many runs of so many neighbours. */
const RUNS = 20;
const NEIGHBOURS = 100;
/** The faster of so many passes is told. */
const PASSES = 2;

/** How far the moves of a state are made. */
const MOVES = 0;
const KEYS = 1;
const TABLE = 2;
const JUDGED = 3;
const JUDGED_NEW = 4;

/**
 * @param seconds what the search took
 * @param clock seconds of processor time so far
 */
export function timeShares(
  model: RememberingModel,
  { counts, visited }: Search,
  seconds: number,
  clock: () => number,
): TimeShares {
  const sample = sampleOf(visited.size);
  const key = new Int32Array(model.words);
  const reached = new Set<string>();
  let made = 0;
  const pass = (until: number): number => {
    const began = clock();
    made = 0;
    for (const state of sample) {
      visited.read(state, key);
      model.load(key);
      model.lookAhead();
      for (let move = model.takeNext(); move >= 0; move = model.takeNext()) {
        made++;
        if (until === MOVES) continue;
        model.encode(key);
        if (until === TABLE) visited.find(key);
        if (until >= JUDGED) model.judge(until === JUDGED_NEW, reached);
        model.takeBack();
      }
    }
    return clock() - began;
  };
  const [moves, keys, table, judged, judgedNew] = [MOVES, KEYS, TABLE, JUDGED, JUDGED_NEW].map(
    (until) => Math.min(...Array.from({ length: PASSES }, () => pass(until))),
  );
  const news = counts.unique / Math.max(1, counts.transitions);
  const rest = (more: number, less: number): number => Math.max(0, more - less);
  const parts = [
    moves,
    rest(keys, moves),
    rest(table, keys),
    rest(judged, keys) + news * rest(judgedNew, judged),
  ];
  // What the sample took, brought to all transitions; never more than the search took.
  const whole = Math.max(seconds, sum(parts) * (counts.transitions / Math.max(1, made)));
  const [ofMoves, ofKeys, ofTable, ofInvariants] = parts.map(
    (part) => (part * counts.transitions) / Math.max(1, made) / whole,
  );
  const asking = Math.max(0, 1 - ofMoves - ofKeys - ofTable - ofInvariants);
  return { asking, moves: ofMoves, keys: ofKeys, table: ofTable, invariants: ofInvariants };
}

/** Numbers of states, in runs spread evenly. */
function sampleOf(size: number): number[] {
  const step = Math.max(NEIGHBOURS, Math.floor(size / RUNS));
  const states: number[] = [];
  for (let first = 0; first < size; first += step) {
    for (let state = first; state < Math.min(size, first + NEIGHBOURS); state++) states.push(state);
  }
  return states;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((all, one) => all + one, 0);
}
