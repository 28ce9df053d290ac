/** Messages of the command line: fitted to a terminal, and guesses at options that there are not. */
import { describe, expect, it } from 'vitest';
import { fittedLines } from '../../../scenarios/cli/fitted-lines.js';
import { withNearOption } from '../../../scenarios/cli/near-option.js';

describe('lines fitted to a terminal', () => {
  const LONG = 'a.yaml:3:1: parent: unknown key `reservaton` (did you mean `reservation`?)\n';

  it('break at spaces and go on two columns further in', () => {
    expect(fittedLines(LONG, 40)).toBe(
      'a.yaml:3:1: parent: unknown key\n  `reservaton` (did you mean\n  `reservation`?)\n',
    );
    expect(fittedLines(`    ${LONG}`, 60)).toBe(
      '    a.yaml:3:1: parent: unknown key `reservaton` (did you\n      mean `reservation`?)\n',
    );
  });

  it('stay as they are where they fit, in a pipe, and in a terminal too narrow for any', () => {
    for (const columns of [undefined, 0, 20, LONG.length - 1, 500]) {
      expect(fittedLines(LONG, columns)).toBe(LONG);
    }
    expect(fittedLines(`short\n${LONG}`, 60).split('\n')[0]).toBe('short');
  });

  it('keep a path whole and every character but the spaces broken at', () => {
    const path = `/${'folder/'.repeat(12)}file.yaml:1:1:`;
    const fitted = fittedLines(`${path} nothing  is here, 読めない読めない読めない\n`, 30);
    expect(fitted.split('\n')).toEqual([
      path,
      '  nothing  is here,',
      '  読めない読めない読めない',
      '',
    ]);
  });
});

describe('an option that there is not', () => {
  const OPTIONS = ['--json', '--stop-at-first', '--max-states', '--only', '--report', '--replace'];
  const guess = (option: string) =>
    /\(Did you mean (.*)\?\)\n$/.exec(
      withNearOption(`error: unknown option '${option}'\n`, OPTIONS),
    )?.[1];

  it.each([
    ['-json', '--json'],
    ['--stop', '--stop-at-first'],
    ['--states', '--max-states'],
    ['--STATES', '--max-states'],
    ['-o', '--only'],
    ['-r', undefined],
    ['--zzz', undefined],
    ['--1', undefined],
  ])('%s → %s', (option, near) => {
    expect(guess(option)).toBe(near);
  });

  it('leaves a guess of the parser and any other message as they are', () => {
    const own = "error: unknown option '--jsn'\n(Did you mean --json?)\n";
    for (const message of [own, "error: missing required argument 'file'\n", '']) {
      expect(withNearOption(message, OPTIONS)).toBe(message);
    }
  });
});
