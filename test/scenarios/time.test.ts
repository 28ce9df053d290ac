/** Times of all files: read exactly, to the finest that can be kept, and no finer. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  meanTime,
  parseMs,
  parseRate,
  parseSeconds,
  rate,
  spanMs,
} from '../../scenarios/schema/time.js';
import { scaledRuns } from '../seed.js';

describe('spans', () => {
  it.each([
    [90, 90_000],
    [0.5, 500],
    ['0', 0],
    ['20ms', 20],
    ['1500us', undefined],
    ['2000us', 2],
    ['0.5s', 500],
    ['1.5 h', 5_400_000],
    ['0.000001d', undefined],
    ['7d', 604_800_000],
    ['36525d', 3_155_760_000_000],
  ] as const)('%s', (text, ms) => {
    const read = parseMs(text);
    if (ms === undefined) expect(read).toContain('finer than a millisecond');
    else expect(read).toBe(ms);
  });

  it.each([
    ['0.5ms', 'finer than a millisecond, the unit of simulated time'],
    ['0.5us', 'finer than a microsecond'],
    ['36525.1d', 'more than 100 years'],
    ['-1s', 'is not a duration; write 500us, 20ms'],
    ['1e3', 'is not a duration'],
    ['5 weeks', 'is not a duration'],
  ])('refused: %s', (text, words) => {
    expect(spanMs.safeParse(text).error?.issues[0].message).toContain(words);
  });
});

describe('seconds of a scenario', () => {
  it.each([
    [90, 90],
    ['90s', 90],
    ['5m', 300],
    ['2 h', 7200],
    ['7d', 604_800],
    ['0.5m', 30],
    ['2000ms', 2],
    ['', 'is not a duration; write whole seconds'],
    ['5w', 'is not a duration'],
    [-1, 'is not a duration'],
    [1.5, 'is finer than a second, in which a scenario counts time'],
    ['500ms', 'is finer than a second'],
    ['99999999999d', 'more than 100 years'],
  ])('%j is %j', (value, seconds) => {
    const read = parseSeconds(value);
    if (typeof seconds === 'number') expect(read).toBe(seconds);
    else expect(read).toContain(seconds);
  });

  it('are what a fleet reads in ms, wherever both can keep a time', () => {
    const unit = fc.constantFrom('', 's', 'm', 'h', 'd', 'ms', 'us');
    const text = fc.tuple(fc.nat(40_000), fc.constantFrom('', '.5', '.25', '.001'), unit);
    fc.assert(
      fc.property(text, (parts) => {
        const [seconds, ms] = [parseSeconds(parts.join('')), parseMs(parts.join(''))];
        if (typeof seconds === 'number') expect(ms).toBe(seconds * 1000);
        else if (typeof ms === 'number') expect(ms % 1000).not.toBe(0);
      }),
      { numRuns: scaledRuns(300) },
    );
  });
});

describe('means and rates', () => {
  it.each([
    ['0.5ms', { ms: 1, per: 2 }],
    ['1.25ms', { ms: 5, per: 4 }],
    ['1us', { ms: 1, per: 1000 }],
    [10, { ms: 10_000, per: 1 }],
    ['2h', { ms: 7_200_000, per: 1 }],
  ] as const)('a mean of %s', (text, mean) => {
    expect(meanTime.parse(text)).toEqual(mean);
  });

  it.each([
    ['50/s', { ms: 20, per: 1 }],
    ['3000 / m', { ms: 20, per: 1 }],
    ['3/s', { ms: 1000, per: 3 }],
    ['2.5/m', { ms: 24_000, per: 1 }],
    ['7/ms', { ms: 1, per: 7 }],
    ['1/d', { ms: 86_400_000, per: 1 }],
  ] as const)('a rate of %s', (text, mean) => {
    expect(rate.parse(text)).toEqual(mean);
  });

  it.each([
    [meanTime, '0', 'longer than 0'],
    [meanTime, '0.5us', 'finer than a microsecond'],
    [rate, '0/s', 'more than 0'],
    [rate, '0.00/s', 'more than 0'],
    [rate, '50', 'is not a rate; write 50/s'],
    [rate, '50/week', 'is not a rate'],
    [rate, '-1/s', 'is not a rate'],
  ] as const)('refused: %s %s', (schema, text, words) => {
    expect(schema.safeParse(text).error?.issues[0].message).toContain(words);
  });

  it('is the mean gap to the last digit: as many a second, a minute, an hour are one rate', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1_000_000 }), (count) => {
        const read = parseRate(`${count}/s`);
        expect(read).toEqual(parseRate(`${count * 60}/m`));
        if (typeof read === 'string') throw new Error(read);
        expect(read.ms * count).toBe(1000 * read.per);
      }),
    );
  });
});
