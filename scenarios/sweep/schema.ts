/**
 * The sweep file: a fleet, what is varied, over which seeds, and what is measured.
 *
 * Invariant: strict everywhere; the shape says nothing of what an axis may name, which is checked
 * against the fleet it varies. Trade-off: an axis is one path with values, or named levels with
 * several settings each; conditions between axes are not expressible, a second file is.
 */
import * as z from 'zod';
import { METRIC_NAMES } from '../../reports/sweep/metrics.js';
import { spanMs } from '../schema/time.js';

export const SWEEP_VERSION = 1;
/** Replications a sweep may ask for; also the bound of `until.most`. */
const MOST_SEEDS = 1_000_000;

const positive = (most: number) => z.int().min(1).max(most);
const metric = z.enum(METRIC_NAMES);
const first = z.int().min(0).max(0xffff_ffff).default(1);
const block = positive(MOST_SEEDS)
  .optional()
  .describe('Seeds of a task; absent = chosen so that a task takes about two seconds.');

const settings = z
  .record(z.string(), z.unknown())
  .describe('Settings of this level: path in the fleet file → value.');

const axis = z.union([
  z.array(z.unknown()).describe('Values that the path takes one after the other.'),
  z.record(z.string(), settings),
]);

const halfWidth = z.number().positive().max(1e15);

const until = z
  .strictObject({
    metric,
    of: z
      .enum(['mean', 'difference'])
      .default('mean')
      .describe("What is to be precise: each variant's mean, or each difference to the baseline."),
    within: halfWidth.optional().describe('Half-width of the 95 % interval, in the unit measured.'),
    withinShareOfMean: halfWidth.optional().describe('Half-width as a share of the mean.'),
    least: positive(MOST_SEEDS)
      .default(5)
      .describe(
        'Seeds before it may stop; with few the interval holds the mean less often than 95 %. While every ' +
          'seed gave the same value it goes on to 30.',
      ),
    most: positive(MOST_SEEDS),
  })
  .refine((one) => (one.within === undefined) !== (one.withinShareOfMean === undefined), {
    error: 'give one of `within` and `withinShareOfMean`',
  })
  .refine((one) => one.of === 'mean' || one.within !== undefined, {
    error: 'a difference may be 0, of which no share is reached; give `within`',
  })
  .refine(({ least, most }) => least <= most, { error: '`least` is more than `most`' });

const seeds = z.union([
  z.strictObject({ first, count: positive(MOST_SEEDS), block }),
  z.strictObject({ first, until, block }),
]);

export const sweepSchema = z.strictObject({
  sweepVersion: z.literal(SWEEP_VERSION),
  title: z.string().min(1).max(120),
  base: z
    .union([z.string().min(1).max(4096), z.record(z.string(), z.unknown())])
    .describe('A fleet file relative to this one, or the fleet itself.'),
  axes: z
    .record(z.string(), axis)
    .describe(
      'Path or name → values or named levels. A file that a value names is relative to the base fleet.',
    ),
  seeds,
  warmup: z
    .union([
      z.strictObject({ requests: positive(100_000_000) }),
      z.strictObject({ time: spanMs.refine((ms) => ms > 0, { error: 'must be longer than 0' }) }),
    ])
    .optional()
    .describe(
      'The first requests, or those that come before a time, load the fleet and are not counted, whenever they are accepted, refused or expire.',
    ),
  compare: z
    .record(z.string(), z.union([z.string(), z.number(), z.boolean()]))
    .default({})
    .describe('The baseline: axis → level; axes left out take their first level.'),
  onRefusedReservation: z
    .enum(['refuse', 'leave-out'])
    .default('refuse')
    .describe(
      'Where a platform refuses to reserve what the parents of a variant are to have: refuse the sweep, or leave that variant out and tell why.',
    ),
  metrics: z
    .array(metric)
    .min(1)
    .default(['acceptedShare', 'refusedShare', 'peakVcpus', 'strandedVcpus'])
    .refine((names) => new Set(names).size === names.length, { error: 'names a metric twice' }),
});

export type SweepFile = z.output<typeof sweepSchema>;
