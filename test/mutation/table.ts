/**
 * The kept table of the mutation test as Markdown, and what is wrong with it.
 *
 * Invariant: what was not measured, or has changed since, is listed by name and counted nowhere else.
 */
import { type Explained, mismatches, whyOf } from './explained.js';
import { isCurrent, type Kept, type Measured } from './kept.js';
import { filesOfRoom, ROOMS, roomOf } from './rooms.js';

/** Lowest score in per cent of all files together, and of the rooms that decide about isolation. */
const TOTAL_BOUND = 90;
const ROOM_BOUNDS: Readonly<Record<string, number>> = { memory: 95, invariants: 95, host: 95 };

const HEAD = [
  '# Mutation test',
  '',
  'Written by `npm run mutate:summary` from the runs of `npm run mutate`. Score = detected of',
  'detected, survived and uncovered. Not counted: prose of three words or more, and mutants that the',
  'compiler refuses where the tests did not already. Bounds: 90 % in all; 95 % in memory, invariants',
  'and host. A room is judged by its own tests (test/mutation/rooms.ts), each property on a tenth of',
  'its cases. Files that do not stand here were never measured; the last two lists name them.',
  '',
];

export function tableOf(kept: Kept, explained: Explained): string {
  const files = Object.keys(kept);
  const heads = 'detected | timed out of these | survived | uncovered | refused by the compiler';
  return `${[
    ...HEAD,
    `| room | files measured | mutants | ${heads} | score | measured |`,
    '|---|---|---|---|---|---|---|---|---|---|',
    ...ROOMS.map(({ name }) => roomLine(kept, name)),
    `| **all** | ${files.length} of ${allFiles().length} | ${cellsOf(Object.values(kept))} |`,
    '',
    `| file | mutants | ${heads} | score | measured |`,
    '|---|---|---|---|---|---|---|---|---|',
    ...files.map((file) => `| ${file} | ${cellsOf([kept[file]])} |`),
    '',
    '## Survivors',
    '',
    ...survivorLines(kept, explained),
    '',
    '## Changed since they were measured',
    '',
    ...listed(changed(kept)),
    '',
    '## Never measured',
    '',
    ...listed(unmeasured(kept)),
  ].join('\n')}\n`;
}

/** Everything that keeps the table from being what the project asks for, one line each. */
export function problemsOf(kept: Kept, explained: Explained): string[] {
  const rooms = ROOMS.flatMap(({ name }) => {
    const score = scoreOf(inRoom(kept, name));
    const bound = ROOM_BOUNDS[name];
    if (bound === undefined || score === undefined || score >= bound) return [];
    return [`room ${name}: ${score.toFixed(1)} %, at least ${bound} % are asked for`];
  });
  const total = scoreOf(Object.values(kept)) ?? 100;
  return [
    ...mismatches(kept, explained),
    ...changed(kept).map((file) => `${file}: changed since it was measured`),
    ...unmeasured(kept).map((file) => `${file}: never measured`),
    ...rooms,
    ...(total < TOTAL_BOUND ? [`in all ${total.toFixed(1)} %, at least ${TOTAL_BOUND} %`] : []),
  ];
}

function changed(kept: Kept): string[] {
  return Object.keys(kept).filter((file) => !isCurrent(file, kept[file]));
}

function unmeasured(kept: Kept): string[] {
  return allFiles().filter((file) => !(file in kept));
}

function allFiles(): readonly string[] {
  return ROOMS.flatMap(filesOfRoom);
}

function inRoom(kept: Kept, name: string): readonly Measured[] {
  return Object.entries(kept)
    .filter(([file]) => roomOf(file)?.name === name)
    .map(([, record]) => record);
}

function roomLine(kept: Kept, name: string): string {
  const records = inRoom(kept, name);
  const all = filesOfRoom(ROOMS.find((room) => room.name === name) ?? ROOMS[0]).length;
  return `| ${name} | ${records.length} of ${all} | ${cellsOf(records)} |`;
}

function cellsOf(records: readonly Measured[]): string {
  if (records.length === 0) return '| | | | | | |';
  const sum = (of: (record: Measured) => number) => records.reduce((n, one) => n + of(one), 0);
  const detected = sum((record) => record.detected);
  const uncovered = sum(({ survivors }) => survivors.filter((one) => one.uncovered).length);
  const survived = sum(({ survivors }) => survivors.length) - uncovered;
  const days = [...new Set(records.map(({ day }) => day))].sort();
  const score = scoreOf(records);
  return [
    detected + survived + uncovered,
    detected,
    sum(({ timedOut }) => timedOut),
    survived,
    uncovered,
    records.some(({ run }) => run.includes('not asked'))
      ? 'not all asked'
      : sum(({ refused }) => refused),
    score === undefined ? 'no mutant' : `${score.toFixed(1)} %`,
    days.length > 1 ? `${days[0]} to ${days.at(-1)}` : days[0],
  ].join(' | ');
}

/** Per cent; undefined = there is no mutant. */
function scoreOf(records: readonly Measured[]): number | undefined {
  const detected = records.reduce((sum, record) => sum + record.detected, 0);
  const total = detected + records.reduce((sum, { survivors }) => sum + survivors.length, 0);
  return total === 0 ? undefined : (100 * detected) / total;
}

function survivorLines(kept: Kept, explained: Explained): string[] {
  const lines = Object.entries(kept).flatMap(([file, { survivors }]) =>
    survivors.map(({ line, text, uncovered }) => {
      const why = whyOf(explained, file, text) ?? 'open';
      return `- ${file}:${line} \`${text}\`${uncovered ? ' (uncovered)' : ''}: ${why}`;
    }),
  );
  return lines.length === 0 ? ['None.'] : lines;
}

function listed(files: readonly string[]): string[] {
  return files.length === 0 ? ['None.'] : files.map((file) => `- ${file}`);
}
