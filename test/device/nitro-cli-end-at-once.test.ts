/** Which ends of nitro-cli's enclaves are decided at once, and which are left to the program. */
import { describe, expect, it } from 'vitest';
import { endAtOnce } from '../../core/device/nitro-cli/end-at-once.js';
import type { Command } from '../../core/host/command.js';
import {
  type Asked,
  foreignUpTo,
  LARGE,
  MIB,
  type Pair,
  pair,
  type Reserved,
  SECOND_NODE,
  SMALL,
  scattered,
} from './nitro-cli-pair.js';

describe('an end', () => {
  const first = 2 ** 44;
  /** Of 70 MiB two large pages, a small one and another large one are taken; the small one goes back. */
  const gap: Reserved = [
    [0, LARGE, 3],
    [0, SMALL, 1],
  ];
  it.each<[string, Pair, Asked?]>([
    ['of one size', pair([[0, SMALL, 40]])],
    [
      'of two sizes',
      pair([
        [0, LARGE, 3],
        [0, SMALL, 9],
      ]),
      { memoryMib: 100n },
    ],
    ['of large pages with a gap', pair(gap), { memoryMib: 70n }],
    ['of all memory of a node', pair([[0, SMALL, 256]]), { memoryMib: 512n }],
    ['of pages apart', scattered([[0, SMALL, 60]])],
    ['on the second node', pair([[1, SMALL, 40]], SECOND_NODE, { nodes: 2 })],
  ])('is decided at once: %s', (_, made, asked) => {
    made.launch(asked);
    expect(made.end()).toBe('planned');
    expect(made.cli.running).toEqual([]);
    expect(made.host.tree).toMatchObject({ records: [] });
  });

  it('lists runs of pages at consecutive addresses, last first', () => {
    const made = pair(gap);
    made.launch({ memoryMib: 70n });
    const [effect] = endAtOnce(made.cli, made.cli.running[0], made.host) ?? [];
    const runs = effect?.kind === 'dismiss-mapped' ? effect.runs : [];
    expect(runs.map(({ address, pages }) => [address - first, pages])).toEqual([
      [96 * MIB, 1],
      [0, 2],
    ]);
  });

  it('is decided at once where memory of elsewhere lies between the pages', () => {
    const made = pair(gap);
    made.launch({ memoryMib: 70n });
    expect(made.run(foreignUpTo(2 ** 44 + 66 * MIB)).end()).toBe('planned');
  });

  it('is decided at once whichever goes first', () => {
    for (const order of [
      [0, 0, 0],
      [2, 1, 0],
      [1, 1, 0],
    ]) {
      const made = pair([[0, SMALL, 100]]);
      for (let i = 0; i < 3; i++) made.launch();
      expect(order.map((position) => made.end(position))).toEqual(Array(3).fill('planned'));
    }
  });

  it.each<[string, readonly Command[]]>([
    ['a crashed one', [{ kind: 'nitro.exit-event', slot: 1, state: 65_535 }]],
    ['one whose device is gone', [{ kind: 'nitro.unbind' }]],
    ['a stopped parent', [{ kind: 'parent.stop' }]],
    ['one whose first page is unmapped', [{ kind: 'nitro.unmap', address: first }]],
    ['one whose last page is unmapped', [{ kind: 'nitro.unmap', address: first + 62 * MIB }]],
    ['one with a page in the midst unmapped', [{ kind: 'nitro.unmap', address: first + 20 * MIB }]],
    ['one whose task made another', [{ kind: 'nitro.create-vm', task: 1000 }]],
  ])('is left to the program: %s', (_, commands) => {
    const made = pair([[0, SMALL, 40]]);
    expect(made.launch()).toBe('planned');
    expect(made.run(...commands).end()).toBe('by steps');
  });

  it('is decided at once beside the enclave of another task', () => {
    const made = pair([[0, SMALL, 40]]);
    made.launch();
    expect(made.run({ kind: 'nitro.create-vm', task: 7 }).end()).toBe('planned');
  });

  it('is left to the program where a core has no place in a pool written anew', () => {
    const narrowed: readonly Command[] = [
      { kind: 'nitro.unbind' },
      { kind: 'nitro.write-pool', text: '3,11' },
      { kind: 'nitro.bind' },
    ];
    const made = pair([[0, SMALL, 100]]);
    for (let i = 0; i < 2; i++) made.launch();
    expect(made.run(...narrowed).host.tree.pool.avail).toEqual([[3, 11]]);
    expect([made.end(1), made.end(0)]).toEqual(['by steps', 'planned']);
    const larger = pair([[0, SMALL, 100]]);
    larger.launch({ cpus: { count: 4 } });
    expect(larger.run(...narrowed).end()).toBe('by steps');
  });

  it('is left to the program where the process lists other pages than the enclave has', () => {
    const made = pair([[0, SMALL, 40]]);
    made.launch();
    const [child] = made.cli.running;
    const { pages } = child;
    for (const others of [pages.slice(1), [...pages, first], pages.toReversed(), []]) {
      expect(endAtOnce(made.cli, { ...child, pages: others }, made.host)).toBeUndefined();
    }
    expect(made.cli.running).toEqual([child]);
    expect(made.end()).toBe('planned');
  });
});
