/** The planted faults that look for pages on the host: which they find, and become whose. */
import { describe, expect, it } from 'vitest';
import type { Command } from '../../core/host/command.js';
import type { Effect } from '../../core/host/effect.js';
import type { Host } from '../../core/host/host.js';
import { enclaveOwner, HELD, taskOwner } from '../../core/host/owner.js';
import { expectUntouched, faultNamed } from './fault-named.js';
import { wholeScope } from './tiny-scopes.js';

const HOST = wholeScope('nitro-two-sizes').build();
const FRAME = 32 * 2 ** 20;
const PARENT_STOP: Command = { kind: 'parent.stop' };
const PARENT: Effect = { kind: 'set-parent', from: 'running', to: 'stopped' };
const RESERVE: Command = { kind: 'qingtian.reserve', conf: {} };
const SET_MEMORY: Command = {
  kind: 'nitro.set-memory',
  ...{ slot: 1, task: 1, flags: 0n, address: 0n, bytes: 0n },
};
const DONATED: Effect = { kind: 'donate', uid: 1, phys: 0, bytes: 1 };

function faulty(id: string, effects: readonly Effect[], command: Command, host: Host) {
  return faultNamed(id).effects(effects, host, command);
}

describe('page-kept-by-refused-region', () => {
  const id = 'page-kept-by-refused-region';
  const region = (...pages: number[]): Effect => {
    return { kind: 'add-region', uid: 1, region: { address: 0, bytes: 1, pages }, position: 0 };
  };

  /** Node 1 has two pages of one frame, of tasks 0 and 1, and one of two frames that is free. */
  function hostWithPages(): Host {
    const host = wholeScope('nitro-two-sizes').build();
    const { base, pools } = host.memory[1];
    for (const { store } of pools) store.freeRange(0, 4);
    pools[0].store.allocAt(0, 1, taskOwner(0));
    pools[0].store.allocAt(1, 1, taskOwner(1));
    pools[0].store.allocAt(2, 2, HELD);
    pools[1].store.allocAt(2, 2, taskOwner(2));
    expect(base.frames).toBe(4);
    return host;
  }

  /** The page of a size that begins with a frame of node 1. */
  const given = (host: Host, size: number, frame: number, task: number): Effect => {
    const { handle } = host.memory[1].pools[size].store.covering(frame);
    const [from, to] = [taskOwner(task), enclaveOwner(1)];
    return { kind: 'give', node: 1, size, handle, from, to, uid: -1 };
  };

  it('gives the pages of a region that nobody accepted', () => {
    const host = hostWithPages();
    const onNode1 = 4 * FRAME;
    const two = region(onNode1, FRAME, onNode1 + FRAME, FRAME);
    expect(faulty(id, [PARENT, two], SET_MEMORY, host)).toEqual([
      ...[PARENT, two, given(host, 0, 0, 0), given(host, 0, 1, 1)],
    ]);
    // Beyond the memory there is no page; held frames are nobody's to give.
    const large = region(9 * FRAME, FRAME, onNode1 + 2 * FRAME, 2 * FRAME);
    expect(faulty(id, [large], SET_MEMORY, host)).toEqual([large, given(host, 1, 2, 2)]);
  });

  it('does so only where a region was declared and nothing donated', () => {
    const host = hostWithPages();
    const one = region(4 * FRAME, FRAME);
    expectUntouched(id, [one, DONATED], SET_MEMORY, host);
    expectUntouched(id, [PARENT], SET_MEMORY, host);
    expectUntouched(id, [one], PARENT_STOP, host);
  });
});

describe('floor-forgotten', () => {
  const id = 'floor-forgotten';
  const grow = (node: number, size: number, ...runs: number[]): Effect => {
    return { kind: 'resize-pages', node, size, runs, grow: true };
  };
  const shrink = (node: number, ...runs: number[]): Effect => {
    return { kind: 'resize-pages', node, size: 0, runs, grow: false };
  };

  it('takes all pages that are left beside those reserved', () => {
    const host = wholeScope('nitro-two-sizes').build();
    expect(faulty(id, [grow(0, 0, 1, 1)], RESERVE, host)).toEqual([
      ...[grow(0, 0, 1, 1), grow(0, 0, 0, 1, 2, 2), grow(1, 0, 0, 4)],
    ]);
    const all = [grow(0, 0, 0, 2, 2, 2), grow(1, 0, 0, 4)];
    expect(faulty(id, all, RESERVE, host)).toEqual(all);
  });

  it('takes whole pages alone, in the size that is reserved', () => {
    const host = wholeScope('nitro-two-sizes').build();
    // A frame at the front leaves one page behind the next bound, and one at the end leaves one before.
    host.memory[0].base.allocAt(0, 1, HELD);
    host.memory[1].base.allocAt(3, 1, HELD);
    const nothing = grow(0, 1);
    expect(faulty(id, [nothing], RESERVE, host)).toEqual([
      ...[nothing, grow(0, 1, 2, 2), grow(1, 1, 0, 2)],
    ]);
  });

  it('takes none where what is free is less than a page', () => {
    const host = wholeScope('nitro-two-sizes').build();
    const [first, second] = host.memory.map(({ base }) => base);
    first.allocAt(0, 1, HELD);
    first.allocAt(2, 2, HELD);
    second.allocAt(1, 3, HELD);
    const nothing = grow(0, 1);
    expect(faulty(id, [nothing], RESERVE, host)).toEqual([nothing]);
  });

  it('takes pages that the same reservation gives back', () => {
    const host = wholeScope('nitro-two-sizes').build();
    for (const { base } of host.memory) base.allocAt(0, 4, HELD);
    const effects = [shrink(0, 0, 1, 2, 2), shrink(1, 3, 1), grow(0, 0, 2, 1)];
    expect(faulty(id, effects, RESERVE, host)).toEqual([
      ...[...effects, grow(0, 0, 0, 1, 3, 1), grow(1, 0, 3, 1)],
    ]);
  });

  it('does nothing where nothing is reserved', () => {
    expectUntouched(id, [shrink(0, 0, 1), PARENT], RESERVE, HOST);
    expectUntouched(id, [grow(0, 0, 1, 1)], PARENT_STOP, HOST);
  });
});
