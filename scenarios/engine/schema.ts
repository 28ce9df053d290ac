/**
 * The fleet file: parents, what is reserved on each, a workload or a trace, and who places it.
 *
 * Invariant: strict everywhere; every quantity says its unit or takes the documented one. A parent is
 * described as in a scenario file. Trade-off: one platform a file, since requests of one workload
 * are compared, not mixed, across platforms.
 */
import * as z from 'zod';
import { memoryMib } from '../schema/quantity.js';
import { parentSchema, reservationSchema } from '../schema/scenario.js';
import { meanTime, rate, spanMs } from '../schema/time.js';
import { RECORDED_MIXES } from './recorded-workloads.js';
import { GROUP_USES, TRACE_FORMATS, type TraceFormat } from './trace/columns.js';
import { GROUP_NAMES } from './trace/group-column.js';
import { SERVER_FORMATS, type ServerFormat } from './trace/read-servers.js';

export const FLEET_VERSION = 1;
export const MOST_PARENTS = 10_000;
const MOST_REQUESTS = 100_000_000;
const HOURS = 24;

const integer = z.int().min(0).max(Number.MAX_SAFE_INTEGER);
const positive = (most: number) => z.int().min(1).max(most);
const wait = spanMs.refine((ms) => ms > 0, { error: 'must be longer than 0' });

/** One of the two, which `loadFleet` checks. */
const howOften = { every: meanTime.optional(), rate: rate.optional() };

const arrivals = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('poisson'), ...howOften }),
  z.strictObject({
    kind: z.literal('bursts'),
    ...howOften,
    size: positive(1_000_000).describe(
      'Requests that come at once; `every` and `rate` are of bursts, so 60/h of size 10 are 600 requests an hour.',
    ),
  }),
  z.strictObject({
    kind: z.literal('daily'),
    ...howOften,
    weights: z
      .array(integer.max(1_000_000))
      .length(HOURS)
      .refine((weights) => weights.some((weight) => weight > 0), { error: 'are all 0' })
      .describe('How busy each hour of the day is, from midnight.'),
  }),
]);

const quantiles = z
  .array(z.tuple([integer.max(1000), spanMs]))
  .min(2)
  .refine((points) => points[0][0] === 0 && points[points.length - 1][0] === 1000, {
    error: 'must reach from 0 to 1000',
  })
  .refine(
    (points) => points.every(([at, value], i) => i === 0 || ascends(points[i - 1], [at, value])),
    { error: 'must ascend' },
  )
  .describe('[thousandths, duration] from 0 to 1000; straight lines in between.');

const lifetime = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('exponential'), mean: meanTime }),
  z.strictObject({ kind: z.literal('lognormal'), mean: meanTime }),
  z.strictObject({ kind: z.literal('quantiles'), points: quantiles }),
  z.strictObject({ kind: z.literal('recorded'), trace: z.literal('openb') }),
  z.strictObject({ kind: z.literal('forever') }),
]);

// Absent where nothing is rounded, and no default says so: such fleets keep their run ids.
const roundUp = z
  .strictObject({
    vcpus: positive(1_000_000).optional(),
    memory: memoryMib.refine((mib) => mib > 0, { error: 'must be more than 0' }).optional(),
  })
  .optional()
  .describe(
    'Each ask is rounded up to a multiple of these: { vcpus: 2, memory: 1GiB } for whole cores and ' +
      'whole pages, which demand recorded for something else does not know.',
  );

const drawn = z.strictObject({
  requests: positive(MOST_REQUESTS),
  arrivals,
  lifetime,
  mix: z
    .union([
      z.enum(RECORDED_MIXES),
      z
        .array(
          z.strictObject({
            weight: positive(1_000_000).default(1),
            vcpus: positive(1_000_000),
            memory: memoryMib,
            nodes: positive(64).default(1),
          }),
        )
        .min(1),
    ])
    .describe('Sizes with their weights, or the name of a public trace whose sizes are known.'),
  crashes: integer.max(1000).default(0).describe('Of a thousand ends, how many are crashes.'),
  roundUp,
});

const column = z.string().min(1).max(200);
const columns = z.strictObject({
  vcpus: column,
  memory: column,
  at: column.optional(),
  end: column
    .optional()
    .describe(
      'When it ends, as `at` says when it comes. One that waits stays as long, and so ends later.',
    ),
  lifetime: column.optional(),
  nodes: column.optional(),
  id: column.optional(),
  group: column.optional().describe('Name of the group of a request, or empty.'),
  groupRule: column.optional().describe('Its rule: anti-affinity, affinity or fault_domain.'),
  groupNames: z
    .enum(GROUP_NAMES)
    .optional()
    .describe('Whether a name is one group (unique, the default), or one of each rule.'),
  cpuUnit: z.enum(['vcpu', 'milli']).default('vcpu'),
  memoryUnit: z.enum(['MiB', 'GiB']).default('MiB'),
  timeUnit: z.enum(['s', 'ms']).default('s'),
});

const traced = z.strictObject({
  trace: z.strictObject({
    file: z.string().min(1).max(4096).describe('A CSV file, relative to this one.'),
    columns: z.union([z.enum(Object.keys(TRACE_FORMATS) as TraceFormat[]), columns]),
    // Absent means ignore, and no default says so: fleets without groups keep their run ids.
    groups: z
      .enum(GROUP_USES)
      .optional()
      .describe(
        'keep: members of an anti-affinity group share no parent, those of an affinity group one; ' +
          'fault_domain is counted, not kept. ignore (the default): rows stand alone.',
      ),
  }),
  roundUp,
});

const nodeColumns = z.strictObject({ cpus: column, memory: column });
const servers = z.strictObject({
  file: z.string().min(1).max(4096).describe('A CSV file, relative to this one: a server a row.'),
  columns: z.union([
    z.enum(Object.keys(SERVER_FORMATS) as ServerFormat[]),
    z.strictObject({
      nodes: z.array(nodeColumns).min(1).max(64).describe('The columns of each node.'),
      memoryUnit: z.enum(['MiB', 'GiB']).default('GiB'),
    }),
  ]),
  first: positive(MOST_PARENTS).optional().describe('Only so many servers; absent = all.'),
});

/** When something happens to a parent, and to which. */
const moment = { at: spanMs, parent: integer.describe('Position in the fleet, from 0.') };

export const fleetSchema = z.strictObject({
  fleetVersion: z.literal(FLEET_VERSION),
  title: z.string().min(1).max(120),
  platform: z.string().min(1).max(64),
  options: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).default({}),
  fleet: z
    .array(
      z.union([
        z.strictObject({
          count: positive(MOST_PARENTS).default(1),
          parent: parentSchema,
          reservation: reservationSchema.optional(),
        }),
        z.strictObject({ servers, reservation: reservationSchema.optional() }),
      ]),
    )
    .min(1)
    .max(MOST_PARENTS),
  workload: z.union([traced, drawn]),
  policy: z
    .union([z.string(), z.strictObject({ module: z.string().min(1).max(4096) })])
    .default('first-fit')
    .describe(
      'A policy by name, or a module of one file, relative to the fleet file, whose default export is one, or makes one.',
    ),
  onRefusal: z
    .discriminatedUnion('kind', [
      z.strictObject({ kind: z.literal('refuse') }),
      z.strictObject({
        kind: z.literal('retry'),
        every: wait.describe('How long until it is asked again.'),
        times: positive(1000).describe('How often it is asked again before it is refused.'),
      }),
      z.strictObject({
        kind: z.literal('queue'),
        most: positive(1_000_000).describe('How many wait at once; one more is refused.'),
        patience: wait.describe('How long each waits. Whoever is first keeps the others waiting.'),
      }),
    ])
    .default({ kind: 'refuse' })
    .describe(
      'What becomes of an ask that no parent takes: { kind: refuse }, { kind: retry, every: 10m, times: 3 } ' +
        'or { kind: queue, most: 100, patience: 1h }. A queue is strictly first in, first out.',
    ),
  parentEvents: z
    .array(
      z.discriminatedUnion('what', [
        z.strictObject({ ...moment, what: z.enum(['stop', 'crash', 'boot']) }),
        z.strictObject({
          ...moment,
          what: z.literal('reserve'),
          reservation: reservationSchema.describe(
            'Granted or refused by its platform; if granted, also what it boots with from then on.',
          ),
        }),
      ]),
    )
    .default([]),
  blind: z.boolean().default(false).describe('Plain VMs may span nodes as they like.'),
  seed: integer.max(0xffff_ffff).default(1),
  audit: z.boolean().default(false),
});

export type FleetFile = z.output<typeof fleetSchema>;

type Point = readonly [number, number];

function ascends([at, value]: Point, [nextAt, next]: Point): boolean {
  return nextAt > at && next >= value;
}
