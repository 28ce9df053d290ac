/**
 * Which kind of file a text is, by the key that says its version.
 *
 * Invariant: a file that has the key of the kind wanted is never said to be another, whatever else is in
 * it. So a scenario handed to `sweep` gets one sentence in place of a list of unknown keys.
 */
import type { Finding } from './problem.js';

/** Key of the version → what such a file is called, and the command that reads it. */
const KINDS = {
  schemaVersion: { name: 'a scenario', command: 'run' },
  fleetVersion: { name: 'a fleet file', command: 'fleet' },
  sweepVersion: { name: 'a sweep file', command: 'sweep' },
} as const;

export type VersionKey = keyof typeof KINDS;

/** `value`: of the whole file. */
export function otherKind(value: unknown, wanted: VersionKey): Finding | undefined {
  if (typeof value !== 'object' || value === null || Object.hasOwn(value, wanted)) return undefined;
  for (const [key, { name, command }] of Object.entries(KINDS)) {
    if (!Object.hasOwn(value, key)) continue;
    const message = `this is ${name}, not ${KINDS[wanted].name}`;
    const suggestion = `\`hypercarve ${command}\` reads it`;
    return { path: [key], atKey: true, message, suggestion };
  }
  return undefined;
}
