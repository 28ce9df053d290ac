/**
 * The placement policies by name. Invariant: a policy's number is in every snapshot and never
 * changes meaning. Trade-off: a closed list; a new policy is a file and a row here.
 */
import { openBestFitIndex } from './best-fit-index.js';
import { openFirstFitIndex } from './first-fit-index.js';
import type { FreeIndex, OpenIndex, PolicyName } from './free-index.js';
import { openGranuleIndex } from './granule-index.js';

const POLICIES: Readonly<
  Record<PolicyName, { readonly number: number; readonly open: OpenIndex }>
> = {
  'granule-aware': { number: 1, open: openGranuleIndex },
  'best-fit': { number: 2, open: openBestFitIndex },
  'first-fit': { number: 3, open: openFirstFitIndex },
};

/** All policies, the default first. */
export const POLICY_NAMES: readonly PolicyName[] = ['granule-aware', 'best-fit', 'first-fit'];

export function policyNumber(policy: PolicyName): number {
  return POLICIES[policy].number;
}

/** Opens the index of a policy over the zero words from `base` on. */
export function openIndex(
  policy: PolicyName,
  base: number,
  frames: number,
  granuleShift: number,
): FreeIndex {
  return POLICIES[policy].open(base, frames, granuleShift);
}
