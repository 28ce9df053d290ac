/**
 * Which kind of file a text is, by the key that says its version, or that it is none.
 *
 * Invariant: a file that has the key of the kind wanted is never said to be another, whatever else is in
 * it. So a scenario handed to `sweep` gets one sentence in place of a list of unknown keys.
 */
import { isMapping } from './plain.js';
import { type Finding, quoteValue } from './problem.js';

/** Key of the version → what such a file is called, and the command that reads it. */
const KINDS = {
  schemaVersion: {
    name: 'a scenario',
    command: 'run',
    example: '`hypercarve init` writes an example',
  },
  fleetVersion: {
    name: 'a fleet file',
    command: 'fleet',
    example: 'scenarios/library/fleets has examples',
  },
  sweepVersion: {
    name: 'a sweep file',
    command: 'sweep',
    example: 'scenarios/library/sweeps has an example',
  },
} as const;

export type VersionKey = keyof typeof KINDS;

/** `value`: of the whole file, which is no mapping. */
export function notAMapping(value: unknown, wanted: VersionKey): Finding {
  const { name, example } = KINDS[wanted];
  const suggestion = `start with ${wanted}: 1; ${example}`;
  if (value === null) return { path: [], message: 'the file is empty', suggestion };
  const message = `${name} is a mapping (key: value), not ${quoteValue(value)}`;
  return { path: [], message, suggestion };
}

/** `value`: of the whole file. */
export function otherKind(value: unknown, wanted: VersionKey): Finding | undefined {
  if (!isMapping(value)) return notAMapping(value, wanted);
  if (Object.hasOwn(value, wanted)) return undefined;
  for (const [key, { name, command }] of Object.entries(KINDS)) {
    if (!Object.hasOwn(value, key)) continue;
    const message = `this is ${name}, not ${KINDS[wanted].name}`;
    const suggestion = `\`hypercarve ${command}\` reads it`;
    return { path: [key], atKey: true, message, suggestion };
  }
  return undefined;
}
