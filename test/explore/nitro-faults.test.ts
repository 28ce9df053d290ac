/** What the faults of Nitro's driver and of what it pins make of single effects. */
import { describe, expect, it } from 'vitest';
import type { Command } from '../../core/host/command.js';
import type { Effect } from '../../core/host/effect.js';
import type { Host } from '../../core/host/host.js';
import { enclaveOwner, taskOwner } from '../../core/host/owner.js';
import { BASE } from '../../core/host/stores.js';
import { FREE } from '../../core/memory/extent-store.js';
import { expectUntouched, faultNamed } from './fault-named.js';
import { wholeScope } from './tiny-scopes.js';

const FRAME = 64 * 2 ** 20;
const HOST = wholeScope('nitro-2x2x2x2').build();
const PARENT: Effect = { kind: 'set-parent', from: 'running', to: 'stopped' };
const POOL: Command = { kind: 'nitro.write-pool', text: '2-3,6-7' };
const ADD: Command = { kind: 'nitro.add-vcpu', slot: 1, task: 1, cpu: 0 };
const DONATED: Effect = { kind: 'donate', uid: 1, phys: 0, bytes: 1 };
const GIVE: Command = {
  kind: 'nitro.set-memory',
  ...{ slot: 1, task: 1, flags: 0n, address: 0n, bytes: 0n },
};
const RUNS: Effect = { kind: 'set-enclave', uid: 1, field: 'state', from: 'INIT', to: 'RUNNING' };

const vcpu = (cpu: number): Effect => ({ kind: 'add-vcpu', uid: 1, cpu });

function made(id: string, effects: readonly Effect[], command: Command, host = HOST) {
  return faultNamed(id).effects(effects, host, command);
}

/** Page 0 of node 1 is task 1's; a region lists it. */
function listed(): { readonly host: Host; readonly region: Effect; readonly handle: number } {
  const host = wholeScope('nitro-2x2x2x2').build();
  const { store } = host.memory[1].pools[0];
  store.freeRange(0, 1);
  const handle = store.allocAt(0, 1, taskOwner(1));
  const region: Effect = {
    kind: 'add-region',
    uid: 1,
    region: { address: 0, bytes: FRAME, pages: [2 * FRAME, FRAME] },
    position: 0,
  };
  return { host, region, handle };
}

describe('a fault of Nitro’s driver', () => {
  it('hugepage-lost-on-the-way: of a write of hugepages alone', () => {
    const grown: Effect = { kind: 'resize-pages', node: 1, size: 0, runs: [0, 1], grow: true };
    const write: Command = { kind: 'nitro.write-hugepages', node: 1, pageKib: 65_536, text: '1' };
    expect(made('hugepage-lost-on-the-way', [grown], write)).not.toEqual([grown]);
    expectUntouched('hugepage-lost-on-the-way', [grown], POOL, HOST);
  });

  it('runs-with-page-elsewhere: a free frame of the other node, whichever that is', () => {
    const page = (node: number, frame: number): Effect => {
      const owner = enclaveOwner(1);
      return { kind: 'claim', node, size: BASE, runs: [frame, 1], owner, uid: 1 };
    };
    const id = 'runs-with-page-elsewhere';
    expect(made(id, [PARENT, vcpu(2)], ADD)).toEqual([PARENT, vcpu(2), page(0, 0), RUNS]);
    expect(made(id, [vcpu(0)], ADD)).toEqual([vcpu(0), page(1, 0), RUNS]);
    const full = wholeScope('nitro-2x2x2x2').build();
    full.memory[0].base.allocAt(0, 2, taskOwner(5));
    expectUntouched(id, [vcpu(2)], ADD, full);
    expectUntouched(id, [PARENT], ADD, HOST);
    // Of a host of one node there is no other.
    expectUntouched(id, [vcpu(1)], ADD, wholeScope('nitro-vcpus').build());
  });

  it('runs-as-its-parent: with the CID of its parent', () => {
    const cid: Effect = { kind: 'set-enclave', uid: 1, field: 'cid', from: 0, to: 3 };
    expect(made('runs-as-its-parent', [vcpu(2)], ADD)).toEqual([vcpu(2), cid, RUNS]);
    expectUntouched('runs-as-its-parent', [PARENT], ADD, HOST);
  });

  it('region-taken-back-unscrubbed: given and back, where nobody accepted it', () => {
    const id = 'region-taken-back-unscrubbed';
    const { host, region, handle } = listed();
    const given = { kind: 'give', node: 1, size: 0, handle, uid: -1 } as const;
    const [task, own] = [taskOwner(1), enclaveOwner(1)];
    expect(made(id, [PARENT, region], GIVE, host)).toEqual([
      ...[PARENT, region, { ...given, from: task, to: own }, { ...given, from: own, to: task }],
    ]);
    expectUntouched(id, [region, DONATED], GIVE, host);
    expect(made(id, [PARENT], POOL)).toEqual([PARENT]);
  });
});

describe('a fault of pins', () => {
  const counted = (name: 'pinned' | 'bound', to: number): Effect => {
    return { kind: 'set-counter', name, from: 0, to };
  };

  it('region-not-pinned: no pin is counted with a region; other counters are', () => {
    const { region } = listed();
    expect(made('region-not-pinned', [region, counted('pinned', 1)], GIVE)).toEqual([region]);
    expectUntouched('region-not-pinned', [counted('bound', 0)], { kind: 'nitro.unbind' }, HOST);
  });

  it('pinned-by-touch: one pin more by a touch that did something', () => {
    const touch: Command = { kind: 'nitro.touch', address: 0, localNode: 1 };
    expect(made('pinned-by-touch', [PARENT], touch)).toEqual([PARENT, counted('pinned', 1)]);
    expectUntouched('pinned-by-touch', [], touch, HOST);
    expectUntouched('pinned-by-touch', [PARENT], POOL, HOST);
  });

  it('freed-while-pinned: the pages of a region that nobody accepted are free', () => {
    const { host, region, handle } = listed();
    const free = {
      kind: 'release',
      node: 1,
      size: 0,
      handle,
      from: taskOwner(1),
      to: FREE,
      uid: -1,
    };
    expect(made('freed-while-pinned', [region, PARENT], GIVE, host)).toEqual([
      region,
      free,
      PARENT,
    ]);
    expectUntouched('freed-while-pinned', [region, DONATED], GIVE, host);
  });
});
