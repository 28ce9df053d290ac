/** Words that the commands of the mutation test do not know: one line, exit 2, nothing run or rewritten. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { filesAsked, mostAsked } from './arguments.js';
import { filesOfRoom, ROOMS } from './rooms.js';

const filesOf = (name: string) => ROOMS.filter((room) => room.name === name).flatMap(filesOfRoom);
const ROOM_NAMES = ROOMS.map(({ name }) => name).join(', ');

describe('what is asked for of the mutation test', () => {
  it('all files, those of rooms, or single ones, each once', () => {
    expect(filesAsked([])).toEqual(ROOMS.flatMap(filesOfRoom));
    expect(filesAsked(['units', 'memory'])).toEqual([...filesOf('units'), ...filesOf('memory')]);
    expect(filesAsked(['core/units/size.ts'])).toEqual(['core/units/size.ts']);
    expect(filesAsked(['units', 'core/units/size.ts'])).toEqual(filesOf('units'));
  });

  it.each([
    [['--nope'], "unknown option '--nope'"],
    [['memory', '--asking', '6'], "unknown option '--asking'"],
    [['memroy'], `memroy is no room (${ROOM_NAMES}) and no file that is mutated`],
    [['units', 'core/units/gone.ts'], /^core\/units\/gone\.ts is no room/],
    [['core/index.ts'], /^core\/index\.ts is no room/],
    [['--changed', 'no-such-ref'], '--changed no-such-ref: there is no such commit here'],
    [['--changed', 'HEAD', 'units'], '--changed takes one commit, not units too'],
  ])('mutate %j is refused', (args, problem) => {
    const asked = filesAsked(args);
    expect(asked).toEqual({
      problem: typeof problem === 'string' ? problem : expect.stringMatching(problem),
    });
  });

  it('the compiler is asked of all survivors, or in files that have few', () => {
    expect(mostAsked([])).toBe(Infinity);
    expect(mostAsked(['--asking', '6'])).toBe(6);
  });

  it.each([
    [['--nope'], "unknown option '--nope'"],
    [['memory'], "unexpected argument 'memory'"],
    [['--asking', 'few'], '--asking needs a whole number from 0, got "few"'],
    [['--asking'], "option '--asking <value>' argument missing"],
  ])('mutate:summary %j is refused', (args, problem) => {
    expect(mostAsked(args)).toEqual({ problem: expect.stringContaining(problem) });
  });
});

describe('the commands themselves', () => {
  // Both write below the folder that they are started in.
  const folder = mkdtempSync(join(tmpdir(), 'hypercarve-mutate-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  const tsx = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;

  it.each([
    ['run', 'mutate: memroy is no room'],
    ['summary', "mutate:summary: unexpected argument 'memroy'"],
  ])('%s.ts: one line, exit 2, nothing written', (name, said) => {
    const script = fileURLToPath(new URL(`${name}.ts`, import.meta.url));
    const args = ['--import', tsx, script, 'memroy'];
    const ended = spawnSync(process.execPath, args, { cwd: folder, encoding: 'utf8' });
    expect({ code: ended.status, stdout: ended.stdout }).toEqual({ code: 2, stdout: '' });
    expect(ended.stderr.startsWith(said), ended.stderr).toBe(true);
    expect(ended.stderr.split('\n')).toHaveLength(2);
    expect(readdirSync(folder)).toEqual([]);
  });
});
