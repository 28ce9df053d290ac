/**
 * From an older scenario file to the present `schemaVersion`, one step per version.
 *
 * Invariant: a step takes the plain value of version n to that of version n + 1 and is never changed
 * once released; a file that is migrated is then validated like any other.
 * Trade-off: steps work on plain values, so a problem inside a part that a step moved points at the
 * nearest place that still exists in the text.
 */
import type { PlainMapping } from './plain.js';
import type { Finding } from './problem.js';
import { quoteValue } from './problem.js';
import { SCENARIO_VERSION } from './scenario.js';

export interface Migration {
  /** The version this step reads; it writes `from + 1`. */
  readonly from: number;
  readonly migrate: (scenario: PlainMapping) => PlainMapping;
}

/** Every released step. Version 1 is the first, so there is none yet. */
const MIGRATIONS: readonly Migration[] = [];

/**
 * The value in the present version. A version that is missing or malformed is told, and the rest is
 * taken for the present one; of a newer version nothing can be said but that.
 */
export function migrateScenario(
  value: PlainMapping,
  steps: readonly Migration[] = MIGRATIONS,
  present: number = SCENARIO_VERSION,
): { readonly value: PlainMapping; readonly finding?: Finding } | { readonly finding: Finding } {
  const version = value.schemaVersion;
  const path = ['schemaVersion'];
  const assumed = { ...value, schemaVersion: present };
  const write = `write schemaVersion: ${present}`;
  if (version === undefined) {
    const message = '`schemaVersion` is missing';
    return { value: assumed, finding: { path, message, suggestion: write } };
  }
  if (typeof version !== 'number' || !Number.isSafeInteger(version) || version < 1) {
    const message = `must be a whole number from 1, not ${quoteValue(version)}`;
    return { value: assumed, finding: { path, message, suggestion: write } };
  }
  if (version > present) {
    const message = `version ${version} is newer than this program reads (up to ${present})`;
    return { finding: { path, message, suggestion: 'update hypercarve' } };
  }
  let migrated: PlainMapping = value;
  for (let from = version; from < present; from++) {
    const step = steps.find((candidate) => candidate.from === from);
    if (step === undefined) throw new Error(`no migration from schema version ${from}`);
    migrated = { ...step.migrate(migrated), schemaVersion: from + 1 };
  }
  return { value: migrated };
}
