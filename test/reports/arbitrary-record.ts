/** Random records for properties: any texts, any owners, runs of memory that fill their node. */
import fc from 'fast-check';
import type { Refusal } from '../../core/refusal/refusal.js';
import type { CpuPicture, NodePicture, RunRecord, Snapshot } from '../../reports/record.js';
import { SAMPLE } from './sample-record.js';

/** Texts a hostile or merely foreign file may hold: wide, combining, escape codes, long words. */
const text = fc.oneof(
  fc.string({ maxLength: 60 }),
  fc.string({ unit: 'grapheme', maxLength: 30 }),
  fc.constantFrom(
    '\u001b[31mred\u001b[0m',
    '擎天飞地',
    'x'.repeat(150),
    'a\nb\tc',
    '\u202eabc',
    '',
  ),
);
const owner = fc.constantFrom('parent', 'free', 'pool', 'leaked', 'hole', 'web-1', 'db', 'Z.9_x');
const cpuOwner = fc.constantFrom('parent', 'pool', 'offline', 'web-1', 'db');
const count = fc.nat({ max: 5_000_000 });

const refusal: fc.Arbitrary<Refusal> = fc.record({
  layer: fc.constantFrom('input', 'cli', 'driver'),
  codes: fc.array(fc.constantFrom('E29', 'NE 264', 'QT 10', 'EINVAL'), { maxLength: 3 }),
  rule: fc.constantFrom('memory.same-node', 'enclaves.max', 'a.rule'),
  message: text,
  numbers: fc.dictionary(fc.constantFrom('asked', 'limit', 'é'), fc.oneof(count, text)),
  remedy: text,
});

/** Runs fill the node from its start, in order. */
export const nodePicture: fc.Arbitrary<NodePicture> = fc
  .record({
    node: fc.nat({ max: 3 }),
    parts: fc.array(
      fc.record({
        frames: fc.oneof(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 40_000 })),
        owner,
        pageKib: fc.constantFrom(0, 2048, 1_048_576),
      }),
      { maxLength: 30 },
    ),
  })
  .map(({ node, parts }) => {
    let start = 0;
    const runs = parts.map((part) => {
      const run = { ...part, start };
      start += part.frames;
      return run;
    });
    return { node, frameKib: 2048, frames: start, runs };
  });

const cpus: fc.Arbitrary<CpuPicture[]> = fc
  .record({
    owners: fc.array(cpuOwner, { maxLength: 192 }),
    threads: fc.integer({ min: 1, max: 2 }),
    nodes: fc.integer({ min: 1, max: 4 }),
  })
  .map(({ owners, threads, nodes }) => {
    const cores = Math.max(1, Math.ceil(owners.length / threads));
    return owners.map((who, cpu) => {
      const core = cpu % cores;
      return { cpu, core, node: Math.floor((core * nodes) / cores), owner: who };
    });
  });

const share = fc.record(
  { total: count, parent: count, poolFree: count, enclaves: count, leaked: count },
  { requiredKeys: ['total', 'parent', 'poolFree', 'enclaves'] },
);
export const snapshot: fc.Arbitrary<Snapshot> = fc.record({
  at: count,
  title: text,
  cpus,
  memory: fc.uniqueArray(nodePicture, { maxLength: 4, selector: ({ node }) => node }),
  capacity: fc.record({
    vcpus: share,
    memoryMib: share,
    stranded: fc.array(
      fc.record({
        reason: fc.constantFrom('wrong-node', 'no-cpu', 'no-page', 'sibling', 'leaked'),
        unit: fc.constantFrom('vCPU', 'MiB'),
        amount: count,
        sentence: text,
      }),
      { maxLength: 3 },
    ),
  }),
});

const entry = fc.record(
  {
    at: fc.oneof(count, fc.double({ min: 0, max: 1e6, noNaN: true })),
    kind: fc.constantFrom('launch', 'terminate', 'cpu-offline', 'event'),
    name: text,
    text,
    ok: fc.boolean(),
    refusal,
    stage: text,
    leftBehind: fc.array(text, { maxLength: 2 }),
    enclave: fc.record({
      id: text,
      cid: count,
      node: fc.nat({ max: 3 }),
      cpus: fc.array(fc.nat({ max: 191 }), { maxLength: 20 }),
      askedMib: count,
      memoryMib: count,
      pages: fc.constant({ '2048': 3 }),
    }),
    status: fc.nat({ max: 255 }),
    printed: fc.array(text, { maxLength: 2 }),
    attempts: fc.array(
      fc.record({
        node: fc.nat({ max: 3 }),
        pages: fc.constant({ '1048576': 1, '2048': 3 }),
        ok: fc.boolean(),
      }),
      { maxLength: 2 },
    ),
  },
  { requiredKeys: ['at', 'kind', 'text', 'ok'] },
);
export const timeline = fc.array(entry, { maxLength: 120, size: 'large' });

const group = fc.record({
  rule: text,
  sentence: text,
  source: text,
  codes: fc.array(text, { maxLength: 3 }),
  count,
  example: refusal,
  who: fc.array(text, { maxLength: 12 }),
});

/** A whole record; hashes and the host's numbers are the sample's. */
export const record: fc.Arbitrary<RunRecord> = fc
  .record({
    timeline,
    snapshots: fc.array(snapshot, { maxLength: 4 }),
    refusals: fc.array(group, { maxLength: 3 }),
    expectations: fc.array(fc.record({ text, met: fc.boolean(), found: text }), { maxLength: 3 }),
    violations: fc.array(
      fc.record(
        { invariant: text, message: text, afterCommand: count, quirk: text },
        { requiredKeys: ['invariant', 'message', 'afterCommand'] },
      ),
      {
        maxLength: 25,
      },
    ),
    commands: count,
    title: text,
    platform: text,
  })
  .map(({ title, platform, ...parts }) => ({
    ...SAMPLE,
    ...parts,
    scenario: { ...SAMPLE.scenario, title, platform, teaches: title },
  }));
