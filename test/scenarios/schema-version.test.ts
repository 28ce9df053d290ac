/** Migration between schema versions, with invented steps: version 1 has none before it. */
import { describe, expect, it } from 'vitest';
import { type Migration, migrateScenario } from '../../scenarios/schema/migrate.js';

const STEPS: readonly Migration[] = [
  { from: 1, migrate: ({ name, ...rest }) => ({ ...rest, title: name }) },
  { from: 2, migrate: (scenario) => ({ ...scenario, seed: 1 }) },
];

describe('schema versions', () => {
  it('runs every step from the file’s version to the present one, in order', () => {
    const old = { schemaVersion: 1, name: 'x' };
    expect(migrateScenario(old, STEPS, 3)).toEqual({
      value: { schemaVersion: 3, title: 'x', seed: 1 },
    });
    expect(old).toEqual({ schemaVersion: 1, name: 'x' });
    expect(migrateScenario({ schemaVersion: 2, title: 'x' }, STEPS, 3)).toEqual({
      value: { schemaVersion: 3, title: 'x', seed: 1 },
    });
  });

  it('leaves the present version alone', () => {
    const value = { schemaVersion: 3, title: 'x' };
    expect(migrateScenario(value, STEPS, 3)).toEqual({ value });
  });

  it.each([undefined, null, '1', 1.5, 0, -1, 4, {}])('refuses version %j', (schemaVersion) => {
    const result = migrateScenario({ schemaVersion }, STEPS, 3);
    expect(result).toMatchObject({ finding: { path: ['schemaVersion'] } });
  });

  it('a missing step is a programming error', () => {
    expect(() => migrateScenario({ schemaVersion: 1 }, [], 2)).toThrow('no migration from');
  });
});
