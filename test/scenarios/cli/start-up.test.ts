/**
 * Start-up: what the build baked is what the program says, and a start stays cheap.
 *
 * Cost is asked twice: exactly, by the files that a start reads, and as CPU time, by the least of
 * several starts beside the least of as many of Node alone, so that a busy machine slows both.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { lifecycle } from '../../../core/lifecycle/surfaces.js';
import { helpWidth } from '../../../scenarios/cli/help-width.js';
import { bakedTables } from '../../baked-tables.js';
import { builtMain, hypercarve } from './built-cli.js';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'hypercarve-start-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('what the build baked', () => {
  const parser = join(root, 'dist', 'scenarios', 'cli', 'main.js');
  const asked = (args: readonly string[]) => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [parser, ...args], {
      encoding: 'utf8',
    });
    return { code: status, stdout, stderr };
  };

  /** A module that makes standard output look like a terminal of so many columns. */
  const asTerminal = (columns: number) =>
    `data:text/javascript,Object.assign(process.stdout, { isTTY: true, columns: ${columns} })`;

  it.each([[[]], [['--help']], [['-h']], [['--version']], [['-V']], [['--help', 'run']]])(
    'for %j it is what the option parser prints',
    (args) => {
      expect(hypercarve(args)).toEqual(asked(args));
    },
  );

  it('is printed where the terminal has its columns; narrower ones go to the parser', () => {
    const terminal = (columns: number) => helpWidth({ isTTY: true, columns } as NodeJS.WriteStream);
    expect([terminal(200), terminal(80), terminal(60)]).toEqual([80, 80, 60]);
    expect(helpWidth({ isTTY: false } as NodeJS.WriteStream)).toBe(80);
  });

  it('help in a narrow terminal wraps its descriptions', () => {
    const program = spawnSync(process.execPath, ['--import', asTerminal(60), parser, '--help'], {
      encoding: 'utf8',
    });
    expect(program.stderr).toBe('');
    const widths = program.stdout.split('\n').map((line) => line.length);
    expect(Math.max(...widths)).toBeLessThanOrEqual(60);
  });

  it('the lifecycle tables equal the compiled ones', async () => {
    const file = join(folder, 'tables.mjs');
    const tableModule = join(root, 'dist', 'core', 'lifecycle', 'table.js');
    writeFileSync(file, bakedTables(lifecycle, tableModule));
    const said = (await import(file)) as { lifecycle: typeof lifecycle };
    expect(Object.keys(said.lifecycle)).toEqual(Object.keys(lifecycle));
    for (const [surface, compiled] of Object.entries(lifecycle)) {
      const ready = said.lifecycle[surface as keyof typeof lifecycle];
      expect(ready(), surface).toEqual(compiled());
      expect(ready(), surface).toBe(ready());
    }
  });
});

describe('what a start reads', () => {
  const bundled = (name: string) => readFileSync(join(dirname(builtMain()), name), 'utf8');
  /** Files that load when `name` does, itself first. */
  function loadedWith(name: string): string[] {
    const found = [name];
    for (const one of found) {
      const named = bundled(one).matchAll(/\b(?:from|import)\s*"\.\/([^"]+)"/g);
      for (const [, next] of named) if (!found.includes(next)) found.push(next);
    }
    return found;
  }

  it('help reads one small file', () => {
    expect(loadedWith('main.js')).toEqual(['main.js']);
    expect(bundled('main.js').length).toBeLessThan(4096);
  });

  it('the option parser loads no command', () => {
    const main = readFileSync(join(root, 'scenarios', 'cli', 'main.ts'), 'utf8');
    const loaded = [...main.matchAll(/^import .*from '(.*)'/gm)].map((found) => found[1]);
    expect(loaded.sort()).toEqual(
      [
        '../../core/version.js',
        './exit-code.js',
        './help-width.js',
        './near-option.js',
        './streams.js',
        './until-done.js',
        './write-error.js',
        'commander',
      ].sort(),
    );
  });

  it('run reads few files, without Immer and XState', () => {
    const files = loadedWith('run.js');
    expect(files.length).toBeLessThanOrEqual(12);
    const text = files.map(bundled).join('\n');
    expect(text.length).toBeLessThan(545_000);
    expect(text).not.toMatch(/xstate|immer/i);
  });
});

describe('what a start costs', () => {
  const STARTS = 5;
  /** On a machine so busy that no start was left alone yet. */
  const MOST_STARTS = 30;
  const sum = join(folder, 'sum.cjs');
  writeFileSync(
    sum,
    `process.on('exit', () => {
      const { user, system } = process.cpuUsage();
      require('node:fs').writeSync(2, '\\ncpu ' + (user + system));
    });`,
  );
  /** CPU of one process in ms, user and system, all its threads. */
  function cpuMs(args: readonly string[]): number {
    const { stderr } = spawnSync(process.execPath, ['--require', sum, ...args], {
      encoding: 'utf8',
    });
    const found = /\ncpu (\d+)$/.exec(stderr);
    if (found === null) throw new Error(`no sum: ${stderr}`);
    return Number(found[1]) / 1000;
  }

  it('help costs little more than Node, a small scenario three times as much', () => {
    const small = join(root, 'scenarios', 'library', 'odd-vcpus.yaml');
    const runs = [
      ['-e', '0'],
      [builtMain(), '--help'],
      [builtMain(), 'run', small],
    ];
    const least = runs.map(() => Number.POSITIVE_INFINITY);
    const ratios = () => ({ help: least[1] / least[0], scenario: least[2] / least[0] });
    const isMet = () => ratios().help < 1.3 && ratios().scenario < 3.8;
    for (let start = 0; start < STARTS || (start < MOST_STARTS && !isMet()); start++) {
      for (const [i, args] of runs.entries()) least[i] = Math.min(least[i], cpuMs(args));
    }
    expect(ratios().help).toBeLessThan(1.3);
    expect(ratios().scenario).toBeLessThan(3.8);
  }, 120_000);
});
