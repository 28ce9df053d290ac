/**
 * The rooms of core/ that are mutated one by one, each with the tests that must kill its mutants.
 *
 * A mutant is run against every test that reaches it, and nearly every test reaches the invariants or
 * `apply`; with its own tests alone a room takes minutes instead of days. Invariant: every file of
 * core/ that is mutated belongs to one room at least. Trade-off: a mutant that only another room's
 * tests would kill counts as a survivor here, which is the stricter reading.
 */

export interface Room {
  readonly name: string;
  /** Folders of sources, with a slash at the end. */
  readonly folders: readonly string[];
  /** Globs of test files, all within the profile of test/vitest.mutation.config.ts. */
  readonly tests: readonly string[];
}

export const ROOMS: readonly Room[] = [
  {
    name: 'invariants',
    folders: ['core/invariants/'],
    tests: ['test/invariants/breaches.test.ts', 'test/invariants/invariants.test.ts'],
  },
  {
    name: 'host',
    folders: ['core/host/'],
    tests: ['test/host/*.test.ts', 'test/invariants/*.test.ts', 'test/platform/*.test.ts'],
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
  { name: 'journal', folders: ['core/journal/'], tests: ['test/journal/*.test.ts'] },
  {
    name: 'platform',
    folders: ['core/platform/', 'core/refusal/'],
    tests: ['test/platform/*.test.ts', 'test/device/*.test.ts'],
  },
  { name: 'device', folders: ['core/device/'], tests: ['test/device/*.test.ts'] },
  { name: 'explore', folders: ['core/explore/'], tests: ['test/explore/*.test.ts'] },
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
