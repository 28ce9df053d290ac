/**
 * Names of enclaves and images: those that are used must be given somewhere in the file.
 *
 * Invariant: a name is called missing only when every place that could give it was readable; a
 * misspelt `lanch` above leaves the names below it alone, since they follow from it.
 * Trade-off: enclave names of a churn are the engine's own (`churn-…`) and are not checked.
 */
import { suggestWord } from '../../core/units/nearest-word.js';
import type { Path } from './path.js';
import { isMapping, listOf, textOf, under } from './plain.js';
import type { Finding } from './problem.js';

const ROOT_KEYS = ['images', 'workload'];
/** Keys that say what a timeline entry does. */
const ACTIONS = [
  ...['launch', 'together', 'terminate', 'crash', 'parent', 'reserve', 'unreserve'],
  ...['cpuOffline', 'cpuOnline', 'snapshot'],
];

export interface PlacedLaunch {
  readonly path: Path;
  readonly launch: unknown;
}

interface Use {
  readonly path: Path;
  readonly name: unknown;
}

/** Every launch of the timeline, with its path. */
export function launchesOf(scenario: unknown): PlacedLaunch[] {
  return timelineOf(scenario).flatMap((entry, index): PlacedLaunch[] => {
    const path = ['workload', 'timeline', index];
    const launch = under(entry, 'launch');
    const single = launch === undefined ? [] : [{ path: [...path, 'launch'], launch }];
    const together = listOf(under(entry, 'together')).map((one, n) => ({
      path: [...path, 'together', n],
      launch: one,
    }));
    return [...single, ...together];
  });
}

export function timelineOf(scenario: unknown): readonly unknown[] {
  return listOf(under(under(scenario, 'workload'), 'timeline'));
}

/** Images that are used and not described. */
export function checkImages(scenario: unknown): Finding[] {
  const images = under(scenario, 'images');
  if (images === undefined ? hasStrangers(scenario) : !isMapping(images)) return [];
  const known = Object.keys(images ?? {});
  const mix = listOf(under(under(under(scenario, 'workload'), 'churn'), 'mix'));
  const uses: Use[] = [
    ...launchesOf(scenario).map(({ path, launch }) => ({ path, name: under(launch, 'image') })),
    ...mix.map((one, index) => ({
      path: ['workload', 'churn', 'mix', index],
      name: under(one, 'image'),
    })),
  ];
  return uses.flatMap(({ path, name }) => {
    if (typeof name !== 'string' || known.includes(name)) return [];
    const suggestion = suggestWord(name, known) ?? 'describe it under `images`';
    return [{ path: [...path, 'image'], message: `no image is named \`${name}\``, suggestion }];
  });
}

/** Enclaves that are ended, or expected, must be launched somewhere in the file. */
export function checkNames(scenario: unknown): Finding[] {
  const counts = launchCounts(scenario);
  if (counts === undefined) return [];
  const churn = under(under(scenario, 'workload'), 'churn') !== undefined;
  const uses = [
    ...timelineOf(scenario).flatMap((entry, index) =>
      ['terminate', 'crash'].map((key) => ({
        path: ['workload', 'timeline', index, key],
        name: under(entry, key),
      })),
    ),
    ...listOf(under(scenario, 'expect')).map((entry, index) => ({
      path: ['expect', index, 'launch'],
      name: under(entry, 'launch'),
    })),
  ];
  return uses.flatMap(({ path, name }) => {
    if (typeof name !== 'string' || isLaunched(name, counts)) return [];
    if (churn && name.startsWith('churn-')) return [];
    const suggestion = suggestWord(name, nameExamples(counts));
    return [{ path, message: `no launch is named \`${name}\``, suggestion }];
  });
}

/** Name → how many; 0 = the name alone. Undefined when some launch could not be read. */
function launchCounts(scenario: unknown): ReadonlyMap<string, number> | undefined {
  const workload = under(scenario, 'workload');
  const timeline = under(workload, 'timeline');
  if (workload === undefined ? hasStrangers(scenario) : !isMapping(workload)) return undefined;
  if (timeline === undefined ? strangers(workload, ['churn']) : !Array.isArray(timeline)) {
    return undefined;
  }
  if (!timelineOf(scenario).every(isReadable)) return undefined;
  const counts = new Map<string, number>();
  for (const { launch } of launchesOf(scenario)) {
    const name = textOf(under(launch, 'name'));
    const count = under(launch, 'count') ?? 0;
    if (name === undefined || typeof count !== 'number') return undefined;
    counts.set(name, Math.max(counts.get(name) ?? 0, count));
  }
  return counts;
}

/** Whether it can be told which launches an entry holds, if any. */
function isReadable(entry: unknown): boolean {
  if (!isMapping(entry)) return false;
  const together = under(entry, 'together');
  if (together !== undefined && !Array.isArray(together)) return false;
  return ACTIONS.some((key) => Object.hasOwn(entry, key)) || !strangers(entry, ['at']);
}

/** A key at the top that might be a misspelt `images` or `workload`. */
function hasStrangers(scenario: unknown): boolean {
  return strangers(scenario, [...ROOT_KEYS, ...OTHER_ROOT_KEYS]);
}

const OTHER_ROOT_KEYS = [
  ...[
    'schemaVersion',
    'title',
    'teaches',
    'source',
    'derived',
    'differs',
    'platform',
    'parent',
    'options',
  ],
  ...['reservation', 'seed', 'expect'],
];

function strangers(owner: unknown, known: readonly string[]): boolean {
  return isMapping(owner) && Object.keys(owner).some((key) => !known.includes(key));
}

/** With `count: N`, a launch is name-1 … name-N; without, it is its name. */
function isLaunched(name: string, counts: ReadonlyMap<string, number>): boolean {
  if (counts.get(name) === 0) return true;
  const numbered = /^(.*)-([1-9]\d*)$/.exec(name);
  return numbered !== null && Number(numbered[2]) <= (counts.get(numbered[1]) ?? 0);
}

function nameExamples(counts: ReadonlyMap<string, number>): string[] {
  return [...counts].map(([name, count]) => (count === 0 ? name : `${name}-1`)).slice(0, 1000);
}
