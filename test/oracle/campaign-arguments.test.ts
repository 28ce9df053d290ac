/** A campaign that would judge nothing, or another work than was typed, is refused before it begins. */
import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { ORACLE_PLATFORMS } from '../kit/oracle/sequence.js';
import { DEFAULT_SEED } from '../seed.js';
import { readArguments, USAGE } from './campaign-arguments.js';

describe('arguments of the long campaign', () => {
  it('what is typed is what is asked for, the rest has a default', () => {
    const all = { operations: 1_000_000, seed: DEFAULT_SEED, workers: 1 };
    expect(readArguments([])).toEqual({ ...all, platforms: ORACLE_PLATFORMS });
    const typed = ['--ops', '12', '--seed=-7', '--workers', '2', '--platform', 'nitro'];
    const asked = { operations: 12, seed: -7, workers: 2, platforms: ['nitro'] };
    expect(readArguments(typed)).toEqual(asked);
    expect(readArguments(['--sequence', '0', '--platform', 'qingtian'])).toEqual({
      ...all,
      platforms: ['qingtian'],
      sequence: 0,
    });
  });

  it.each([
    [['--ops', '0'], '--ops needs a whole number from 1, got "0"'],
    [['--ops', '1e3'], '--ops needs a whole number from 1, got "1e3"'],
    [['--workers', '0'], '--workers needs a whole number from 1, got "0"'],
    [['--sequence', '1.5'], '--sequence needs a whole number from 0, got "1.5"'],
    [['--seed', 'abc'], '--seed must be a 32-bit integer, got "abc"'],
    [['--seed', '2147483648'], '--seed must be a 32-bit integer, got "2147483648"'],
    [['--ops', '5', '--ops', '7'], '--ops is given twice'],
    [['--seed', '5', '--ops', '7', '--seed=5'], '--seed is given twice'],
    [['--sequence', '5', '--ops', '7'], '--ops says nothing beside --sequence'],
    [['--platform', 'xen'], '--platform xen: there are qingtian, nitro, nitro-wild, vm, each once'],
    [['--platform', 'nitro,nitro'], /^--platform nitro,nitro: there are .*, each once$/],
    [['--opps', '5'], "unknown option '--opps'"],
    [['5'], /^unexpected argument '5'/],
  ])('%j is refused', (argv, problem) => {
    const said = readArguments(argv);
    if (typeof problem === 'string') expect(said).toBe(problem);
    else expect(said).toMatch(problem);
  });

  // Found bug: it was an unknown option, exit code 2.
  it.each([['--help'], ['-h'], ['--ops', '0', '--help']])(
    '%s: the usage, and nothing is run',
    (...typed) => {
      const args = ['--import', 'tsx', 'test/oracle/campaign.ts', ...typed];
      const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
      expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: `${USAGE}\n`, stderr: '' });
    },
  );

  it('the campaign ends with 2 then, nothing on standard output', () => {
    const args = ['--import', 'tsx', 'test/oracle/campaign.ts', '--ops', '0'];
    const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toMatch(/^--ops needs a whole number from 1, got "0"\nusage: npm run campaign/);
  });
});
