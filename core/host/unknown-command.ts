/**
 * The refusal of a command that the host's profile does not have.
 *
 * Invariant: it names both, and says whether another platform has the command or none; then, which one
 * may be meant, or those that begin alike. Trade-off: what a platform's own commands are is read off its
 * steps, parent commands left out of the list of all, since every platform has them.
 */
import { nearestWord, wordsBeside } from '../units/nearest-word.js';
import type { Command } from './command.js';
import { isKind, platformOfKind } from './command-fields.js';
import type { Decision } from './decision.js';
import type { Host } from './host.js';

export function refusedCommand(host: Host, command: Command): Decision {
  const { id } = host.profile;
  return {
    effects: [],
    facts: {},
    refusal: {
      layer: 'input',
      codes: [],
      rule: 'command-of-profile',
      message: `${id} has no command ${command.kind}`,
      numbers: { command: command.kind, profile: id },
      remedy: remedyOf(host, command.kind),
    },
  };
}

function remedyOf({ profile: { id, steps } }: Host, kind: string): string {
  const own = Object.keys(steps);
  if (isKind(kind)) {
    return `It is a command of ${platformOfKind(kind)}: use one that ${id} lists, or a host of that platform.`;
  }
  const near = nearestWord(kind, own);
  if (near !== undefined) return `Did you mean ${near}?`;
  const beside = wordsBeside(kind, own);
  const listed = beside.length > 0 ? beside : own.filter(isOwn);
  return `Use a command that ${id} lists: ${listed.join(', ')}.`;
}

function isOwn(kind: string): boolean {
  return platformOfKind(kind) !== 'parent';
}
