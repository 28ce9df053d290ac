/**
 * The stored form of a record: a zod schema equal to the types of record.ts, published as JSON
 * Schema (record.schema.json).
 *
 * Invariant: strict everywhere, so that a record of another version is refused with the place
 * named, never half read; runs of memory lie in address order within their node.
 * Trade-off: the types in record.ts are written out and the schema repeats them, because the types
 * are what people read; the compiler holds the two equal.
 */
import * as z from 'zod';
import { type MemoryRun, RECORD_VERSION, type RunRecord } from './record.js';

const count = z.int().min(0);
const names = z.array(z.string());
const word = z.string().min(1);

const refusal = z.strictObject({
  layer: z.enum(['input', 'cli', 'service', 'parent', 'platform', 'driver', 'hypervisor']),
  codes: names,
  rule: word,
  message: z.string(),
  numbers: z.record(z.string(), z.union([z.number(), z.string()])),
  remedy: z.string(),
});

const scenario = z.strictObject({
  title: z.string(),
  teaches: z.string(),
  file: z.string(),
  platform: word,
  seed: count,
  options: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
  derived: names,
  differs: names.optional(),
  source: z.string().optional(),
});

const host = z.strictObject({
  parentType: z.string(),
  architecture: word,
  vcpus: count,
  threadsPerCore: count,
  memoryMib: count,
  nodes: z.array(z.strictObject({ id: count, cpus: z.string(), memoryMib: count })),
  pageSizesKib: z.array(count),
  provenance: names,
  follows: names,
});

const enclave = z.strictObject({
  id: z.string(),
  cid: count,
  node: count,
  cpus: z.array(count),
  askedMib: count,
  memoryMib: count,
  pages: z.record(z.string(), count),
});

const timelineEntry = z.strictObject({
  at: z.number().min(0),
  kind: z.enum([
    'reserve',
    'unreserve',
    'launch',
    'terminate',
    'crash',
    'parent',
    'cpu-offline',
    'cpu-online',
    'command',
    'event',
  ]),
  name: z.string().optional(),
  text: z.string(),
  ok: z.boolean(),
  refusal: refusal.optional(),
  stage: z.string().optional(),
  leftBehind: names.optional(),
  enclave: enclave.optional(),
  status: z.int().optional(),
  printed: names.optional(),
  attempts: z
    .array(z.strictObject({ node: count, pages: z.record(z.string(), count), ok: z.boolean() }))
    .optional(),
});

const memoryRun = z.strictObject({ start: count, frames: count, owner: word, pageKib: count });

const nodePicture = z
  .strictObject({
    node: count,
    frameKib: z.int().min(1),
    frames: count,
    runs: z.array(memoryRun),
  })
  .refine(({ frames, runs }) => inOrder(runs, frames), {
    path: ['runs'],
    message: 'runs must be in address order, apart, and within the node',
  });

const share = z.strictObject({
  total: count,
  parent: count,
  poolFree: count,
  enclaves: count,
  leaked: count.optional(),
});

const sharedCache = z.strictObject({ cpus: word, owners: z.array(word).min(2) });

const snapshot = z.strictObject({
  at: z.number().min(0),
  title: z.string(),
  cpus: z.array(z.strictObject({ cpu: count, node: count, core: count, owner: word })),
  memory: z.array(nodePicture),
  capacity: z.strictObject({
    vcpus: share,
    memoryMib: share,
    stranded: z.array(
      z.strictObject({
        reason: z.enum([
          'wrong-node',
          'no-cpu',
          'no-page',
          'sibling',
          'page-rounding',
          'fragmentation',
          'leaked',
        ]),
        unit: z.enum(['vCPU', 'MiB']),
        amount: count,
        sentence: z.string(),
      }),
    ),
  }),
  sharedCaches: z.array(sharedCache).optional(),
});

const refusalGroup = z.strictObject({
  rule: word,
  sentence: z.string(),
  source: z.string(),
  codes: names,
  count,
  example: refusal,
  who: names,
});

export const recordSchema = z.strictObject({
  recordVersion: z.literal(RECORD_VERSION),
  engine: z.strictObject({ name: z.literal('hypercarve'), version: z.string() }),
  runId: word,
  resultHash: word,
  scenario,
  host,
  timeline: z.array(timelineEntry),
  snapshots: z.array(snapshot),
  refusals: z.array(refusalGroup),
  expectations: z.array(
    z.strictObject({ text: z.string(), met: z.boolean(), found: z.string().optional() }),
  ),
  violations: z.array(
    z.strictObject({
      invariant: z.string(),
      message: z.string(),
      afterCommand: count,
      quirk: z.string().optional(),
    }),
  ),
  audited: z.enum(['every-command', 'end']),
  commands: count,
  verdict: z.strictObject({
    ok: z.boolean(),
    text: z.string(),
    launches: count,
    launched: count,
    refused: count,
    running: count,
  }),
}) satisfies z.ZodType<RunRecord>;

/** What `run --json` prints: one record, or one for each of several platforms in order. */
export const printedSchema = z.union([recordSchema, z.array(recordSchema).min(2)]);

/** The schema of what is printed and stored as JSON Schema text, with a newline at the end. */
export function recordJsonSchema(): string {
  const title = `hypercarve run record, version ${RECORD_VERSION}; a list when several platforms ran`;
  const schema = z.toJSONSchema(printedSchema, { target: 'draft-2020-12', reused: 'ref' });
  return `${JSON.stringify({ title, ...schema }, null, 2)}\n`;
}

function inOrder(runs: readonly MemoryRun[], nodeFrames: number): boolean {
  let end = 0;
  for (const { start, frames } of runs) {
    if (start < end) return false;
    end = start + frames;
  }
  return end <= nodeFrames;
}
