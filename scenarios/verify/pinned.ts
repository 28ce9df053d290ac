/**
 * The pinned counts of the shipped scopes, and how a run of now differs from them.
 *
 * They are the files of reports/kept that README cites; a changed count is a change of the model, to be
 * reviewed. Invariant: only a whole run is compared, and only what both have: a run may be reduced
 * alone. Trade-off: read anew for each `verify`, ahead of the search, so that an installed package
 * compares with its own and a file that is missing or broken is told before minutes have passed.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../cli/package-root.js';
import type { ScopeCounts } from './run-scope.js';

const FILES = ['state-counts.json', 'large-counts.json'] as const;

/** How the counts of a run differ from the pinned ones; undefined = the scope is not pinned. */
export type PinDifferences = (counts: ScopeCounts) => readonly string[] | undefined;

/**
 * Reads the pinned counts; a string says which file cannot be had, and what to do.
 * @param folder where the files are
 */
export function readPins(folder = join(packageRoot(), 'reports', 'kept')): PinDifferences | string {
  const pins: ScopeCounts[] = [];
  for (const name of FILES) {
    const file = join(folder, name);
    try {
      const listed: unknown = JSON.parse(readFileSync(file, 'utf8'));
      if (!Array.isArray(listed) || !listed.every(isPin)) throw new Error('not a list of counts');
      pins.push(...listed);
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      return `${file}: the pinned counts cannot be read (${why}); install hypercarve anew`;
    }
  }
  return (counts) => differences(counts, pins);
}

/** As far as a file that was cut short or mixed up differs. */
function isPin(one: unknown): one is ScopeCounts {
  return typeof one === 'object' && one !== null && 'scope' in one && 'reduced' in one;
}

function differences(
  counts: ScopeCounts,
  pins: readonly ScopeCounts[],
): readonly string[] | undefined {
  const pin = pins.find(({ scope }) => scope === counts.scope);
  if (pin === undefined) return undefined;
  // What is refused is counted on the run that is shown: the full one where there is one.
  const sameKind = (pin.full === undefined) === (counts.full === undefined);
  const pairs: readonly (readonly [string, number | undefined, number | undefined])[] = [
    ['states', counts.full?.unique, pin.full?.unique],
    ['transitions', counts.full?.transitions, pin.full?.transitions],
    ['depth', counts.full?.depth, pin.full?.depth],
    ['canonical states', counts.reduced.unique, pin.reduced.unique],
    ['canonical transitions', counts.reduced.transitions, pin.reduced.transitions],
    ['canonical depth', counts.reduced.depth, pin.reduced.depth],
    ['sum of orbits', counts.orbits, pin.orbits],
    ['transitions of all orbits', counts.orbitTransitions, pin.orbitTransitions],
    ['refused', sameKind ? counts.refused : undefined, pin.refused],
    ['canonical refused', counts.reducedRefused, pin.reducedRefused],
  ];
  return pairs.flatMap(([what, now, then]) =>
    now === undefined || then === undefined || now === then
      ? []
      : [`${now} ${what}, where ${then} are pinned`],
  );
}
