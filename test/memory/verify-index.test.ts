/**
 * What verifyIndex promises, word by word: a pool with one word changed is named, unless nothing can
 * tell, because the word has no meaning where it stands or because any value of it is as good.
 */
import { describe, expect, it } from 'vitest';
import { addressIndexAt } from '../../core/memory/address-index.js';
import * as layout from '../../core/memory/extent-layout.js';
import { createExtentPool, type ExtentPool } from '../../core/memory/extent-pool.js';
import { LAST_GENERATION } from '../../core/memory/extent-records.js';
import { POLICY_NAMES } from '../../core/memory/policies.js';
import { runsFactorFrom } from '../seed.js';
import { fixedSteps } from './store-churn.js';

const { ABOVE, BELOW, COUNTERS, END, FIRST_RECORD, FRAMES, GENERATION, OWNER, START } = layout;
const { HEADER_WORDS, MEASURES, POLICY_WORDS, RECORD_WORDS, VACATED } = layout;

type Words = Int32Array;

/** Every bit and link; for a tenth of the cases, as the mutation test has it, every third. */
const STRIDE = runsFactorFrom(process.env) < 1 ? 3 : 1;

const NODE = { frames: 96, granuleFrames: 4 };
const TABLE = addressIndexAt(HEADER_WORDS, NODE.frames, Math.log2(NODE.granuleFrames));

/** Free and held runs, whole granules and ragged ends, vacant records and used generations. */
function churned(pool: ExtentPool): ExtentPool {
  const live: number[] = [];
  for (const [kind, a, b] of fixedSteps(75)) {
    if (kind % 5 < 3) {
      const handle = pool.alloc(1 + (a % 9), 2 ** (b % 3), 1 + (b % 5));
      if (handle !== 0) live.push(handle);
    } else {
      const [handle] = live.splice(a % (live.length || 1), 1);
      if (handle !== undefined) pool.free(handle);
    }
  }
  for (const handle of live.slice(0, 3)) pool.free(handle);
  return pool;
}

function wordsOf(pool: ExtentPool): Words {
  const { buffer } = pool.snapshot();
  return new Int32Array(buffer);
}

/** What verifyIndex says of a pool that was handed these words. */
function problemsOf(pool: ExtentPool, words: Words): readonly string[] {
  pool.restore(new Uint8Array(words.buffer));
  return pool.verifyIndex();
}

function changed(words: Words, at: number, to: number): Words {
  const copy = words.slice();
  copy[at] = to;
  return copy;
}

/** Both words of every node that is in a list, found from the first ones on. */
function listedLinks(words: Words): ReadonlySet<number> {
  const links = new Set<number>();
  for (let at = HEADER_WORDS; at < words[FIRST_RECORD]; at++) {
    // Seen from a bin's first node, the bin's word is the next word of a node before it.
    const isBin = words[at] > words[FIRST_RECORD] && words[words[at]] === at - 1;
    for (let node = isBin ? words[at] : 0; node !== 0; node = words[node + 1]) {
      links.add(node).add(node + 1);
    }
  }
  return links;
}

/** Whether this word of the address table may as well name that record: it starts in the same block. */
function isEntryToo(words: Words, at: number, to: number): boolean {
  const record = to - words[FIRST_RECORD];
  const block = at - TABLE.base;
  const isRecord = record >= 0 && record % RECORD_WORDS === 0 && words[to + OWNER] >= 0;
  return (
    block >= 0 && block < TABLE.blocks && isRecord && words[to + START] >> TABLE.shift === block
  );
}

/** Whether any value of this kind is as good at this place, or none is ever read. */
function cannotBeTold(words: Words, at: number, to: number): boolean {
  const first = words[FIRST_RECORD];
  if (isEntryToo(words, at, to)) return true;
  // Rounding up to where records begin leaves less than a record of words that mean nothing.
  if (at < first) return at < HEADER_WORDS || at >= first - RECORD_WORDS;
  const word = (at - first) % RECORD_WORDS;
  const owner = words[at - word + OWNER];
  if (word === GENERATION) return to > 0;
  if (word === OWNER) return owner > 0 && to > 0;
  if (owner === VACATED && [START, FRAMES, BELOW].includes(word)) return true;
  return word >= POLICY_WORDS && !listedLinks(words).has(at);
}

describe.each(POLICY_NAMES)('verifyIndex, %s', (policy) => {
  const create = () => createExtentPool({ tag: 0, ...NODE, policy });
  const words = wordsOf(churned(create()));
  const first = words[FIRST_RECORD];
  // Another END or MEASURES is another store's: `restore` refuses it.
  const isMeant = (at: number) => at !== END && at !== MEASURES && at >= COUNTERS;
  const places = [...words.keys()].filter(isMeant);

  it('is silent about the sound pool, which has records of every kind', () => {
    const pool = create();
    expect(problemsOf(pool, words)).toEqual([]);
    const owners = [...words.keys()].filter((at) => at >= first && (at - first) % 16 === OWNER);
    expect(new Set(owners.map((at) => Math.sign(words[at])))).toEqual(new Set([-1, 0, 1]));
    expect(pool.largestGranuleRun()).toBeGreaterThan(0);
  });

  it('names every word that is not what it should be, where anything can tell', () => {
    const pool = create();
    const unnamed: string[] = [];
    let named = 0;
    for (const at of places) {
      const value = words[at];
      for (const to of new Set([0, 1, value + 1, value - 1, value ^ 0x40, -1])) {
        if (to === value) continue;
        if (problemsOf(pool, changed(words, at, to)).length > 0) named++;
        else if (!cannotBeTold(words, at, to)) {
          unnamed.push(`word ${at} (record word ${(at - first) % 16}): ${value} to ${to}`);
        }
      }
    }
    expect(unnamed).toEqual([]);
    expect(named).toBeGreaterThan(places.length);
  });

  it('names a counter that is one off, and a generation beyond the last', () => {
    const pool = create();
    for (const at of [layout.FREE_FRAMES, layout.FREE_GRANULES]) {
      for (const to of [words[at] - 1, words[at] + 1]) {
        expect(problemsOf(pool, changed(words, at, to)).join(), `${at} to ${to}`).toMatch(
          new RegExp(`${to} free (frames|granules) counted, ${words[at]} found`),
        );
      }
    }
    const aged = changed(words, first + GENERATION, LAST_GENERATION + 1);
    expect(problemsOf(pool, aged).join()).toMatch(/generation 2097152/);
    expect(problemsOf(pool, changed(words, first + GENERATION, LAST_GENERATION))).toEqual([]);
  });

  it('names a link of a list, or to a neighbour, that leads where another one does', () => {
    const pool = create();
    const links = [...words.keys()].filter((at) => {
      const word = (at - first) % RECORD_WORDS;
      if (at < first) return at >= HEADER_WORDS && words[at] >= first;
      const isHeld = words[at - word + OWNER] >= 0;
      return listedLinks(words).has(at) || (isHeld && (word === BELOW || word === ABOVE));
    });
    expect(links.length).toBeGreaterThan(20);
    for (const at of links) {
      for (const [i, to] of [...new Set(links.map((other) => words[other]))].entries()) {
        if (to === words[at] || (i + at) % STRIDE !== 0 || isEntryToo(words, at, to)) continue;
        expect(problemsOf(pool, changed(words, at, to)), `${at} to ${to}`).not.toEqual([]);
      }
    }
  });

  it('names each bit of the tables and sets that is set or missing, summaries included', () => {
    const pool = create();
    for (let at = HEADER_WORDS; at < first - RECORD_WORDS; at++) {
      if (cannotBeTold(words, at, 0)) continue;
      // A link has 31 bits; the last one is masked where it is read.
      for (let bit = at % STRIDE; bit < 31; bit += STRIDE) {
        if (isEntryToo(words, at, words[at] ^ (1 << bit))) continue;
        const flipped = changed(words, at, words[at] ^ (1 << bit));
        expect(problemsOf(pool, flipped), `bit ${bit} of word ${at}`).not.toEqual([]);
      }
    }
  });

  it('ends where links form a ring', () => {
    const pool = create();
    const run = pool.alloc(1, 1, 9);
    expect(run).toBeGreaterThan(0);
    for (let at = first; at < words.length; at += RECORD_WORDS) {
      for (let word = 0; word < RECORD_WORDS; word++) {
        if (at + word >= words.length) continue;
        const own = changed(words, at + word, at);
        const node = changed(words, at + word, at + word - 1);
        for (const ring of [own, node]) expect(() => problemsOf(pool, ring)).not.toThrow();
      }
    }
  });
});
