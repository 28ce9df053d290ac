/**
 * Each planted fault alone in the search that the self-test makes: where it is met, by which shortest
 * path, and what is found broken there.
 *
 * The numbers are pinned: a fault that changes more, or less, than its sentence says is met elsewhere.
 */
import { describe, expect, it } from 'vitest';
import { PLANTED_FAULTS, type PlantedFault, plant } from '../../core/explore/planted-faults.js';
import { withLaunches } from '../../core/explore/qingtian-scopes.js';
import { createRememberingModel } from '../../core/explore/remembering-model.js';
import type { Scope } from '../../core/explore/scope.js';
import { findScope, SCOPES } from '../../core/explore/scopes.js';
import { search } from '../../core/explore/search.js';
import { apply } from '../../core/host/apply.js';
import type { Command } from '../../core/host/command.js';
import type { Effect } from '../../core/host/effect.js';
import type { Host } from '../../core/host/host.js';
import { decide } from '../../core/host/step.js';
import { faultNamed } from './fault-named.js';
import { TINY, wholeScope } from './tiny-scopes.js';

const MET: readonly (readonly [
  id: string,
  states: number,
  broken: string,
  path: readonly string[],
])[] = [
  ['half-core', 32, 'thread-one-owner,whole-cores', ['reserve', 'launch']],
  ['core-still-online', 32, 'thread-one-owner,whole-cores', ['reserve', 'launch']],
  ['sibling-not-offline', 2, 'thread-one-owner', ['write-pool']],
  ['scrub-forgotten', 344, 'scrub-before-return', ['reserve', 'launch', 'stop']],
  [
    'scrub-forgotten-by-failed-step',
    717,
    'scrub-before-return',
    ['reserve', 'define', 'map', 'add-memory'],
  ],
  ['pages-kept', 344, 'no-leak', ['reserve', 'launch', 'stop']],
  ['core-lost-on-failed-start', 20, 'no-leak', ['reserve', 'define']],
  [
    'page-kept-by-refused-region',
    271,
    'no-leak',
    ['write-pool', 'write-hugepages', 'create-vm', 'map-page', 'touch', 'set-memory'],
  ],
  ['off-by-one-frame', 32, 'frame-one-owner', ['reserve', 'launch']],
  [
    'half-granule',
    270,
    'frame-one-owner,aligned-contiguous',
    ['write-pool', 'write-hugepages', 'create-vm', 'map-page', 'touch', 'set-memory'],
  ],
  ['owner-off-by-one', 32, 'frame-one-owner,platform-caps,no-leak', ['reserve', 'launch']],
  ['double-cid', 56, 'cid-unique', ['reserve', 'define', 'define']],
  ['reserved-cid', 8, 'cid-unique', ['reserve', 'define']],
  ['stop-leaves-running', 115, 'lifecycle-legal', ['reserve', 'define', 'parent.stop']],
  ['resize-after-start', 344, 'platform-caps,lifecycle-legal', ['reserve', 'launch', 'stop']],
  ['runs-when-created', 7, 'platform-caps,lifecycle-legal,cid-unique', ['write-pool', 'create-vm']],
  ['cap-forgotten', 32, 'platform-caps', ['reserve', 'launch']],
  ['floor-forgotten', 2, 'frame-conservation,parent-floor', ['reserve']],
  ['page-of-other-node', 24, 'frame-one-owner,numa-local', ['reserve', 'launch']],
  ['page-lost-on-the-way', 2, 'frame-conservation', ['reserve']],
  ['page-out-of-the-pool', 344, 'frame-conservation', ['reserve', 'launch', 'stop']],
  ['claimed-for-nobody', 32, 'frame-one-owner,platform-caps', ['reserve', 'launch']],
  [
    'region-without-last-page',
    270,
    'frame-one-owner',
    ['write-pool', 'write-hugepages', 'create-vm', 'map-page', 'touch', 'set-memory'],
  ],
  ['range-too-long', 716, 'frame-one-owner', ['reserve', 'define', 'map', 'add-memory']],
  ['given-to-nobody', 32, 'platform-caps', ['reserve', 'launch']],
  ['counted-twice', 32, 'platform-caps', ['reserve', 'launch']],
  ['sibling-stays-in-pool', 15, 'whole-cores', ['write-pool', 'create-vm', 'add-vcpu']],
  [
    'half-page-late',
    716,
    'frame-one-owner,aligned-contiguous',
    ['reserve', 'define', 'map', 'add-memory'],
  ],
  ['runs-without-memory', 15, 'platform-caps,cid-unique', ['write-pool', 'create-vm', 'add-vcpu']],
  ['floor-forgotten-by-pool', 2, 'parent-floor,no-leak', ['write-pool']],
  ['page-added-by-start', 32, 'numa-local,platform-caps', ['reserve', 'launch']],
  ['parent-cid', 8, 'cid-unique', ['reserve', 'define']],
  ['claim-not-written-down', 32, 'no-leak', ['reserve', 'launch']],
  ['scrub-forgotten-by-stop', 344, 'scrub-before-return', ['reserve', 'launch', 'parent.stop']],
  ['core-lost-by-stop', 344, 'no-leak', ['reserve', 'launch', 'stop']],
  ['cpu-lost-by-unreserve', 8, 'no-leak', ['reserve', 'unreserve']],
  ['cpu-lost-by-restart', 8, 'no-leak', ['reserve', 'reserve']],
  ['cpu-stays-off-over-boot', 62, 'no-leak', ['parent.set-online', 'parent.stop', 'parent.boot']],
  ['cpu-lost-by-pool-write', 6, 'no-leak', ['write-pool', 'write-pool']],
  ['cpu-lost-by-roll-back', 5, 'no-leak', ['write-pool']],
  ['cpu-lost-over-boot', 95, 'no-leak', ['hotplug', 'parent.stop', 'parent.boot']],
  ['reservation-counts-a-page-more', 2, 'frame-conservation', ['reserve']],
  ['reservation-of-smaller-pages', 2, 'frame-conservation', ['reserve']],
  ['reservation-stays-written-down', 8, 'frame-conservation', ['reserve', 'unreserve']],
  ['reservation-outlives-the-parent', 32, 'frame-conservation', ['reserve', 'parent.stop']],
  ['threads-still-in-pool', 2, 'thread-one-owner', ['launch']],
  ['thread-online-again', 2, 'thread-one-owner', ['launch']],
  ['frames-of-nobody', 2, 'frame-one-owner,platform-caps', ['launch']],
  ['frames-of-the-next', 2, 'frame-one-owner,platform-caps,no-leak', ['launch']],
  ['frame-beside-the-pools', 2, 'frame-conservation', ['launch']],
  ['frames-kept-by-end', 19, 'no-leak', ['launch', 'terminate']],
  ['threads-kept-by-crash', 19, 'no-leak', ['launch', 'crash']],
  ['scrub-forgotten-by-end', 19, 'scrub-before-return', ['launch', 'terminate']],
  ['scrub-forgotten-by-host', 29, 'scrub-before-return', ['launch', 'parent.crash']],
  ['vm-counted-twice', 2, 'platform-caps', ['launch']],
  ['last-frame-not-had', 3, 'platform-caps', ['launch']],
  ['host-stops-alone', 30, 'lifecycle-legal', ['launch', 'parent.stop']],
  ['grows-by-crash', 19, 'platform-caps,lifecycle-legal', ['launch', 'crash']],
  ['stop-ends-another', 723, 'lifecycle-legal', ['reserve', 'define', 'launch', 'stop']],
  ['close-frees-another', 58, 'lifecycle-legal', ['write-pool', 'create-vm', 'create-vm', 'close']],
  ['terminate-ends-another', 114, 'lifecycle-legal', ['launch', 'launch', 'terminate']],
  ['hugepage-lost-on-the-way', 3, 'frame-conservation', ['write-hugepages']],
  [
    'region-taken-back-unscrubbed',
    271,
    'scrub-before-return',
    ['write-pool', 'write-hugepages', 'create-vm', 'map-page', 'touch', 'set-memory'],
  ],
  [
    'runs-with-page-elsewhere',
    15,
    'numa-local,platform-caps,cid-unique,no-leak',
    ['write-pool', 'create-vm', 'add-vcpu'],
  ],
  ['runs-as-its-parent', 15, 'platform-caps,cid-unique', ['write-pool', 'create-vm', 'add-vcpu']],
];

/** For each fault and kind of command: decisions of all states that it changes, and effects more. */
const CHANGED: Readonly<Record<string, Readonly<Record<string, readonly [number, number]>>>> = {
  'floor-forgotten': { 'qingtian.reserve': [10, 13] },
  // Its launches are others only where the fault itself put half of the pool on the other node.
  'page-of-other-node': { 'qingtian.reserve': [10, 10] },
  'page-lost-on-the-way': { 'qingtian.reserve': [10, 10] },
  'stop-leaves-running': { 'parent.stop': [50, -656] },
  'half-core': { 'qingtian.launch': [56, 0], 'qingtian.add-cpu': [18, -18] },
  'core-still-online': { 'qingtian.launch': [56, 56], 'qingtian.add-cpu': [18, 18] },
  'off-by-one-frame': { 'qingtian.launch': [56, 0], 'qingtian.add-memory': [18, 0] },
  'owner-off-by-one': { 'qingtian.launch': [56, 0], 'qingtian.map': [17, 0] },
  'reserved-cid': { 'qingtian.launch': [56, 0], 'qingtian.define': [19, 0] },
  'cap-forgotten': { 'qingtian.launch': [56, 0], 'qingtian.add-cpu': [18, -18] },
  'claimed-for-nobody': { 'qingtian.launch': [56, 0], 'qingtian.map': [17, 0] },
  'page-added-by-start': { 'qingtian.launch': [56, 56], 'qingtian.start': [28, 28] },
  'parent-cid': { 'qingtian.launch': [56, 0], 'qingtian.define': [19, 0] },
  'claim-not-written-down': { 'qingtian.launch': [56, 0], 'qingtian.map': [17, 0] },
  'double-cid': { 'qingtian.launch': [28, 0], 'qingtian.define': [15, 0] },
  'scrub-forgotten': { 'qingtian.stop': [74, -80], 'qingtian.crash': [74, -80] },
  'pages-kept': { 'qingtian.stop': [74, -160], 'qingtian.crash': [74, -160] },
  'page-out-of-the-pool': {
    'qingtian.stop': [74, -80],
    'qingtian.crash': [74, -80],
    'parent.stop': [47, -80],
    'parent.crash': [47, -80],
    'parent.terminate': [47, -80],
    'qingtian.add-memory': [18, -18],
    'qingtian.load-image': [18, -18],
    'qingtian.add-cpu': [18, -18],
    'qingtian.start': [28, -28],
  },
  'resize-after-start': { 'qingtian.stop': [74, 74] },
  'scrub-forgotten-by-stop': { 'parent.stop': [47, -80] },
  'core-lost-on-failed-start': { 'qingtian.define': [17, 17] },
  'half-page-late': { 'qingtian.add-memory': [18, 0] },
  'range-too-long': { 'qingtian.add-memory': [18, 0] },
  'given-to-nobody': { 'qingtian.launch': [56, 0], 'qingtian.add-memory': [18, -18] },
  'counted-twice': { 'qingtian.launch': [56, 0], 'qingtian.add-memory': [18, 0] },
  'scrub-forgotten-by-failed-step': {
    'qingtian.add-memory': [18, -18],
    'qingtian.load-image': [18, -18],
    'qingtian.add-cpu': [18, -18],
    'qingtian.start': [28, -28],
  },
  'sibling-not-offline': { 'nitro.write-pool': [3, -3] },
  'floor-forgotten-by-pool': { 'nitro.write-pool': [32, 70] },
  'runs-when-created': { 'nitro.create-vm': [77, 0] },
  'sibling-stays-in-pool': { 'nitro.add-vcpu': [352, 0] },
  'runs-without-memory': { 'nitro.add-vcpu': [1184, 1184] },
  'half-granule': { 'nitro.set-memory': [110, 0] },
  'region-without-last-page': { 'nitro.set-memory': [110, -110] },
  'page-kept-by-refused-region': { 'nitro.set-memory': [20, 20] },
  'core-lost-by-stop': { 'qingtian.stop': [74, -74] },
  'cpu-lost-by-unreserve': { 'qingtian.unreserve': [3, -3] },
  'cpu-lost-by-restart': { 'qingtian.reserve': [6, -20] },
  'cpu-lost-by-pool-write': { 'nitro.write-pool': [6, -6] },
  // No tiny scope has an administrator who switches CPUs, or rolls a pool write back half way.
  'cpu-lost-by-roll-back': {},
  'cpu-stays-off-over-boot': {},
  'cpu-lost-over-boot': {},
  'reservation-counts-a-page-more': { 'qingtian.reserve': [10, 0] },
  'reservation-of-smaller-pages': { 'qingtian.reserve': [10, 0] },
  'reservation-stays-written-down': { 'qingtian.unreserve': [3, -3] },
  'reservation-outlives-the-parent': { 'parent.stop': [50, -50] },
  'threads-still-in-pool': { 'vm.launch': [487, -838] },
  'thread-online-again': { 'vm.launch': [487, 838] },
  'frames-of-nobody': { 'vm.launch': [487, 0] },
  'frames-of-the-next': { 'vm.launch': [487, 0] },
  'frame-beside-the-pools': { 'vm.launch': [424, 424] },
  'frames-kept-by-end': { 'vm.terminate': [682, -2020] },
  'threads-kept-by-crash': { 'vm.crash': [682, -1135] },
  'scrub-forgotten-by-end': { 'vm.terminate': [682, -1010] },
  'scrub-forgotten-by-host': { 'parent.crash': [296, -1010] },
  'vm-counted-twice': { 'vm.launch': [487, 0] },
  'last-frame-not-had': { 'vm.launch': [139, 0] },
  'host-stops-alone': { 'parent.stop': [297, -6510] },
  'grows-by-crash': { 'vm.crash': [682, -3155] },
  'stop-ends-another': { 'qingtian.stop': [54, 0] },
  'close-frees-another': { 'nitro.close': [498, 0] },
  'terminate-ends-another': { 'vm.terminate': [647, 104] },
  'hugepage-lost-on-the-way': { 'nitro.write-hugepages': [285, 193] },
  'region-taken-back-unscrubbed': { 'nitro.set-memory': [20, 40] },
  'runs-with-page-elsewhere': { 'nitro.add-vcpu': [756, 1512] },
  'runs-as-its-parent': { 'nitro.add-vcpu': [756, 1512] },
};

/** Those that leave a rule out are pinned apart. */
const OF_EFFECTS = PLANTED_FAULTS.filter(({ without }) => without === undefined);

const FIRST = new Map(
  (['qingtian', 'nitro', 'vm'] as const).map((platform) => {
    const [scope] = SCOPES.filter((one) => one.platform === platform);
    return [platform, platform === 'qingtian' ? withLaunches(scope) : scope];
  }),
);

function scopeOf({ platform, scope: name }: PlantedFault): Scope {
  const scope = name === undefined ? FIRST.get(platform) : findScope(name);
  if (scope === undefined) throw new Error(`no scope of ${platform}`);
  return scope;
}

describe('a planted fault in the search', () => {
  it('has an id of its own, a sentence, and is pinned here', () => {
    expect(OF_EFFECTS.map(({ id }) => id)).toEqual(MET.map(([id]) => id));
    for (const { id, sentence } of OF_EFFECTS) {
      expect(id).toMatch(/^[a-z]+(-[a-z]+)+$/);
      expect(sentence).toMatch(/^[A-Z].* .*\.$/);
    }
  });

  it.each(MET)('%s is met after %i states, breaking %s', (id, states, broken, path) => {
    const fault = faultNamed(id);
    const scope = scopeOf(fault);
    const model = createRememberingModel(scope, { host: plant(scope.build(), fault) });
    const { found, counts } = search(model, { maxStates: states + 1 });
    expect(counts.unique).toBe(states);
    expect(found?.breach.properties.join()).toBe(broken);
    expect(broken.split(',')).toContain(fault.noticedBy);
    const kinds = found?.path.map((move) => kindOf(scope, move)) ?? [];
    expect(kinds).toEqual(path);
  });
});

describe('a planted fault in every state of the tiny scopes', () => {
  it.each(['qingtian', 'nitro', 'vm'])(
    'of %s changes the decisions that are its own',
    (platform) => {
      const faults = OF_EFFECTS.filter((fault) => fault.platform === platform);
      const changed = new Map(faults.map(({ id }) => [id, new Map<string, [number, number]>()]));
      const scopes = [...TINY.map(({ scope }) => scope), wholeScope('vm-2x3x2x3')];
      for (const scope of scopes.filter((one) => one.platform === platform)) {
        for (const { host, command, effects } of decisionsOf(scope)) {
          for (const fault of faults) {
            const more = effectsMore(effects, fault.effects(effects, host, command));
            if (more === undefined) continue;
            const counted = changed.get(fault.id)?.get(command.kind) ?? [0, 0];
            changed.get(fault.id)?.set(command.kind, [counted[0] + 1, counted[1] + more]);
          }
        }
      }
      const shown = [...changed].map(([id, kinds]) => [id, Object.fromEntries(kinds)]);
      expect(shown).toEqual(faults.map(({ id }) => [id, CHANGED[id]]));
    },
  );

  it('a roll-back that loses a CPU is one at the second CPU, and no write that is had or not begun', () => {
    const host = SCOPES[0].build();
    const text = '2-3,6-7';
    const told = (node: number, nth: number): string[] => {
      const pool = { ...host.tree.pool, node };
      const effects: Effect[] = [{ kind: 'set-pool', from: host.tree.pool, to: pool }];
      const answers = { CPU_OFFLINE: { nth, errno: 22 } };
      const command: Command = { kind: 'nitro.write-pool', text, answers };
      const { effects: faulty } = faultNamed('cpu-lost-by-roll-back');
      expect(faulty([], host, command)).toEqual([]);
      expect(faulty(effects, host, { kind: 'nitro.write-pool', text })).toBe(effects);
      return faulty(effects, host, command).map((one) => ('cpu' in one ? `${one.cpu}` : one.kind));
    };
    expect(told(-1, 2)).toEqual(['set-pool', '2']);
    expect(told(1, 2)).toEqual(['set-pool']);
    expect(told(-1, 1)).toEqual(['set-pool']);
  });

  it('leaves the host it is planted in as it was', () => {
    const [scope] = SCOPES;
    const host = scope.build();
    const reserve = scope.moves[0].command(host);
    if (reserve === undefined) throw new Error('a reservation is always a move');
    const sound = decide(host, reserve);
    const faulty = decide(plant(host, faultNamed('page-lost-on-the-way')), reserve);
    expect(faulty.effects).not.toEqual(sound.effects);
    expect({ ...faulty, effects: sound.effects }).toEqual(sound);
    expect(decide(host, reserve)).toEqual(sound);
  });

  it('a reservation made anew gives its pages back before the fault takes what is left', () => {
    const [{ build, moves }] = SCOPES;
    const host = plant(build(), faultNamed('floor-forgotten'));
    const [small, large] = [moves[0], moves[4]].map(({ command }) => command(host));
    if (small === undefined || large === undefined) throw new Error('a move at any time');
    apply(host, decide(build(), small).effects);
    apply(host, decide(host, large).effects);
    expect(host.memory.map(({ base }) => base.freeFrames)).toEqual([0, 0]);
  });
});

interface Decided {
  readonly host: Host;
  readonly command: Command;
  readonly effects: readonly Effect[];
}

/** Each decision of each canonical state. */
function* decisionsOf(scope: Scope): Generator<Decided> {
  const searched = createRememberingModel(scope, { reduced: true });
  const { visited } = search(searched);
  const model = searched.source;
  const key = new Int32Array(model.words);
  for (let state = 0; state < visited.size; state++) {
    visited.read(state, key);
    model.load(key);
    for (let move = 0; move < model.moves; move++) {
      const effects = model.decide(move)?.effects;
      const command = scope.moves[move].command(model.host);
      if (effects && command) yield { host: model.host, command, effects };
    }
  }
}

/** How many effects more a fault makes of a decision; undefined = it changes nothing. */
function effectsMore(sound: readonly Effect[], faulty: readonly Effect[]): number | undefined {
  const isKept = faulty.length === sound.length && faulty.every((one, at) => one === sound[at]);
  const same = isKept || JSON.stringify(faulty) === JSON.stringify(sound);
  return same ? undefined : faulty.length - sound.length;
}

/** The kind of a move's command, read off its label, without its platform. */
function kindOf({ moves }: Scope, move: number): string {
  return moves[move].label.replace(/^(qingtian|nitro|vm)\.| .*$/g, '');
}
