/**
 * What verifyIndex says, word for word, of faults that are planted whole: links and summaries agree with
 * each other, so that one check alone can tell.
 */
import { describe, expect, it } from 'vitest';
import * as layout from '../../core/memory/extent-layout.js';
import { createExtentPool, type ExtentPool } from '../../core/memory/extent-pool.js';
import type { PolicyName } from '../../core/memory/free-index.js';
import { POLICY_NAMES } from '../../core/memory/policies.js';

const { ABOVE, BELOW, END, FIRST_RECORD, FRAMES, HEADER_WORDS, OWNER, RECORD_WORDS, START } =
  layout;

type Words = Int32Array;

const create = (policy: PolicyName) =>
  createExtentPool({ tag: 0, frames: 96, granuleFrames: 4, policy });

/** What is said of the pool once its words have been changed. */
function problemsOf(pool: ExtentPool, change: (words: Words) => void): readonly string[] {
  const words = new Int32Array(pool.snapshot().buffer);
  change(words);
  pool.restore(new Uint8Array(words.buffer));
  return pool.verifyIndex();
}

function recordFrom(words: Words, start: number): number {
  for (let at = words[FIRST_RECORD]; at < words[END]; at += RECORD_WORDS) {
    if (words[at + START] === start && words[at + OWNER] >= 0) return at;
  }
  throw new Error(`no record begins at ${start}`);
}

/** A node with 7 held frames, then free and held runs by turns: [7, +3), [20, +5) and [40, +9) are free. */
function threeFree(policy: PolicyName): ExtentPool {
  const pool = create(policy);
  for (const [start, frames] of [
    [0, 7],
    [10, 10],
    [25, 15],
    [49, 47],
  ]) {
    pool.allocAt(start, frames, 6);
  }
  return pool;
}

describe.each(POLICY_NAMES)('verifyIndex, %s, names', (policy) => {
  it('a node in which nothing begins at frame 0, and says no more', () => {
    const pool = create(policy);
    const said = problemsOf(pool, (words) => {
      words[recordFrom(words, 0) + START] = 1;
    });
    expect(said).toEqual(['no record begins at frame 0']);
  });

  it('an extent without frames', () => {
    const said = problemsOf(threeFree(policy), (words) => {
      const [held, above] = [recordFrom(words, 10), recordFrom(words, 20)];
      words[held + FRAMES] = 0;
      words[above + START] = 10;
      words[above + FRAMES] += 10;
    });
    expect(said).toContain('extent [10, +0): empty');
    expect(said.filter((problem) => problem.includes('empty'))).toHaveLength(1);
  });

  it('two free extents side by side', () => {
    const said = problemsOf(threeFree(policy), (words) => {
      words[recordFrom(words, 10) + OWNER] = 0;
    });
    expect(said.slice(0, 2)).toEqual([
      'extent [10, +10): free beside free',
      'extent [20, +5): free beside free',
    ]);
  });

  it('links to neighbours and owners that cannot be', () => {
    const said = problemsOf(threeFree(policy), (words) => {
      words[recordFrom(words, 20) + BELOW] = recordFrom(words, 0);
      words[recordFrom(words, 25) + OWNER] = -1;
    });
    expect(said).toContain('extent [20, +5): bad link to the extent below');
    expect(said).toContain('extent [25, +15): owner -1');
  });

  it('extents that form a ring, once', () => {
    const said = problemsOf(threeFree(policy), (words) => {
      words[recordFrom(words, 49) + ABOVE] = recordFrom(words, 0);
    });
    expect(said.at(-1)).toBe('the records form a ring');
    expect(said[0]).toBe('extent [0, +7): expected start 96');
  });
});

/** The word of a first-fit or best-fit bin whose first node lies in this record. */
function binOf(words: Words, at: number): number {
  for (let bin = HEADER_WORDS; bin < words[FIRST_RECORD]; bin++) {
    const node = words[bin];
    if (node > at && node < at + RECORD_WORDS && words[node] === bin - 1) return bin;
  }
  throw new Error(`record ${at} is not the first of a bin`);
}

describe.each(POLICY_NAMES)('verifyIndex, %s, names', (policy) => {
  it('a block that names a record though none begins in it', () => {
    let at = 0;
    // Blocks of 16 frames; the last extent begins at 49, in block 3.
    const said = problemsOf(threeFree(policy), (words) => {
      at = recordFrom(words, 49);
      words.set([at], HEADER_WORDS + 5);
    });
    expect(said).toEqual([`block 5: record ${at} does not start in it`]);
  });
});

describe.each([
  ['best-fit', 'bin 3', 'bin 5'],
  ['first-fit', 'block 0', 'block 1'],
] as const)('verifyIndex, %s, names', (policy, first, second) => {
  it('runs that lie in each other’s bins', () => {
    const pool = threeFree(policy);
    let records: number[] = [];
    const said = problemsOf(pool, (words) => {
      records = [7, 20].map((start) => recordFrom(words, start));
      const bins = records.map((at) => binOf(words, at));
      const nodes = bins.map((bin) => words[bin]);
      words.set([nodes[1]], bins[0]);
      words.set([nodes[0]], bins[1]);
      words.set([bins[0] - 1], nodes[1]);
      words.set([bins[1] - 1], nodes[0]);
    });
    expect(said).toEqual([
      `record ${records[1]} is in ${first}`,
      `record ${records[0]} is in ${second}`,
    ]);
  });

  it('a run that lies in its bin twice', () => {
    const pool = threeFree(policy);
    let at = 0;
    const said = problemsOf(pool, (words) => {
      at = recordFrom(words, 7);
      const node = words[binOf(words, at)];
      // Two words of the record that nothing else uses.
      const twin = at + RECORD_WORDS - 2;
      words.set([twin], node + 1);
      words.set([node, 0], twin);
    });
    expect(said).toEqual([`record ${at} is in ${first}`]);
  });
});
