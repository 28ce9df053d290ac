/** The table of verify: every figure stands once at any width, and every column is explained. */
import { describe, expect, it } from 'vitest';
import type { CommandsTried } from '../../scenarios/verify/commands-tried.js';
import type { RulesMet } from '../../scenarios/verify/rules-met.js';
import type { ScopeRun } from '../../scenarios/verify/run-scope.js';
import { verifyTable } from '../../scenarios/verify/table.js';

const COUNTS = { unique: 11_111_111, transitions: 222_222_222, depth: 33 };

/** A run whose every figure is another one. */
const RUN = {
  counts: {
    scope: 'qingtian-2x4x2x2',
    full: COUNTS,
    reduced: { ...COUNTS, unique: 5_555_555 },
    orbits: 11_111_111,
    orbitTransitions: 222_222_222,
    refused: 44_444_444,
    reducedRefused: 1,
  },
  speed: {
    seconds: 66.6,
    transitionsPerSecond: 7_777_777,
    triesPerSecond: 8_888_888,
    statesPerSecond: 999_999,
    bytesPerState: 1010,
    asked: 121_212,
    rememberedBytes: 1,
    goal: 2_500_000,
    goalMet: true,
    bare: { transitionsPerSecond: 13_000_000, ratio: 17 },
    shares: { asking: 0.5, moves: 0.2, keys: 0.1, table: 0.1, invariants: 0.1 },
  },
  complete: true,
  problems: [],
  asPinned: true,
} as unknown as ScopeRun;

const FIGURES = {
  states: '11111111',
  transitions: '222222222',
  depth: '33',
  refused: '44444444',
  canonical: '5555555',
  s: '66.6',
  'transitions/s': '7777777',
  'tries/s': '8888888',
  'states/s': '999999',
  'bytes/state': '1010',
  asked: '121212',
  'bare search': '17x faster',
};

const RULES: readonly RulesMet[] = [
  {
    platform: 'qingtian',
    rules: 4,
    met: ['enclave-count', 'cid-range'],
    notMet: [{ rule: 'flavor', why: 'what the parent is stays' }, { rule: 'vcpu-even' }],
  },
];

const COMMANDS: readonly CommandsTried[] = [
  {
    platform: 'nitro',
    commands: 3,
    tried: ['nitro.start'],
    notTried: [
      { command: 'nitro.map-foreign', why: 'it maps what is nobody’s' },
      { command: 'nitro.poll' },
    ],
  },
];

const told = (...runs: ScopeRun[]) => ({ runs, rules: RULES, commands: COMMANDS });

const other = { ...RUN, counts: { ...RUN.counts, scope: 'nitro-2x2x2x2' } };
const tableOf = (width: number, runs = [RUN, other]) =>
  verifyTable(told(...runs), { width, color: false, unicode: true });

describe('the table of verify', () => {
  it('tells how many rules were met, and names those left to other scopes', () => {
    expect(tableOf(200)).toContain(
      'qingtian: 2 of 4 rules refused something; 1 no small host meets (why: --json); left to other scopes: vcpu-even',
    );
  });

  it('tells how many commands were tried, and names those that no scope tries', () => {
    expect(tableOf(200)).toContain(
      '\nnitro: 1 of 3 commands tried; in no scope nitro.map-foreign: it maps what is nobody’s; left to other scopes: nitro.poll\n',
    );
  });

  it('names properties where that is asked for, at any width in so many columns', () => {
    const always = { sentence: 'It holds.' };
    const properties = {
      always: [
        { ...always, id: 'frame-one-owner', states: 11 },
        { ...always, id: 'no-leak', states: 11, transitions: 22 },
        { ...always, id: 'whole-cores', states: 0 },
      ],
      sometimes: [
        { ...always, id: 'two-run', commands: 2, states: 5 },
        { ...always, id: 'memory-held', commands: 3, beyond: true },
        { ...always, id: 'ended' },
        { ...always, id: 'pool-emptied', beyond: true },
      ],
    } as const;
    const run = { ...RUN, properties };
    const plain = { width: 300, color: false, unicode: true };
    expect(verifyTable(told(run), plain)).not.toContain('always');
    expect(verifyTable(told(run), plain, true)).toContain(
      [
        '',
        'qingtian-2x4x2x2: always, asked of 11 states: frame-one-owner, no-leak',
        'qingtian-2x4x2x2: and after each of 22 transitions: no-leak',
        'qingtian-2x4x2x2: not promised by the platform: whole-cores',
        'qingtian-2x4x2x2: sometimes, by so many commands at least: two-run 2 (5 states), memory-held 3',
        'qingtian-2x4x2x2: not reached: ended',
        'qingtian-2x4x2x2: beyond so small a host: pool-emptied',
        '',
      ].join('\n'),
    );
    const narrow = verifyTable(told(run), { ...plain, width: 40 }, true);
    expect(narrow.split('\n').filter((line) => line.length > 40)).toEqual([]);
  });

  it.each([32, 40, 80, 100, 120])(
    'at %i columns fits, with every figure below its title',
    (width) => {
      const lines = tableOf(width).split('\n');
      expect(lines.filter((line) => line.length > width)).toEqual([]);
      for (const [title, figure] of Object.entries(FIGURES)) {
        const at = lines.findIndex(
          (line) => line.startsWith('scope') && `${line}  `.includes(`  ${title}  `),
        );
        expect(at, title).toBeGreaterThanOrEqual(0);
        const end = `${lines[at]}  `.indexOf(`  ${title}  `) + 2 + title.length;
        for (const [row, scope] of [RUN, other].entries()) {
          const line = lines[at + 1 + row];
          expect(line.startsWith(scope.counts.scope), title).toBe(true);
          expect(line.slice(0, end).endsWith(` ${figure}`), title).toBe(true);
        }
      }
    },
  );

  it('stands in one block where there is room, in more where there is not', () => {
    const blocks = (width: number) =>
      tableOf(width)
        .split('\n')
        .filter((line) => line.startsWith('scope ')).length;
    expect(blocks(400)).toBe(1);
    expect(blocks(120)).toBe(2);
    expect(blocks(40)).toBeGreaterThan(3);
  });

  it('ends with a line for each column, in their order', () => {
    const lines = tableOf(120).trimEnd().split('\n');
    const legend = lines.slice(lines.lastIndexOf('') + 1);
    expect(legend.map((line) => line.slice(0, 13).trimEnd())).toEqual(Object.keys(FIGURES));
    for (const line of legend) expect(line.slice(13).length).toBeGreaterThan(10);
  });

  it('says of a speed below its aim that it is no check, or that the search was too short', () => {
    const textOf = (seconds: number) =>
      tableOf(200, [{ ...RUN, speed: { ...RUN.speed, goalMet: false, seconds } }]);
    expect(textOf(5)).toMatch(
      /million transitions\/s, below the aim of \d\.\d\d, which is no check/,
    );
    expect(textOf(0.2)).toContain('over too soon to be measured');
    expect(tableOf(200)).toMatch(/the aim of \d\.\d\d is reached/);
  });

  it('says nothing of a bare search that was not measured', () => {
    const { bare, shares, ...speed } = RUN.speed;
    expect([bare?.ratio, shares?.moves]).toEqual([17, 0.2]);
    const text = tableOf(120, [{ ...RUN, speed }]);
    expect(text).not.toContain('faster');
    expect(text).toMatch(/^qingtian-2x4x2x2 .* -$/m);
  });
});
