/**
 * conform on files nobody should have: cut off, mixed, damaged, empty, huge, and on good ones that
 * were made to fail.
 *
 * Good lines come from the committed recordings; every bad file is made here.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { type ConformOptions, conform } from '../../scenarios/cli/conform.js';
import { replayVector } from '../../scenarios/conform/vector-kinds.js';
import { vectorLines } from '../../scenarios/conform/vector-lines.js';
import { scaledRuns } from '../seed.js';
import { recordedStreams } from './cli/recorded-streams.js';

const folder = mkdtempSync(join(tmpdir(), 'hypercarve-conform-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const here = (path: string) => fileURLToPath(new URL(`../${path}`, import.meta.url));
const recorded = (name: string) =>
  gunzipSync(readFileSync(here(`device/vectors/${name}.jsonl.gz`)))
    .toString('utf8')
    .split('\n')
    .slice(0, 3);
const DRIVER = recorded('driver');
const ALLOCATOR = recorded('allocator');
const CLI = recorded('cli-memory');
const QINGTIAN = readFileSync(here('platform/qingtian-acceptance.jsonl'), 'utf8')
  .split('\n')
  .slice(0, 3);

let files = 0;
function fileOf(content: string | Uint8Array, ending = 'jsonl'): string {
  files += 1;
  const file = join(folder, `${files}.${ending}`);
  writeFileSync(file, content);
  return file;
}

async function conformed(given: readonly string[], options: ConformOptions = {}) {
  const streams = recordedStreams();
  const code = await conform(given, options, streams);
  const lastLine = streams.stdout().trimEnd().split('\n').at(-1);
  return { code, lastLine, stdout: streams.stdout(), stderr: streams.stderr() };
}

describe('good files', () => {
  it('every kind is recognised; the last line counts them all', async () => {
    const given = [DRIVER, ALLOCATOR, CLI, QINGTIAN].map((lines) => fileOf(lines.join('\n')));
    const { code, lastLine, stderr } = await conformed(given);
    expect([code, lastLine]).toEqual([0, '12 passed, 0 failed']);
    for (const kind of ['driver', 'allocator', 'cli-memory', 'qingtian']) {
      expect(stderr).toMatch(new RegExp(`: ${kind}, 3 passed, 0 failed\\n  \\d+ steps? replayed`));
    }
  });

  it('regression: a QingTian row without platform is one of the default version', async () => {
    const bare = QINGTIAN[0].replace('"platform":"qingtian@2022-10",', '');
    expect(bare).not.toContain('"platform"');
    const { code, lastLine, stderr } = await conformed([fileOf(bare)]);
    expect([code, lastLine]).toEqual([0, '1 passed, 0 failed']);
    expect(stderr).toContain(': qingtian, 1 passed');
  });

  it('regression: a key of a QingTian host that nobody reads is told, not passed over', async () => {
    const misspelt = QINGTIAN[0].replace('"bareMetal"', '"baremetal"');
    expect(misspelt).not.toBe(QINGTIAN[0]);
    const { code, stderr } = await conformed([fileOf(misspelt)]);
    expect(code).toBe(2);
    expect(stderr).toContain('malformed qingtian vector');
    expect(stderr).toContain('baremetal');
  });

  it('compressed files, Windows line ends and blank lines are read', async () => {
    const packed = fileOf(gzipSync(DRIVER.join('\n')), 'jsonl.gz');
    const windows = fileOf(`${ALLOCATOR.join('\r\n\r\n')}\r\n`);
    expect((await conformed([packed, windows])).lastLine).toBe('6 passed, 0 failed');
  });
});

describe('a vector that differs', () => {
  const wrong = DRIVER[1].replace('"rc":0', '"rc":-1');
  const file = fileOf([DRIVER[0], wrong, DRIVER[2], wrong].join('\n'));

  it('is told with id, line, step, expected and got; exit code 1', async () => {
    const { code, stdout, lastLine } = await conformed([file]);
    expect([code, lastLine]).toEqual([1, '2 passed, 2 failed']);
    const { id } = JSON.parse(wrong) as { id: string };
    expect(stdout).toContain(`${file}:2:1: ${id}`);
    expect(stdout).toMatch(/step \d+ \[.*\n {4}expected \[\{"rc":-1.*\n {4}got {6}\[\{"rc":0/);
  });

  it('every difference is shown; past 200 the rest is counted', async () => {
    const vector = JSON.parse(DRIVER[0]) as { steps: [unknown, { rc: number }, unknown?][] };
    const shownOf = async (steps: number) => {
      const refused = Array.from({ length: steps }, () => [['ioctl', 99, 0x20], { rc: 7 }]);
      const { stdout } = await conformed([fileOf(JSON.stringify({ ...vector, steps: refused }))]);
      const [more] = /and .*/.exec(stdout) ?? [];
      return [stdout.match(/^ {2}step \d+ /gm)?.length, more];
    };
    expect(await shownOf(12)).toEqual([12, undefined]);
    expect(await shownOf(203)).toEqual([200, 'and 3 more differences, not shown']);
  });

  it('--stop-at-first stops there; --only replays one', async () => {
    expect((await conformed([file], { stopAtFirst: true })).lastLine).toBe('1 passed, 1 failed');
    const { id } = JSON.parse(DRIVER[2]) as { id: string };
    expect((await conformed([file], { only: id })).lastLine).toBe('1 passed, 0 failed');
    const none = await conformed([file], { only: 'nobody' });
    expect([none.code, none.stderr.includes('nobody')]).toEqual([2, true]);
  });

  it('--json is one document with the failures', async () => {
    const { stdout } = await conformed([file], { json: true });
    const document = JSON.parse(stdout) as { failed: number; failures: { line: number }[] };
    expect([document.failed, document.failures.map(({ line }) => line)]).toEqual([2, [2, 4]]);
  });
});

describe('what a newer recording may hold', () => {
  it('unknown tags, fields of the line and fields of the host are let pass', async () => {
    const vector = JSON.parse(DRIVER[0]) as { host: object };
    const host = { ...vector.host, microcode: 7 };
    const newer = { ...vector, host, tags: ['mixed', 'never-seen'], recordedBy: { version: 2 } };
    const { code, lastLine } = await conformed([fileOf(`${JSON.stringify(newer)}\n`)]);
    expect([code, lastLine]).toEqual([0, '1 passed, 0 failed']);
  });

  it('an unknown call or an unknown option of a call is malformed, with its step', async () => {
    const vector = JSON.parse(DRIVER[0]) as { steps: unknown[][] };
    for (const call of [['pciReset'], ['createVm', { mm: 0, urgent: true }]]) {
      const steps = [...vector.steps, [call, { rc: 0 }]];
      const file = fileOf(`${DRIVER[1]}\n${JSON.stringify({ ...vector, steps })}\n`);
      const { code, lastLine, stderr } = await conformed([file]);
      expect([code, lastLine]).toEqual([2, `1 passed, 0 failed; not judged whole: ${file}:2:1`]);
      expect(stderr).toContain(`${file}:2:1: `);
      expect(stderr).toContain(`steps.${vector.steps.length}.0`);
    }
  });
});

describe('a bad file: line number, exit code 2, the good lines before it still counted', () => {
  const two = DRIVER.slice(0, 2).join('\n');
  it.each([
    ['cut off', `${two}\n${DRIVER[2].slice(0, 200)}`, 3, 'cut off', 2],
    ['not JSON', `${two}\nhello\n${DRIVER[2]}\n`, 3, 'not JSON', 2],
    ['mixed', `${two}\n${ALLOCATOR[0]}\n`, 3, ': an allocator vector in a file of driver', 2],
    ['no vector', `${two}\n{"a":1}\n`, 3, 'known kind', 2],
    ['a list', '[1,2]\n', 1, 'known kind', 0],
    ['a number', '42\n', 1, 'known kind', 0],
    ['an unknown call', `${two}\n${DRIVER[2].replace('setCpuPool', 'setPool')}\n`, 3, 'setPool', 2],
    ['a host no machine has', `${DRIVER[0].replace('"cores":["', '"cores":["x')}\n`, 1, 'host', 0],
  ])('%s', async (_, content, line, message, passed) => {
    const file = fileOf(content);
    const { code, lastLine, stderr } = await conformed([file]);
    // Where nothing was replayed nothing is said to have passed.
    const told = `${passed} passed, 0 failed; not judged whole: ${file}:${line}:1`;
    expect([code, lastLine]).toEqual([2, passed === 0 ? '' : told]);
    const before = `${file}: driver, ${passed} passed, 0 failed before line ${line}\n`;
    expect(stderr.includes(before)).toBe(passed > 0);
    expect(stderr).toContain(`${file}:${line}:1: `);
    expect(stderr).toContain(message);
  });

  it.each([
    ['bytes that are no text', Buffer.concat([Buffer.from(`${two}\n`), Buffer.from([0xff, 10])])],
    ['a binary file', Buffer.from([0, 1, 2, 0x80, 0xfe, 10])],
  ])('%s', async (_, content) => {
    const { code, stderr } = await conformed([fileOf(content)]);
    expect([code, /:\d+:1: /.test(stderr)]).toEqual([2, true]);
  });

  it('a compressed file that is cut off or damaged', async () => {
    const packed = gzipSync(DRIVER.join('\n'));
    const cut = await conformed([fileOf(packed.subarray(0, packed.length - 40), 'gz')]);
    expect([cut.code, cut.stderr.includes('cut off')]).toEqual([2, true]);
    const damaged = await conformed([fileOf(Buffer.from('no gzip at all'), 'gz')]);
    expect([damaged.code, damaged.stderr.includes('damaged')]).toEqual([2, true]);
  });

  it('an empty file, a missing one, a folder: exit code 2, and other files still count', async () => {
    for (const bad of [fileOf(''), fileOf('\n\n'), join(folder, 'none'), folder]) {
      const { code, lastLine, stderr } = await conformed([bad, fileOf(DRIVER.join('\n'))]);
      expect([code, lastLine]).toEqual([2, `3 passed, 0 failed; not judged whole: ${bad}`]);
      expect(stderr).toContain(bad);
    }
  });

  it('of many such files the last line names three', async () => {
    const good = fileOf(DRIVER.join('\n'));
    const bad = Array.from({ length: 5 }, () => fileOf('hello\n'));
    const named = bad.slice(0, 3).map((file) => `${file}:1:1`);
    const rest = (count: string) =>
      `3 passed, 0 failed; not judged whole: ${named.join(', ')}${count}`;
    expect((await conformed([good, ...bad])).lastLine).toBe(rest(' and 2 more files'));
    expect((await conformed([good, ...bad.slice(1)])).lastLine).toContain(' and 1 more file');
    expect((await conformed([good, ...bad.slice(0, 3)])).lastLine).toBe(rest(''));
  });

  it('a file whose name would steer the terminal is named without that', async () => {
    const file = join(folder, 'red\u001b[31m.jsonl');
    writeFileSync(file, `${DRIVER[0]}\nhello\n`);
    expect((await conformed([file])).lastLine).toMatch(/not judged whole: [^\p{Cc}]*:2:1$/u);
  });

  it('a line longer than the limit is told with its number', async () => {
    const file = fileOf(`short\n${'x'.repeat(300_000)}\n`);
    const lines: unknown[] = [];
    for await (const line of vectorLines(file, 100_000)) lines.push(line);
    expect(lines).toEqual([
      { line: 1, text: 'short', terminated: true },
      { line: 2, trouble: 'the line is longer than 100000 bytes' },
    ]);
  });
});

describe('a malformed vector is told, never thrown', () => {
  const samples = [DRIVER[0], ALLOCATOR[0], CLI[0], QINGTIAN[0]].map(
    (line) => JSON.parse(line) as unknown,
  );

  it('whatever value stands wherever', () => {
    const strange = fc.constantFrom<unknown>(null, -1, 1e300, 'x', '', [], {}, true, [[]], [null]);
    const change = fc.record({
      sample: fc.constantFrom(...samples),
      pick: fc.array(fc.nat(1000), { minLength: 1, maxLength: 6 }),
      strange,
    });
    fc.assert(
      fc.property(change, ({ sample, pick, strange }) => {
        const replayed = replayVector(replaceAt(sample, pick, strange));
        const said = 'malformed' in replayed ? replayed.malformed : replayed.kind;
        expect(said).not.toMatch(
          /of undefined|of null|not a function|not iterable|is not defined|BigInt/,
        );
        expect(said.length).toBeGreaterThan(3);
      }),
      { numRuns: scaledRuns(300) },
    );
  });
});

/** The value with the part reached by the picks (each an index among the keys) replaced. */
function replaceAt(value: unknown, pick: readonly number[], by: unknown): unknown {
  const [index, ...rest] = pick;
  if (index === undefined || typeof value !== 'object' || value === null) return by;
  const keys = Object.keys(value);
  if (keys.length === 0) return by;
  const key = keys[index % keys.length];
  const part = (value as Record<string, unknown>)[key];
  const changed = replaceAt(part, rest, by);
  if (Array.isArray(value)) return value.map((item, i) => (String(i) === key ? changed : item));
  return { ...value, [key]: changed };
}
