/**
 * The scenario file: its shape, as a zod schema that is also published as JSON Schema.
 *
 * Invariant: strict everywhere (an unknown key is an error, never ignored), and every quantity says
 * its unit or takes the documented one. What a value means for a platform (rules, refusals) is not
 * the schema's business: an odd vCPU count is a legal scenario that the platform refuses.
 */
import * as z from 'zod';
import { COMMAND_KINDS, readCommand } from '../../core/host/command-fields.js';
import { POLICY_NAMES } from '../../core/memory/policies.js';
import { cpulistText, memoryKib, memoryMib } from './quantity.js';
import { duration } from './time.js';

/**
 * A file is read once: building zod's compiled parsers would cost more than it saves, and needs
 * `new Function`, which a page may forbid.
 */
z.config({ jitless: true });

export const SCENARIO_VERSION = 1;

/** Words that maps and reports use for owners that are no enclave. */
const OWNER_WORDS = ['parent', 'offline', 'pool', 'free', 'hole', 'leaked', 'task'];

const name = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$/)
  .refine((text) => !OWNER_WORDS.includes(text), {
    error: 'is a word that reports use for an owner',
  })
  .describe('A name: letters, digits, "_", ".", "-"; no word that reports use for an owner.');
const integer = z.int().min(0).max(Number.MAX_SAFE_INTEGER);

export const memoryLayoutSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('fresh') }).describe('A freshly booted parent.'),
  z
    .strictObject({
      kind: z.literal('uptime'),
      days: integer.max(10_000),
      seed: integer.max(0xffff_ffff).optional(),
    })
    .describe(
      'A parent with days of uptime: memory is fragmented, drawn by `seed`, else by the file’s; in a ' +
        'fleet each parent of an entry draws for itself. Once the timeline starts it again, it is fresh.',
    ),
  z
    .strictObject({
      kind: z.literal('explicit'),
      free: z.array(z.array(z.tuple([memoryKib, memoryKib]))).describe('Per node [start, length].'),
    })
    .describe('An explicit free list per node; the parent’s own frames stay its own over a boot.'),
]);

export const topologySchema = z.strictObject({
  architecture: z.enum(['x86_64', 'arm64']).default('x86_64'),
  threadsPerCore: z.int().min(1).max(8).default(2),
  numbering: z
    .enum(['block', 'adjacent'])
    .default('block')
    .describe('Siblings: block = n and n + half, adjacent = 2n and 2n + 1.'),
  nodes: z
    .array(
      z.strictObject({
        cpus: cpulistText,
        memory: memoryMib.describe('What the node has; 0 = a node of CPUs only.'),
        holes: z
          .array(z.tuple([memoryKib, memoryKib]))
          .max(256)
          .optional()
          .describe(
            'Addresses without memory, [start, length]. Once a node gives holes, no other is ' +
              'assumed; else an x86 parent has the PCI hole from 3 to 4 GiB.',
          ),
      }),
    )
    .min(1)
    .max(64),
  cores: z.array(cpulistText).optional().describe('Explicit cores, one cpulist each.'),
  offline: cpulistText.optional(),
  lastLevelCaches: z
    .array(cpulistText)
    .min(1)
    .optional()
    .describe('CPUs that share a last-level cache, one cpulist each; absent = unknown.'),
  pageSizes: z.array(memoryKib).min(1).optional(),
});

export const parentSchema = z.strictObject({
  type: z.string().min(1).max(64).optional().describe('A catalogue type such as m5.16xlarge.'),
  topology: topologySchema.optional(),
  flavor: z.string().min(1).max(64).optional(),
  region: z.string().min(1).max(64).optional(),
  os: z.enum(['linux', 'other']).default('linux'),
  bareMetal: z
    .boolean()
    .optional()
    .describe('Absent = what the type says of itself; a topology without a type is no bare metal.'),
  memoryLayout: memoryLayoutSchema.default({ kind: 'fresh' }),
  extentPolicy: z
    .enum(POLICY_NAMES)
    .optional()
    .describe(
      'How places for extents are chosen in memory: granule-aware (keeps 1 GiB runs whole; the default), best-fit or first-fit.',
    ),
});

export const reservationSchema = z.union([
  z
    .strictObject({ text: z.string().max(65_536) })
    .describe('The text of allocator.yaml or qt-enclave-env.conf, byte for byte.'),
  z
    .strictObject({
      memory: memoryMib.optional(),
      pageSize: memoryKib.optional().describe('QingTian only: 2MiB or 1GiB.'),
      cpuCount: integer.optional(),
      cpuList: cpulistText.optional(),
    })
    .describe('The same as fields.'),
]);

const image = z.strictObject({
  size: memoryKib.or(z.strictObject({ bytes: integer })).describe('A size, or exact bytes.'),
  sections: z.array(z.enum(['kernel', 'cmdline', 'ramdisk', 'init'])).optional(),
  os: z.enum(['linux', 'other']).default('linux'),
  kind: z.enum(['eif', 'container']).default('eif'),
});

export const launchSchema = z.strictObject({
  name,
  image: name.optional().describe('A name from images; absent = a small default image.'),
  vcpus: integer.optional(),
  cpuIds: cpulistText.optional().describe('Nitro: --cpu-ids.'),
  memory: memoryMib.optional(),
  cid: integer.optional(),
  debug: z.boolean().default(false),
  heartbeat: z.boolean().default(true).describe('false = the enclave never says it is up.'),
  count: z.int().min(1).max(10_000).optional().describe('Launch name-1 … name-N.'),
});

const at = duration.optional().describe('Simulated time; absent = right after the entry before.');

/** For those who reproduce a path step by step: a search's breach, a driver call of their own. */
const command = z
  .looseObject({ kind: z.enum(COMMAND_KINDS) })
  .describe('One step as the platform takes it, in the form of a journal.')
  .transform((value, context) => {
    const read = readCommand(value);
    if ('command' in read) return read.command;
    for (const { path, message, suggestion } of read.problems) {
      context.addIssue({ code: 'custom', path: [...path], message, params: { suggestion } });
    }
    return z.NEVER;
  });

export const timelineEntrySchema = z.union([
  z.strictObject({ at, launch: launchSchema }),
  z.strictObject({ at, together: z.array(launchSchema).min(2).max(16) }),
  z.strictObject({ at, terminate: name }),
  z.strictObject({ at, crash: name }),
  z.strictObject({ at, parent: z.enum(['stop', 'start', 'crash', 'terminate']) }),
  z.strictObject({ at, reserve: reservationSchema }),
  z.strictObject({ at, unreserve: z.literal(true) }),
  z.strictObject({ at, cpuOffline: integer }),
  z.strictObject({ at, cpuOnline: integer }),
  z.strictObject({ at, snapshot: z.string().max(80) }),
  z.strictObject({ at, command }),
]);

/** Seeded churn: launches arrive, live, end. */
export const churnSchema = z.strictObject({
  launches: z.int().min(1).max(1_000_000),
  every: duration.describe('Mean time between arrivals.'),
  lifetime: duration.describe('Mean lifetime.'),
  mix: z
    .array(
      z.strictObject({
        weight: z.int().min(1).max(1_000_000).default(1),
        vcpus: integer,
        memory: memoryMib,
        image: name.optional(),
      }),
    )
    .min(1),
});

const outcome = z
  .union([
    z.literal('ok'),
    z.strictObject({
      code: z.string().optional().describe('A code that must be among the refusal’s codes.'),
      rule: z.string().optional().describe('The id of the rule that refused, such as vcpu-even.'),
      stage: z
        .string()
        .optional()
        .describe('Where it was refused, such as define (QingTian) or START_ENCLAVE (Nitro).'),
      says: z.string().optional().describe('A part of the message.'),
      numbers: z
        .record(z.string(), z.union([z.string(), z.number()]))
        .optional()
        .describe('Operands of the comparison that failed, such as minimumMib: 2148.'),
    }),
  ])
  .describe('ok, or what the refusal must say: {code: E29} or {rule: …}.');

/** How the platform's own program ended, as its caller saw it. */
const program = {
  status: integer.optional().describe('Exit status of nitro-cli or the allocator service.'),
  prints: z
    .union([z.string(), z.array(z.string()).min(1)])
    .optional()
    .describe('Parts of what that program printed, such as E39.'),
};

const pageCounts = z.record(z.string(), integer).describe('Page size → count.');

const on = z
  .enum(['qingtian', 'nitro', 'vm'])
  .optional()
  .describe('Expected on this platform only; absent = on every one.');

export const expectSchema = z.union([
  z.strictObject({
    on,
    launch: name,
    is: outcome,
    memory: memoryMib.optional(),
    vcpus: integer.optional(),
    cpus: cpulistText.optional(),
    node: integer.optional(),
    cid: integer.optional(),
    id: z.string().optional().describe('The platform’s own id of the enclave.'),
    ...program,
  }),
  z.strictObject({
    on,
    reservation: outcome,
    nth: z.int().min(1).optional(),
    ...program,
    attempts: z
      .array(z.strictObject({ node: integer, pages: pageCounts }))
      .optional()
      .describe('Pages had on a node before they were kept or given back; other tries are free.'),
  }),
  z.strictObject({ on, pages: pageCounts, node: integer.optional() }),
  z.strictObject({ on, pool: cpulistText }).describe('CPUs free in the pool at the end.'),
  z.strictObject({ on, poolText: z.string() }).describe('The pool as the driver was given it.'),
  z.strictObject({ on, online: integer }).describe('CPUs online in the parent at the end.'),
  z
    .strictObject({ on, parentMemory: z.strictObject({ atLeast: memoryMib }) })
    .describe('Memory the parent has left at the end, its own use included.'),
  z.strictObject({ on, running: integer }).describe('Enclaves running at the end.'),
  z.strictObject({ on, refused: integer.or(z.strictObject({ atLeast: integer })) }),
]);

const platform = z
  .string()
  .regex(/^[a-z-]+(@[A-Za-z0-9.-]+)?$/)
  .describe('qingtian, nitro or vm, optionally dated (qingtian@2022-10).');

export const scenarioSchema = z.strictObject({
  schemaVersion: z.literal(SCENARIO_VERSION),
  title: z.string().min(1).max(120),
  teaches: z.string().max(400).default(''),
  source: z.string().max(400).optional(),
  derived: z
    .array(z.string().max(200))
    .default([])
    .describe('What was derived from an observed outcome or tuned to it: it proves nothing.'),
  differs: z
    .array(z.string().max(300))
    .default([])
    .describe('What people observed and this run does not show, with both figures.'),
  platform: z
    .union([platform, z.array(platform).min(1).max(8)])
    .optional()
    .describe('One platform, or a list: the same demand on each.'),
  parent: parentSchema.describe('Such as { type: m5.16xlarge }, or { topology: … }.'),
  options: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).default({}),
  reservation: reservationSchema.optional(),
  images: z.record(name, image).default({}),
  workload: z
    .strictObject({
      timeline: z.array(timelineEntrySchema).default([]),
      churn: churnSchema.optional(),
    })
    .default({ timeline: [] }),
  seed: integer.max(0xffff_ffff).default(1),
  expect: z.array(expectSchema).default([]),
});

export type Scenario = z.output<typeof scenarioSchema>;
export type LaunchRequest = z.output<typeof launchSchema>;
export type TimelineItem = z.output<typeof timelineEntrySchema>;
export type ReservationInput = z.output<typeof reservationSchema>;
export type Expectation = z.output<typeof expectSchema>;
