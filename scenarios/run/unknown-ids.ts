/**
 * Whether the rules and codes that a scenario expects exist at all: a misspelt one can never be met.
 *
 * Invariant: an id of any platform is known, whichever the scenario runs on. Trade-off: the lists of all
 * platforms are loaded only for an id that those of the run do not have.
 */
import type { ExpectedId } from '../schema/expected-ids.js';
import { nearestWords } from '../schema/nearest.js';
import { type Finding, quoteValue } from '../schema/problem.js';
import type { Platform } from './platform.js';

const MOST_NEAR = 3;

/** A finding for each id that nothing is called by, with what is near. */
export async function unknownIds(
  expected: readonly ExpectedId[],
  platforms: readonly Platform[],
): Promise<Finding[]> {
  const own = platforms.flatMap(({ profile, newSurface }) => [
    ...profile.rules.flatMap(({ id, codes }) => [id, ...codes]),
    ...newSurface().rules.map(({ id }) => id),
  ]);
  const strange = expected.filter(({ id }) => !own.includes(id));
  if (strange.length === 0) return [];
  const { knownCodes, knownRules } = await import('../explain/known-ids.js');
  return strange.flatMap(({ path, kind, id }): Finding[] => {
    const known = kind === 'rule' ? knownRules() : knownCodes();
    if (known.includes(id)) return [];
    const message = `no ${kind} is called ${quoteValue(id)}`;
    return [{ path, message, suggestion: suggestionFor(kind, id, known) }];
  });
}

function suggestionFor(kind: ExpectedId['kind'], id: string, known: readonly string[]): string {
  const near = nearestWords(id, known, MOST_NEAR).map((word) => `\`${word}\``);
  if (near.length > 0) return `did you mean ${near.join(' or ')}?`;
  return kind === 'rule'
    ? '`hypercarve explain rule` lists the rules'
    : '`hypercarve explain` lists the families of codes';
}
