/**
 * The shapes of recorded runs and of acceptance rows, checked before anything is replayed.
 *
 * Invariant: a line that passes can be replayed without a surprise; what is only compared is checked
 * loosely, so that a newer recording with one more field is told by its replay, not here.
 */
import * as z from 'zod';
import { QINGTIAN_VERSIONS } from '../../core/platform/qingtian/versions.js';
import { nodeCpus } from './driver-shape.js';

const count = z.int().min(0);
/** 64 TiB in KiB. */
const kib = count.max(2 ** 36);
const anyObject = z.record(z.string(), z.unknown());
const perNode = <T extends z.ZodType>(value: T) => z.record(z.string().regex(/^-?\d{1,5}$/), value);
const pageCounts = perNode(z.record(z.string(), count));

const recordedMemory = z.object({
  totalKiB: kib,
  free: z.array(z.tuple([kib, kib])),
  reserved: z.record(z.string().regex(/^\d+$/), z.tuple([count, count])).optional(),
});

const allocatorHost = z
  .object({
    arch: z.enum(['x86_64', 'aarch64']),
    nrCpuIds: z.int().min(1).max(8192),
    cores: z.array(z.string()),
    nodes: nodeCpus,
    offline: z.string().optional(),
    sizesKiB: z.array(kib.min(1)).min(1),
    mem: perNode(recordedMemory),
    prevPool: z.string().optional(),
    enclaves: count.max(1024).optional(),
    driver: z.boolean().optional(),
  })
  .refine(({ nodes, mem }) => Object.keys(nodes).every((id) => Object.hasOwn(mem, id)), {
    path: ['mem'],
    message: 'every node needs its memory',
  });

const poolWrite = z.tuple([z.literal('pool'), z.string(), z.int()]);
const pagesWrite = z.tuple([z.literal('hp'), z.int(), z.int(), z.string(), z.int()]);

export const allocatorShape = z.object({
  id: z.string(),
  host: allocatorHost,
  yaml: z.string(),
  pagesBefore: pageCounts,
  inUseBefore: pageCounts.optional(),
  out: z.object({
    exit: z.int(),
    reason: z.string(),
    pages: pageCounts,
    pool: z.string(),
    offline: z.string(),
    writes: z.array(z.union([poolWrite, pagesWrite])),
  }),
});

const u64 = z.union([count, z.string().regex(/^0x[0-9a-f]{1,16}$/i)]);

/** A size in MiB, in KiB a whole number: "2", or "0.0625" for 64 KiB. */
const pageMib = z
  .string()
  .regex(/^(0|[1-9]\d{0,5})(\.\d{0,9}[1-9])?$/)
  .refine((mib) => Number(mib) > 0 && Number.isInteger(Number(mib) * 1024), {
    message: 'a page size is a whole number of KiB above 0, written in MiB',
  });

const cliMemoryHost = z
  .object({
    cores: z.array(z.string()).min(1),
    nodes: nodeCpus,
    maxMemRegions: count,
    pool: z.string(),
    pages: z.record(pageMib, z.array(count.max(4_194_304))),
    local: z.int(),
  })
  .superRefine(({ nodes, pages }, context) => {
    // CPUs without a node ("-1") have no memory of their own.
    const needed = Object.keys(nodes).filter((id) => Number(id) !== -1).length;
    for (const [mib, { length }] of Object.entries(pages)) {
      if (length >= needed) continue;
      const message = `one count for each node is needed: ${needed}, not ${length}`;
      context.addIssue({ code: 'custom', path: ['pages', mib], message });
    }
  });

export const cliMemoryShape = z.object({
  id: z.string(),
  host: cliMemoryHost,
  memory: z.string(),
  eifBytes: u64,
  cpus: z.union([
    z.strictObject({ count: count.max(4_294_967_295) }),
    z.strictObject({ ids: z.array(count.max(4_294_967_295)) }),
  ]),
  cid: u64.optional(),
  debug: z.boolean().optional(),
  out: z.looseObject({ ok: z.boolean() }),
});

const VERSIONS: readonly string[] = QINGTIAN_VERSIONS.map(({ id }) => `qingtian@${id}`);
const version = z.string().refine((id) => VERSIONS.includes(id), {
  message: `platform must be one of ${VERSIONS.join(', ')}`,
});

const qingtianHost = z.strictObject({
  nodes: z
    .array(
      z.strictObject({
        cpus: z.string(),
        memoryMib: z
          .int()
          .min(1)
          .max(2 ** 26),
        freeMib: z.array(z.tuple([count, count])).optional(),
      }),
    )
    .min(1),
  threadsPerCore: z.int().min(1).max(8).optional(),
  numbering: z.enum(['adjacent', 'block']).optional(),
  flavor: z.string().optional(),
  region: z.string().optional(),
  os: z.enum(['linux', 'other']).optional(),
  bareMetal: z.boolean().optional(),
  options: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).optional(),
});

const stepArguments = z.strictObject({
  hugepage_size: z.number().optional(),
  memory_mib: z.number().optional(),
  cpu_count: z.number().optional(),
  cpu_list: z.union([z.string(), z.array(z.int())]).optional(),
  cpus: z.number().optional(),
  mem: z.number().optional(),
  cid: z.number().optional(),
  debug: z.boolean().optional(),
  image: anyObject.optional(),
  failing: z.string().optional(),
  uid: z.int().optional(),
  accepted: z.boolean().optional(),
});

const stepExpectation = z.strictObject({
  ok: z.boolean(),
  rule: z.string().optional(),
  codes: z.array(z.string()).optional(),
  numbers: anyObject.optional(),
  uid: z.int().optional(),
  events: z.array(z.string()).optional(),
  enclaves: z.int().optional(),
});

/** A row with steps, or one that says why there is nothing to replay. */
export const qingtianShape = z.union([
  z.object({
    id: z.string(),
    platform: version.optional(),
    host: qingtianHost,
    steps: z.array(z.tuple([z.string(), stepArguments, stepExpectation])).min(1),
  }),
  z.strictObject({
    id: z.string(),
    requirements: z.array(z.string()).optional(),
    platform: version.optional(),
    code: z.string(),
    unreachable: z.string(),
    why: z.string().optional(),
  }),
  z.strictObject({
    id: z.string(),
    requirements: z.array(z.string()).optional(),
    platform: version.optional(),
    pair: z.tuple([z.string(), z.string()]),
    impossible: z.string(),
    why: z.string().optional(),
  }),
]);
