/**
 * The rooms of core/ that are mutated one by one, each with the tests that must kill its mutants.
 *
 * A mutant is run against every test that reaches it, and nearly every test reaches the invariants or
 * `apply`; with its own tests alone a room takes minutes instead of days. Invariant: every file of
 * core/ that is mutated belongs to one room at least. Trade-off: a mutant that only another room's
 * tests would kill counts as a survivor here, which is the stricter reading. The first room that holds a
 * file has it.
 */
import { readdirSync } from 'node:fs';

export interface Room {
  readonly name: string;
  /** Folders of sources, with a slash at the end, or single files. */
  readonly folders: readonly string[];
  /** Globs of test files, all within the profile of test/vitest.mutation.config.ts. */
  readonly tests: readonly string[];
}

/** Files of the explorer that know no host, and have tests of their own that take no search of one. */
const TABLES: readonly string[] = [
  'block-tree',
  'canonical-form',
  'components',
  'frame-line',
  'model',
  'move-groups',
  'recall',
  'search',
  'touch-table',
  'tuple-hash',
  'tuple-memo',
  'visited',
];

/** What the self-test plants early, and how it looks for faults. */
const FAULTS: readonly string[] = [
  'early-faults',
  'lost-cpu-faults',
  'lost-pages',
  'nitro-faults',
  'pin-faults',
  'reservation-faults',
  'self-test',
  'taken-over-faults',
  'vm-faults',
  'wrong-end-faults',
];

/** Hosts and moves of the scopes, written out. */
const SCOPE_DATA: readonly string[] = [
  'core/explore/moves.ts',
  'core/explore/nitro-lists.ts',
  'core/explore/nitro-pages.ts',
  'core/explore/nitro-scopes.ts',
  'core/explore/nitro-slots.ts',
  'core/explore/nitro-vcpus.ts',
  'core/explore/pool-roll-backs.ts',
  'core/explore/qingtian-scopes.ts',
  'core/explore/refused-nitro.ts',
  'core/explore/refused-qingtian.ts',
  'core/explore/vm-scopes.ts',
];

export const ROOMS: readonly Room[] = [
  {
    name: 'invariants',
    folders: ['core/invariants/'],
    tests: ['test/invariants/*.test.ts'],
  },
  {
    name: 'host',
    folders: ['core/host/'],
    tests: [
      'test/host/*.test.ts',
      'test/platform/nitro-memory.test.ts',
      'test/platform/nitro-pool.test.ts',
      'test/platform/nitro-start.test.ts',
      'test/platform/qingtian-steps.test.ts',
      'test/platform/vm.test.ts',
      // Whole lives with mapped pages are those of nitro-cli alone.
      'test/device/nitro-at-once.test.ts',
      'test/device/nitro-cli-at-once.test.ts',
      'test/device/nitro-cli-end-at-once.test.ts',
    ],
  },
  { name: 'memory', folders: ['core/memory/'], tests: ['test/memory/*.test.ts'] },
  {
    name: 'topology',
    folders: ['core/topology/'],
    tests: ['test/topology/*.test.ts'],
  },
  { name: 'units', folders: ['core/units/'], tests: ['test/units/*.test.ts'] },
  {
    name: 'placement',
    folders: ['core/placement/'],
    tests: ['test/placement/*.test.ts'],
  },
  { name: 'lifecycle', folders: ['core/lifecycle/'], tests: ['test/lifecycle/*.test.ts'] },
  { name: 'trust', folders: ['core/trust/'], tests: ['test/trust/*.test.ts'] },
  { name: 'journal', folders: ['core/journal/'], tests: ['test/journal/*.test.ts'] },
  {
    name: 'qingtian',
    folders: ['core/platform/qingtian/'],
    tests: ['test/platform/qingtian-*.test.ts', 'test/device/qt-cli.test.ts'],
  },
  {
    name: 'nitro',
    folders: ['core/platform/nitro/'],
    // Not the recordings of the driver: they kill much, and each mutant would wait for them.
    tests: ['test/platform/nitro-*.test.ts', 'test/device/driver-surface.test.ts'],
  },
  { name: 'vm', folders: ['core/platform/vm/'], tests: ['test/platform/vm*.test.ts'] },
  {
    name: 'platform',
    folders: ['core/platform/', 'core/refusal/'],
    tests: [
      'test/platform/cpu-online.test.ts',
      'test/platform/names.test.ts',
      'test/platform/rule.test.ts',
    ],
  },
  {
    name: 'reservation',
    folders: ['core/device/reservation/'],
    tests: ['test/device/reservation-*.test.ts', 'test/device/allocator-vectors.test.ts'],
  },
  {
    name: 'nitro-cli',
    folders: ['core/device/nitro-cli/'],
    tests: [
      'test/device/nitro-cli-*.test.ts',
      'test/device/nitro-at-once.test.ts',
      'test/device/cli-memory-vectors.test.ts',
    ],
  },
  {
    name: 'qt-cli',
    folders: ['core/device/qt-cli/'],
    tests: ['test/device/qt-cli*.test.ts'],
  },
  {
    name: 'driver',
    folders: ['core/device/'],
    tests: ['test/device/driver-*.test.ts'],
  },
  {
    name: 'explore-tables',
    folders: TABLES.map((name) => `core/explore/${name}.ts`),
    tests: [
      'test/explore/canonical-form.test.ts',
      'test/explore/frame-line.test.ts',
      'test/explore/move-groups.test.ts',
      'test/explore/recall-growth.test.ts',
      'test/explore/recall.test.ts',
      'test/explore/search.test.ts',
      'test/explore/search-reports.test.ts',
      'test/explore/throws.test.ts',
      'test/explore/tuple-memo.test.ts',
    ],
  },
  {
    name: 'explore-faults',
    folders: FAULTS.map((name) => `core/explore/${name}.ts`),
    tests: [
      'test/explore/early-faults.test.ts',
      'test/explore/nitro-faults.test.ts',
      'test/explore/one-fault.test.ts',
      'test/explore/planted-faults.test.ts',
      'test/explore/record-faults.test.ts',
      'test/explore/taken-over-faults.test.ts',
      'test/explore/wrong-end-faults.test.ts',
    ],
  },
  {
    name: 'explore-rules',
    folders: [
      'core/explore/commands-not-tried.ts',
      'core/explore/rule-faults.ts',
      'core/explore/rules-not-met.ts',
    ],
    tests: ['test/explore/rule-faults.test.ts', 'test/explore/rules-met.test.ts'],
  },
  {
    name: 'explore-planted',
    folders: ['core/explore/given-pages.ts', 'core/explore/planted-faults.ts'],
    // Not the searches: there are hundreds of mutants, and each would wait for them.
    tests: ['test/explore/fault-effects.test.ts', 'test/explore/fault-pages.test.ts'],
  },
  {
    name: 'explore-scopes',
    folders: ['core/explore/scope.ts', 'core/explore/scopes.ts', ...SCOPE_DATA],
    tests: [
      'test/explore/plain-vms.test.ts',
      'test/explore/scope-moves.test.ts',
      'test/explore/small-host.test.ts',
      'test/explore/switched-cpus.test.ts',
    ],
  },
  {
    name: 'explore-fields',
    folders: ['core/explore/component-fields.ts', 'core/explore/unread-fields.ts'],
    tests: ['test/explore/fields.test.ts', 'test/explore/read-or-unread.test.ts'],
  },
  {
    name: 'explore-lists',
    folders: ['core/explore/effect-lists.ts'],
    tests: ['test/explore/effect-lists.test.ts'],
  },
  {
    name: 'explore-idle',
    folders: ['core/explore/idle-frames.ts'],
    // It searches scopes whole: nothing else waits for that.
    tests: ['test/explore/idle-frames.test.ts'],
  },
  {
    name: 'explore',
    folders: ['core/explore/'],
    // Not the searches of whole scopes, nor those of parts that take seconds.
    tests: [
      'test/explore/asking.test.ts',
      'test/explore/facets.test.ts',
      'test/explore/host-keys.test.ts',
      'test/explore/judged-moves.test.ts',
      'test/explore/move-notes.test.ts',
      'test/explore/parent-parts.test.ts',
      'test/explore/reading.test.ts',
      'test/explore/symmetries.test.ts',
      'test/explore/throws.test.ts',
      'test/explore/tiny-*.test.ts',
      'test/explore/touched.test.ts',
      'test/explore/trail.test.ts',
      'test/explore/view-names.test.ts',
      'test/explore/view.test.ts',
      'test/explore/watched-host.test.ts',
    ],
  },
];

/** Files that hold data or only export. */
const NOT_MUTATED = new Set([
  'core/index.ts',
  'core/version.ts',
  'core/topology/catalogue-data.ts',
]);

/** The room of a file of core/; undefined = it is not mutated. */
export function roomOf(file: string): Room | undefined {
  if (NOT_MUTATED.has(file)) return undefined;
  return ROOMS.find(({ folders }) => folders.some((folder) => file.startsWith(folder)));
}

/** The files of core/ that are mutated in a room. */
export function filesOfRoom(room: Room): string[] {
  return readdirSync('core', { recursive: true, encoding: 'utf8' })
    .map((path) => `core/${path.replaceAll('\\', '/')}`)
    .filter((path) => path.endsWith('.ts') && roomOf(path) === room)
    .sort();
}

/** Exhaustive searches, long campaigns, and tests that read dist/: minutes, not seconds. */
const SLOW: readonly string[] = [
  'test/bench/**',
  'test/engine/**',
  'test/explore/groups-in-search.test.ts',
  'test/explore/naive-model.test.ts',
  'test/explore/part-of-scope.test.ts',
  'test/explore/remembering.test.ts',
  // A tenth of its states is too few to meet what each rule stands for.
  'test/explore/rules-behind.test.ts',
  'test/explore/scopes.test.ts',
  'test/explore/self-test.test.ts',
  'test/explore/unread-fields.test.ts',
  'test/explore/unscrubbed-pages.test.ts',
  'test/explore/verify-command.test.ts',
  'test/device/cli-oracle.test.ts',
  'test/device/driver-oracle.test.ts',
  // It wants to have met every call, for which a tenth of its cases are too few.
  'test/device/state-follower.test.ts',
  'test/device/script-oracle.test.ts',
  'test/invariants/planted-campaigns.test.ts',
  'test/invariants/quirk-findings.test.ts',
  'test/placement/hostile-policy.test.ts',
  // A tenth of its asks would say little of shares.
  'test/placement/keep-1g.test.ts',
  'test/platform/qingtian-launch-at-once.test.ts',
  'test/faults/**',
  'test/host/canary.test.ts',
  'test/host/campaign.test.ts',
  'test/journal/stored-damage.test.ts',
  'test/library/**',
  'test/memory/adversarial.test.ts',
  'test/memory/heap-growth.test.ts',
  'test/oracle/**',
  'test/platform/nitro-random.test.ts',
  'test/platform/qingtian-oracle.test.ts',
  'test/reports/**',
  'test/scenarios/**',
  'test/sweep/**',
  // They read what mutants are judged by, or stand in for vitest itself.
  'test/mutation/**',
  // They read sources or documents, which the mutation run rewrites.
  'test/requirements.test.ts',
  'test/tidy.test.ts',
];

/** The test files that judge a room. */
export function testsOf({ tests }: Room): string[] {
  return readdirSync('test', { recursive: true, encoding: 'utf8' })
    .map((path) => `test/${path.replaceAll('\\', '/')}`)
    .filter((path) => tests.some((glob) => matches(glob, path)))
    .filter((path) => !SLOW.some((glob) => matches(glob, path)))
    .sort();
}

/** `*` stands for a part of a name, `**` for any path. */
function matches(glob: string, path: string): boolean {
  const parts = glob.split(/(\*\*|\*)/).map((part) => {
    if (part === '**') return '.*';
    return part === '*' ? '[^/]*' : part.replace(/[.+?^${}()|[\]\\]/g, '\\$&');
  });
  return new RegExp(`^${parts.join('')}$`).test(path);
}
