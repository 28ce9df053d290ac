/**
 * Parts of the scopes, small enough to be explored whole in an instant: the symmetry of each kind of
 * name, trails under the uids of a real host, and the hosts that scopes are built from.
 */
import { describe, expect, it } from 'vitest';
import { createHostModel } from '../../core/explore/host-model.js';
import { MOVED } from '../../core/explore/model.js';
import { createRememberingModel } from '../../core/explore/remembering-model.js';
import { buildSmallHost, type Scope, uidAt, upTo } from '../../core/explore/scope.js';
import { findScope, SCOPES } from '../../core/explore/scopes.js';
import { search } from '../../core/explore/search.js';
import { trailOf } from '../../core/explore/trail.js';
import { uidsOf } from '../../core/host/records.js';
import { runInPlace } from '../../core/host/step.js';
import { nitroProfile } from '../../core/platform/nitro/profile.js';
import { qingtianProfile } from '../../core/platform/qingtian/profile.js';

function scope(name: string): Scope {
  const found = findScope(name);
  if (found === undefined) throw new Error(`no scope ${name}`);
  return found;
}

/** The scope with only the moves whose label matches, and of several reservations the first. */
function partOf(name: string, labels: RegExp): Scope {
  const whole = scope(name);
  const moves = whole.moves.filter(({ label }) => labels.test(label));
  const [reserve] = moves.filter(({ label }) => label === RESERVE);
  return { ...whole, moves: moves.filter((move) => move.label !== RESERVE || move === reserve) };
}

const RESERVE = 'qingtian.reserve';

const PARTS: readonly (readonly [what: string, part: Scope])[] = [
  [
    'places and CIDs of three operators',
    partOf('qingtian-three', /^qingtian\.(define$|map of|crash)|^qingtian\.reserve$/),
  ],
  [
    'places and CIDs of two, with pages of either node',
    partOf('qingtian-2x4x2x2', /^qingtian\.(reserve|define|map of enclave \d$)/),
  ],
  [
    'tasks, whose pages an enclave’s may be, and files',
    partOf(
      'nitro-2x4x2x2',
      /^nitro\.(write-(pool "|hugepages)|create-vm by task \d$|map-page|touch|set-memory of mapping \d to enclave \d$)/,
    ),
  ],
  [
    'cores and automatic CIDs',
    partOf(
      'nitro-2x4x2x2',
      /^nitro\.(write-pool "|create-vm by task \d$)|^(add-vcpu by task \d|exit-event|close) of/,
    ),
  ],
];

describe('symmetry', () => {
  it.each(PARTS)('%s: the orbits of the reduced search add up to the full one', (_, part) => {
    const full = search(createHostModel(part));
    const reduced = search(createHostModel(part, { reduced: true }));
    expect([full.complete, reduced.complete]).toEqual([true, true]);
    expect(full.counts.unique).toBeGreaterThan(50);
    expect(reduced.counts.unique).toBeLessThan(full.counts.unique);
    expect(reduced.orbits).toBe(full.counts.unique);
    expect(full.orbits).toBe(full.counts.unique);
    expect(reduced.counts.depth).toBe(full.counts.depth);
  });

  it.each(PARTS)('%s: the remembering model counts the same', (_, part) => {
    for (const reduced of [false, true]) {
      const { counts, orbits, refused } = search(createHostModel(part, { reduced }));
      const remembered = search(createRememberingModel(part, { reduced }));
      expect([remembered.counts, remembered.orbits, remembered.refused]).toEqual([
        ...[counts, orbits, refused],
      ]);
    }
  });
});

describe('trail', () => {
  it('names an operator’s second enclave by the uid that a host really gives it', () => {
    const part = scope('nitro-2x4x2x2');
    const labels = [
      'nitro.write-pool "2-3,6-7"',
      'nitro.create-vm by task 2',
      'close of enclave 1',
      'nitro.create-vm by task 2',
      'nitro.create-vm by task 1',
      'poll of enclave 1',
    ];
    const path = labels.map((label) => part.moves.findIndex((move) => move.label === label));
    expect(path).not.toContain(-1);
    const trail = trailOf(part, path);
    expect(trail).not.toHaveProperty('fault');
    expect(trail.scope).toBe('nitro-2x4x2x2');
    const host = part.build();
    const refused = trail.commands.map((command) => runInPlace(host, command).refusal?.rule);
    expect(refused).toEqual(labels.map(() => undefined));
    expect(uidsOf(host.tree)).toEqual([3, 2]);
    expect(trail.commands.at(-1)).toEqual({ kind: 'nitro.poll', slot: 2 });
  });

  it('renames the uid of a QingTian enclave as well', () => {
    const part = scope('qingtian-2x4x2x2');
    const at = (test: RegExp) => part.moves.findIndex(({ label }) => test.test(label));
    const define = part.moves.findIndex(({ fills }) => fills === 1);
    const trail = trailOf(part, [
      at(/reserve$/),
      define,
      at(/crash of enclave 1/),
      define,
      at(/map of enclave 1$/),
    ]);
    expect(trail.commands.slice(2).map((one) => ('uid' in one ? one.uid : one.kind))).toEqual([
      ...[0, 'qingtian.define', 1],
    ]);
  });

  it('rejects a path that takes a move where there is none', () => {
    const part = scope('nitro-2x4x2x2');
    const close = part.moves.findIndex(({ label }) => label === 'close of enclave 0');
    expect(() => trailOf(part, [close])).toThrow('takes close of enclave 0 where it is not');
  });
});

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

  it('a place has the enclave of its number and no other', () => {
    const part = scope('nitro-2x4x2x2');
    const host = part.build();
    expect([0, 1].map((place) => uidAt(host, place))).toEqual([undefined, undefined]);
    runInPlace(host, { kind: 'nitro.write-pool', text: '2-3,6-7' });
    runInPlace(host, { kind: 'nitro.create-vm', task: 1 });
    expect([0, 1].map((place) => uidAt(host, place))).toEqual([1, undefined]);
    expect(upTo(3)).toEqual([0, 1, 2]);
  });

  it('a move that fills a taken place is none, and so is one of an empty place', () => {
    const model = createHostModel(
      partOf('nitro-2x4x2x2', /^nitro\.(write-pool "|create-vm by task 1$)|^close of/),
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
    expect(() => buildSmallHost({ ...shape, pageSizesMib: [0] })).toThrow();
    expect(() => buildSmallHost({ ...shape, options: { nonsense: 1 } })).toThrow('nonsense');
  });
});
