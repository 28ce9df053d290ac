/**
 * One scope, explored and measured: counts that must not change, and speeds that may.
 *
 * Invariant: everything in `counts` is exact and the same on any machine; everything in `speed` is
 * of this run. Time is processor time of this process, so a busy machine does not slow a figure.
 */

import { idleFrames } from '../../core/explore/idle-frames.js';
import type { Breach } from '../../core/explore/model.js';
import { countReached } from '../../core/explore/reached-counts.js';
import { realPath } from '../../core/explore/real-path.js';
import {
  createRememberingModel,
  type RememberingModel,
} from '../../core/explore/remembering-model.js';
import type { Scope } from '../../core/explore/scope.js';
import {
  type Counts,
  type Found,
  type Progress,
  type Search,
  search,
} from '../../core/explore/search.js';
import { trailOf } from '../../core/explore/trail.js';
import { fieldUses } from '../../core/explore/unread-fields.js';
import type { Command, CommandKind } from '../../core/host/command.js';
import type { PlatformId } from '../../core/platform/profile.js';
import { counted } from '../../core/units/counted.js';
import { bareSearch, graphOf } from './bare-search.js';
import { commandKinds } from './commands-tried.js';
import { type Properties, propertiesOf } from './properties.js';
import { ruleIds } from './rules-met.js';
import { type TimeShares, timeShares } from './time-shares.js';

/** Exact: what a scope has. */
export interface ScopeCounts {
  readonly scope: string;
  readonly full?: Counts;
  readonly reduced: Counts;
  /** Sum of the orbits of the reduced search; equals `full.unique`. */
  readonly orbits: number;
  /** Its transitions, each counted for the whole orbit; equals `full.transitions`. */
  readonly orbitTransitions: number;
  /** Of the full search, where there is one. */
  readonly refused: number;
  readonly reducedRefused: number;
}

/** Of this run, per second of processor time. */
export interface ScopeSpeed {
  readonly seconds: number;
  readonly transitionsPerSecond: number;
  readonly triesPerSecond: number;
  readonly statesPerSecond: number;
  readonly bytesPerState: number;
  /** Questions put to rules and properties; all others were answered by what is remembered. */
  readonly asked: number;
  readonly rememberedBytes: number;
  /** The speed asked for, in transitions of one core per second. */
  readonly goal: number;
  readonly goalMet: boolean;
  /** A bare search of the same moves; absent where the search is not whole. */
  readonly bare?: Bare;
  /** Likewise. */
  readonly shares?: TimeShares;
}

export interface Bare {
  readonly transitionsPerSecond: number;
  /** How many times as fast as the search it is. */
  readonly ratio: number;
  /** The first moves of the search, which it was measured on; absent = all. */
  readonly ofFirst?: number;
}

export interface ScopeRun {
  readonly counts: ScopeCounts;
  readonly speed: ScopeSpeed;
  readonly complete: boolean;
  /** Problems in words; [] = all that was claimed holds. */
  readonly problems: readonly string[];
  /** The counts equal pinned ones. */
  readonly asPinned: boolean;
  readonly platform: PlatformId;
  /** Ids of the platform's rules that refused some move, in the order of its rule book. */
  readonly rulesMet: readonly string[];
  /** Kinds of command that were tried, in the order of the platform's table. */
  readonly commandsTried: readonly CommandKind[];
  /** What was asked of the states and transitions that are shown, and what was reached. */
  readonly properties: Properties;
  /** A shortest one. */
  readonly breach?: PathToBreach;
}

export interface PathToBreach {
  readonly properties: readonly string[];
  readonly message: string;
  /** As a fresh host of the scope is given them. */
  readonly commands: readonly Command[];
}

export interface RunChoice {
  /** Seconds of processor time so far. */
  readonly clock: () => number;
  readonly onProgress?: (progress: Progress, reduced: boolean) => void;
  /** Most states that a scope may have; one of more is given up. */
  readonly maxStates?: number;
  /** Only the canonical states are explored. */
  readonly reducedOnly?: boolean;
  /** Also in how many states each `sometimes` property is reached. */
  readonly countsReached?: boolean;
  /** How the counts of a whole run differ from pinned ones; undefined = there are none. */
  readonly pins?: (counts: ScopeCounts) => readonly string[] | undefined;
}

const GOAL = 2_500_000;
/** States looked at for a path where canonical states have none. */
const MOST_WITHOUT_SYMMETRY = 100_000;
/** A bare search of a longer one is made of that many moves. */
const BARE_LIMIT = 4_000_000;
/** Expanded states between two words of progress: well below a second on any scope. */
const PROGRESS_EVERY = 256;

/** Explores a scope in full and reduced, or reduced only. */
export function runScope(scope: Scope, choice: RunChoice): ScopeRun {
  const reduced = explore(scope, choice, true);
  const full = choice.reducedOnly === true ? undefined : explore(scope, choice, false);
  const shown = full ?? reduced;
  const { counts: shownCounts, refused, found } = shown.result;
  const counts = {
    scope: scope.name,
    ...(full === undefined ? {} : { full: full.result.counts }),
    reduced: reduced.result.counts,
    orbits: reduced.result.orbits,
    orbitTransitions: reduced.result.orbitTransitions,
    refused,
    reducedRefused: reduced.result.refused,
  };
  const transitionsPerSecond = shownCounts.transitions / shown.seconds;
  const differences = shown.result.complete ? choice.pins?.(counts) : undefined;
  const breach = found === undefined ? {} : breachOf(scope, shown, found, choice);
  return {
    counts,
    speed: {
      seconds: shown.seconds,
      transitionsPerSecond: Math.round(transitionsPerSecond),
      triesPerSecond: Math.round((shownCounts.transitions + refused) / shown.seconds),
      statesPerSecond: Math.round(shownCounts.unique / shown.seconds),
      bytesPerState: Math.round(shown.result.bytesPerState),
      asked: shown.model.asked,
      rememberedBytes: shown.model.bytes,
      goal: GOAL,
      goalMet: transitionsPerSecond >= GOAL,
      ...(shown.result.complete ? comparisons(shown, choice, transitionsPerSecond) : {}),
    },
    complete: shown.result.complete,
    problems: [
      ...problemsOf(reduced.result, full?.result),
      ...(breach.unlike === undefined ? [] : [breach.unlike]),
      ...paddingOf(scope, reduced),
      ...(differences ?? []),
    ],
    asPinned: differences?.length === 0,
    platform: scope.platform,
    rulesMet: ruleIds(shown.model.source.host.profile).filter((id) =>
      shown.model.refusedBy.has(id),
    ),
    commandsTried: commandKinds(shown.model.source.host.profile).filter((kind) =>
      shown.model.source.tried.has(kind),
    ),
    properties: propertiesOf(
      scope,
      shown.result,
      choice.countsReached === true && found === undefined
        ? countReached(shown.model, shown.result)
        : undefined,
    ),
    ...(breach.path === undefined ? {} : { breach: breach.path }),
  };
}

/**
 * The path to a breach, in moves of a host; where the moves between canonical states are no host's, that in
 * words, and a path of a search of all states, if it is a short one.
 */
function breachOf(
  scope: Scope,
  { model, result }: Explored,
  found: Found,
  { maxStates = MOST_WITHOUT_SYMMETRY }: RunChoice,
): { readonly path?: PathToBreach; readonly unlike?: string } {
  const first = new Int32Array(model.words);
  result.visited.read(0, first);
  const walked = realPath(model, first, found);
  if (walked !== undefined) return { path: pathTo(scope, found.breach, walked) };
  const limits = { maxStates: Math.min(maxStates, MOST_WITHOUT_SYMMETRY) };
  const real = search(createRememberingModel(scope), limits).found;
  const message = 'symmetry: a rule or a step tells apart what the scope calls equal';
  if (real !== undefined) {
    const unlike = `${message}; the path is that of a search of all states`;
    return { unlike, path: pathTo(scope, real.breach, real.path) };
  }
  const seen = `none in ${counted(limits.maxStates, 'state')}`;
  return { unlike: `${message}, so what was found may be no host's (without symmetry ${seen})` };
}

function pathTo(scope: Scope, breach: Breach, path: readonly number[]): PathToBreach {
  return { ...breach, commands: trailOf(scope, path).commands };
}

interface Explored {
  readonly model: RememberingModel;
  readonly result: Search;
  readonly seconds: number;
}

function explore(scope: Scope, choice: RunChoice, reduced: boolean): Explored {
  const { clock, onProgress, maxStates } = choice;
  const model = createRememberingModel(scope, { reduced });
  const began = clock();
  const result = search(model, {
    onProgress: (progress) => onProgress?.(progress, reduced),
    progressEvery: PROGRESS_EVERY,
    // A search gives up once it has as many, though none may be left to find.
    ...(maxStates === undefined ? {} : { maxStates: maxStates + 1 }),
  });
  return { model, result, seconds: Math.max(clock() - began, 1e-6) };
}

/** What a whole search is compared with, and where its time went. */
function comparisons(
  { model, result, seconds }: Explored,
  { clock }: RunChoice,
  perSecond: number,
): Pick<ScopeSpeed, 'bare' | 'shares'> {
  const { counts, visited } = result;
  const shares = timeShares(model, result, seconds, clock);
  const graph = graphOf(model, visited, Math.min(counts.transitions + 1, BARE_LIMIT));
  const moves = graph.targets.length;
  const began = clock();
  bareSearch(graph, visited);
  const barePerSecond = moves / Math.max(clock() - began, 1e-6);
  const bare = {
    transitionsPerSecond: Math.round(barePerSecond),
    ratio: Math.round(barePerSecond / perSecond),
    ...(moves < counts.transitions ? { ofFirst: moves } : {}),
  };
  return { bare, shares };
}

/** State that no answer, later state or invariant depends on; asked of a whole search only. */
function paddingOf(scope: Scope, { model, result }: Explored): string[] {
  if (!result.complete) return [];
  const unread = fieldUses(model, result).filter(({ read }) => !read);
  return [
    ...unread.map(({ field, whose }) => `padding: nothing reads the field ${field} of ${whose}`),
    ...idleFrames(scope, model.source, result.visited),
  ];
}

function problemsOf(reduced: Search, full: Search | undefined): string[] {
  const shown = full ?? reduced;
  const problems: string[] = [];
  if (shown.found !== undefined) {
    const { properties, message } = shown.found.breach;
    problems.push(`${properties.join(', ')}: ${message}`);
  }
  if (!shown.complete) return problems;
  for (const id of shown.unreached) problems.push(`never reached: ${id}`);
  if (full !== undefined && reduced.orbits !== full.counts.unique) {
    problems.push(`orbits add up to ${reduced.orbits}, the full search has ${full.counts.unique}`);
  }
  if (full !== undefined && reduced.orbitTransitions !== full.counts.transitions) {
    const { orbitTransitions } = reduced;
    problems.push(
      `transitions of the orbits add up to ${orbitTransitions}, ` +
        `the full search has ${full.counts.transitions}`,
    );
  }
  return problems;
}
