/** Choosing a CPU pool from a count, against an oracle that filters listings line by line. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { listCpus } from '../../core/device/reservation/cpu-listing.js';
import {
  nodeCapacity,
  pickCpus,
  readCpuCount,
} from '../../core/device/reservation/cpu-selection.js';
import type { TopologySpec } from '../../core/topology/topology.js';
import { evenTopology, smallParent } from './reservation-host.js';

/** A host described by rows of (cpu, core, node), as a listing prints it. */
interface Row {
  readonly cpu: number;
  readonly core: number;
  readonly node: number;
  readonly online: boolean;
}

/** Cores of 1 to 4 threads on up to three nodes, CPU ids shuffled over the cores, some offline. */
const anyRows: fc.Arbitrary<Row[]> = fc
  .array(fc.record({ threads: fc.integer({ min: 1, max: 4 }), node: fc.nat(2) }), {
    minLength: 1,
    maxLength: 6,
  })
  .chain((cores) => {
    const slots = cores.flatMap(({ threads, node }, core) =>
      Array.from({ length: threads }, () => ({ core, node })),
    );
    const ids = slots.map((_, cpu) => cpu);
    return fc
      .tuple(
        fc.shuffledSubarray(ids, { minLength: ids.length, maxLength: ids.length }),
        fc.array(fc.nat(7), { minLength: ids.length, maxLength: ids.length }),
      )
      .map(([cpus, dice]) =>
        slots.map((slot, i) => ({
          ...slot,
          cpu: cpus[i],
          online: cpus[i] === 0 || dice[i] > 0,
        })),
      );
  });

function specOf(rows: readonly Row[]): TopologySpec {
  const ids = (keep: (row: Row) => boolean) => rows.filter(keep).map(({ cpu }) => cpu);
  const cores = Math.max(...rows.map(({ core }) => core)) + 1;
  return {
    cores: Array.from({ length: cores }, (_, core) => ids((row) => row.core === core)),
    nodes: [0, 1, 2].map((id) => ({ id, cpus: ids((row) => row.node === id) })),
    offline: ids((row) => !row.online),
  };
}

/** The oracle: the pool by repeated filtering of the rows, in ascending CPU order. */
function naivePool(rows: readonly Row[], node: number, count: number): number[] {
  const listed = rows.filter(({ online }) => online).sort((a, b) => a.cpu - b.cpu);
  const sizes = listed.map((row) => listed.filter(({ core }) => core === row.core).length);
  const full = Math.max(...sizes);
  let pool: number[] = [];
  for (const { cpu, core } of listed.filter((row) => row.node === node && row.cpu > 0)) {
    const threads = listed.filter((row) => row.core === core && row.cpu > 0);
    if (threads.length < full || pool.length === count) continue;
    if (!pool.includes(cpu)) pool = pool.concat(threads.map((row) => row.cpu));
  }
  return pool;
}

const listingOf = (spec: TopologySpec) =>
  listCpus(smallParent({ free: spec.nodes.map(() => 4), topology: spec }));

describe('pickCpus', () => {
  it('equals the oracle on any layout, node and count', () => {
    fc.assert(
      fc.property(anyRows, fc.nat(2), fc.integer({ min: 1, max: 10 }), (rows, node, count) => {
        const listing = listingOf(specOf(rows));
        expect(pickCpus(listing, node, count)).toEqual(naivePool(rows, node, count));
      }),
    );
  });

  it('Q26 Q28 holds: picks whole cores, never CPU 0 or a sibling of it', () => {
    fc.assert(
      fc.property(anyRows, fc.nat(2), (rows, node) => {
        const picked = pickCpus(listingOf(specOf(rows)), node, -1);
        const kept = rows.find(({ cpu }) => cpu === 0)?.core;
        const online = rows.filter((row) => row.online);
        for (const cpu of picked) {
          const core = online.find((row) => row.cpu === cpu)?.core;
          expect(core).not.toBe(kept);
          const siblings = online.filter((row) => row.core === core);
          expect(siblings.every((row) => picked.includes(row.cpu))).toBe(true);
        }
      }),
    );
  });

  it('lists core by core, not in CPU order', () => {
    expect(pickCpus(listingOf(evenTopology(1)), 0, 4)).toEqual([1, 5, 2, 6]);
  });

  it('skips a core with a thread offline, and runs out of whole cores', () => {
    const listing = listingOf({ ...evenTopology(1), offline: [6] });
    expect(pickCpus(listing, 0, 4)).toEqual([1, 5, 3, 7]);
    expect(pickCpus(listing, 0, 6)).toEqual([1, 5, 3, 7]);
  });
});

describe('nodeCapacity', () => {
  it('counts online CPUs, less one core on the node of CPU 0', () => {
    const listing = listingOf({ ...evenTopology(2), offline: [3] });
    expect([0, 1, 2].map((node) => nodeCapacity(listing, node))).toEqual([2, 3, 0]);
  });
});

describe('the CPU count', () => {
  const smt = listingOf(evenTopology(1));
  const four = listingOf(evenTopology(1, 4, 8));

  it.each(['2', '8', '02', '006'])('N11 holds: %s is accepted', (value) => {
    expect(readCpuCount(value, smt)).toBe(Number(value));
  });

  it.each([
    ['', 'cpu-count-invalid', 'The CPU count value () is invalid.'],
    ['2.0', 'cpu-count-invalid', 'The CPU count value (2.0) is invalid.'],
    ['-2', 'cpu-count-invalid', 'The CPU count value (-2) is invalid.'],
    ['2 # two', 'cpu-count-invalid', 'The CPU count value (2 # two) is invalid.'],
    ['0', 'cpu-count-zero', 'Provided CPU count is not higher than 0.'],
    ['00', 'cpu-count-zero', 'Provided CPU count is not higher than 0.'],
    ['9223372036854775808', 'cpu-count-zero', 'Provided CPU count is not higher than 0.'],
    [
      '9223372036854775807',
      'cpu-count-exceeds-host',
      'Provided CPU count is higher than available CPUs - 8.',
    ],
    ['9', 'cpu-count-exceeds-host', 'Provided CPU count is higher than available CPUs - 8.'],
    ['7', 'cpu-count-partial-core', 'The CPU count is not multiple of 2 (threads per core).'],
    ['08', 'silent', undefined],
  ])('Q20 N11 refused: "%s" is %s', (value, reason, text) => {
    expect(readCpuCount(value, smt)).toMatchObject({ reason, text, status: 1 });
  });

  it('tests whole cores on the octal reading, and everything else on the decimal one', () => {
    expect(readCpuCount('010', four)).toBe(10);
    expect(readCpuCount('012', four)).toMatchObject({ reason: 'cpu-count-partial-core' });
    expect(readCpuCount('12', four)).toBe(12);
  });

  it('counts present CPUs, the offline ones too', () => {
    const listing = listingOf({ ...evenTopology(1), offline: [3, 7] });
    expect(readCpuCount('8', listing)).toBe(8);
  });
});
