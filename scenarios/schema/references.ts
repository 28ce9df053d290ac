/**
 * What the schema cannot say of one value alone: names that must exist, times that must not run
 * backwards, memory ranges that must fit.
 *
 * Invariant: only contradictions inside the file are problems. What a platform refuses (an odd vCPU
 * count, `cpuCount` beside `cpuList`, ending an enclave twice) is a legal scenario with a lesson.
 * Trade-off: enclave names of a churn are the engine's own (`churn-…`) and are not checked.
 */

import { type HoleKib, holesKibOf } from '../../core/memory/holes.js';
import { formatKib } from '../../core/units/size.js';
import { suggestWord } from './nearest.js';
import type { ParentShape } from './parent-topology.js';
import type { Path } from './path.js';
import { familyOf, scenarioPlatforms } from './platforms.js';
import type { Finding } from './problem.js';
import { parseMemoryKib } from './quantity.js';
import type { LaunchRequest, Scenario } from './scenario.js';

const PLATFORMS = ['qingtian', 'nitro', 'vm'];
/** More launches than this in one file is a slip of the keyboard. */
const MOST_LAUNCHES = 1_000_000;

/** Every contradiction in a scenario of the right form, in the order of the file's parts. */
export function findContradictions(scenario: Scenario, shape?: ParentShape): Finding[] {
  return [
    ...checkPlatform(scenario),
    ...checkImages(scenario),
    ...checkNames(scenario),
    ...checkTimes(scenario),
    ...checkCounts(scenario),
    ...checkPageSizes(scenario),
    ...(shape === undefined ? [] : checkFreeRanges(scenario, shape)),
  ];
}

function checkPlatform(scenario: Scenario): Finding[] {
  const families = scenarioPlatforms(scenario).map(familyOf);
  const unknown = families.find((family) => !PLATFORMS.includes(family));
  if (unknown !== undefined) {
    const message = `unknown platform \`${unknown}\``;
    return [{ path: ['platform'], message, suggestion: suggestWord(unknown, PLATFORMS) }];
  }
  // Beside QingTian in a list the key is for QingTian alone.
  if (families.includes('qingtian') || !families.includes('nitro')) return [];
  const message = '`pageSize` is a QingTian setting; Nitro chooses page sizes itself';
  return reservations(scenario)
    .filter(({ value }) => 'pageSize' in value && value.pageSize !== undefined)
    .map(({ path }) => ({ path: [...path, 'pageSize'], atKey: true, message }));
}

function reservations(
  scenario: Scenario,
): { path: Path; value: NonNullable<Scenario['reservation']> }[] {
  const first = scenario.reservation;
  return [
    ...(first === undefined ? [] : [{ path: ['reservation'], value: first }]),
    ...scenario.workload.timeline.flatMap((entry, index) =>
      'reserve' in entry
        ? [{ path: ['workload', 'timeline', index, 'reserve'], value: entry.reserve }]
        : [],
    ),
  ];
}

interface PlacedLaunch {
  readonly path: Path;
  readonly launch: LaunchRequest;
}

/** Every launch of the timeline, with its path. */
function launches(scenario: Scenario): PlacedLaunch[] {
  return scenario.workload.timeline.flatMap((entry, index): PlacedLaunch[] => {
    const path = ['workload', 'timeline', index];
    if ('launch' in entry) return [{ path: [...path, 'launch'], launch: entry.launch }];
    if (!('together' in entry)) return [];
    return entry.together.map((launch, n) => ({ path: [...path, 'together', n], launch }));
  });
}

function checkImages(scenario: Scenario): Finding[] {
  const known = Object.keys(scenario.images);
  const uses = [
    ...launches(scenario).map(({ path, launch }) => ({ path, image: launch.image })),
    ...(scenario.workload.churn?.mix ?? []).map(({ image }, index) => ({
      path: ['workload', 'churn', 'mix', index],
      image,
    })),
  ];
  return uses.flatMap(({ path, image }) => {
    if (image === undefined || Object.hasOwn(scenario.images, image)) return [];
    const suggestion = suggestWord(image, known) ?? 'describe it under `images`';
    return [{ path: [...path, 'image'], message: `no image is named \`${image}\``, suggestion }];
  });
}

/** Enclaves that are ended, or expected, must be launched somewhere in the file. */
function checkNames(scenario: Scenario): Finding[] {
  const counts = new Map<string, number>();
  for (const { launch } of launches(scenario)) {
    const many = Math.max(counts.get(launch.name) ?? 0, launch.count ?? 0);
    counts.set(launch.name, many);
  }
  const uses: { path: Path; name: string }[] = [];
  scenario.workload.timeline.forEach((entry, index) => {
    const path = ['workload', 'timeline', index];
    if ('terminate' in entry) uses.push({ path: [...path, 'terminate'], name: entry.terminate });
    if ('crash' in entry) uses.push({ path: [...path, 'crash'], name: entry.crash });
  });
  scenario.expect.forEach((entry, index) => {
    if ('launch' in entry) uses.push({ path: ['expect', index, 'launch'], name: entry.launch });
  });
  const churned = (name: string): boolean =>
    scenario.workload.churn !== undefined && name.startsWith('churn-');
  return uses
    .filter(({ name }) => !isLaunched(name, counts) && !churned(name))
    .map(({ path, name }) => {
      const suggestion = suggestWord(name, nameExamples(counts));
      return { path, message: `no launch is named \`${name}\``, suggestion };
    });
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

function checkTimes(scenario: Scenario): Finding[] {
  let latest = 0;
  return scenario.workload.timeline.flatMap((entry, index) => {
    const { at } = entry;
    if (at === undefined || at >= latest) {
      latest = at ?? latest;
      return [];
    }
    const path = ['workload', 'timeline', index, 'at'];
    const message = `time runs backwards: ${at}s, after an entry at ${latest}s`;
    return [{ path, message, suggestion: 'list entries in the order of their times' }];
  });
}

function checkCounts(scenario: Scenario): Finding[] {
  let sum = 0;
  for (const { launch } of launches(scenario)) sum += launch.count ?? 1;
  if (sum <= MOST_LAUNCHES) return [];
  const message = `${sum} launches; at most ${MOST_LAUNCHES} in one scenario`;
  return [{ path: ['workload', 'timeline'], message }];
}

/** The keys of `expect.pages` are page sizes. */
function checkPageSizes(scenario: Scenario): Finding[] {
  return scenario.expect.flatMap((entry, index) => {
    if (!('pages' in entry)) return [];
    return Object.keys(entry.pages).flatMap((size) => {
      const kib = parseMemoryKib(size);
      if (typeof kib === 'number') return [];
      return [{ path: ['expect', index, 'pages', size], atKey: true, message: kib }];
    });
  });
}

/** An explicit free list: one list a node, in order, apart, within the node. */
function checkFreeRanges({ parent }: Scenario, shape: ParentShape): Finding[] {
  if (parent.memoryLayout.kind !== 'explicit') return [];
  const { free } = parent.memoryLayout;
  const path = ['parent', 'memoryLayout', 'free'];
  const nodes = shape.usableMibPerNode.length;
  if (free.length !== nodes) {
    const message = `${free.length} lists for ${nodes} nodes`;
    return [{ path, message, suggestion: 'give one list per node; [] for none' }];
  }
  return free.flatMap((ranges, node) => {
    const holes = shape.holesKibPerNode?.[node] ?? [];
    const lineKib = shape.usableMibPerNode[node] * 1024 + holesKibOf(holes);
    const outside = rangeProblems(ranges, lineKib);
    return [...outside, ...ranges.flatMap((range, index) => inHole(range, index, holes))].map(
      ({ index, message }) => ({ path: [...path, node, index], message }),
    );
  });
}

/** A free range that reaches into a hole. */
function inHole(
  [startKib, lengthKib]: readonly [number, number],
  index: number,
  holes: readonly HoleKib[],
): { index: number; message: string }[] {
  const hole = holes.find(
    ([start, length]) => start < startKib + lengthKib && startKib < start + length,
  );
  if (hole === undefined) return [];
  const [start, length] = hole;
  const message = `reaches into the hole from ${formatKib(start)} to ${formatKib(start + length)}`;
  return [{ index, message }];
}

function rangeProblems(
  ranges: readonly (readonly [number, number])[],
  installedKib: number,
): { index: number; message: string }[] {
  let usedUpToKib = 0;
  return ranges.flatMap(([startKib, lengthKib], index) => {
    const before = usedUpToKib;
    const endKib = startKib + lengthKib;
    usedUpToKib = Math.max(usedUpToKib, endKib);
    if (lengthKib === 0) return [{ index, message: 'an empty range' }];
    if (startKib < before) {
      const start = formatKib(startKib);
      const message = `starts at ${start}, but the range before ends at ${formatKib(before)}`;
      return [{ index, message }];
    }
    if (endKib <= installedKib) return [];
    const message = `ends at ${formatKib(endKib)}, but the node has ${formatKib(installedKib)}`;
    return [{ index, message }];
  });
}
