/**
 * Times in all files: of a scenario in whole seconds; of fleets and sweeps spans in whole milliseconds,
 * means and rates exactly as they are written.
 *
 * A fleet counts simulated time in whole milliseconds, a scenario in seconds, so what is a moment or a span
 * of its own has to be a number of them. A mean is only drawn from: it may be finer, and is kept as a
 * fraction of two whole numbers. Invariant: one reader for all; no floating point; nothing is rounded, what
 * cannot be kept is an error. Trade-off: a microsecond is the finest that is read.
 */
import * as z from 'zod';
import { quoteValue } from './problem.js';

/** `ms` over `per`, reduced: 1.5ms is 3 over 2, fifty a second 20 over 1. */
export interface MeanTime {
  readonly ms: number;
  readonly per: number;
}

const MICROS_PER: Readonly<Record<string, bigint>> = {
  us: 1n,
  ms: 1000n,
  s: 1_000_000n,
  m: 60_000_000n,
  h: 3_600_000_000n,
  d: 86_400_000_000n,
};
const MAX_MICROS = 36_525n * MICROS_PER.d;
const MICROS_PER_MS = 1000;
const MICROS_PER_SECOND = 1_000_000;
const FORMS = '500us, 20ms, 0.5s, 90s, 5m, 2h or 7d';
const FORMS_OF_SECONDS = 'whole seconds or more: 90s, 5m, 2h or 7d';
const TIME = /^(\d{1,12})(?:\.(\d{1,9}))?\s*(us|ms|[smhd]?)$/;
const RATE = /^(\d{1,9})(?:\.(\d{1,6}))?\s*\/\s*(ms|[smhd])$/;

/** Whole microseconds from "90", "0.5ms", "1.5 h"; a bare number is seconds. */
function parseMicros(value: string | number, forms = FORMS): number | string {
  const match = TIME.exec(String(value).trim());
  if (match === null) return `${quoteValue(value)} is not a duration; write ${forms}`;
  const [, whole, fraction = '', unit] = match;
  const scale = 10n ** BigInt(fraction.length);
  const scaled = BigInt(whole + fraction) * MICROS_PER[unit === '' ? 's' : unit];
  if (scaled % scale !== 0n) return `${value} is finer than a microsecond`;
  const micros = scaled / scale;
  return micros > MAX_MICROS ? `${value} is more than 100 years` : Number(micros);
}

/** Whole milliseconds. */
export function parseMs(value: string | number): number | string {
  const micros = parseMicros(value);
  if (typeof micros === 'string') return micros;
  if (micros % MICROS_PER_MS === 0) return micros / MICROS_PER_MS;
  return `${value} is finer than a millisecond, the unit of simulated time; only means and rates may be`;
}

/** Whole seconds. */
export function parseSeconds(value: string | number): number | string {
  const micros = parseMicros(value, FORMS_OF_SECONDS);
  if (typeof micros === 'string') return micros;
  if (micros % MICROS_PER_SECOND === 0) return micros / MICROS_PER_SECOND;
  return `${value} is finer than a second, in which a scenario counts time; write ${FORMS_OF_SECONDS}`;
}

function parseMean(value: string | number): MeanTime | string {
  const micros = parseMicros(value);
  if (typeof micros === 'string') return micros;
  return micros === 0 ? 'must be longer than 0' : reduced(BigInt(micros), BigInt(MICROS_PER_MS));
}

/** The mean gap of "50/s", "2.5/m", "10 / h". */
export function parseRate(value: string | number): MeanTime | string {
  const match = RATE.exec(String(value).trim());
  if (match === null) return `${quoteValue(value)} is not a rate; write 50/s, 2.5/m, 10/h or 3/d`;
  const [, whole, fraction = '', unit] = match;
  const count = BigInt(whole + fraction);
  if (count === 0n) return 'must be more than 0';
  const micros = MICROS_PER[unit] * 10n ** BigInt(fraction.length);
  return reduced(micros, count * BigInt(MICROS_PER_MS));
}

function reduced(ms: bigint, per: bigint): MeanTime {
  let [a, b] = [ms, per];
  while (b > 0n) [a, b] = [b, a % b];
  return { ms: Number(ms / a), per: Number(per / a) };
}

function read<T>(parse: (value: string | number) => T | string, describe: string) {
  return z
    .union([z.string(), z.number()])
    .describe(describe)
    .transform((value, context): T => {
      const parsed = parse(value);
      if (typeof parsed !== 'string') return parsed;
      context.addIssue({ code: 'custom', message: parsed });
      return z.NEVER;
    });
}

export const duration = read(
  parseSeconds,
  'A duration such as 90s, 5m, 2h or 7d, in whole seconds; a bare number is seconds.',
);

export const spanMs = read(
  parseMs,
  'A duration such as 20ms, 0.5s, 90s, 5m, 2h or 7d, in whole ms; a bare number is seconds.',
);

export const meanTime = read(
  parseMean,
  'A mean time such as 0.5ms, 20ms, 90s, 5m, 2h or 7d, exact to a microsecond; a bare number is seconds.',
);

export const rate = read(parseRate, 'How many come in a time, such as 50/s, 2.5/m, 10/h or 3/d.');
