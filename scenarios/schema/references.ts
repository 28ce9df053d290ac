/**
 * What the schema cannot say of one value alone: names that must exist, times that must not run
 * backwards, keys that a platform has no use for.
 *
 * The checks read the plain value, so they tell what they can of a file whose other parts are
 * malformed; what a part of the wrong form would have said is left to the schema.
 * Invariant: only contradictions inside the file are problems. What a platform refuses (an odd vCPU
 * count, `cpuCount` beside `cpuList`, ending an enclave twice) is a legal scenario with a lesson.
 */
import { platformNamed, profileIds } from '../../core/platform/names.js';
import { suggestWord } from '../../core/units/nearest-word.js';
import { strayCommands } from './commands-apart.js';
import { checkImages, checkNames, launchesOf, timelineOf } from './names.js';
import { type PlacedReservation, strayPageSizes } from './page-size.js';
import type { Path } from './path.js';
import { isMapping, listOf, under } from './plain.js';
import { familyOf, statedPlatforms } from './platforms.js';
import type { Finding } from './problem.js';
import { parseMemoryKib } from './quantity.js';
import { parseSeconds } from './time.js';

/** More launches than this in one file is a slip of the keyboard. */
const MOST_LAUNCHES = 1_000_000;

/** Every contradiction in a plain scenario of the present version, in the order of its parts. */
export function findContradictions(scenario: unknown): Finding[] {
  return [
    ...checkPlatform(scenario),
    ...checkOptions(scenario),
    ...checkImages(scenario),
    ...checkNames(scenario),
    ...checkTimes(scenario),
    ...checkCounts(scenario),
    ...checkPageSizes(scenario),
  ];
}

function checkPlatform(scenario: unknown): Finding[] {
  const stated = statedPlatforms(scenario);
  if (stated === undefined) return [];
  const unknown = stated.flatMap((name, index) => unknownPlatform(name, pathOf(scenario, index)));
  if (unknown.length > 0) return unknown;
  return [...strayPageSizes(stated, reservationsOf(scenario)), ...strayCommands(stated, scenario)];
}

function unknownPlatform(name: string, path: Path): Finding[] {
  if (platformNamed(name) !== undefined) return [];
  const message = `unknown platform \`${name.slice(0, 60)}\``;
  const dated = profileIds().filter((id) => id.startsWith(`${familyOf(name)}@`));
  const known = name.includes('@') && dated.length > 0 ? dated : profileIds();
  return [{ path, message, suggestion: suggestWord(name, known) }];
}

function pathOf(scenario: unknown, index: number): Path {
  return Array.isArray(under(scenario, 'platform')) ? ['platform', index] : ['platform'];
}

/** An option may be given to one platform alone, as `nitro.allocator`: the prefix names it. */
function checkOptions(scenario: unknown): Finding[] {
  const options = under(scenario, 'options');
  if (!isMapping(options)) return [];
  const families = profileIds().filter((name) => familyOf(name) === name);
  return Object.keys(options).flatMap((key) => {
    const prefix = key.includes('.') ? key.split('.')[0] : undefined;
    if (prefix === undefined || families.includes(prefix)) return [];
    const message = `no platform is named \`${prefix.slice(0, 60)}\``;
    const suggestion = suggestWord(prefix, families);
    return [{ path: ['options', key], atKey: true, message, suggestion }];
  });
}

/** The first reservation and those of the timeline, as written. */
export function reservationsOf(scenario: unknown): PlacedReservation[] {
  return [
    { path: ['reservation'], value: under(scenario, 'reservation') },
    ...timelineOf(scenario).map((entry, index) => ({
      path: ['workload', 'timeline', index, 'reserve'],
      value: under(entry, 'reserve'),
    })),
  ];
}

function checkTimes(scenario: unknown): Finding[] {
  let latest = 0;
  return timelineOf(scenario).flatMap((entry, index) => {
    const stated = under(entry, 'at');
    const at = isQuantity(stated) ? parseSeconds(stated) : undefined;
    if (typeof at !== 'number' || at >= latest) {
      if (typeof at === 'number') latest = at;
      return [];
    }
    const path = ['workload', 'timeline', index, 'at'];
    const message = `time runs backwards: ${at}s, after an entry at ${latest}s`;
    return [{ path, message, suggestion: 'list entries in the order of their times' }];
  });
}

function isQuantity(value: unknown): value is string | number {
  return typeof value === 'string' || typeof value === 'number';
}

function checkCounts(scenario: unknown): Finding[] {
  let sum = 0;
  for (const { launch } of launchesOf(scenario)) {
    const count = under(launch, 'count');
    sum += typeof count === 'number' && count > 1 ? count : 1;
  }
  if (!(sum > MOST_LAUNCHES && Number.isSafeInteger(sum))) return [];
  const message = `${sum} launches; at most ${MOST_LAUNCHES} in one scenario`;
  return [{ path: ['workload', 'timeline'], message }];
}

/** The keys of `pages`, of an expectation or of its attempts, are page sizes. */
function checkPageSizes(scenario: unknown): Finding[] {
  return listOf(under(scenario, 'expect')).flatMap((entry, index) => {
    const path = ['expect', index];
    const attempts = listOf(under(entry, 'attempts'));
    return [
      ...pageSizeFindings(under(entry, 'pages'), [...path, 'pages']),
      ...attempts.flatMap((one, n) =>
        pageSizeFindings(under(one, 'pages'), [...path, 'attempts', n, 'pages']),
      ),
    ];
  });
}

function pageSizeFindings(pages: unknown, path: Path): Finding[] {
  if (!isMapping(pages)) return [];
  return Object.keys(pages).flatMap((size) => {
    const kib = parseMemoryKib(size);
    return typeof kib === 'number' ? [] : [{ path: [...path, size], atKey: true, message: kib }];
  });
}
