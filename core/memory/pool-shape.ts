/**
 * The shape of an extent pool, and its words laid out: header, address table, bins, records.
 *
 * Invariant: equal shapes give equal words; offset 0 is in the header, so it can mean "no record".
 * Trade-off: the room of tables and bins is fixed by the shape; only records grow.
 */
import type { AddressIndex } from './address-index.js';
import { addressIndexAt } from './address-index.js';
import {
  END,
  FIRST_RECORD,
  GRANULE_SHIFT,
  HEADER_WORDS,
  MAGIC,
  MAX_FRAMES,
  MAX_GRANULE,
  MEASURES,
  NODE_FRAMES,
  POLICY,
  RECORD_WORDS,
  recordAligned,
  TAG,
} from './extent-layout.js';
import type { PolicyName } from './free-index.js';
import { MOST_GRANULES, measureWords } from './measures.js';
import { POLICY_NAMES, policyNumber, policyWords } from './policies.js';

/** 'BEXT' read as a little-endian word: the second layout, with a set's summaries below it. */
const MAGIC_WORD = 0x54584542;
const TAGS = 2 ** 8;

export interface PoolShape {
  readonly frames: number;
  /** Frames of one granule (what a 1 GiB page takes): a power of two, at most 16,384. */
  readonly granuleFrames: number;
  /** Stores whose handles must not be mistaken for each other get different tags, 0…255. */
  readonly tag?: number;
  readonly policy?: PolicyName;
  /**
   * Keep at hand what is asked of free memory (`measures`): the longest run, the longest run of aligned
   * units of one granule, two, four …, `freeUnits` of any power of two below 2^31 and the measures of
   * `fragmentation` are O(1) then, and an operation two to six times as dear. Of at most 2^20 granules.
   */
  readonly measured?: boolean;
}

interface LaidOut {
  readonly words: Int32Array<ArrayBuffer>;
  readonly addresses: AddressIndex;
  readonly policy: PolicyName;
}

const KEYS: readonly string[] = ['frames', 'granuleFrames', 'tag', 'policy', 'measured'];

/** The words of a pool without any record yet. Throws on a shape out of range. */
export function layOut(shape: PoolShape): LaidOut {
  const unknown = Object.keys(shape).find((key) => !KEYS.includes(key));
  if (unknown !== undefined) {
    throw new Error(`a pool's shape has no "${unknown}": known are ${KEYS.join(', ')}`);
  }
  const { frames, granuleFrames, tag = 0, policy = 'granule-aware', measured = false } = shape;
  if (!Number.isInteger(frames) || frames < 1 || frames > MAX_FRAMES) {
    throw new Error(`a node of ${frames} frames`);
  }
  if (!POLICY_NAMES.includes(policy)) {
    throw new Error(`policy "${policy}": known are ${POLICY_NAMES.join(', ')}`);
  }
  if (!Number.isInteger(tag) || tag < 0 || tag >= TAGS) throw new Error(`tag ${tag}: not 0…255`);
  if (typeof measured !== 'boolean') throw new Error(`measured "${measured}": not true or false`);
  const shift = Math.log2(granuleFrames);
  if (!Number.isInteger(shift) || shift < 0 || granuleFrames > MAX_GRANULE) {
    throw new Error(
      `a granule of ${granuleFrames} frames: not a power of two up to ${MAX_GRANULE}`,
    );
  }
  if (measured && frames / granuleFrames > MOST_GRANULES) {
    throw new Error(`${frames} frames are more than ${MOST_GRANULES} granules of a measured pool`);
  }
  const addresses = addressIndexAt(HEADER_WORDS, frames, shift);
  // Offset 0 is "no record", so the first record may not lie there; it never does.
  const bins = policyWords(policy, frames, shift);
  const measures = HEADER_WORDS + addresses.words + bins;
  const firstRecord = recordAligned(measures + (measured ? measureWords(frames, shift) : 0));
  const words = new Int32Array(firstRecord + 8 * RECORD_WORDS);
  words[MAGIC] = MAGIC_WORD;
  words[NODE_FRAMES] = frames;
  words[GRANULE_SHIFT] = shift;
  words[TAG] = tag;
  words[POLICY] = policyNumber(policy);
  words[FIRST_RECORD] = firstRecord;
  words[END] = firstRecord;
  words[MEASURES] = measured ? measures : 0;
  return { words, addresses, policy };
}
