/**
 * The table that `verify` ends with: what was explored, how fast, and what is wrong.
 *
 * Invariant: counts are exact and stand before the figures of the run; a scope that was not explored
 * whole says so, and each says whether the speed aimed at was reached and where the time went. Every line
 * fits the width. "Explored whole" is all that is claimed: of this instance, with this encoding.
 */
import type { Counts } from '../../core/explore/search.js';
import { BLANK, type Line, labelled, paint, paragraph, span } from '../../reports/terminal/line.js';
import type { Style } from '../../reports/terminal/style.js';
import { type Column, type Row, table, tableFits } from '../../reports/terminal/table.js';
import { type CommandsTried, commandsLine } from './commands-tried.js';
import { propertyLines } from './properties.js';
import { type RulesMet, rulesLine } from './rules-met.js';
import type { ScopeRun } from './run-scope.js';

/** All that `verify` found. */
export interface Verified {
  readonly runs: readonly ScopeRun[];
  readonly rules: readonly RulesMet[];
  readonly commands: readonly CommandsTried[];
}

interface CountColumn extends Column {
  /** Below the table. */
  readonly means: string;
  readonly cell: (run: ScopeRun) => string;
}

const right = 'right' as const;

const COLUMNS: readonly CountColumn[] = [
  {
    title: 'states',
    means: 'different states that commands reach from a fresh parent',
    cell: ({ counts }) => String(shownCounts(counts).unique),
  },
  {
    title: 'transitions',
    means: 'commands that were carried out, one from each state that allows it',
    cell: ({ counts }) => String(shownCounts(counts).transitions),
  },
  {
    title: 'depth',
    means: 'commands on the longest of the shortest paths',
    cell: ({ counts }) => String(shownCounts(counts).depth),
  },
  {
    title: 'refused',
    means: 'commands that a rule refused; they lead nowhere',
    cell: ({ counts }) => String(counts.refused),
  },
  {
    title: 'canonical',
    means: 'states where those that differ by symmetry only count once',
    cell: ({ counts }) => String(counts.reduced.unique),
  },
  {
    title: 's',
    means: 'processor seconds of the search',
    cell: ({ speed }) => speed.seconds.toFixed(1),
  },
  {
    title: 'transitions/s',
    means: 'transitions in each of these seconds',
    cell: ({ speed }) => String(speed.transitionsPerSecond),
  },
  {
    title: 'tries/s',
    means: 'transitions and refused commands, likewise',
    cell: ({ speed }) => String(speed.triesPerSecond),
  },
  {
    title: 'states/s',
    means: 'states found, likewise',
    cell: ({ speed }) => String(speed.statesPerSecond),
  },
  {
    title: 'bytes/state',
    means: 'memory of the table of visited states',
    cell: ({ speed }) => String(speed.bytesPerState),
  },
  {
    title: 'asked',
    means: 'questions put to rules and invariants; what was answered before is remembered',
    cell: ({ speed }) => String(speed.asked),
  },
  {
    title: 'bare search',
    means: 'a search of the same moves that asks no rule and no invariant; - = not measured',
    cell: ({ speed: { bare } }) => (bare === undefined ? '-' : `${bare.ratio}x faster`),
  },
];

/**
 * The table, a verdict for each scope, what the columns mean; every line fits, the last is ended.
 * @param namesProperties what was asked and reached is named, scope by scope
 */
export function verifyTable(
  { runs, rules, commands }: Verified,
  style: Style,
  namesProperties = false,
): string {
  const sentences = (texts: readonly string[]): Line[] =>
    texts.flatMap((text) => paragraph(text, style, 0));
  const lines = [
    ...blocks(runs, style),
    BLANK,
    ...sentences(runs.map(verdict)),
    BLANK,
    ...(namesProperties ? [...sentences(runs.flatMap(propertiesOf)), BLANK] : []),
    ...sentences(rules.map(rulesLine)),
    ...sentences(commands.map(commandsLine)),
    BLANK,
    ...sentences(runs.map(speedLine)),
    BLANK,
    ...COLUMNS.flatMap(({ title, means }) =>
      labelled(span(title.padEnd(LABEL), 'quiet'), means, style, 0),
    ),
  ];
  return paint(lines, style);
}

const LABEL = Math.max(...COLUMNS.map(({ title }) => title.length));

/** As many columns beside each other as fit; the others go below, each block with its scopes. */
function blocks(runs: readonly ScopeRun[], style: Style): Line[] {
  const lines: Line[] = [];
  let chosen: CountColumn[] = [];
  const close = (): void => {
    if (lines.length > 0) lines.push(BLANK);
    lines.push(...block(runs, chosen, style));
  };
  for (const column of COLUMNS) {
    const wider = [...chosen, column];
    if (chosen.length > 0 && !tableFits(columnsOf(wider), rowsOf(runs, wider), style, 0)) {
      close();
      chosen = [column];
    } else chosen = wider;
  }
  close();
  return lines;
}

function block(runs: readonly ScopeRun[], chosen: readonly CountColumn[], style: Style): Line[] {
  return table(columnsOf(chosen), rowsOf(runs, chosen), style, 0);
}

function columnsOf(chosen: readonly CountColumn[]): Column[] {
  return [{ title: 'scope' }, ...chosen.map(({ title }) => ({ title, align: right }))];
}

function rowsOf(runs: readonly ScopeRun[], chosen: readonly CountColumn[]): Row[] {
  return runs.map((run) => [
    span(run.counts.scope, 'strong'),
    ...chosen.map(({ cell }) => span(cell(run))),
  ]);
}

function propertiesOf({ counts, properties }: ScopeRun): string[] {
  return propertyLines(counts.scope, properties);
}

function verdict({ counts, complete, problems, asPinned }: ScopeRun): string {
  const { unique, transitions } = shownCounts(counts);
  if (problems.length > 0) return `${counts.scope}: ${problems.join('; ')}`;
  if (!complete) {
    const seen = `not explored whole, ${unique} states so far, no breach`;
    return `${counts.scope}: ${seen}: exit code 1, since those beyond were not seen`;
  }
  const pinned = asPinned ? ', counts as pinned' : '';
  return `${counts.scope}: all ${unique} states and ${transitions} transitions checked, no breach${pinned}`;
}

/** Whether the speed aimed at was reached, what a bare search reaches, and where the time went. */
function speedLine({ counts, speed }: ScopeRun): string {
  const { transitionsPerSecond, seconds, goal, goalMet, bare, shares } = speed;
  const asked = `${counts.scope}: speed ${millions(transitionsPerSecond)} million transitions/s, ${aimOf(seconds, goal, goalMet)}`;
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

/** Below this a search is over before its program is warm. */
const LEAST_MEASURED = 1;

/** Speed is told and checked nowhere: nobody shall read a slow machine, or a tiny scope, as a breach. */
function aimOf(seconds: number, goal: number, goalMet: boolean): string {
  if (goalMet) return `the aim of ${millions(goal)} is reached`;
  if (seconds < LEAST_MEASURED)
    return `over too soon to be measured by the aim of ${millions(goal)}`;
  return `below the aim of ${millions(goal)}, which is no check`;
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
