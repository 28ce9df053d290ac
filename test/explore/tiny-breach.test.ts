/**
 * Breaches in the tiny scopes: the model that remembers meets the one that the model beneath it meets,
 * after as many states, by the same path and in the same words.
 */
import { describe, expect, it } from 'vitest';
import { createHostModel } from '../../core/explore/host-model.js';
import { PLANTED_FAULTS, type PlantedFault, plant } from '../../core/explore/planted-faults.js';
import { createRememberingModel } from '../../core/explore/remembering-model.js';
import type { Move } from '../../core/explore/scope.js';
import { search } from '../../core/explore/search.js';
import { faultNamed } from './fault-named.js';
import { TINY } from './tiny-scopes.js';

/** Fault, tiny scope that meets it, states until then, and what is broken. */
const MET: readonly (readonly [id: string, at: number, states: number, broken: string])[] = [
  ['half-core', 0, 5, 'thread-one-owner,whole-cores'],
  ['scrub-forgotten', 1, 14, 'scrub-before-return'],
  ['off-by-one-frame', 1, 6, 'frame-one-owner'],
  ['pages-kept', 1, 14, 'no-leak'],
  ['stop-leaves-running', 1, 16, 'thread-one-owner'],
  ['resize-after-start', 0, 13, 'platform-caps,lifecycle-legal'],
  ['half-page-late', 2, 15, 'frame-one-owner,aligned-contiguous'],
  ['double-cid', 2, 5, 'cid-unique'],
  ['runs-when-created', 4, 5, 'platform-caps,lifecycle-legal,cid-unique'],
  ['sibling-stays-in-pool', 4, 7, 'whole-cores'],
  ['floor-forgotten-by-pool', 4, 2, 'parent-floor,no-leak'],
  ['half-granule', 5, 123, 'frame-one-owner,aligned-contiguous,platform-caps'],
  ['page-kept-by-refused-region', 6, 75, 'no-leak'],
];

describe('a breach in a tiny scope', () => {
  it.each(MET)('by %s in scope %i, after %i states: %s', (id, at, states, broken) => {
    const fault = faultNamed(id);
    const { scope } = TINY[at];
    const planted = () => ({ host: plant(scope.build(), fault) });
    const remembered = search(createRememberingModel(scope, planted()), { maxStates: 1000 });
    const asked = search(createHostModel(scope, planted()), { maxStates: 1000 });
    expect(remembered.found?.breach.properties.join()).toBe(broken);
    expect(remembered.counts.unique).toBe(states);
    expect([remembered.found, remembered.counts]).toEqual([asked.found, asked.counts]);
  });

  it('is met in a state that is known, too, where the move was not legal', () => {
    const { scope } = TINY[0];
    const revives: PlantedFault = {
      ...PLANTED_FAULTS[0],
      effects: (effects, { tree }, { kind }) =>
        kind === 'parent.boot' && tree.parent === 'terminated'
          ? [{ kind: 'set-parent', from: 'terminated', to: 'running' }]
          : effects,
    };
    for (const create of [createRememberingModel, createHostModel]) {
      const { found, counts } = search(create(scope, { host: plant(scope.build(), revives) }));
      expect(found?.breach.properties).toEqual(['lifecycle-legal']);
      expect(found?.path.map((move) => scope.moves[move].label)).toEqual([
        ...['parent.terminate', 'parent.boot'],
      ]);
      expect(counts.unique).toBe(12);
    }
  });

  it('is met in a state that is known, too, where the move lost a CPU', () => {
    // Off by hand it is first, and then by a pool given back: to the same state.
    const { scope } = TINY[0];
    const hand: Move = {
      label: 'CPU 5 off',
      command: () => ({ kind: 'parent.set-online', cpu: 5, online: false }),
    };
    const own = scope.moves.filter(({ label }) => /reserve$/.test(label));
    const switched = { ...scope, moves: [...own, hand] };
    const loses: PlantedFault = {
      ...PLANTED_FAULTS[0],
      effects: (effects, { tree }, { kind }) =>
        kind === 'qingtian.unreserve' && effects.length > 0 && tree.online[5] === 1
          ? [...effects, { kind: 'set-online', cpu: 5, to: 0 }]
          : effects,
    };
    for (const create of [createRememberingModel, createHostModel]) {
      const sound = search(create(switched));
      expect(sound.found).toBeUndefined();
      const model = create(switched, { host: plant(switched.build(), loses) });
      const { found, counts } = search(model);
      expect(found?.breach.properties).toEqual(['no-leak']);
      expect(found?.breach.message).toMatch(/^CPU 5 is offline/);
      expect(found?.path.map((move) => switched.moves[move].label)).toEqual([
        ...['qingtian.reserve', 'qingtian.unreserve'],
      ]);
      expect(counts.unique).toBe(3);
    }
  });

  it('is met where another command may leave the same CPU offline, from the same state to the same', () => {
    const { scope } = TINY[0];
    const hand: Move = {
      label: 'CPU 5 off',
      command: () => ({ kind: 'parent.set-online', cpu: 5, online: false }),
    };
    // What may do it comes first: what is remembered of it must not stand for who may not.
    const moves = [hand, ...scope.moves.filter(({ label }) => label === 'qingtian.unreserve')];
    const switched = { ...scope, moves };
    const loses: PlantedFault = {
      ...PLANTED_FAULTS[0],
      effects: (effects, { tree }, { kind }) =>
        kind === 'qingtian.unreserve' && tree.online[5] === 1
          ? [{ kind: 'set-online', cpu: 5, to: 0 }]
          : effects,
    };
    for (const create of [createRememberingModel, createHostModel]) {
      const { found } = search(create(switched, { host: plant(switched.build(), loses) }));
      expect(found?.breach.properties).toEqual(['no-leak']);
      expect(found?.breach.message).toMatch(/^CPU 5 is offline/);
      expect(found?.path.map((move) => switched.moves[move].label)).toEqual(['qingtian.unreserve']);
    }
  });

  it('is never looked for in a move that is noted as another command', () => {
    const { scope } = TINY[0];
    const fresh: Move = {
      label: 'off, then on',
      command: ({ tree }) => ({ kind: 'parent.set-online', cpu: 1, online: tree.online[1] === 0 }),
    };
    const model = createRememberingModel({ ...scope, moves: [...scope.moves, fresh] });
    expect(() => search(model)).toThrow('is noted as another command than parent.set-online');
  });
});
