/**
 * conform on every kind of bad line between two good driver vectors, and on odd but good files.
 *
 * The good lines before a bad one count and those after it do not; the place is told; nothing reads
 * like a stack trace. What is fine (tags, marks of byte order, packed files by any name) stays fine.
 */
import { once } from 'node:events';
import { createWriteStream, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { gunzipSync, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { conform } from '../../scenarios/cli/conform.js';
import { driverShape, isDriverVector } from '../../scenarios/conform/driver-shape.js';
import { vectorLines } from '../../scenarios/conform/vector-lines.js';
import { scaledRuns } from '../seed.js';
import { recordedStreams } from './cli/recorded-streams.js';

const folder = mkdtempSync(join(tmpdir(), 'hypercarve-bad-vectors-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const VECTORS = new URL('../device/vectors/driver.jsonl.gz', import.meta.url);
const [FIRST, SECOND, THIRD] = gunzipSync(readFileSync(fileURLToPath(VECTORS)))
  .toString('utf8')
  .split('\n');

interface Vector {
  id?: unknown;
  host?: { [key: string]: unknown };
  steps?: unknown[][];
  [tag: string]: unknown;
}

let files = 0;
function fileOf(content: string | Uint8Array, ending = 'jsonl'): string {
  files += 1;
  const file = join(folder, `${files}.${ending}`);
  writeFileSync(file, content);
  return file;
}

/** The second vector with a change, between the first and the third. */
function between(change: (vector: Vector) => void): string {
  const vector = JSON.parse(SECOND) as Vector;
  change(vector);
  return `${FIRST}\n${JSON.stringify(vector)}\n${THIRD}\n`;
}

const withCall =
  (...call: unknown[]) =>
  ({ steps = [] }: Vector) => {
    steps[0][0] = call;
  };
const withPart = (part: Vector) => (vector: Vector) => void Object.assign(vector, part);
const withHost = (part: object) => (vector: Vector) => {
  vector.host = { ...vector.host, ...part };
};

async function conformed(file: string, only?: string) {
  const streams = recordedStreams();
  const code = await conform([file], only === undefined ? {} : { only }, streams);
  return { code, lastLine: streams.stdout().trimEnd().split('\n').at(-1), said: streams.stderr() };
}

const BAD_LINES: readonly (readonly [string, (vector: Vector) => void, string])[] = [
  ['an unknown call', withCall('fooBar', 1), 'no call "fooBar"'],
  ['a call named like a prototype key', withCall('__proto__', 1), 'no call "__proto__"'],
  ['a call named like a method', withCall('constructor'), 'no call "constructor"'],
  ['text where a number belongs', withCall('addVcpu', '4', 0), 'operand 1 of addVcpu'],
  ['a missing operand', withCall('addVcpu', 4), 'addVcpu takes 2 operands'],
  ['an operand too many', withCall('close', 4, 5, {}), 'close takes 1 operands'],
  ['an unknown option', withCall('createVm', { root: true }), 'createVm has malformed options'],
  ['a negative page count', withCall('mmap', 0, 4096, 0, 1, [[0, -1]]), 'operand 5 of mmap'],
  ['a fraction of a CPU', withCall('cpuHotplug', 0.5, 1), 'operand 1 of cpuHotplug'],
  ['no steps at all', withPart({ steps: [] }), 'steps: '],
  ['a step that is nothing', ({ steps }) => void steps?.fill(null as never, 0, 1), 'a step is'],
  ['a result that is nothing', ({ steps }) => void steps?.[0].fill(null, 1, 2), 'results and'],
  ['no id', (vector) => void delete vector.id, 'id: '],
  ['a number for an id', withPart({ id: 7 }), 'id: '],
  ['no kind', (vector) => void delete vector.steps, 'not a vector of a known kind'],
  ['no host', (vector) => void delete vector.host, 'not a vector of a known kind'],
  ['no cores', withHost({ cores: undefined }), 'host.cores: '],
  ['text for the number of CPUs', withHost({ nrCpuIds: '8' }), 'host.nrCpuIds: '],
  ['negative CPU ids', withHost({ cores: ['-1'] }), '"-1" is no CPU list'],
  ['a CPU in two cores', withHost({ cores: ['0', '0'] }), 'already a thread of core 0'],
  ['a node that is no number', withHost({ nodes: { zero: '0' } }), 'host.nodes'],
];

describe('a bad line between good ones: its number, exit code 2, one good line counted', () => {
  it.each(BAD_LINES)('%s', async (_, change, message) => {
    const file = fileOf(between(change));
    const { code, lastLine, said } = await conformed(file);
    expect([code, lastLine]).toEqual([2, `1 passed, 0 failed; not judged whole: ${file}:2:1`]);
    expect(said).toContain(`${file}:2:1: `);
    expect(said).toContain(message);
    expect(said).not.toMatch(/\n\s+at |Error:|undefined is|of undefined/);
  });

  it('bytes of zero, lists without end, UTF-16', async () => {
    const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;
    for (const line of ['\0\0\0', deep]) {
      const file = fileOf(`${FIRST}\n${line}\n${THIRD}\n`);
      const { code, lastLine, said } = await conformed(file);
      const told = `1 passed, 0 failed; not judged whole: ${file}:2:1`;
      expect([code, lastLine, said.includes(':2:1: ')]).toEqual([2, told, true]);
    }
    const wide = await conformed(fileOf(Buffer.from(`\ufeff${FIRST}`, 'utf16le')));
    expect([wide.code, wide.said.includes('not UTF-8')]).toEqual([2, true]);
  });

  it('--only skips no bad line', async () => {
    const bad = fileOf(between(withCall('fooBar')).replace(THIRD, 'hello'));
    const { code, said } = await conformed(bad, 'nobody');
    expect([code, said.includes(':3:1: the line is not JSON')]).toEqual([2, true]);
  });

  it('a packed file that is cut off: its whole lines count', async () => {
    const packed = gzipSync(`${FIRST}\n${SECOND}\n${THIRD}\n`);
    const { code, lastLine, said } = await conformed(
      fileOf(packed.subarray(0, packed.length - 30), 'jsonl.gz'),
    );
    expect([code, said.includes('cut off')]).toEqual([2, true]);
    expect(lastLine).toMatch(/^([23]) passed, 0 failed; not judged whole: \S+\.gz:\d:1$/);
  });
});

describe('odd, but good', () => {
  it.each([
    ['a byte order mark', `\ufeff${FIRST}\n${SECOND}\n`],
    ['tags of any kind', `${FIRST}\n${between(withPart({ tag: { a: [1] } })).split('\n')[1]}`],
    ['a tag named __proto__', `${FIRST}\n${SECOND.slice(0, -1)},"__proto__":{"id":7}}\n`],
    ['the same id twice', `${FIRST}\n${FIRST}\n`],
    ['packed, whatever its name', gzipSync(`${FIRST}\n${SECOND}\n`)],
    ['packed in two members', Buffer.concat([FIRST, SECOND].map((v) => gzipSync(`${v}\n`)))],
  ])('%s', async (_, content) => {
    expect(await conformed(fileOf(content))).toMatchObject({
      code: 0,
      lastLine: '2 passed, 0 failed',
    });
  });

  it('a key of a prototype in a recorded result is compared like any other', async () => {
    const line = SECOND.replace('{"rc":0', '{"__proto__":{"a":1},"rc":0');
    expect((await conformed(fileOf(`${FIRST}\n${line}\n`))).lastLine).toBe('1 passed, 1 failed');
  });
});

describe('size', () => {
  it('a line of 100 MB ends the file; what was before it is given', async () => {
    const file = join(folder, 'long.jsonl');
    const out = createWriteStream(file);
    out.write('{"a":1}\n');
    for (let i = 0; i < 100; i++) out.write(Buffer.alloc(2 ** 20, 'x'));
    out.end('\n{"a":2}\n');
    await once(out, 'finish');
    const told: unknown[] = [];
    for await (const { line, ...rest } of vectorLines(file)) {
      told.push([line, 'trouble' in rest ? rest.trouble : rest.text]);
    }
    expect(told).toEqual([
      [1, '{"a":1}'],
      [2, 'the line is longer than 16777216 bytes'],
    ]);
  });

  it('input without end is read as it is asked for, never ahead of it', async () => {
    let given = 0;
    const endless = Readable.from(
      (function* () {
        for (;;) {
          given += 1;
          yield Buffer.from('{"a":1}\n'.repeat(1000));
        }
      })(),
    );
    const { stdin } = process;
    Object.defineProperty(process, 'stdin', { value: endless, configurable: true });
    try {
      let lines = 0;
      for await (const _ of vectorLines('-')) if (++lines === 50_000) break;
      expect(lines).toBe(50_000);
      expect(given).toBeLessThan(50 + 40);
      expect(endless.destroyed).toBe(true);
    } finally {
      Object.defineProperty(process, 'stdin', { value: stdin, configurable: true });
    }
  });
});

describe('yes is said by hand, no by the schema', () => {
  it('both take the same lines, whatever value stands wherever', () => {
    const sample = JSON.parse(SECOND) as Vector;
    sample.steps = sample.steps?.slice(0, 6);
    const strange = fc.constantFrom<unknown>(null, -1, 0, 1, 9000, '', '0x1', [], {}, [[]], true);
    const pick = fc.array(fc.nat(50), { minLength: 1, maxLength: 5 });
    let taken = 0;
    fc.assert(
      fc.property(pick, strange, (path, value) => {
        const changed = replacedAt(sample, path, value);
        if (typeof changed !== 'object' || changed === null || Array.isArray(changed)) return;
        const line = changed as Vector;
        expect(isDriverVector(line)).toBe(driverShape.safeParse(line).success);
        if (isDriverVector(line)) taken++;
      }),
      { numRuns: scaledRuns(1500) },
    );
    expect(taken).toBeGreaterThan(20);
    expect(isDriverVector(sample)).toBe(true);
  });
});

/** The value with the part that the path leads to (each step an index among the keys) replaced. */
function replacedAt(value: unknown, path: readonly number[], by: unknown): unknown {
  const [index, ...rest] = path;
  if (index === undefined || typeof value !== 'object' || value === null) return by;
  const keys = Object.keys(value);
  if (keys.length === 0) return by;
  const copy: Record<string, unknown> = structuredClone(value) as Record<string, unknown>;
  const key = keys[index % keys.length];
  copy[key] = replacedAt(copy[key], rest, by);
  return copy;
}
