/** Pins of pages: too few, left behind, and a page that is free while a region lists it. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Command } from '../../core/host/command.js';
import type { Host } from '../../core/host/host.js';
import { enclaveOwner, taskOwner } from '../../core/host/owner.js';
import { theRecord } from '../../core/host/records.js';
import { runInPlace } from '../../core/host/step.js';
import { poolStore } from '../../core/host/stores.js';
import { noteBefore } from '../../core/invariants/before.js';
import { checkInvariants } from '../../core/invariants/check.js';
import { explainedPins, extraPins } from '../../core/invariants/page-pins.js';
import { OUTSIDE } from '../../core/memory/node-memory.js';
import { nitroHost, qingtianHost } from '../kit/hosts.js';
import { scaledRuns } from '../seed.js';
import { must, nitroPair } from './sound-hosts.js';

const PAGE = 64 * 1024 * 1024;
const GIVE = { kind: 'nitro.set-memory', task: 1, flags: 0n, bytes: BigInt(PAGE) } as const;

/** A slot of a pool on node 1, and the address of a touched page of that node for its task. */
function withPage(localNode = 1): { readonly host: Host; readonly address: number } {
  const host = nitroHost({ pageSizesKib: [2048, 65_536] });
  must(host, { kind: 'nitro.write-pool', text: '4-7,12-15' });
  for (const node of [0, 1]) {
    must(host, { kind: 'nitro.write-hugepages', node, pageKib: 65_536, text: '2' });
  }
  must(host, { kind: 'nitro.create-vm', task: 1 });
  const { address = -1 } = must(host, { kind: 'nitro.map-page', task: 1, pageKib: 65_536 }).facts;
  must(host, { kind: 'nitro.touch', address, localNode });
  return { host, address };
}

/** A region that the hypervisor refused: listed and pinned, and its page still the task's. */
function withRefusedRegion() {
  const { host, address } = withPage();
  const answers = { SLOT_ADD_MEM: { nth: 1, errno: 22 } };
  runInPlace(host, { ...GIVE, slot: 1, address: BigInt(address), answers });
  return { host, address };
}

/** Everything said of a host once a command ran and a change was made by hand. */
function said(host: Host, command: Command, change: (host: Host) => void = () => undefined) {
  const before = noteBefore(host, command);
  const { refusal } = runInPlace(host, command);
  change(host);
  const all = checkInvariants(host, before).map(({ invariant, message }) => [invariant, message]);
  return { refused: refusal !== undefined, all };
}

const pinOne = ({ tree }: Host) => {
  tree.counters.pinned++;
};

describe('fewer pins than pages that regions list', () => {
  it('are a breach in any state, with both numbers', () => {
    const host = nitroPair();
    expect([explainedPins(host.tree), extraPins(host.tree)]).toEqual([2, 0]);
    host.tree.counters.pinned = 0;
    const numbers = { listed: 2, pinned: 0 };
    const message = 'regions list 2 pages, of which 0 are pinned';
    expect(checkInvariants(host)).toEqual([{ invariant: 'frame-one-owner', message, numbers }]);
  });

  it('are none where a platform pins nothing', () => {
    const host = qingtianHost();
    host.tree.counters.pinned = -1;
    expect(checkInvariants(host).map(({ invariant }) => invariant)).toEqual(['no-leak']);
  });
});

describe('pins left behind', () => {
  const boot: Command = { kind: 'nitro.touch', address: 0, localNode: 1 };

  it('by a command that may leave none are a breach', () => {
    const host = nitroPair();
    const message = 'the last command left 1 page pins behind that no region explains';
    expect(said(host, boot, pinOne)).toEqual({ refused: true, all: [['no-leak', message]] });
    // They are told once, by the command that left them.
    expect(said(host, boot).all).toEqual([]);
    expect(checkInvariants(host)).toEqual([]);
  });

  it('by a refused region may be one, that of the page that failed', () => {
    const give = ({ address }: { address: number }): Command => {
      return { ...GIVE, slot: 1, address: BigInt(address) };
    };
    const once = withPage(0);
    expect(said(once.host, give(once))).toEqual({ refused: true, all: [] });
    expect(extraPins(once.host.tree)).toBe(1);
    const twice = withPage(0);
    const message = 'the last command left 2 page pins behind that no region explains';
    expect(said(twice.host, give(twice), pinOne).all).toEqual([['no-leak', message]]);
  });

  it('are not looked for where a platform pins nothing, or without a note', () => {
    const host = qingtianHost();
    const reserve = { hugepageSizeMib: 2, memoryMib: 64, cpuCount: 2 } as const;
    const { all } = said(host, { kind: 'qingtian.reserve', conf: reserve }, pinOne);
    expect(all).toEqual([['no-leak', '1 page pins are left after the last enclave']]);
  });
});

describe('a page that a region lists', () => {
  it('may be its task’s, and is held once it is unmapped', () => {
    const { host, address } = withRefusedRegion();
    expect(checkInvariants(host)).toEqual([]);
    must(host, { kind: 'nitro.unmap', address });
    expect(checkInvariants(host)).toEqual([]);
  });

  /** The extent of the task's one page, or of the enclave's. */
  function pageOf(host: Host, owner: number) {
    const store = poolStore(host.memory[1], 1);
    const extent = [...store.extents()].find((one) => one.owner === owner);
    if (extent === undefined) throw new Error('there is one');
    return { store, extent };
  }

  function ofFrames(host: Host) {
    return checkInvariants(host).filter(({ invariant }) => invariant === 'frame-one-owner');
  }

  it('is not free in its pool, nor in the parent', () => {
    const { host } = withRefusedRegion();
    const { store, extent } = pageOf(host, taskOwner(1));
    const { start, frames } = extent;
    const message = `frame ${start} of node 1 is free, and a region of enclave 1 pins it`;
    const told = { invariant: 'frame-one-owner', message, numbers: { frame: start } };
    store.freeRange(start, frames);
    expect(ofFrames(host)).toEqual([{ ...told, enclave: 1, node: 1 }]);
    store.allocAt(start, frames, OUTSIDE);
    host.memory[1].base.freeRange(start, frames);
    expect(ofFrames(host)).toEqual([{ ...told, enclave: 1, node: 1 }]);
  });

  it('is told once where its enclave was given it', () => {
    const { host, address } = withPage();
    must(host, { ...GIVE, slot: 1, address: BigInt(address) });
    const { store, extent } = pageOf(host, enclaveOwner(1));
    store.freeRange(extent.start, extent.frames);
    expect(ofFrames(host).map(({ message }) => message)).toEqual([
      `frame ${extent.start} of node 1 is donated to enclave 1, its owner is pool`,
    ]);
  });

  it('is nobody’s here where it is of recorded memory', () => {
    const { host } = withPage();
    const mapped = { task: 1, address: 2 ** 46, pageBytes: PAGE, huge: true, node: 1 } as const;
    must(host, { kind: 'nitro.map-foreign', ...mapped, runs: [[2 ** 50, 1]] });
    const answers = { SLOT_ADD_MEM: { nth: 1, errno: 22 } };
    runInPlace(host, { ...GIVE, slot: 1, address: BigInt(2 ** 46), answers });
    expect(theRecord(host.tree, 1).regions).toHaveLength(1);
    expect(checkInvariants(host)).toEqual([]);
  });
});

describe('pins and regions', () => {
  it('differ by what the quirk left, whatever is given, refused and closed', () => {
    const step = fc.record({
      what: fc.constantFrom('give', 'refused', 'map', 'touch', 'close', 'create', 'unmap'),
      pick: fc.nat(3),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 14 }), (steps) => {
        const { host } = withPage();
        let left = 0;
        for (const { what, pick } of steps) {
          const before = noteBefore(host);
          left += leftBy(host, what, pick);
          expect(extraPins(host.tree)).toBe(left);
          expect(noteBefore(host).extraPins).toBe(left);
          expect(left - before.extraPins).toBeLessThanOrEqual(1);
        }
      }),
      { numRuns: scaledRuns(300) },
    );
  });
});

/** Does one step and says how many pins it must have left behind. */
function leftBy(host: Host, what: string, pick: number): number {
  const { records, mappings } = host.tree;
  const slot = records.at(pick % Math.max(1, records.length))?.uid ?? 1;
  const address = mappings.at(pick % Math.max(1, mappings.length))?.address ?? 0;
  const answers = what === 'refused' ? { SLOT_ADD_MEM: { nth: 1, errno: 22 } } : {};
  const give: Command = { ...GIVE, slot, address: BigInt(address), answers };
  const commands: Readonly<Record<string, Command>> = {
    create: { kind: 'nitro.create-vm', task: 1 },
    close: { kind: 'nitro.close', slot },
    unmap: { kind: 'nitro.unmap', address },
    map: { kind: 'nitro.map-page', task: 1, pageKib: 65_536 },
    touch: { kind: 'nitro.touch', address, localNode: 0 },
  };
  const { refusal } = runInPlace(host, commands[what] ?? give);
  return refusal?.rule === 'nitro.page-node' ? 1 : 0;
}
