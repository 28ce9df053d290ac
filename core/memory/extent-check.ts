/**
 * Checking an extent pool: every summary recomputed from the records and compared.
 *
 * Invariant: reads only; an empty list means that partition, boundary tags, counters, vacant list,
 * address table, what the policy has filed and what is remembered all agree. Trade-off: O(words), for tests and audits.
 */
import { addressProblems } from './address-index.js';
import type { ExtentCarver } from './extent-carver.js';
import {
  ABOVE,
  BELOW,
  END,
  FIRST_RECORD,
  FRAMES,
  FREE_FRAMES,
  GENERATION,
  GRANULE_SHIFT,
  NODE_FRAMES,
  OWNER,
  RECORD_WORDS,
  SPENT,
  START,
  VACANT,
  VACATED,
} from './extent-layout.js';
import { LAST_GENERATION } from './extent-records.js';
import { FREE } from './extent-store.js';
import type { FreeRun } from './free-index.js';
import { measureProblems } from './measures.js';
import { rememberedProblems } from './remembered-check.js';

export function poolProblems(carver: ExtentCarver): string[] {
  const { words } = carver;
  const first = lowestRecord(words);
  if (first === 0) return ['no record begins at frame 0'];
  const free = new Map<number, FreeRun>();
  const problems: string[] = [];
  let expected = 0;
  let below = 0;
  let freeFrames = 0;
  let records = 0;
  for (let at = first; at !== 0; at = words[at + ABOVE]) {
    const run = { start: words[at + START], frames: words[at + FRAMES] };
    const name = `extent [${run.start}, +${run.frames})`;
    const owner = words[at + OWNER];
    if (run.start !== expected) problems.push(`${name}: expected start ${expected}`);
    if (run.frames <= 0) problems.push(`${name}: empty`);
    if (words[at + BELOW] !== below) problems.push(`${name}: bad link to the extent below`);
    if (owner < FREE) problems.push(`${name}: owner ${owner}`);
    if (owner === FREE) {
      if (free.has(below)) problems.push(`${name}: free beside free`);
      free.set(at, run);
      freeFrames += run.frames;
    }
    expected = run.start + run.frames;
    below = at;
    records++;
    if (records > words.length) return [...problems, 'the records form a ring'];
  }
  if (expected !== words[NODE_FRAMES]) {
    problems.push(`extents end at ${expected}, not at ${words[NODE_FRAMES]}`);
  }
  if (freeFrames !== words[FREE_FRAMES]) {
    problems.push(`${words[FREE_FRAMES]} free frames counted, ${freeFrames} found`);
  }
  problems.push(...vacancyProblems(words, records));
  problems.push(...addressProblems(words, carver.addresses, first));
  problems.push(...carver.problems(free));
  problems.push(...rememberedProblems(carver.remembered(), free.values(), words[GRANULE_SHIFT]));
  if (carver.measures !== 0) {
    problems.push(...measureProblems(carver, free.values()));
  }
  return problems;
}

function lowestRecord(words: Int32Array): number {
  for (let at = words[FIRST_RECORD]; at < words[END]; at += RECORD_WORDS) {
    if (words[at + START] === 0 && words[at + OWNER] >= FREE) return at;
  }
  return 0;
}

/** Every record is in use, in the vacant list once, or spent. */
function vacancyProblems(words: Int32Array, inUse: number): string[] {
  const problems: string[] = [];
  const all = (words[END] - words[FIRST_RECORD]) / RECORD_WORDS;
  let vacant = 0;
  for (let at = words[VACANT]; at !== 0 && vacant <= all; at = words[at + ABOVE]) {
    vacant++;
    if (words[at + OWNER] !== VACATED) problems.push(`record ${at} is listed as vacant`);
  }
  let spent = 0;
  for (let at = words[FIRST_RECORD]; at < words[END]; at += RECORD_WORDS) {
    if (words[at + OWNER] === SPENT) spent++;
    const generation = words[at + GENERATION];
    if (generation < 1 || generation > LAST_GENERATION) {
      problems.push(`record ${at}: generation ${generation}`);
    }
  }
  if (inUse + vacant + spent !== all) {
    problems.push(`${all} records: ${inUse} in use, ${vacant} vacant, ${spent} spent`);
  }
  return problems;
}
