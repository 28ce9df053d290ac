/**
 * Random hosts and commands: the first refusal is the one a naive QingTian names.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  buildQingtianHost,
  type QingtianHostRow,
  type StepArguments,
  takeStep,
} from '../../scenarios/conform/qingtian.js';
import { SEED } from './qingtian-hosts.js';
import { Oracle, type OracleHost } from './qingtian-oracle.js';

interface Shape {
  readonly nodes: readonly { readonly cores: number; readonly free: readonly boolean[] }[];
  readonly threadsPerCore: number;
  readonly block: boolean;
}

/** Memory in pieces of 256 MiB, each free or not, so that 1 GiB places are rare and 2 MiB ones not. */
const PIECE_MIB = 256;

const shape: fc.Arbitrary<Shape> = fc.record({
  nodes: fc.array(
    fc.record({
      cores: fc.integer({ min: 2, max: 6 }),
      free: fc.array(fc.constantFrom(true, true, true, false), { minLength: 4, maxLength: 14 }),
    }),
    { minLength: 1, maxLength: 2 },
  ),
  threadsPerCore: fc.constantFrom(1, 2),
  block: fc.boolean(),
});

const conf: fc.Arbitrary<StepArguments> = fc.record(
  {
    hugepage_size: fc.constantFrom(2, 2, 2, 1024, 1024, 4),
    memory_mib: fc.constantFrom(0, 129, 256, 512, 1024, 1024, 2048, 2560, 3072, 5120),
    cpu_count: fc.constantFrom(0, 1, 2, 2, 4, 4, 6, 8),
    cpu_list: fc.array(fc.integer({ min: 0, max: 12 }), { maxLength: 6 }),
  },
  { requiredKeys: ['hugepage_size', 'memory_mib'] },
);

/** A configuration that is well formed, so that histories get past the service. */
const sane: fc.Arbitrary<StepArguments> = fc.oneof(
  fc.record({
    hugepage_size: fc.constant(2),
    memory_mib: fc.constantFrom(256, 384, 512, 1024),
    cpu_count: fc.constantFrom(2, 4, 6),
  }),
  fc.record({
    hugepage_size: fc.constant(1024),
    memory_mib: fc.constantFrom(1024, 2048),
    cpu_count: fc.constantFrom(2, 4),
  }),
);

const request = fc.record({
  cpus: fc.constantFrom(0, 1, 2, 2, 2, 4, 4, 6, 8, 64),
  mem: fc.constantFrom(126, 128, 128, 129, 256, 256, 512, 514, 1024, 2048),
  cid: fc.constantFrom(3, 4, 5, 6, 7, 4_294_967_295),
  imageBytes: fc.constantFrom(1, 33_554_432, 33_554_433, 1_048_576),
});

const op = fc.oneof(
  { weight: 2, arbitrary: fc.oneof(conf, sane).map((args) => ({ op: 'reserve' as const, args })) },
  { weight: 4, arbitrary: request.map((args) => ({ op: 'launch' as const, args })) },
  { weight: 1, arbitrary: fc.nat({ max: 3 }).map((uid) => ({ op: 'stop' as const, uid })) },
);

describe('QingTian against the naive oracle', () => {
  it('names the same first refusal for every command of a random history', () => {
    const seen = new Set<string>();
    fc.assert(
      fc.property(shape, sane, fc.array(op, { maxLength: 10 }), (given, first, ops) => {
        const { row, oracleHost } = hostsOf(given);
        const host = buildQingtianHost(SEED, row);
        const oracle = new Oracle(oracleHost);
        for (const one of [{ op: 'reserve' as const, args: first }, ...ops]) {
          let expected: string;
          let args: StepArguments;
          if (one.op === 'reserve') {
            expected = oracle.reserve(one.args as Parameters<Oracle['reserve']>[0]);
            args = one.args;
          } else if (one.op === 'launch') {
            const { imageBytes, ...rest } = one.args;
            expected = oracle.start(one.args);
            args = { ...rest, image: { bytes: imageBytes } };
          } else {
            expected = oracle.stop(one.uid);
            args = { uid: one.uid };
          }
          const { refusal } = takeStep(SEED, host, one.op, args);
          seen.add(expected);
          expect(refusal?.rule ?? 'ok').toBe(expected);
        }
      }),
      { numRuns: 600 },
    );
    // The histories are strong enough to reach acceptance and the deep rules.
    expect([...seen]).toEqual(
      expect.arrayContaining(['ok', 'pool-contiguity', 'pool-cpus', 'pool-pages', 'image-ratio']),
    );
  });
});

function hostsOf({ nodes, threadsPerCore, block }: Shape): {
  row: QingtianHostRow;
  oracleHost: OracleHost;
} {
  const cores = nodes.reduce((sum, node) => sum + node.cores, 0);
  const cpus: { node: number; core: number }[] = [];
  const cpuLists: number[][] = nodes.map(() => []);
  let core = 0;
  nodes.forEach((node, position) => {
    for (let i = 0; i < node.cores; i++, core++) {
      for (let thread = 0; thread < threadsPerCore; thread++) {
        const cpu = block ? core + thread * cores : core * threadsPerCore + thread;
        cpus[cpu] = { node: position, core };
        cpuLists[position].push(cpu);
      }
    }
  });
  const row: QingtianHostRow = {
    nodes: nodes.map(({ free }, position) => ({
      cpus: cpuLists[position].sort((a, b) => a - b).join(','),
      memoryMib: free.length * PIECE_MIB,
      freeMib: free.flatMap((isFree, i) => (isFree ? [[i * PIECE_MIB, PIECE_MIB] as const] : [])),
    })),
    threadsPerCore,
    numbering: block ? 'block' : 'adjacent',
  };
  const frames = PIECE_MIB / 2;
  const free = nodes.map((node) =>
    node.free.flatMap((isFree) => new Array<boolean>(frames).fill(isFree)),
  );
  return { row, oracleHost: { cpus, free } };
}
