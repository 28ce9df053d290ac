/**
 * The scope of plain VMs: what it asks, that VMs come to lie as only they may, and that faults of their
 * launches and ends are met in it.
 */
import { describe, expect, it } from 'vitest';
import { type PlantedFault, plant } from '../../core/explore/planted-faults.js';
import { createRememberingModel } from '../../core/explore/remembering-model.js';
import { search } from '../../core/explore/search.js';
import type { Command } from '../../core/host/command.js';
import type { Effect } from '../../core/host/effect.js';
import { faultNamed } from './fault-named.js';
import { wholeScope } from './tiny-scopes.js';

const scope = wholeScope('vm-2x3x2x3');

describe('the scope of plain VMs', () => {
  it('names each launch and end of a place, then what is asked of the host', () => {
    const ofPlace = (place: number) => [
      ...['one thread', 'a core on node 1', 'over both nodes', 'all threads of a node', 'blind'],
      ...['against vm-shape', 'against vm-even-split', 'against vm-nodes', 'against vm-vcpus'],
      ...['against vm-memory', 'against vm-node-fit'],
      `vm.terminate of VM ${place}`,
      `vm.crash of VM ${place}`,
    ];
    const told = scope.moves.map(({ label }) =>
      label.replace(/^(vm.launch|parent.set-online) /, ''),
    );
    expect(told).toEqual([
      ...[0, 1, 2].flatMap(ofPlace),
      ...['against cpu-of-parent', 'against cpu-0-stays', 'against cpu-present'],
      'vm.terminate against vm-unknown',
      ...['parent.stop', 'parent.boot', 'parent.crash', 'parent.terminate'],
    ]);
    expect(scope.moves.flatMap(({ fills }) => fills ?? [])).toEqual(
      [0, 1, 2].flatMap((place) => Array<number>(11).fill(place)),
    );
  });

  it('asks for threads and GiB, one too many or too few where a row must refuse it', () => {
    const host = scope.build();
    const commands = scope.moves.flatMap(({ command }) => command(host) ?? []);
    const launches = commands.filter((one) => one.kind === 'vm.launch').slice(0, 11);
    expect(launches.map(({ kind: _, ...asked }) => asked)).toEqual([
      { vcpus: 1, memoryMib: 1024, nodes: 1 },
      { vcpus: 2, memoryMib: 2048, nodes: 1, on: [1] },
      { vcpus: 2, memoryMib: 2048, nodes: 2 },
      { vcpus: 4, memoryMib: 2048, nodes: 1 },
      { vcpus: 5, memoryMib: 4096, nodes: 1, blind: true },
      { vcpus: 0, memoryMib: 1024, nodes: 1 },
      { vcpus: 3, memoryMib: 2048, nodes: 2 },
      { vcpus: 1, memoryMib: 1024, nodes: 1, on: [2] },
      { vcpus: 9, memoryMib: 1024, nodes: 1 },
      { vcpus: 1, memoryMib: 7168, nodes: 1 },
      { vcpus: 1, memoryMib: 4096, nodes: 1 },
    ]);
    expect(commands.filter(({ kind }) => kind !== 'vm.launch')).toEqual([
      ...[1, 0, 8].map((cpu) => ({ kind: 'parent.set-online', cpu, online: false })),
      { kind: 'vm.terminate', uid: 99 },
      ...['stop', 'boot', 'crash', 'terminate'].map((what) => ({ kind: `parent.${what}` })),
    ]);
  });

  it('has VMs that share a core, that lie on both nodes, and on one node in pieces', () => {
    const model = createRememberingModel(scope, { reduced: true });
    const { visited } = search(model);
    const { host, keys } = model.source;
    const key = new Int32Array(model.words);
    const met = { shared: 0, spread: 0, pieces: 0 };
    for (let i = 0; i < visited.size; i++) {
      visited.read(i, key);
      keys.load(key);
      const { records } = host.tree;
      const cores = records.flatMap((one) => one.cores.map(({ index }) => index));
      if (new Set(cores).size < cores.length) met.shared++;
      const nodes = records.map(({ extents }) => extents.map(({ node }) => node));
      if (nodes.some((of) => new Set(of).size > 1)) met.spread++;
      if (nodes.some((of) => of.length === 2 && of[0] === of[1])) met.pieces++;
    }
    // Of 299 states.
    expect(met).toEqual({ shared: 158, spread: 213, pieces: 22 });
  });

  type Change = (effects: readonly Effect[], command: Command) => readonly Effect[];
  const leavesOut =
    (of: Command['kind'], left: Effect['kind']): Change =>
    (effects, { kind }) =>
      kind === of ? effects.filter((effect) => effect.kind !== left) : effects;

  it.each<[what: string, broken: string, path: readonly string[], change: Change]>([
    [
      'an end that leaves its memory dirty',
      'scrub-before-return',
      ['vm.launch one thread', 'vm.terminate of VM 0'],
      leavesOut('vm.terminate', 'scrub'),
    ],
    [
      'a crash that keeps the threads',
      'no-leak',
      ['vm.launch one thread', 'vm.crash of VM 0'],
      leavesOut('vm.crash', 'return-core'),
    ],
    [
      'a launch whose threads stay in the pool',
      'thread-one-owner',
      ['vm.launch one thread'],
      leavesOut('vm.launch', 'take-core'),
    ],
  ])('meets %s', (_, broken, path, change) => {
    const fault: PlantedFault = {
      ...faultNamed('half-core'),
      effects: (effects, _host, command) => change(effects, command),
    };
    const model = createRememberingModel(scope, { host: plant(scope.build(), fault) });
    const { found } = search(model);
    expect(found?.breach.properties).toContain(broken);
    expect(found?.path.map((move) => scope.moves[move].label)).toEqual(path);
  });
});
