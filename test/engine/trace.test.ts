/** Trace readers: what a row means, what is wrong with a line, and a public trace where it is at hand. */
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { TRACE_FORMATS } from '../../scenarios/engine/trace/columns.js';
import { fieldsOf } from '../../scenarios/engine/trace/csv-rows.js';
import { checkTrace, readTrace } from '../../scenarios/engine/trace/read-trace.js';

const FOLDER = mkdtempSync(join(tmpdir(), 'hypercarve-trace-'));
afterAll(() => rmSync(FOLDER, { recursive: true }));

const { openb } = TRACE_FORMATS;
const HEADER = 'name,cpu_milli,memory_mib,creation_time,deletion_time';

function traceOf(...lines: readonly string[]): string {
  const file = join(FOLDER, 'trace.csv');
  writeFileSync(file, `${lines.join('\n')}\n`);
  return file;
}

describe('engine: a trace row', () => {
  it('becomes a request in ms and MiB, a part of a vCPU counting as a whole one', () => {
    const file = traceOf(`\ufeff${HEADER}\r`, 'a,2500,512,3,10\r', '"b,1",1000,64,3,3');
    expect(checkTrace(file, openb)).toEqual([]);
    const common = { nodes: 1, atMs: 3000 };
    expect([...readTrace(file, openb)]).toEqual([
      { id: 0, vcpus: 3, memoryMib: 512, lifetimeMs: 7000, ...common },
      { id: 1, vcpus: 1, memoryMib: 64, lifetimeMs: 0, ...common },
    ]);
  });

  it('may leave out times and count memory in GiB; what started then stays', () => {
    const file = traceOf('flavor_vcpus,flavor_ram,numa,strategy', '8,16,2', '2,4,1,any');
    const read = [...readTrace(file, TRACE_FORMATS['huawei-numa'])];
    expect(read.map(({ memoryMib, nodes }) => [memoryMib, nodes])).toEqual([
      [16_384, 2],
      [4096, 1],
    ]);
    expect(read[0]?.lifetimeMs).toBe(Number.POSITIVE_INFINITY);
  });

  it('is cut out of blocks of any length', () => {
    const rows = Array.from({ length: 30_000 }, (_, i) => `pod-${i},1000,2,${i},${i + 1}`);
    const file = traceOf(HEADER, ...rows);
    expect(checkTrace(file, openb)).toEqual([]);
    expect([...readTrace(file, openb)].at(-1)).toMatchObject({ id: 29_999, atMs: 29_999_000 });
  });
});

/** What is wrong, the row, words of the message. */
const BAD: readonly (readonly [string, string, string])[] = [
  ['a negative time', 'b,1000,64,-3,9', 'creation_time is negative'],
  ['an end before the start', 'b,1000,64,9,8', 'deletion_time is before creation_time'],
  ['a name twice', 'a,1000,64,1,2', 'name "a" is there twice'],
  ['a time that goes back', 'b,1000,64,0,2', 'goes back'],
  ['no number', 'b,many,64,1,2', 'cpu_milli is no whole number: "many"'],
  ['a missing field', 'b,1000,64,1', 'deletion_time is missing'],
  ['no CPU', 'b,0,64,1,2', 'cpu_milli is 0'],
  ['too many fields', 'b,1000,64,1,2,3', '6 fields under 5 columns'],
  ['an open quote', '"b,1000,64,1,2', 'a quote is not closed'],
];

describe('engine: what is wrong with a trace', () => {
  it.each(BAD)('%s is told with its line', (_, row, message) => {
    const file = traceOf(HEADER, 'a,1000,64,1,2', row, 'c,1000,64,5,6');
    const problems = checkTrace(file, openb);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatchObject({ file, line: 3 });
    expect(problems[0]?.message).toContain(message);
    expect(() => [...readTrace(file, openb)]).toThrow(message);
  });

  it('a missing column, an empty trace, no file, an endless line', () => {
    const messages = (file: string) => checkTrace(file, openb).map(({ message }) => message);
    expect(messages(traceOf('name,cpu_milli'))[0]).toContain('no column "memory_mib"');
    expect(messages(traceOf(HEADER))).toEqual(['the trace has no request']);
    expect(messages(join(FOLDER, 'none.csv'))[0]).toContain('cannot be read');
    expect(messages(traceOf(HEADER, 'x'.repeat(70_000)))[0]).toContain('longer than');
  });

  it('lists at most fifty problems', () => {
    expect(checkTrace(traceOf(HEADER, ...Array(80).fill('a')), openb)).toHaveLength(50);
  });
});

describe('engine: quoted fields', () => {
  it.each([
    ['a,b', ['a', 'b']],
    ['"a,b",c', ['a,b', 'c']],
    ['"a""b",', ['a"b', '']],
    ['a"b,"c"', undefined],
  ])('%s', (text, fields) => expect(fieldsOf(text)).toEqual(fields));
});

describe('engine: the public trace of pods', () => {
  it('is sound, and all of it is read', (context) => {
    const file = join(process.env.HYPERCARVE_TRACES ?? '', 'openb', 'openb_pod_list_default.csv');
    context.skip(
      !existsSync(file),
      'the traces are not here: HYPERCARVE_TRACES names their folder',
    );
    expect(checkTrace(file, openb)).toEqual([]);
    expect([...readTrace(file, openb)]).toHaveLength(8152);
  });
});
