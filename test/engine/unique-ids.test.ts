/** Ids that come twice in a trace of any length: found by rising order, by hash, and in further passes. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { TRACE_FORMATS } from '../../scenarios/engine/trace/columns.js';
import { readTrace, surveyTrace } from '../../scenarios/engine/trace/read-trace.js';
import { scaledRuns } from '../seed.js';

const FOLDER = mkdtempSync(join(tmpdir(), 'hypercarve-ids-'));
afterAll(() => rmSync(FOLDER, { recursive: true }));
const FILE = join(FOLDER, 'ids.csv');
const { openb } = TRACE_FORMATS;

const quoted = (id: string) => (/[",]/.test(id) ? `"${id.replaceAll('"', '""')}"` : id);

/** Writes a trace of these ids and checks it; how often blocks of it were read again. */
function survey(ids: readonly string[], mostIds: number) {
  const rows = ids.map((id) => `${quoted(id)},1000,64,1,2\n`);
  writeFileSync(FILE, `name,cpu_milli,memory_mib,creation_time,deletion_time\n${rows.join('')}`);
  let again = 0;
  const onIdBlock = () => {
    again++;
  };
  return { ...surveyTrace(FILE, openb, 'ignore', { mostIds, onIdBlock }), again: () => again };
}

/** Lines whose id an earlier line has. */
function linesAgain(ids: readonly string[]): number[] {
  return ids.flatMap((id, i) => (ids.indexOf(id) < i ? [i + 2] : []));
}

const anyId = fc.oneof(
  fc.nat(40).map(String),
  fc.constantFrom('', 'a', 'A', 'é', 'a,b', 'a"b', ' ', '\u{1f680}', '\uffff'),
);
const sorted = fc
  .uniqueArray(fc.nat(2000), { minLength: 1, maxLength: 40 })
  .map((list) => list.sort((a, b) => a - b));
const idLists = fc.oneof(
  fc.array(anyId, { minLength: 1, maxLength: 40 }),
  // In order for a while, in one order or the other, and then not.
  fc
    .tuple(sorted, fc.boolean(), fc.array(fc.nat(2000).map(String), { maxLength: 4 }))
    .map(([list, padded, rest]) => [
      ...list.map((n) => (padded ? String(n).padStart(4, '0') : String(n))),
      ...rest,
    ]),
);

describe('engine: ids of a trace', () => {
  it('each that comes twice is told with its line, however few are kept at a time', () => {
    let found = 0;
    fc.assert(
      fc.property(idLists, fc.constantFrom(1, 2, 7, 1000), (ids, mostIds) => {
        const expected = linesAgain(ids);
        const { problems } = survey(ids, mostIds);
        expect(problems.map(({ line }) => line)).toEqual(expected);
        for (const { message } of problems) expect(message).toMatch(/^name ".*" is there twice$/s);
        found += expected.length;
        // The run reads as strictly, with what it can keep.
        if (expected.length > 0) expect(() => [...readTrace(FILE, openb)]).toThrow('there twice');
      }),
      { numRuns: scaledRuns(300) },
    );
    expect(found).toBeGreaterThan(50);
  });

  it.each([
    ['numbers', (i: number) => String(i * 7)],
    ['numbers padded to one length', (i: number) => `pod-${String(i).padStart(6, '0')}`],
    ['letters', (i: number) => `pod ${i.toString(2).padStart(16, '0')}${'x'.repeat(i % 3)}`],
  ])('that rise as %s are not kept, and nothing is read again', (_, id) => {
    const ids = Array.from({ length: 20_000 }, (_, i) => id(i));
    const { problems, requests, again } = survey(ids, 1);
    expect([problems, requests, again()]).toEqual([[], 20_000, 0]);
  });

  it('without order, many times more than can be kept: all looked at, in further passes', () => {
    // A bijection of 32-bit numbers: no order, none twice.
    const ids = Array.from({ length: 60_000 }, (_, i) => String(Math.imul(i, 0x9e37_79b1) >>> 0));
    const sound = survey(ids, 10_000);
    expect([sound.problems, sound.requests]).toEqual([[], 60_000]);
    // 60,000 ids in shares of at most 10,000: eight shares, each read again.
    expect(sound.again()).toBeGreaterThan(7);
    const twice = [...ids, ids[100], ids[59_999]];
    expect(survey(twice, 10_000).problems.map(({ line }) => line)).toEqual([60_002, 60_003]);
  });

  it('a row that is bad as well as a twin is told once, and lines come in order', () => {
    const rows = ['c,1000,64,1,2', 'a,1000,64,1,2', 'b,1000,64,9,8', 'd,1000,64,1,2', 'b,1,1,1,2'];
    const more = ['a,1000,64,1,2', 'e,1000,64,-1,2', 'c,1000,64,1,2'];
    const lines = ['name,cpu_milli,memory_mib,creation_time,deletion_time', ...rows, ...more];
    writeFileSync(FILE, `${lines.join('\n')}\n`);
    for (const mostIds of [1, 2, 100]) {
      const { problems } = surveyTrace(FILE, openb, 'ignore', { mostIds });
      expect(new Set(problems.map(({ line }) => line)).size).toBe(problems.length);
      const told = problems.map(({ line }) => line ?? 0);
      expect(told).toEqual([...told].sort((a, b) => a - b));
      expect(told).toEqual(expect.arrayContaining([4, 7, 8, 9]));
    }
  });
});
