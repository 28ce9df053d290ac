/**
 * Which properties a search of a scope checked and reached, each by its id.
 *
 * An `always` property was asked of every state, and those about a move of every transition, too; a
 * `sometimes` one tells by how few commands it is reached. Invariant: every property of both lists stands
 * once, what the platform does not promise and what the scope is too small for among them. Trade-off:
 * how many states reach a `sometimes` property is counted for who asks: a search asks for each until the first.
 */
import type { Scope } from '../../core/explore/scope.js';
import type { Search } from '../../core/explore/search.js';
import { INVARIANTS, sceneOf } from '../../core/invariants/check.js';
import type { Always, Scene } from '../../core/invariants/invariant.js';
import { lifecycleLegal } from '../../core/invariants/lifecycle-legal.js';
import { noLeak } from '../../core/invariants/no-leak.js';
import { REACHED } from '../../core/invariants/reached.js';
import { counted } from '../../core/units/counted.js';

export interface AlwaysChecked {
  readonly id: string;
  readonly sentence: string;
  /** States it was asked of; 0 = the platform does not promise it. */
  readonly states: number;
  /** Transitions that it was asked of besides. */
  readonly transitions?: number;
}

export interface SometimesReached {
  readonly id: string;
  readonly sentence: string;
  /** Fewest commands from a fresh parent; absent = it was not reached. */
  readonly commands?: number;
  /** States in which it holds; absent = not counted, or it is one of a move. */
  readonly states?: number;
  /** The scope is too small for it, so it need not be reached. */
  readonly beyond?: true;
}

export interface Properties {
  readonly always: readonly AlwaysChecked[];
  readonly sometimes: readonly SometimesReached[];
}

/** What is asked of moves, not of states alone: whether they were legal, and whether a CPU was lost. */
const OF_MOVES: ReadonlySet<unknown> = new Set([lifecycleLegal, noLeak]);

/** @param states that reach each `sometimes` property, by its id, where they were counted */
export function propertiesOf(
  scope: Scope,
  { counts, firstReached }: Search,
  states?: ReadonlyMap<string, number>,
): Properties {
  const fresh = sceneOf(scope.build());
  return {
    always: INVARIANTS.map((one) => {
      const { id, sentence } = one;
      if (!isPromised(one, fresh)) return { id, sentence, states: 0 };
      const { unique: states, transitions } = counts;
      return { id, sentence, states, ...(OF_MOVES.has(one) ? { transitions } : {}) };
    }),
    sometimes: REACHED.map(({ id, sentence }) => {
      const commands = firstReached.get(id);
      const holdsIn = states?.get(id);
      return {
        ...{ id, sentence },
        ...(commands === undefined ? {} : { commands }),
        ...(holdsIn === undefined ? {} : { states: holdsIn }),
        ...(scope.beyond?.includes(id) ? { beyond: true } : {}),
      };
    }),
  };
}

function isPromised({ check }: Always, fresh: Scene): boolean {
  try {
    return check(fresh) !== undefined;
  } catch {
    // A check that throws is asked all the same: the search has told it as a breach.
    return true;
  }
}

/** In sentences: what held always, what was reached, what neither could be. */
export function propertyLines(scope: string, { always, sometimes }: Properties): string[] {
  const asked = always.filter(({ states }) => states > 0);
  const ofMoves = asked.filter(({ transitions }) => transitions !== undefined);
  const notPromised = always.filter(({ states }) => states === 0);
  const reached = sometimes.filter(({ commands }) => commands !== undefined);
  const missed = sometimes.filter(({ commands, beyond }) => commands === undefined && !beyond);
  const beyond = sometimes.filter((one) => one.commands === undefined && one.beyond);
  const lines: readonly (readonly [items: readonly { readonly id: string }[], told: string])[] = [
    [asked, `always, asked of ${counted(asked[0]?.states ?? 0, 'state')}: ${idsOf(asked)}`],
    [
      ofMoves,
      `and after each of ${counted(ofMoves[0]?.transitions ?? 0, 'transition')}: ${idsOf(ofMoves)}`,
    ],
    [notPromised, `not promised by the platform: ${idsOf(notPromised)}`],
    [reached, `sometimes, by so many commands at least: ${reached.map(reachedText).join(', ')}`],
    [missed, `not reached: ${idsOf(missed)}`],
    [beyond, `beyond so small a host: ${idsOf(beyond)}`],
  ];
  return lines.flatMap(([items, told]) => (items.length === 0 ? [] : [`${scope}: ${told}`]));
}

function reachedText({ id, commands, states }: SometimesReached): string {
  return `${id} ${commands}${states === undefined ? '' : ` (${counted(states, 'state')})`}`;
}

function idsOf(all: readonly { readonly id: string }[]): string {
  return all.map(({ id }) => id).join(', ');
}
