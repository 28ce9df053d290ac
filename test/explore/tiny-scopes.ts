/**
 * Scopes of a few hundred states, cut out of the real ones: lives of one enclave and of two, with few
 * choices each and every kind of step in one of them. Searched whole in an instant.
 */
import { withLaunches } from '../../core/explore/qingtian-scopes.js';
import type { Move, Scope } from '../../core/explore/scope.js';
import { findScope } from '../../core/explore/scopes.js';
import type { Counts } from '../../core/explore/search.js';

export interface Tiny {
  readonly scope: Scope;
  readonly full: Counts;
  /** Canonical states alone; the orbits add up to the full count. */
  readonly reduced: Counts;
  /** Moves that the full and the reduced search were refused. */
  readonly refused: readonly [full: number, reduced: number];
  readonly unreached: readonly string[];
}

/** A scope by name, with whole launches where its platform has them in one command. */
export function wholeScope(name: string): Scope {
  const scope = findScope(name);
  if (scope === undefined) throw new Error(`no scope ${name}`);
  return scope.platform === 'qingtian' ? withLaunches(scope) : scope;
}

/** @param lists numbers from 0 of the requests kept, by the kind of their command; absent = all */
function cut(of: string, name: string, labels: RegExp, lists: Lists = {}): Scope {
  const whole = wholeScope(of);
  const moves = whole.moves.filter((move, at) => {
    if (!labels.test(move.label)) return false;
    const kept = lists[move.label.replace('qingtian.', '')];
    const before = whole.moves.slice(0, at).filter((one) => isLike(one, move)).length;
    return kept === undefined || kept.includes(before);
  });
  return { ...whole, name: `${of}, ${name}`, moves };
}

type Lists = Readonly<Record<string, readonly number[]>>;

function isLike(one: Move, { label, fills }: Move): boolean {
  return one.label === label && one.fills === fills;
}

/** Counts in the order of their names. */
function counts(unique: number, transitions: number, depth: number): Counts {
  return { unique, transitions, depth };
}

const Q = 'qingtian-2x4x2x2';
const N = 'nitro-2x2x2x2';

export const TINY: readonly Tiny[] = [
  {
    scope: cut(
      Q,
      'launches and consoles',
      /^qingtian\.((un)?reserve|define|launch)$|(stop|crash|console-\w+) of|^parent/,
      { reserve: [1], define: [], launch: [0, 1, 2, 3] },
    ),
    full: counts(64, 503, 5),
    reduced: counts(19, 140, 5),
    refused: [681, 198],
    unreached: [],
  },
  {
    scope: cut(
      Q,
      'two reservations and sizes',
      /^qingtian\.((un)?reserve|define|launch)$|(stop|crash) of|^parent/,
      { reserve: [1, 4], define: [], launch: [0, 2, 4, 6] },
    ),
    full: counts(133, 923, 13),
    reduced: counts(37, 251, 13),
    refused: [872, 254],
    unreached: [],
  },
  {
    scope: cut(
      Q,
      'step by step',
      /^qingtian\.(reserve|define)$|(map|add-memory|load-image|add-cpu|start|crash) of/,
      { reserve: [1], define: [0, 2, 12], launch: [] },
    ),
    full: counts(284, 850, 17),
    reduced: counts(73, 219, 17),
    refused: [5170, 1308],
    unreached: ['parent-stopped'],
  },
  {
    scope: cut(
      N,
      'one page',
      /^nitro\.(write-pool "|write-hugep|create-vm by task .$)|^(add-vcpu|close of|exit-event of|start with CID .|poll|map-page)|mapping 0 to enclave .$|touch.*0$/,
    ),
    full: counts(428, 2294, 12),
    reduced: counts(218, 1171, 12),
    refused: [5434, 2741],
    unreached: ['two-run', 'memory-held', 'parent-stopped'],
  },
  {
    scope: cut(
      N,
      'cores and CIDs',
      /^nitro\.(write-pool "|create-vm by task \d$)|^(add-vcpu by task .|exit-event|close) of|^parent/,
    ),
    full: counts(216, 1600, 11),
    reduced: counts(111, 816, 11),
    refused: [1040, 531],
    unreached: ['two-run', 'memory-held'],
  },
  {
    scope: cut(
      'nitro-two-sizes',
      'a whole life',
      /^(?!.*(refused|mapping 1|"1"|hugepages 0|SLOT|stays|unmap))/,
    ),
    full: counts(380, 2625, 11),
    reduced: counts(380, 2625, 11),
    refused: [2901, 2901],
    unreached: [],
  },
  {
    scope: cut(
      'nitro-two-sizes',
      'what is refused below',
      /^(?!.*(mapping 1|"1"|hugepages (0|1)|unmap|of 64))/,
    ),
    full: counts(214, 1540, 11),
    reduced: counts(214, 1540, 11),
    refused: [2804, 2804],
    unreached: [],
  },
];
