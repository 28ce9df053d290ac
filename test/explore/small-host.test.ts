/** The hosts that scopes are built from, their moves, and what they list. */
import { describe, expect, it } from 'vitest';
import { createHostModel } from '../../core/explore/host-model.js';
import { MOVED } from '../../core/explore/model.js';
import { buildSmallHost, type Scope, uidAt, upTo } from '../../core/explore/scope.js';
import { findScope, SCOPES } from '../../core/explore/scopes.js';
import { runInPlace } from '../../core/host/step.js';
import { nitroProfile } from '../../core/platform/nitro/profile.js';
import { qingtianProfile } from '../../core/platform/qingtian/profile.js';
import { wholeScope } from './tiny-scopes.js';

/** The scope with only the moves whose label matches. */
function movesOf(name: string, labels: RegExp): Scope {
  const whole = wholeScope(name);
  return { ...whole, moves: whole.moves.filter(({ label }) => labels.test(label)) };
}

describe('scopes', () => {
  it('have names of their own, which begin with their platform; small ones come first', () => {
    expect(new Set(SCOPES.map(({ name }) => name)).size).toBe(SCOPES.length);
    for (const { name, platform, sentence, moves } of SCOPES) {
      expect(name.startsWith(`${platform}-`)).toBe(true);
      expect(sentence).toMatch(/\w+ \w+/);
      expect(new Set(moves.map(({ label }) => label).filter(Boolean)).size).toBeGreaterThan(10);
    }
    const sizes = SCOPES.map(({ size }) => size);
    expect(sizes).toEqual([...sizes].sort().reverse());
    expect(findScope('nitro')).toBeUndefined();
  });

  it('say which frames of which node they keep idle on purpose', () => {
    const kept = SCOPES.flatMap(({ name, idle = [] }) =>
      idle.map(({ node, frames }) => `${name} ${frames} of ${node}`),
    );
    expect(kept).toEqual([
      ...['qingtian-refusals 2,3 of 0', 'qingtian-switched 2 of 0', 'nitro-2x2x2x2 0,1 of 0'],
      ...[
        'nitro-2x4x2x2 0,1,2,3 of 0',
        'nitro-two-sizes 0,1,2,3 of 0',
        'nitro-roll-backs 0,1 of 0',
      ],
      ...['nitro-unbound 0 of 0', 'nitro-slots 0 of 0', 'nitro-vcpus 0 of 0'],
      'nitro-large 0,1,2 of 0',
    ]);
  });

  it('a place has the enclave of its number and no other', () => {
    const part = wholeScope('nitro-2x2x2x2');
    const host = part.build();
    expect([0, 1].map((place) => uidAt(host, place))).toEqual([undefined, undefined]);
    runInPlace(host, { kind: 'nitro.write-pool', text: '2-3,6-7' });
    runInPlace(host, { kind: 'nitro.create-vm', task: 1 });
    expect([0, 1].map((place) => uidAt(host, place))).toEqual([1, undefined]);
    expect(upTo(3)).toEqual([0, 1, 2]);
  });

  it('a region of more pages than one names the first and the last', () => {
    const labels = wholeScope('nitro-2x2x2x2').moves.map(({ label }) => label);
    const told = (place: number) => `nitro.set-memory of mappings 0 to 1 to enclave ${place}`;
    expect(labels.filter((label) => label.includes('mappings'))).toEqual(
      [0, 1].flatMap((place) => [told(place), `${told(place)}, SLOT_ADD_MEM refused`]),
    );
  });

  it('a move that fills a taken place is none, and so is one of an empty place', () => {
    const model = createHostModel(
      movesOf('nitro-2x2x2x2', /^nitro\.(write-pool "|create-vm by task 1$)|^close of/),
    );
    const here = new Int32Array(model.words);
    model.begin(here);
    const [pool, create, close] = [0, 1, 2];
    expect(model.take(close)).not.toBe(MOVED);
    expect(model.take(pool)).toBe(MOVED);
    model.encode(here);
    model.takeBack();
    model.load(here);
    expect(model.take(create)).toBe(MOVED);
    model.encode(here);
    model.takeBack();
    model.load(here);
    expect(model.decide(create)).toBeUndefined();
    expect(model.take(close)).toBe(MOVED);
  });
});

describe('a small host', () => {
  const shape = {
    profile: qingtianProfile(),
    ...{ nodes: 2, coresPerNode: 2, threadsPerCore: 2, frames: 4, frameMib: 1024 },
  };

  it('has all its frames free, pages of the frame’s size, and a described parent', () => {
    const host = buildSmallHost(shape);
    expect(host.memory.map(({ base }) => base.freeFrames)).toEqual([4, 4]);
    expect(host.topology.pageSizesKib).toEqual([1024 * 1024]);
    expect(host.topology.nodes.map(({ id }) => id)).toEqual([0, 1]);
    expect(host.parent).toMatchObject({ memoryMib: 8192, bareMetal: false, os: 'linux' });
    const { parentDefaults } = qingtianProfile();
    expect(host.parent.region).toBe(parentDefaults.region);
    expect(host.parent.flavor).toBe(parentDefaults.flavor ?? 'custom');
  });

  it('takes other page sizes, options and hypervisors', () => {
    const nitro = buildSmallHost({
      ...{ ...shape, profile: nitroProfile(), frameMib: 32, pageSizesMib: [32, 64] },
      hypervisor: { maxEnclaves: 2 },
    });
    expect(nitro.topology.pageSizesKib).toEqual([32 * 1024, 64 * 1024]);
    expect(nitro.hypervisor).toMatchObject({ kind: 'isolating', maxEnclaves: 2 });
    expect(nitro.parent.flavor).toBe('custom');
    expect(buildSmallHost({ ...shape, options: { maxEnclaves: 3 } }).options).toMatchObject({
      maxEnclaves: 3,
    });
  });

  it('that cannot be is an error', () => {
    expect(() => buildSmallHost({ ...shape, pageSizesMib: [0] })).toThrow(
      '0 is not a page size in whole KiB',
    );
    expect(() => buildSmallHost({ ...shape, options: { nonsense: 1, other: 2 } })).toThrow(
      /^option nonsense is unknown.*parentMemoryMib; option other is unknown/,
    );
  });
});
