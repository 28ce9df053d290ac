/**
 * The command line as other programs call it: exit codes, what goes to which stream, broken pipes.
 *
 * Through the built program, so that the published entry, its lazy loading and its way of ending are
 * what is tested. Everything else about the commands is tested in process.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { SCOPES } from '../../../core/explore/scopes.js';
import { INIT_TEMPLATES } from '../../../scenarios/cli/init-template.js';
import { builtMain, hypercarve } from './built-cli.js';

const folder = mkdtempSync(join(tmpdir(), 'hypercarve-cli-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const scenario = join(folder, 'two.yaml');
writeFileSync(scenario, INIT_TEMPLATES.get('qingtian') ?? '');

it('help on an unknown command names the one that is near', () => {
  const ended = hypercarve(['help', 'rn']);
  expect(ended.stderr).toContain("unknown command 'rn'\n(Did you mean run?)");
  expect(hypercarve(['help', 'run']).stdout).toContain('Usage: hypercarve run');
});

it('help on verify names every platform that has scopes', () => {
  const { stdout } = hypercarve(['help', 'verify']);
  const [, named = ''] = /only scopes of this platform: ([\s\S]*?);/.exec(stdout) ?? [];
  const words = named.split(/,\s+|\s+or\s+/);
  expect(words).toEqual([...new Set(SCOPES.map(({ platform }) => platform))]);
});

describe('exit codes', () => {
  it.each([
    ['help', ['--help'], 0],
    ['the version', ['--version'], 0],
    ['no command at all', [], 2],
    ['an unknown command', ['rnu'], 2],
    ['help on an unknown command', ['help', 'rn'], 2],
    ['help on a command', ['help', 'run'], 0],
    ['an unknown option', ['run', '--sed', '1', scenario], 2],
    ['a missing argument', ['run'], 2],
    ['a missing file', ['run', join(folder, 'none.yaml')], 2],
    ['a scenario that does what it expects', ['run', scenario], 0],
    ['an expectation that fails', ['run', scenario, '--set', 'expect=[{running: 7}]'], 1],
    ['a value that is wrong', ['run', scenario, '--set', 'seed=-1'], 2],
  ] as const)('%s', (_, args, code) => {
    const ended = hypercarve(args);
    expect(ended.code, ended.stderr).toBe(code);
    if (code === 2) expect([ended.stdout, ended.stderr.length > 0]).toEqual(['', true]);
    expect(ended.stderr).not.toMatch(/\n {4}at /);
  });

  it('names what was probably meant', () => {
    expect(hypercarve(['rnu']).stderr).toContain('Did you mean run?');
    expect(hypercarve(['conform', '--onyl', 'x', 'y']).stderr).toContain('--only');
  });
});

describe('streams', () => {
  it('--json writes one document to standard output and nothing else anywhere', () => {
    const { stdout, stderr } = hypercarve(['run', scenario, '--json']);
    const record = JSON.parse(stdout) as { recordVersion: number };
    expect([record.recordVersion, stderr]).toEqual([1, '']);
  });

  it('"-" reads the scenario from standard input', () => {
    const input = readFileSync(scenario, 'utf8');
    expect(hypercarve(['run', '-'], { input }).code).toBe(0);
    expect(hypercarve(['run', '-'], { input: 'a: [' }).code).toBe(2);
  });

  it('a pipe gets no colours; FORCE_COLOR gives them, NO_COLOR takes them', () => {
    const ansi = (env: Record<string, string>) =>
      hypercarve(['explain', 'QT 10'], { env }).stdout.includes('\u001b[');
    expect([
      ansi({}),
      ansi({ FORCE_COLOR: '1' }),
      ansi({ FORCE_COLOR: '1', NO_COLOR: '1' }),
    ]).toEqual([false, true, false]);
  });

  const inShell = (script: string) =>
    spawnSync('bash', ['-c', script, process.execPath, builtMain()], { encoding: 'utf8' });

  it('a reader that goes away is no error', () => {
    const ended = inShell('set -o pipefail; "$0" "$1" catalog --json | head -n 1');
    expect([ended.status, ended.stdout, ended.stderr]).toEqual([0, '{\n', '']);
    const gone = (args: string) => {
      const { status, stderr } = inShell(
        `set -o pipefail; { sleep 0.5; "$0" "$1" ${args}; } | exec true`,
      );
      return [status, stderr];
    };
    expect([gone('--help'), gone('help'), gone('run --help')]).toEqual([
      [0, ''],
      [0, ''],
      [0, ''],
    ]);
  });

  it('output that cannot be written is one sentence, and not the fault of the program', () => {
    for (const args of ['--help', 'help', 'catalog']) {
      const { status, stderr } = inShell(`"$0" "$1" ${args} > /dev/full`);
      expect([status, stderr]).toEqual([
        70,
        expect.stringMatching(/^hypercarve: cannot write the output: ENOSPC.*\n$/),
      ]);
    }
  });
});

describe('the run folder', () => {
  it('is the same for equal runs, and another folder is never overwritten', () => {
    const [first, second] = ['a', 'b'].map((name) => join(folder, name));
    for (const target of [first, second, first]) {
      expect(hypercarve(['run', scenario, '--report', target]).code).toBe(0);
    }
    expect(readdirSync(first).sort()).toEqual(['manifest.json', 'record.json', 'summary.txt']);
    for (const name of readdirSync(first)) {
      expect(readFileSync(join(first, name)), name).toEqual(readFileSync(join(second, name)));
    }
    const mine = join(folder, 'mine');
    hypercarve(['init', join(folder, 'x.yaml')]);
    expect(hypercarve(['run', scenario, '--report', folder]).code).toBe(2);
    expect(readdirSync(folder)).not.toContain('record.json');
    expect(hypercarve(['run', join(folder, 'none.yaml'), '--report', mine]).code).toBe(2);
    expect(readdirSync(folder)).not.toContain('mine');
  });
});
