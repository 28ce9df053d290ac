/**
 * What is passed on where a host and a command are asked for, in a program that is not type-checked.
 *
 * Invariant: what has the types passes; for anything else a TypeError says what came, what should, and
 * at which field. Trade-off: a programming error, so thrown; what a rule may say no to is not asked
 * here, a command that the profile does not have included.
 */

import { isMapping } from '../units/field-checks.js';
import type { Command } from './command.js';
import { misshapen } from './command-fields.js';
import type { Host } from './host.js';

/** Throws a TypeError in words; a host first. */
export function requireAsked(host: Host, command: Command): void {
  const noHost = whyNoHost(host);
  if (noHost !== undefined) throw new TypeError(noHost);
  const given: unknown = command;
  if (!isMapping(given))
    throw new TypeError(`a command is a mapping with a kind, not ${named(given)}`);
  if (typeof given.kind !== 'string') {
    throw new TypeError(`the kind of a command should be a text, not ${named(given.kind)}`);
  }
  if (!Object.hasOwn(host.profile.steps, given.kind)) return;
  const wrong = misshapen(command);
  if (wrong !== undefined) throw new TypeError(`no command: ${wrong}`);
}

/** What keeps a value from being a host, in words. */
export function whyNoHost(host: unknown): string | undefined {
  if (isMapping(host) && isMapping(host.profile) && Array.isArray(host.memory)) return undefined;
  const what = 'a host is asked for, the `host` of what describeHost gives';
  if (isMapping(host) && 'host' in host) return `${what}, not all of it`;
  if (isMapping(host) && 'problems' in host) return `${what}; here it gave problems`;
  return `${what}, not ${named(host)}`;
}

/** "undefined", "a text", "a list": what a value is, without showing it. */
export function named(value: unknown): string {
  if (value === undefined || value === null) return String(value);
  if (Array.isArray(value)) return 'a list';
  const kinds = { string: 'a text', object: 'a mapping', function: 'a function' } as const;
  const type = typeof value;
  return type in kinds ? kinds[type as keyof typeof kinds] : `a ${type}`;
}
