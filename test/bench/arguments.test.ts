/** Wrong arguments of the bench's commands are bad input: none is passed over, and what is said is plain. */
import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { argumentProblem, fileProblem, wholeNumber } from '../../bench/arguments.js';

describe('arguments of the bench', () => {
  it('bench:engine exits with 2 at an option that there is not', () => {
    const args = ['--import', 'tsx', 'bench/engine.bench.ts', '--nope'];
    const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toMatch(/^bench:engine: unknown option '--nope'\nnpm run bench:engine/);
  });

  it('whole numbers from 1, and no other', () => {
    expect(wholeNumber(undefined, 7)).toBe(7);
    expect(wholeNumber('12', 7)).toBe(12);
    for (const typed of ['', '0', '-1', '1.5', 'one', '1e999']) {
      expect([typed, wholeNumber(typed, 7)]).toEqual([typed, undefined]);
    }
  });

  it('of what the parser says the first sentence is told', () => {
    const said = "Unknown option '--a'. To specify a positional argument, place it at the end";
    expect(argumentProblem(new Error(said))).toBe("unknown option '--a'");
  });

  it('files: the usual is put into words, the rest told as it is', () => {
    const failed = (code: string) => Object.assign(new Error('as the system says it'), { code });
    expect(fileProblem(failed('EISDIR'))).toBe('this is a folder');
    expect(fileProblem(failed('EIO'))).toBe('as the system says it');
    expect(fileProblem('no error')).toBe('no error');
  });
});
