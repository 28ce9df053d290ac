/**
 * A campaign of judged sequences, cut into shares for any number of workers.
 *
 * Sequence k of a platform is the same whoever runs it, and a campaign's work is a sum over its
 * sequences, so 1 or K workers print the same counters and the same digest. Invariant: every
 * sequence below the campaign's number belongs to exactly one share.
 */
import {
  judgeSequence,
  newWork,
  ORACLE_PLATFORMS,
  type OraclePlatform,
  SEQUENCE_LENGTH,
  type Work,
} from './sequence.js';

export interface CampaignSpec {
  /** Commands over all platforms together, at least. */
  readonly operations: number;
  readonly seed: number;
  readonly platforms?: readonly OraclePlatform[];
}

/** Share `index` of `of`: runs every `of`-th sequence of each platform. Throws a Disagreement. */
export function runShare(spec: CampaignSpec, index = 0, of = 1): Work {
  const { seed, platforms = ORACLE_PLATFORMS } = spec;
  const sequences = sequencesOf(spec);
  const work = newWork();
  for (const platform of platforms) {
    for (let number = index; number < sequences; number += of) {
      judgeSequence(platform, seed, number, work);
    }
  }
  return work;
}

/** Sequences of each platform. */
export function sequencesOf({ operations, platforms = ORACLE_PLATFORMS }: CampaignSpec): number {
  return Math.ceil(operations / platforms.length / SEQUENCE_LENGTH);
}

/** The work of all shares, in whatever order they come. */
export function sumOfWork(shares: readonly Work[]): Work {
  const sum = newWork();
  for (const { operations, accepted, results, digest } of shares) {
    sum.operations += operations;
    sum.accepted += accepted;
    sum.digest ^= digest;
    for (const [result, times] of results) {
      sum.results.set(result, (sum.results.get(result) ?? 0) + times);
    }
  }
  return sum;
}

/** The digest as eight hexadecimal digits. */
export function digestText({ digest }: Work): string {
  return (digest >>> 0).toString(16).padStart(8, '0');
}
