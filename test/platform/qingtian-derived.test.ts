/**
 * Derived facts of QingTian: each number is reached by the rules, and one step more is refused.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  mostEnclaves,
  pageFacts,
  unreachableGaps,
  vcpuRange,
} from '../../core/platform/qingtian/derived.js';
import { defaultOptions } from '../../core/platform/qingtian/options.js';
import { qingtianVersion } from '../../core/platform/qingtian/versions.js';
import type { QingtianHostRow } from '../../scenarios/conform/qingtian.js';
import { hostOf, prepared, SEED, take } from './qingtian-hosts.js';

const OPTIONS = defaultOptions(SEED);
const README = defaultOptions(qingtianVersion('readme'));
const MIB = 1_048_576;

describe('QingTian derived facts', () => {
  it('Q16 Q17 Q18 Q19 holds: ranges and the largest image follow from the rules', () => {
    expect(pageFacts(OPTIONS)).toEqual([
      { pageMib: 2, maxPages: 256, minMib: 128, maxMib: 512, stepMib: 2, maxImageBytes: 128 * MIB },
      {
        pageMib: 1024,
        maxPages: 256,
        minMib: 1024,
        maxMib: 262_144,
        stepMib: 1024,
        maxImageBytes: 65_536 * MIB,
      },
    ]);
  });

  it('Q18 refused: nothing between 512 MiB and 1 GiB is reached with either page size', () => {
    expect(unreachableGaps(OPTIONS)).toEqual([{ aboveMib: 512, belowMib: 1024 }]);
    const small = prepared();
    const large = hostOf();
    take(large, 'reserve', { hugepage_size: 1024, memory_mib: 2048, cpu_count: 2 });
    fc.assert(
      fc.property(fc.integer({ min: 513, max: 1023 }), (mem) => {
        const args = { cid: 16, mem, failing: 'define' } as const;
        expect(take(small, 'define', args).refusal?.rule).toMatch(/^memory-m(ax|ultiple)$/);
        expect(take(large, 'define', args).refusal?.rule).toBe('memory-multiple');
      }),
    );
    expect(unreachableGaps({ ...OPTIONS, maxPages: 512 })).toEqual([]);
  });

  it('Q21 Q22 holds: the vCPU range is even and stays under both bounds', () => {
    const row = (cpus: string): QingtianHostRow => ({ nodes: [{ cpus, memoryMib: 4096 }] });
    const range = (cpus: string, options = OPTIONS) => vcpuRange(hostOf(row(cpus)), options, 0).max;
    expect([range('0-1'), range('0-3'), range('0-15'), range('0-63'), range('0-71')]).toEqual([
      0, 2, 14, 62, 62,
    ]);
    expect([range('0-3', README), range('0-15', README), range('0-71', README)]).toEqual([
      0, 12, 60,
    ]);
  });

  it('Q10 Q25 holds: the most enclaves a parent holds can be had, and not one more', () => {
    const parents = fc.record({
      cores: fc.integer({ min: 1, max: 6 }),
      threadsPerCore: fc.constantFrom(1, 2),
      memoryMib: fc.constantFrom(512, 640, 768, 896, 1536, 4096),
      nodes: fc.constantFrom(1, 2),
    });
    fc.assert(
      fc.property(parents, ({ cores, threadsPerCore, memoryMib, nodes }) => {
        const perNode = cores * threadsPerCore;
        const row: QingtianHostRow = {
          nodes: Array.from({ length: nodes }, (_, i) => ({
            cpus: `${i * perNode}-${(i + 1) * perNode - 1}`,
            memoryMib,
          })),
          threadsPerCore,
          options: { maxEnclaves: 'none' },
        };
        const most = mostEnclaves(SEED, hostOf(row));
        expect(launched(row, most)).toBe(most);
        expect(launched(row, most + 1)).toBeLessThan(most + 1);
      }),
    );
  });

  it('Q25 refused: the documented count caps what the parent could hold', () => {
    const nodes = [{ cpus: '0-15', memoryMib: 8192 }];
    expect(mostEnclaves(SEED, hostOf({ nodes }))).toBe(2);
    expect(mostEnclaves(SEED, hostOf({ nodes, options: { maxEnclaves: 'none' } }))).toBe(7);
    expect(mostEnclaves(SEED, hostOf({ nodes: [{ cpus: '0-1', memoryMib: 8192 }] }))).toBe(0);
    expect(mostEnclaves(SEED, hostOf({ nodes: [{ cpus: '0-3', memoryMib: 8192 }] }))).toBe(1);
  });
});

/** How many smallest enclaves run after a reservation made for `count`, on the best node. */
function launched(row: QingtianHostRow, count: number): number {
  const counts = row.nodes.map(({ cpus }) => {
    const host = hostOf(row);
    const [first, last] = cpus.split('-').map(Number);
    const list = Array.from({ length: last - first + 1 }, (_, i) => first + i);
    const lowest = first === 0 ? (row.threadsPerCore ?? 2) : first;
    const chosen = list.filter((cpu) => cpu >= lowest).slice(0, 2 * count);
    take(host, 'reserve', { hugepage_size: 2, memory_mib: 128 * count, cpu_list: chosen });
    for (let i = 0; i < count; i++) take(host, 'launch', { cid: 100 + i, cpus: 2, mem: 128 });
    return host.tree.records.length;
  });
  return Math.max(...counts);
}
