/**
 * What each scope lists: its requests, its labels, its host, and what the first few hundred states
 * make of them. The numbers are pinned; a changed one is another scope.
 */
import { describe, expect, it } from 'vitest';
import { withLaunches } from '../../core/explore/qingtian-scopes.js';
import { createRememberingModel } from '../../core/explore/remembering-model.js';
import type { Scope } from '../../core/explore/scope.js';
import { SCOPES } from '../../core/explore/scopes.js';
import { search } from '../../core/explore/search.js';
import type { Command } from '../../core/host/command.js';
import { wholeScope } from './tiny-scopes.js';

interface Start {
  readonly scope: string;
  readonly moves: number;
  readonly places: number;
  readonly cids: readonly number[];
  readonly beyond?: readonly string[];
  /** Rules that some move is tried for. */
  readonly tried?: number;
  /** Places may change with each other; by default they may. */
  readonly alike?: false;
  /** Canonical states, transitions and depth once there are `maxStates` states. */
  readonly counts: readonly [unique: number, transitions: number, depth: number];
  readonly refused: number;
  /** Of the states expanded until then. */
  readonly orbits: number;
}

const STARTS: readonly Start[] = [
  {
    scope: 'qingtian-2x4x2x2',
    moves: 75,
    places: 2,
    cids: [4, 5],
    tried: 1,
    counts: [300, 1286, 5],
    refused: 6401,
    orbits: 607,
  },
  {
    scope: 'qingtian-three',
    moves: 73,
    places: 3,
    cids: [4, 5, 6],
    counts: [300, 1675, 7],
    refused: 6305,
    orbits: 5111,
  },
  {
    scope: 'qingtian-refusals',
    moves: 75,
    places: 2,
    cids: [4, 5],
    beyond: ['two-run'],
    tried: 21,
    counts: [20, 142, 8],
    refused: 772,
    orbits: 62,
  },
  {
    scope: 'qingtian-switched',
    moves: 52,
    places: 2,
    cids: [4, 5],
    tried: 2,
    counts: [300, 1784, 9],
    refused: 6590,
    orbits: 746,
  },
  {
    scope: 'nitro-2x2x2x2',
    moves: 53,
    places: 2,
    cids: [],
    counts: [400, 1915, 6],
    refused: 2408,
    orbits: 300,
  },
  {
    scope: 'nitro-2x4x2x2',
    moves: 53,
    places: 2,
    cids: [],
    counts: [401, 2150, 6],
    refused: 2607,
    orbits: 342,
  },
  {
    scope: 'nitro-two-sizes',
    moves: 34,
    places: 1,
    cids: [],
    beyond: ['two-run'],
    counts: [400, 2078, 5],
    refused: 1874,
    orbits: 193,
  },
  {
    scope: 'nitro-refusals',
    moves: 56,
    places: 1,
    cids: [],
    beyond: ['two-run'],
    tried: 28,
    counts: [401, 3040, 7],
    refused: 6880,
    orbits: 244,
  },
  {
    scope: 'nitro-roll-backs',
    moves: 61,
    places: 1,
    cids: [],
    beyond: ['two-run'],
    counts: [400, 5899, 6],
    refused: 7508,
    orbits: 263,
  },
  {
    scope: 'nitro-switched',
    moves: 27,
    places: 2,
    cids: [],
    beyond: ['two-run'],
    alike: false,
    tried: 1,
    counts: [402, 1647, 4],
    refused: 2327,
    orbits: 194,
  },
  {
    scope: 'nitro-unbound',
    moves: 15,
    places: 1,
    cids: [],
    beyond: ['two-run'],
    alike: false,
    tried: 1,
    counts: [400, 1409, 7],
    refused: 1888,
    orbits: 246,
  },
  {
    scope: 'nitro-slots',
    moves: 13,
    places: 5,
    cids: [],
    beyond: ['two-run', 'pool-emptied', 'memory-held'],
    tried: 1,
    counts: [7, 33, 5],
    refused: 23,
    orbits: 33,
  },
  {
    scope: 'nitro-vcpus',
    moves: 25,
    places: 2,
    cids: [],
    beyond: ['two-run', 'memory-held'],
    counts: [170, 832, 9],
    refused: 2664,
    orbits: 335,
  },
  {
    scope: 'vm-2x3x2x3',
    moves: 47,
    places: 3,
    cids: [],
    tried: 10,
    counts: [299, 2744, 11],
    refused: 3377,
    orbits: 1674,
  },
  {
    scope: 'qingtian-large',
    moves: 78,
    places: 3,
    cids: [4, 5, 6],
    counts: [302, 1690, 5],
    refused: 5900,
    orbits: 3223,
  },
  {
    scope: 'nitro-large',
    moves: 41,
    places: 2,
    cids: [],
    counts: [403, 1913, 7],
    refused: 2023,
    orbits: 346,
  },
];

describe('scope', () => {
  it('each has its start pinned, in order', () => {
    expect(SCOPES.map(({ name }) => name)).toEqual(STARTS.map(({ scope }) => scope));
    expect(SCOPES.map(({ size }) => size)).toEqual([
      ...Array.from({ length: 14 }, () => 'small'),
      ...['large', 'large'],
    ]);
  });

  it.each(STARTS)('$scope: its first few hundred states', (start) => {
    const scope = wholeOf(start);
    const { moves, places, symmetry, platform, beyond } = scope;
    expect([moves.length, places, symmetry]).toEqual([
      ...[start.moves, start.places, { places: start.alike ?? true, cids: start.cids }],
    ]);
    expect(beyond).toEqual(start.beyond);
    const maxStates = platform === 'nitro' ? 400 : 300;
    const model = createRememberingModel(scope, { reduced: true });
    const found = search(model, { maxStates });
    const { unique, transitions, depth } = found.counts;
    expect([unique, transitions, depth]).toEqual(start.counts);
    expect([found.refused, found.orbits]).toEqual([start.refused, start.orbits]);
    const tried = scope.moves.flatMap(({ meets }) => meets ?? []);
    expect(tried.filter((rule) => !model.refusedBy.has(rule))).toEqual([]);
    expect(new Set(tried).size).toBe(start.tried ?? 0);
    expect(scope.onPaper).toBe(start.alike === false ? true : undefined);
  });

  it.each([
    [
      'qingtian-2x4x2x2',
      ['4096 for 2', '4096 for 4', '5120 for 2', '5120 for 4', '3072 for 3,6', '3072 for 1,5,2,6'],
    ],
    ['qingtian-three', ['3072 for 4', '3072 for 6']],
    ['qingtian-switched', ['2048 for 2', '2048 for 4', '2048 for 1,4']],
    [
      'qingtian-large',
      [
        ...['5120 for 4', '5120 for 6', '6144 for 4', '6144 for 6', '7168 for 5,13,6,14'],
        ...['6144 for 6,14,7', '6144 for 4,12,6,14,7,15'],
      ],
    ],
  ])('%s: its reservations, MiB for CPUs', (name, confs) => {
    const told = commandsOf(name).flatMap((one) => {
      if (one.kind !== 'qingtian.reserve') return [];
      const { hugepageSizeMib, memoryMib, cpuCount, cpuList } = one.conf;
      expect(hugepageSizeMib).toBe(1024);
      return [`${memoryMib} for ${cpuCount ?? cpuList}`];
    });
    expect(told).toEqual(confs);
  });

  it.each([
    ['qingtian-2x4x2x2', 2, [1024, 2048, 3072], [4, 5], [false, true]],
    ['qingtian-three', 3, [1024], [4, 5, 6], [false]],
    ['qingtian-switched', 2, [1024], [4, 5], [false]],
    ['qingtian-large', 3, [1024, 2048], [4, 5, 6], [false]],
  ])(
    '%s: its requests, the first of them refused below, too',
    (name, places, sizes, cids, debugs) => {
      const one = sizes.flatMap((size) =>
        cids.flatMap((cid) => debugs.map((debug) => `${size} MiB, CID ${cid}, debug ${debug}`)),
      );
      const told = commandsOf(name).flatMap((command) => {
        if (command.kind !== 'qingtian.define') return [];
        const { image, vcpus, memoryMib, cid, debug, defaulted } = command.request;
        expect({ image, vcpus, defaulted }).toEqual({
          image: {
            bytes: 4_194_304,
            sections: ['kernel', 'cmdline', 'ramdisk', 'init'],
            os: 'linux',
            kind: 'eif',
          },
          vcpus: 2,
          defaulted: [],
        });
        const text = `${memoryMib} MiB, CID ${cid}, debug ${debug}`;
        return [command.accepted === false ? `refused: ${text}` : text];
      });
      const each = [...one, `refused: ${one[0]}`];
      expect(told).toEqual(Array.from({ length: places }, () => each).flat());
    },
  );

  it('a Nitro scope names each call, who makes it, and what of it is refused', () => {
    expect(wholeScope('nitro-two-sizes').moves.map(({ label }) => label)).toEqual([
      'nitro.write-pool "2-3"',
      'nitro.write-pool "1"',
      'nitro.write-pool whose first CPU stays online',
      'nitro.write-hugepages 0 of 32 MiB on node 1',
      'nitro.write-hugepages 2 of 32 MiB on node 1',
      'nitro.write-hugepages 0 of 64 MiB on node 1',
      'nitro.write-hugepages 1 of 64 MiB on node 1',
      'nitro.create-vm by task 1',
      'nitro.create-vm by task 1, SLOT_ALLOC refused',
      'add-vcpu by task 1 of enclave 0',
      'add-vcpu by task 1, SLOT_ADD_VCPU refused of enclave 0',
      'add-vcpu by task 2 of enclave 0',
      'start with CID 0 of enclave 0',
      'start with CID 0, ENCLAVE_START refused of enclave 0',
      'exit-event of enclave 0',
      'exit-event, SLOT_INFO refused of enclave 0',
      'poll of enclave 0',
      'close of enclave 0',
      'close, ENCLAVE_STOP refused of enclave 0',
      'close, SLOT_FREE refused of enclave 0',
      'nitro.map-page of 32 MiB by task 1',
      'nitro.map-page of 64 MiB by task 1',
      'nitro.set-memory of mapping 0 to enclave 0',
      'nitro.set-memory of mapping 0 to enclave 0, SLOT_ADD_MEM refused',
      'nitro.set-memory of mapping 1 to enclave 0',
      'nitro.set-memory of mapping 1 to enclave 0, SLOT_ADD_MEM refused',
      'nitro.touch from node 1 of mapping 0',
      'nitro.unmap of mapping 0',
      'nitro.touch from node 1 of mapping 1',
      'nitro.unmap of mapping 1',
      ...['parent.stop', 'parent.boot', 'parent.crash', 'parent.terminate'],
    ]);
  });

  it('a launch stands beside each accepted definition, for the same place', () => {
    const [scope] = SCOPES;
    const { moves } = withLaunches(scope);
    const launches = moves.slice(scope.moves.length);
    const host = scope.build();
    const defines = scope.moves.flatMap((move) => {
      const command = move.command(host);
      const isAccepted = command?.kind === 'qingtian.define' && command.accepted !== false;
      return isAccepted ? [[move.fills, command.request]] : [];
    });
    expect(defines).toHaveLength(24);
    expect(withLaunches({ ...scope, moves }).moves).toBe(moves);
    expect(
      launches.map(({ fills, label, command }) => {
        const launch = command(host);
        expect([label, launch?.kind]).toEqual(['qingtian.launch', 'qingtian.launch']);
        return [fills, launch?.kind === 'qingtian.launch' ? launch.request : undefined];
      }),
    ).toEqual(defines);
  });
});

function wholeOf({ scope }: Start): Scope {
  const found = SCOPES.find(({ name }) => name === scope);
  if (found === undefined) throw new Error(`no scope ${scope}`);
  return found;
}

/** Commands of a fresh host. */
function commandsOf(name: string): Command[] {
  const { moves, build } = wholeScope(name);
  const host = build();
  return moves.flatMap(({ command }) => command(host) ?? []);
}
