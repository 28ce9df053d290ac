/** Reserving the memory of one node: the greedy walk, its exits 203 to 206 and the roll-back. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { allocatorProgram, runAllocator } from '../../core/device/reservation/service.js';
import type { Host } from '../../core/host/host.js';
import { runInPlace } from '../../core/host/step.js';
import { pagesOn, reserve, smallParent } from './reservation-host.js';

const MIB = 1024;
const GIB = 1024 * MIB;
const M2 = 2 * MIB;

const byPool = (memoryMib: number | string) => `---\nmemory_mib: ${memoryMib}\ncpu_pool: 1,5\n`;

/** The oracle: free 2 MiB places by number, the largest size first, lowest places first. */
function naiveGreedy(free: readonly boolean[], sizes: readonly number[], need: number) {
  const places = [...free];
  const had = sizes.map(() => 0);
  let left = need;
  for (let s = sizes.length - 1; s >= 0; s--) {
    for (let at = 0; at + sizes[s] <= places.length; at += sizes[s]) {
      const place = places.slice(at, at + sizes[s]);
      if (left < sizes[s] || !place.every(Boolean)) continue;
      places.fill(false, at, at + sizes[s]);
      had[s]++;
      left -= sizes[s];
    }
  }
  return { had, left };
}

describe('the greedy walk', () => {
  it('N12 holds: equals a page-by-page oracle, and reserves all or nothing', () => {
    const anyCase = fc.record({
      free: fc.array(fc.boolean(), { minLength: 8, maxLength: 40 }),
      memoryMib: fc.integer({ min: 0, max: 90 }),
    });
    fc.assert(
      fc.property(anyCase, ({ free, memoryMib }) => {
        const freeKib = free.flatMap((isFree, i) => (isFree ? [[i * M2, M2] as const] : []));
        const host = smallParent({ free: [freeKib], pageSizesKib: [M2, 4 * M2, 16 * M2] });
        const run = runAllocator(host, byPool(memoryMib));
        const { had, left } = naiveGreedy(free, [1, 4, 16], Math.max(1, Math.ceil(memoryMib / 2)));
        expect(run.status).toBe(left === 0 ? 0 : 1);
        expect(pagesOn(host, 0)).toEqual(left === 0 ? had : [0, 0, 0]);
        const inOrder = [...(run.attempts[0]?.had ?? [])].map(({ pages }) => pages).reverse();
        expect(inOrder).toEqual(had.slice(had.length - inOrder.length));
      }),
    );
  });

  it.each([
    ['512 MiB is all 2 MiB pages', 512, [256, 0]],
    ['1024 MiB is one 1 GiB page', 1024, [0, 1]],
    ['3571 MiB rounds up to the smallest page', 3571, [250, 3]],
    ['01000 is octal', '01000', [256, 0]],
    ['0 takes one smallest page', 0, [1, 0]],
    ['2^64 wraps to 0', '18446744073709551616', [1, 0]],
  ])('%s', (_, memoryMib, pages) => {
    const host = smallParent({ free: [8192] });
    expect(runAllocator(host, byPool(memoryMib))).toMatchObject({ reason: 'ok' });
    expect(pagesOn(host, 0)).toEqual(pages);
  });

  it('clears only the chosen node: old pages of another stay', () => {
    const host = smallParent({ free: [2048, 2048] });
    reserve(host, 1, M2, 7, 0);
    reserve(host, 0, M2, 9, 0);
    expect(runAllocator(host, byPool(4)).status).toBe(0);
    expect([pagesOn(host, 0), pagesOn(host, 1)]).toEqual([
      [2, 0],
      [7, 0],
    ]);
  });
});

describe('failures', () => {
  it('Q29 N12 refused: 206 says what the node gave, and rolls back', () => {
    // one whole GiB, then 100 MiB
    const host = smallParent({ free: [[[0, GIB + 100 * MIB]]] });
    reserve(host, 0, M2, 5, 0);
    const run = runAllocator(host, byPool(2048));
    expect(run).toMatchObject({
      reason: '206-insufficient-memory',
      status: 1,
      refusal: {
        layer: 'service',
        codes: ['206'],
        rule: 'service-206-insufficient-memory',
        numbers: {
          node: 0,
          neededKib: 2 * GIB,
          hadKib: GIB + 100 * MIB,
          leftKib: GIB - 100 * MIB,
          pages1048576Kib: 1,
          pages2048Kib: 50,
        },
      },
    });
    expect(run.lines).toEqual([
      'Memory configuration failed, rolling back memory reservations...',
      'Error: Failed to configure entire amount of requested memory. ' +
        'This indicates insufficient system resources.',
    ]);
    expect(pagesOn(host, 0)).toEqual([5, 0]);
  });

  it.each([
    [1024 + 100, 'ok'],
    [1024 + 101, '206-insufficient-memory'],
  ])('the boundary of that node: %i MiB is %s', (memoryMib, reason) => {
    const host = smallParent({ free: [[[0, GIB + 100 * MIB]]] });
    expect(runAllocator(host, byPool(memoryMib)).reason).toBe(reason);
  });

  it('no larger page stands in for a small remainder', () => {
    const free = [[[0, 2 * GIB]], [[0, GIB]]] as const;
    const [roomy, tight] = free.map((runs) => smallParent({ free: [runs] }));
    expect(runAllocator(roomy, byPool(1024 + 476)).status).toBe(0);
    expect(pagesOn(roomy, 0)).toEqual([238, 1]);
    expect(runAllocator(tight, byPool(1024 + 476)).reason).toBe('206-insufficient-memory');
  });

  it('204: pages in use exceed the request, so a negative count is written; no roll-back', () => {
    const host = smallParent({ free: [4096] });
    reserve(host, 0, GIB, 2, 1);
    const run = runAllocator(host, byPool(512));
    expect(run).toMatchObject({
      reason: '204-set',
      refusal: { codes: ['204'], numbers: { pageKib: M2, pages: -256, rc: -22 } },
    });
    expect(pagesOn(host, 0)).toEqual([0, 1]);
    expect(run.attempts).toEqual([{ node: 0, had: [{ pageKib: GIB, pages: 1 }], ok: false }]);
  });

  it.each([
    [
      'below the 1 GiB page: all comes back',
      [
        [0, 64 * MIB],
        [GIB, GIB],
      ],
      '206',
      [32, 1],
    ],
    [
      'above it: they take its place first',
      [
        [0, GIB],
        [GIB, 64 * MIB],
      ],
      '205',
      [32, 0],
    ],
  ] as const)('205 N12: room for the 2 MiB pages %s', (_, runs, code, pages) => {
    const host = smallParent({ free: [runs] });
    reserve(host, 0, GIB, 1, 0);
    reserve(host, 0, M2, 32, 0);
    expect(pagesOn(host, 0)).toEqual([32, 1]);
    expect(runAllocator(host, byPool(4096)).refusal?.codes).toEqual([code]);
    expect(pagesOn(host, 0)).toEqual(pages);
  });

  it('205 says which size is short', () => {
    const host = smallParent({
      free: [
        [
          [0, GIB],
          [GIB, 64 * MIB],
        ],
      ],
    });
    reserve(host, 0, GIB, 1, 0);
    reserve(host, 0, M2, 32, 0);
    expect(runAllocator(host, byPool(4096))).toMatchObject({
      reason: '205-rollback',
      refusal: { numbers: { pageKib: GIB, pages: 0, wanted: 1 } },
    });
  });

  it.each([
    ['203', '0', 0, '203-clear'],
    ['204', '256', 3, '204-set'],
  ])('%s when the kernel fails a write of %s', (code, text, failAt, reason) => {
    const host = smallParent({ free: [2048] });
    const { run, texts } = failingWrite(host, byPool(512), failAt);
    expect(texts.at(-1)).toBe(text);
    expect(run).toMatchObject({ reason, refusal: { codes: [code] } });
  });

  it('memory that is no number stops only once it is needed: the pool is set', () => {
    const host = smallParent({ free: [2048] });
    const run = runAllocator(host, byPool('512 # MiB'));
    expect(run).toMatchObject({ reason: 'memory-invalid', attempts: [] });
    expect(run.lines).toEqual(['Error: The needed memory amount (512 # MiB) is invalid.']);
    expect(host.tree.pool.text).toBe('1,5\n');
  });

  it('08 MiB ends the script without a word', () => {
    const host = smallParent({ free: [2048] });
    const run = runAllocator(host, byPool('08'));
    expect(run).toMatchObject({ reason: 'silent', status: 1, lines: [] });
    expect(host.tree.pool.text).toBe('1,5\n');
  });
});

/** Runs the program and lets the `failAt`-th page write (from 0) fail with EIO. */
function failingWrite(host: Host, config: string, failAt: number) {
  const texts: string[] = [];
  const program = allocatorProgram(host, config);
  let turn = program.next();
  while (!turn.done) {
    const command = turn.value;
    if (command.kind === 'nitro.write-hugepages') texts.push(command.text);
    const fails = command.kind === 'nitro.write-hugepages' && texts.length - 1 === failAt;
    const decision = fails ? { effects: [], facts: { rc: -5 } } : runInPlace(host, command);
    turn = program.next({ decision, host });
  }
  return { run: turn.value, texts };
}
