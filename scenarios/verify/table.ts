/**
 * The table that `verify` ends with: what was explored, how fast, and what is wrong.
 *
 * Invariant: counts are exact and stand before the figures of the run; a scope that was not explored
 * whole says so, and each says whether the speed asked for was met and where the time went. "Explored whole" is all that is claimed: of this instance, with this encoding.
 */
import type { Counts } from '../../core/explore/search.js';
import { type RulesMet, rulesLine } from './rules-met.js';
import type { ScopeRun } from './run-scope.js';

const TITLES = [
  'scope',
  'states',
  'transitions',
  'depth',
  'refused',
  'canonical',
  's',
  'transitions/s',
  'tries/s',
  'states/s',
  'bytes/state',
  'asked',
  'bare search',
] as const;

/** Lines of the table with a verdict for each scope; ends with a newline. */
export function verifyTable(runs: readonly ScopeRun[], rules: readonly RulesMet[]): string {
  const rows = [[...TITLES], ...runs.map(cells)];
  const widths = TITLES.map((_, i) => Math.max(...rows.map((row) => row[i].length)));
  const lines = rows.map((row) =>
    row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]) : cell.padStart(widths[i]))).join('  '),
  );
  return [
    ...lines,
    '',
    ...runs.map(verdict),
    '',
    ...rules.map(rulesLine),
    '',
    ...runs.map(speedLine),
    '',
  ].join('\n');
}

function cells({ counts, speed }: ScopeRun): string[] {
  const { unique, transitions, depth } = shownCounts(counts);
  const { bare } = speed;
  return [
    counts.scope,
    ...[unique, transitions, depth, counts.refused, counts.reduced.unique].map(String),
    speed.seconds.toFixed(1),
    ...[speed.transitionsPerSecond, speed.triesPerSecond, speed.statesPerSecond].map(String),
    String(speed.bytesPerState),
    String(speed.asked),
    bare === undefined ? '-' : `${bare.ratio}x faster`,
  ];
}

function verdict({ counts, complete, problems, asPinned }: ScopeRun): string {
  const { unique, transitions } = shownCounts(counts);
  if (problems.length > 0) return `${counts.scope}: ${problems.join('; ')}`;
  if (!complete) return `${counts.scope}: not explored whole, ${unique} states so far, no breach`;
  const pinned = asPinned ? ', counts as pinned' : '';
  return `${counts.scope}: all ${unique} states and ${transitions} transitions checked, no breach${pinned}`;
}

/** Whether the speed asked for was met, what a bare search reaches, and where the time went. */
function speedLine({ counts, speed }: ScopeRun): string {
  const { transitionsPerSecond, goal, goalMet, bare, shares } = speed;
  const asked =
    `${counts.scope}: ${millions(transitionsPerSecond)} of ${millions(goal)} million ` +
    `transitions/s: ${goalMet ? 'met' : 'not met'}`;
  if (bare === undefined || shares === undefined) return asked;
  const replayed =
    bare.ofFirst === undefined ? 'the same moves' : `its first ${bare.ofFirst} moves`;
  const { asking, moves, keys, table, invariants } = shares;
  return (
    `${asked}; without rules, effects and invariants ${replayed} reach ` +
    `${millions(bare.transitionsPerSecond)}. Time: ${percent(asking)} first answers of rules and ` +
    `invariants, then ${percent(moves)} moves, ${percent(keys)} effects and canonical keys, ` +
    `${percent(table)} visited table, ${percent(invariants)} invariants`
  );
}

function millions(number: number): string {
  return (number / 1e6).toFixed(2);
}

function percent(share: number): string {
  return `${Math.round(100 * share)} %`;
}

function shownCounts({ full, reduced }: ScopeRun['counts']): Counts {
  return full ?? reduced;
}
