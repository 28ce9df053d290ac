/** Rows of rules: the first refusal in their order, every verdict for a diagnosis, and a refusal's parts. */
import { describe, expect, it } from 'vitest';
import { derivedLines } from '../../core/platform/derived.js';
import { onlyOwn, type Steps } from '../../core/platform/profile.js';
import {
  allows,
  diagnoseRules,
  firstRefusal,
  notApplicable,
  type Outcome,
  PASS,
  type Rule,
  refusalOnWalk,
  refuse,
  walkOf,
  withoutRules,
} from '../../core/platform/rule.js';
import { wrapRefusal } from '../../core/refusal/refusal.js';

/** Rows that answer by their id from what the test says. */
type Answers = Readonly<Record<string, Outcome>>;

const asked: string[] = [];
const ROWS: readonly Rule<Answers>[] = ['a', 'b', 'c'].map((id, i) => ({
  id,
  sentence: `Rule ${id}.`,
  source: 'this test',
  requirements: [],
  checkedAt: 'start',
  layer: i === 0 ? 'cli' : 'driver',
  codes: i === 1 ? ['E29', 'NE 264'] : [],
  remedy: `Heed ${id}.`,
  check: (answers) => {
    asked.push(id);
    return answers[id];
  },
}));

const NO = (n: number) => refuse({ n }, `no ${n}`);
const OFF = notApplicable('switched off');

const WAYS = [
  ['row by row', (answers: Answers) => firstRefusal(ROWS, answers)],
  ['on a walk', (answers: Answers) => refusalOnWalk(walkOf(ROWS), answers)],
] as const;

describe.each(WAYS)('a decision %s', (_, refusalOf) => {
  it('is undefined when nothing refuses; "not applicable" and other passes are no refusals', () => {
    expect(refusalOf({ a: PASS, b: PASS, c: PASS })).toBeUndefined();
    expect(refusalOf({ a: OFF, b: { verdict: 'pass' }, c: OFF })).toBeUndefined();
  });

  it('passes over rows that are left out, and meets them all again afterwards, also after a throw', () => {
    const no = { a: OFF, b: NO(2), c: NO(3) };
    expect(withoutRules(['b'], () => refusalOf(no))?.rule).toBe('c');
    expect(withoutRules(['b', 'c'], () => refusalOf(no))).toBeUndefined();
    expect(refusalOf(no)?.rule).toBe('b');
    const fails = () => {
      throw new Error('the step fails');
    };
    expect(() => withoutRules(['b'], fails)).toThrow('the step fails');
    expect(refusalOf(no)?.rule).toBe('b');
  });

  it('stops at the first refusal, and says row, layer, codes, numbers and remedy', () => {
    asked.length = 0;
    expect(refusalOf({ a: OFF, b: NO(2), c: NO(3) })).toEqual({
      rule: 'b',
      layer: 'driver',
      codes: ['E29', 'NE 264'],
      message: 'no 2',
      numbers: { n: 2 },
      remedy: 'Heed b.',
    });
    expect(asked).toEqual(['a', 'b']);
    expect(refusalOf({ a: PASS, b: PASS, c: NO(3) })).toMatchObject({ rule: 'c', codes: [] });
    expect(refusalOf({ a: NO(1), b: NO(2), c: PASS })).toMatchObject({ rule: 'a', layer: 'cli' });
  });
});

it('a diagnosis asks every row, whatever the others said', () => {
  const answers = { a: NO(1), b: OFF, c: PASS };
  expect(diagnoseRules(ROWS, answers)).toEqual([
    { rule: 'a', outcome: { verdict: 'refuse', numbers: { n: 1 }, message: 'no 1' } },
    { rule: 'b', outcome: { verdict: 'not-applicable', reason: 'switched off' } },
    { rule: 'c', outcome: { verdict: 'pass' } },
  ]);
});

it('an outer layer puts its code before the others and keeps the reason', () => {
  const inner = firstRefusal(ROWS, { a: PASS, b: NO(2), c: PASS });
  if (inner === undefined) throw new Error('row b refuses');
  expect(wrapRefusal(inner, 'service', 'QT 06')).toEqual({
    ...inner,
    layer: 'service',
    codes: ['QT 06', 'E29', 'NE 264'],
  });
  expect(inner.codes).toEqual(['E29', 'NE 264']);
});

it('what follows from the rules: the facts, or why there are none', () => {
  expect(derivedLines({ facts: ['one', 'two'] })).toEqual(['one', 'two']);
  expect(derivedLines({ facts: [] })).toEqual([]);
  expect(derivedLines({ notApplicable: 'no rules' })).toEqual(['not applicable: no rules']);
});

it('a table of own steps knows no name that every object has', () => {
  const step = () => ({ effects: [], facts: {} });
  const steps: Steps = { 'vm.launch': step };
  expect(Object.entries(onlyOwn(steps))).toEqual([['vm.launch', step]]);
  expect('toString' in onlyOwn(steps)).toBe(false);
  expect('toString' in steps).toBe(true);
});

describe('one outcome', () => {
  it('lets pass what does not apply, as what passes', () => {
    expect([PASS, OFF, { verdict: 'pass' } as const, NO(1)].map(allows)).toEqual([
      true,
      true,
      true,
      false,
    ]);
  });
});
