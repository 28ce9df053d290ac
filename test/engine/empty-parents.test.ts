/** What no parent has to give, even empty: node by node, as many nodes as are asked for. */
import { describe, expect, it } from 'vitest';
import type { FleetView } from '../../core/placement/fleet-view.js';
import { EmptyParents } from '../../scenarios/engine/empty-parents.js';

/** Parents of two nodes: [threads, MiB] of each. */
function viewOf(...parents: readonly (readonly [number, number])[][]): FleetView {
  const nodes = parents.flat();
  const none = new Int32Array(nodes.length);
  return {
    hosts: parents.length,
    firstNode: Int32Array.from([0, 2, 4].slice(0, parents.length + 1)),
    freeThreads: Int32Array.from(nodes, ([threads]) => threads),
    freeMib: Int32Array.from(nodes, ([, mib]) => mib),
    poolThreads: none,
    pageKib: none,
    closed: new Uint8Array(parents.length).fill(1),
    running: new Int32Array(parents.length),
    lastEnd: new Float64Array(parents.length),
    wholeGib: () => 0,
  };
}

const ask = (vcpus: number, memoryMib: number, nodes = 1, blind = false) => ({
  vcpus,
  memoryMib,
  nodes,
  blind,
  end: 1,
});

describe('empty parents', () => {
  const view = viewOf(
    [
      [8, 100],
      [4, 300],
    ],
    [
      [2, 50],
      [2, 50],
    ],
  );

  it.each([
    ['a node that has both', ask(8, 100), false],
    ['threads of one node and memory of another', ask(8, 101), true],
    ['more threads than a node has', ask(9, 10), true],
    ['the same over two nodes', ask(8, 200, 2), false],
    ['a half of which no second node has', ask(10, 100, 2), true],
    ['the sums, wherever they lie', ask(12, 400, 1, true), false],
    ['more than the sums', ask(12, 401, 1, true), true],
    ['more nodes than there are', ask(3, 3, 3), true],
  ])('%s', (_, wanted, isTooLarge) => {
    expect(new EmptyParents(view).haveNoPlaceFor(wanted)).toBe(isTooLarge);
  });

  it('heeds what a parent was given anew, and nothing that was taken since', () => {
    const changing = viewOf([
      [4, 40],
      [4, 40],
    ]);
    const empty = new EmptyParents(changing);
    changing.freeThreads.fill(0);
    expect(empty.haveNoPlaceFor(ask(4, 40))).toBe(false);
    changing.freeThreads.fill(6);
    expect(empty.haveNoPlaceFor(ask(6, 40))).toBe(true);
    empty.look(changing, 0);
    expect(empty.haveNoPlaceFor(ask(6, 40))).toBe(false);
    changing.freeMib.fill(10);
    empty.look(changing, 0);
    expect(empty.haveNoPlaceFor(ask(4, 40))).toBe(true);
    // What lives there hides what it has.
    changing.freeMib.fill(40);
    changing.running[0] = 1;
    empty.look(changing, 0);
    expect(empty.haveNoPlaceFor(ask(4, 40))).toBe(true);
    changing.running[0] = 0;
    empty.look(changing, 0);
    expect(empty.haveNoPlaceFor(ask(4, 40))).toBe(false);
  });
});
