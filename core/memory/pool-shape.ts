/**
 * The shape of an extent pool, and its words laid out: header, address table, bins, records.
 *
 * Invariant: equal shapes give equal words; offset 0 is in the header, so it can mean "no record".
 * Trade-off: the room of tables and bins is fixed by the shape; only records grow. The caller has to
 * give a tag, and it is not drawn from a counter: it is in every handle and snapshot, which would then depend
 * on how many pools the process made before, and no pool could restore what its equal of another run kept.
 * Nor has it a default: of two pools that nobody told apart each would take the other's handles.
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

/** 'CEXT' read as a little-endian word: the third layout, whose records hold no notes of the policy. */
const MAGIC_WORD = 0x54584543;
const TAGS = 2 ** 8;

export interface PoolShape {
  readonly frames: number;
  /** Frames of one granule (what a 1 GiB page takes): a power of two, at most 16,384. */
  readonly granuleFrames: number;
  /** Stores whose handles must not be mistaken for each other get different tags, 0…255. */
  readonly tag: number;
  readonly policy?: PolicyName;
  /**
   * Keep at hand what is asked of free memory (`measures`): the longest run, the longest run of aligned
   * units of one granule, two, four …, `freeUnits` of any power of two below 2^31 and the measures of
   * `fragmentation` are O(1) then (but for the longest run under best fit with granules of more than 512
   * frames), and an operation 1.4 to six times as dear. Of at most 2^20 granules.
   */
  readonly measured?: boolean;
}

interface LaidOut {
  readonly words: Int32Array<ArrayBuffer>;
  readonly addresses: AddressIndex;
  readonly policy: PolicyName;
}

/** Of each field: whether a value is none of it, and what is said then. */
const FIELDS: {
  readonly [Field in keyof PoolShape]-?: readonly [
    isWrong: (value: unknown) => boolean,
    told: (value: unknown) => string,
  ];
} = {
  frames: [
    (frames) => !isWholeBetween(frames, 1, MAX_FRAMES),
    (frames) => `a node of ${frames} frames: not a whole number from 1 to ${MAX_FRAMES}`,
  ],
  granuleFrames: [
    (frames) => !isWholeBetween(frames, 1, MAX_GRANULE) || !Number.isInteger(Math.log2(frames)),
    (frames) => `a granule of ${frames} frames: not a power of two up to ${MAX_GRANULE}`,
  ],
  tag: [
    (tag) => !isWholeBetween(tag, 0, TAGS - 1),
    (tag) => `tag ${tag}: not 0…${TAGS - 1}, which tells the handles of one pool from another's`,
  ],
  policy: [
    (policy) => !POLICY_NAMES.some((name) => name === policy),
    (policy) => `policy "${policy}": known are ${POLICY_NAMES.join(', ')}`,
  ],
  measured: [
    (measured) => typeof measured !== 'boolean',
    (measured) => `measured is ${JSON.stringify(measured)}: neither true nor false`,
  ],
};

function isWholeBetween(value: unknown, least: number, most: number): value is number {
  return Number.isInteger(value) && Number(value) >= least && Number(value) <= most;
}

/** The shape with every field; throws on one that is out of range, of another type, or unknown. */
function requireShape(shape: PoolShape): Required<PoolShape> {
  if (typeof shape !== 'object' || shape === null) {
    const needed = 'an object with frames, granuleFrames and tag is needed';
    throw new Error(`a pool's shape is ${shape}: ${needed}`);
  }
  const { frames, granuleFrames, tag, policy = 'granule-aware', measured = false } = shape;
  const whole = { frames, granuleFrames, tag, policy, measured };
  for (const field of Object.keys(shape)) {
    if (!Object.hasOwn(FIELDS, field)) {
      const known = Object.keys(FIELDS).join(', ');
      throw new Error(`a pool's shape has no "${field}": known are ${known}`);
    }
  }
  for (const [field, [isWrong, told]] of Object.entries(FIELDS)) {
    // The keys of FIELDS are those of a shape.
    const value = whole[field as keyof PoolShape];
    if (isWrong(value)) throw new Error(told(value));
  }
  return whole;
}

/** The words of a pool without any record yet. Throws on a shape out of range. */
export function layOut(shape: PoolShape): LaidOut {
  const { frames, granuleFrames, tag, policy, measured } = requireShape(shape);
  const shift = Math.log2(granuleFrames);
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
