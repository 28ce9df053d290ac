/**
 * The pinned counts of the shipped scopes, and how a run of now differs from them.
 *
 * They are the files of reports/kept that README cites; a changed count is a change of the model, to be
 * reviewed. Invariant: only a whole run is compared, and only what both have: a run may be reduced
 * alone. Trade-off: read anew at each call, so that an installed package compares with its own.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../cli/package-root.js';
import type { ScopeCounts } from './run-scope.js';

const FILES = ['state-counts.json', 'large-counts.json'] as const;

/** What differs from the pinned counts, in words; undefined = the scope is not pinned. */
export function pinDifferences(counts: ScopeCounts): readonly string[] | undefined {
  const pins = FILES.flatMap((file): ScopeCounts[] =>
    JSON.parse(readFileSync(join(packageRoot(), 'reports', 'kept', file), 'utf8')),
  );
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
