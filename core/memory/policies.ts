/**
 * The placement policies by name. Invariant: a policy's number is in every snapshot and never
 * changes meaning. Trade-off: a closed list; a new policy is a file and a row here.
 */
import type { AddressIndex } from './address-index.js';
import { BestFitCarver } from './best-fit-carver.js';
import { BestFitIndex, bestFitWords } from './best-fit-index.js';
import type { ExtentCarver } from './extent-carver.js';
import { MEASURES } from './extent-layout.js';
import { FirstFitCarver, firstFitWords } from './first-fit-index.js';
import type { PolicyName } from './free-index.js';
import { GranuleCarver } from './granule-carver.js';
import { GranuleIndex } from './granule-index.js';
import { granuleWords } from './granule-search.js';

interface Policy {
  /** In every snapshot. */
  readonly number: number;
  /** Words its bins take on a node of `frames` in granules of 2^shift frames. */
  readonly words: (frames: number, shift: number) => number;
  readonly Carver: Opener;
  /** The same choices by operations that can keep measures, where the carver's cannot. */
  readonly Measured?: Opener;
}

type Opener = new (words: Int32Array<ArrayBuffer>, addresses: AddressIndex) => ExtentCarver;

const POLICIES: Readonly<Record<PolicyName, Policy>> = {
  'granule-aware': {
    number: 1,
    words: granuleWords,
    Carver: GranuleCarver,
    Measured: GranuleIndex,
  },
  'best-fit': { number: 2, words: bestFitWords, Carver: BestFitCarver, Measured: BestFitIndex },
  'first-fit': { number: 3, words: firstFitWords, Carver: FirstFitCarver },
};

/** All policies, the default first. */
export const POLICY_NAMES: readonly PolicyName[] = ['granule-aware', 'best-fit', 'first-fit'];

export function policyNumber(policy: PolicyName): number {
  return POLICIES[policy].number;
}

/** Words that a policy's bins take behind the address table. */
export function policyWords(policy: PolicyName, frames: number, shift: number): number {
  return POLICIES[policy].words(frames, shift);
}

/** A carver of a policy over words laid out for it. */
export function openCarver(
  policy: PolicyName,
  words: Int32Array<ArrayBuffer>,
  addresses: AddressIndex,
): ExtentCarver {
  const { Carver, Measured = Carver } = POLICIES[policy];
  return words[MEASURES] === 0 ? new Carver(words, addresses) : new Measured(words, addresses);
}
