/**
 * Commands of a timeline that belong to another platform than the scenario is for.
 *
 * Invariant: such a command is told before anything runs; where its platform is one of those stated it is
 * for that one, and the others refuse it. Trade-off: the platform is read off the kind, whose first word
 * it is; a kind that there is not is left to the schema.
 */
import { isKind, platformOfKind } from '../../core/host/command-fields.js';
import { timelineOf } from './names.js';
import { under } from './plain.js';
import { familyOf } from './platforms.js';
import type { Finding } from './problem.js';

interface PlacedKind {
  readonly path: Finding['path'];
  readonly kind: string;
  readonly family: string;
}

/** `platforms`: the names stated, all of which exist. */
export function strayCommands(platforms: readonly string[], scenario: unknown): Finding[] {
  const families = [...new Set(platforms.map(familyOf))];
  const strays = ownKinds(scenario).filter(({ family }) => !families.includes(family));
  if (families.length === 0) return [];
  return strays.map(({ path, kind, family }) => ({
    path,
    message: `\`${kind}\` is a command of ${family}, and the scenario is for ${families.join(', ')}`,
    suggestion: `say \`platform: ${family}\`, or use a command of ${families.join(' or ')}`,
  }));
}

/** Those that a run on a platform can only refuse, though the file that gives them is not for it. */
export function commandsNotTaken(family: string, scenario: unknown): Finding[] {
  return ownKinds(scenario)
    .filter((one) => one.family !== family)
    .map(({ path, kind }) => ({
      path,
      message: `does not apply on ${family}: no command ${kind}`,
    }));
}

/** All but those that every parent has. */
function ownKinds(scenario: unknown): PlacedKind[] {
  return timelineOf(scenario).flatMap((entry, index) => {
    const kind = under(under(entry, 'command'), 'kind');
    if (typeof kind !== 'string' || !isKind(kind)) return [];
    const family = platformOfKind(kind);
    const path = ['workload', 'timeline', index, 'command', 'kind'];
    return family === 'parent' ? [] : [{ path, kind, family }];
  });
}
