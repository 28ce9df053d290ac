/** What each planted fault makes of single effects: which it changes, after which command, and how. */
import { describe, expect, it } from 'vitest';
import { EARLY_FAULTS } from '../../core/explore/early-faults.js';
import { LOST_CPU_FAULTS } from '../../core/explore/lost-cpu-faults.js';
import { NITRO_FAULTS } from '../../core/explore/nitro-faults.js';
import { PIN_FAULTS } from '../../core/explore/pin-faults.js';
import { PLANTED_FAULTS, plant } from '../../core/explore/planted-faults.js';
import { RESERVATION_FAULTS } from '../../core/explore/reservation-faults.js';
import { RULE_FAULTS } from '../../core/explore/rule-faults.js';
import { TAKEN_OVER_FAULTS } from '../../core/explore/taken-over-faults.js';
import { VM_FAULTS } from '../../core/explore/vm-faults.js';
import { WRONG_END_FAULTS } from '../../core/explore/wrong-end-faults.js';
import type { Command } from '../../core/host/command.js';
import type { Effect } from '../../core/host/effect.js';
import { enclaveOwner, SCRUBBED } from '../../core/host/owner.js';
import { putRecord } from '../../core/host/records.js';
import { decide } from '../../core/host/step.js';
import { emptyPool, newEnclave } from '../../core/host/tree.js';
import { reservePages } from '../../core/memory/node-memory.js';
import { expectUntouched, faultNamed } from './fault-named.js';
import { wholeScope } from './tiny-scopes.js';

/** Two threads a core; one thread a core and pages of one and of two frames of 32 MiB. */
const [SIBLINGS, TWO_SIZES] = ['nitro-2x2x2x2', 'nitro-two-sizes'].map((name) =>
  wholeScope(name).build(),
);

const STOP: Command = { kind: 'qingtian.stop', uid: 1 };
const FAILED_STOP: Command = { ...STOP, accepted: false };
const CRASH: Command = { kind: 'qingtian.crash', uid: 1 };
const MAP: Command = { kind: 'qingtian.map', uid: 1 };
const FAILED_MAP: Command = { ...MAP, accepted: false };
const PARENT_STOP: Command = { kind: 'parent.stop' };
const WRITE_POOL: Command = { kind: 'nitro.write-pool', text: '1' };
const RESERVE: Command = { kind: 'qingtian.reserve', conf: {} };
const DEFINE = { kind: 'qingtian.define', request: {} } as unknown as Command;
const FAILED_DEFINE = { ...DEFINE, accepted: false } as Command;

const take = (...cpus: number[]): Effect => ({ kind: 'take-core', uid: 1, index: 0, cpus });
const vcpu = (cpu: number): Effect => ({ kind: 'add-vcpu', uid: 1, cpu });
const online = (cpu: number, to: 0 | 1): Effect => ({ kind: 'set-online', cpu, to });
const donate = (phys: number, bytes: number): Effect => ({ kind: 'donate', uid: 1, phys, bytes });
const claim = (uid: number, node = 0): Effect => {
  return { kind: 'claim', node, size: 0, runs: [0, 2], owner: enclaveOwner(uid), uid };
};
const scrub: Effect = {
  ...{ kind: 'scrub', node: 0, size: 0, handle: 1, uid: 1 },
  ...{ from: enclaveOwner(1), to: SCRUBBED },
};
const release: Effect = {
  ...{ kind: 'release', node: 0, size: 0, handle: 1, uid: 1 },
  ...{ from: SCRUBBED, to: 0 },
};
const parent: Effect = { kind: 'set-parent', from: 'running', to: 'stopped' };
const resize = (node: number, grow: boolean, ...runs: number[]): Effect => {
  return { kind: 'resize-pages', node, size: 0, runs, grow };
};
const record = newEnclave({
  ...{ uid: 7, state: 'defined', cid: 5, vcpus: [1, 5, 9], memoryBytes: 2 ** 30 },
  donated: [100, 10, 300, 30],
});
const born: Effect = { kind: 'add-enclave', enclave: record };

function faulty(id: string, effects: readonly Effect[], command = STOP, host = TWO_SIZES) {
  return faultNamed(id).effects(effects, host, command);
}

function untouched(id: string, effects: readonly Effect[], command = STOP, host = TWO_SIZES) {
  expectUntouched(id, effects, command, host);
}

describe('planted faults', () => {
  it('are each of a platform, and name the property that must notice them', () => {
    const behind = [
      ...[
        EARLY_FAULTS,
        LOST_CPU_FAULTS,
        PIN_FAULTS,
        RESERVATION_FAULTS,
        RULE_FAULTS,
        TAKEN_OVER_FAULTS,
        VM_FAULTS,
        WRONG_END_FAULTS,
        NITRO_FAULTS,
      ],
    ].flat();
    const first = PLANTED_FAULTS.slice(0, -behind.length);
    expect(PLANTED_FAULTS.slice(first.length)).toEqual(behind);
    expect(first.map((one) => [one.id, one.platform, one.noticedBy].join(' '))).toEqual([
      'half-core qingtian whole-cores',
      'core-still-online qingtian thread-one-owner',
      'sibling-not-offline nitro thread-one-owner',
      'scrub-forgotten qingtian scrub-before-return',
      'scrub-forgotten-by-failed-step qingtian scrub-before-return',
      'pages-kept qingtian no-leak',
      'core-lost-on-failed-start qingtian no-leak',
      'page-kept-by-refused-region nitro no-leak',
      'off-by-one-frame qingtian frame-one-owner',
      'half-granule nitro aligned-contiguous',
      'owner-off-by-one qingtian frame-one-owner',
      'double-cid qingtian cid-unique',
      'reserved-cid qingtian cid-unique',
      'stop-leaves-running qingtian lifecycle-legal',
      'resize-after-start qingtian lifecycle-legal',
      'runs-when-created nitro lifecycle-legal',
      'cap-forgotten qingtian platform-caps',
      'floor-forgotten qingtian parent-floor',
      'page-of-other-node qingtian numa-local',
    ]);
  });

  it('stand behind every step, and change its effects alone', () => {
    const fault = { ...faultNamed('half-core'), effects: () => [parent] };
    const { profile } = SIBLINGS;
    const planted = plant(SIBLINGS, fault);
    expect(Object.keys(planted.profile.steps)).toEqual(Object.keys(profile.steps));
    expect({ ...planted, profile }).toEqual(SIBLINGS);
    expect({ ...planted.profile, steps: profile.steps }).toEqual(profile);
    const sound = decide(SIBLINGS, WRITE_POOL);
    expect(decide(planted, WRITE_POOL)).toEqual({ ...sound, effects: [parent] });
    const seen: unknown[] = [];
    const asks = plant(SIBLINGS, {
      ...fault,
      effects: (...given) => {
        seen.push(...given);
        return given[0];
      },
    });
    decide(asks, WRITE_POOL);
    expect(seen).toEqual([sound.effects, asks, WRITE_POOL]);
    expect(seen[1]).toBe(asks);
  });
});

describe('a fault of cores', () => {
  it('half-core leaves the first thread of a core, and no vCPU of the others', () => {
    const effects = [take(1, 5, 9), vcpu(1), vcpu(5), vcpu(9), vcpu(2), online(5, 0)];
    expect(faulty('half-core', effects)).toEqual([take(1), vcpu(1), vcpu(2), online(5, 0)]);
    const other: Effect[] = [vcpu(5), online(1, 1)];
    expect(faulty('half-core', other)).toEqual(other);
  });

  it('core-still-online switches the first thread of a core on', () => {
    expect(faulty('core-still-online', [parent, take(3, 7), vcpu(3)])).toEqual([
      ...[parent, take(3, 7), online(3, 1), vcpu(3)],
    ]);
  });

  it('sibling-not-offline leaves out the last CPU of a pool write', () => {
    const id = 'sibling-not-offline';
    const effects = [online(2, 0), online(6, 0), online(3, 1), parent];
    expect(faulty(id, effects, WRITE_POOL, SIBLINGS)).toEqual([effects[0], effects[2], parent]);
    const twice = [online(2, 0), online(2, 0)];
    expect(faulty(id, twice, WRITE_POOL, SIBLINGS)).toEqual([online(2, 0)]);
    untouched(id, effects, PARENT_STOP, SIBLINGS);
    untouched(id, [online(3, 1), parent], WRITE_POOL, SIBLINGS);
    // There is no sibling.
    untouched(id, effects, WRITE_POOL, TWO_SIZES);
  });

  it('core-lost-on-failed-start keeps the first core of a refused definition', () => {
    const id = 'core-lost-on-failed-start';
    const withPool = (...avail: number[][]) => {
      const host = wholeScope('qingtian-2x4x2x2').build();
      host.tree.pool = { ...emptyPool(0), avail };
      return host;
    };
    for (const [avail, left] of [
      [
        [[1, 5], [2]],
        [[], [2]],
      ],
      [
        [[], [2, 6], [3, 7]],
        [[], [], [3, 7]],
      ],
    ]) {
      const host = withPool(...avail);
      const { pool } = host.tree;
      const to = { ...pool, avail: left };
      expect(faulty(id, [], FAILED_DEFINE, host)).toEqual([{ kind: 'set-pool', from: pool, to }]);
    }
    const full = withPool([1, 5]);
    untouched(id, [parent], FAILED_DEFINE, full);
    untouched(id, [], DEFINE, full);
    untouched(id, [], FAILED_MAP, full);
    untouched(id, [], FAILED_DEFINE, withPool([], []));
  });

  it('cap-forgotten takes the last vCPU away, of a new record too', () => {
    expect(faulty('cap-forgotten', [vcpu(1), vcpu(5), parent, born])).toEqual([
      ...[vcpu(1), parent, { ...born, enclave: { ...record, vcpus: [1, 5] } }],
    ]);
    expect(faulty('cap-forgotten', [take(1, 5), parent])).toEqual([take(1, 5), parent]);
  });
});

describe('a fault of an end', () => {
  const ends = [scrub, release, parent];
  const dirty = [release, parent];

  it('scrub-forgotten wipes nothing at a stop or a crash', () => {
    expect(faulty('scrub-forgotten', ends, STOP)).toEqual(dirty);
    expect(faulty('scrub-forgotten', ends, CRASH)).toEqual(dirty);
    untouched('scrub-forgotten', ends, PARENT_STOP);
  });

  it('scrub-forgotten-by-failed-step wipes nothing when a step is refused below', () => {
    const id = 'scrub-forgotten-by-failed-step';
    expect(faulty(id, ends, FAILED_MAP)).toEqual(dirty);
    untouched(id, ends, MAP);
    untouched(id, ends, { ...MAP, accepted: true });
    untouched(id, ends, PARENT_STOP);
  });

  it('pages-kept wipes and returns nothing at a stop or a crash', () => {
    expect(faulty('pages-kept', ends, STOP)).toEqual([parent]);
    expect(faulty('pages-kept', ends, CRASH)).toEqual([parent]);
    untouched('pages-kept', ends, PARENT_STOP);
  });

  it('stop-leaves-running stops the parent alone', () => {
    expect(faulty('stop-leaves-running', ends, PARENT_STOP)).toEqual([parent]);
    untouched('stop-leaves-running', ends, STOP);
  });

  it('resize-after-start doubles the memory of a running enclave that does not stop', () => {
    const id = 'resize-after-start';
    const withState = (state: 'running' | 'defined') => {
      const host = wholeScope('qingtian-2x4x2x2').build();
      putRecord(host.tree, { ...record, uid: 1, state });
      return host;
    };
    const running = withState('running');
    expect(faulty(id, ends, FAILED_STOP, running)).toEqual([
      ...[{ kind: 'set-enclave', uid: 1, field: 'memoryBytes', from: 2 ** 30, to: 2 ** 31 }],
    ]);
    untouched(id, ends, STOP, running);
    untouched(id, ends, FAILED_MAP, running);
    untouched(id, ends, FAILED_STOP, withState('defined'));
    untouched(id, ends, { ...FAILED_STOP, uid: 2 } as Command, running);
  });
});

describe('a fault of a record', () => {
  it.each<[string, object]>([
    ['double-cid', { cid: 4 }],
    ['reserved-cid', { cid: 8 }],
    ['runs-when-created', { state: 'RUNNING' }],
  ])('%s changes a new one', (id, changed) => {
    const [other, made] = faulty(id, [claim(1), born]);
    expect([other, made]).toEqual([
      ...[claim(1), { kind: 'add-enclave', enclave: { ...record, ...changed } }],
    ]);
  });
});

describe('a fault of pages', () => {
  it('off-by-one-frame donates what comes after each range', () => {
    expect(faulty('off-by-one-frame', [donate(400, 40), born, parent])).toEqual([
      ...[
        donate(440, 40),
        { kind: 'add-enclave', enclave: { ...record, donated: [110, 10, 330, 30] } },
        parent,
      ],
    ]);
  });

  it('half-granule donates a byte more', () => {
    expect(faulty('half-granule', [donate(400, 40), claim(1)])).toEqual([
      ...[donate(400, 41), claim(1)],
    ]);
  });

  it('owner-off-by-one books claims on the next enclave', () => {
    expect(faulty('owner-off-by-one', [claim(1), parent])).toEqual([
      ...[{ ...claim(1), owner: enclaveOwner(2) }, parent],
    ]);
  });

  it('page-of-other-node splits the pool over the nodes and claims elsewhere for the first', () => {
    const fresh = wholeScope('nitro-2x4x2x2').build();
    const host = { ...fresh, hypervisor: { ...fresh.hypervisor, firstSlot: 4 } };
    expect(faulty('page-of-other-node', [claim(4, 0)], RESERVE, host)).toEqual([claim(4, 0)]);
    for (const memory of host.memory) reservePages(memory, 0, [0, 1]);
    expect(faulty('page-of-other-node', [claim(4, 0)], RESERVE, host)).toEqual([claim(4, 0)]);
    for (const memory of host.memory) reservePages(memory, 0, [1, 1]);
    const shrink = resize(0, false, 0, 4);
    const effects = [resize(1, true, 2, 6), claim(4, 0), claim(5, 0), shrink, parent];
    expect(faulty('page-of-other-node', effects, RESERVE, host)).toEqual([
      ...[resize(1, true, 2, 3), resize(0, true, 2, 3), claim(4, 1), claim(5, 0), shrink, parent],
    ]);
    expect(faulty('page-of-other-node', [claim(4, 1)], RESERVE, host)).toEqual([claim(4, 0)]);
    host.memory[0].pools[0].store.allocAt(0, 2, enclaveOwner(5));
    expect(faulty('page-of-other-node', [claim(4, 1)], RESERVE, host)).toEqual([claim(4, 1)]);
  });
});

describe('a rule left out', () => {
  const scope = wholeScope('qingtian-refusals');
  const reserve = scope.moves.find(({ meets }) => meets === 'parent-floor-vcpus');

  it('is not asked where it is planted, and asked again everywhere else', () => {
    const host = scope.build();
    const command = reserve?.command(host);
    if (command === undefined) throw new Error('a reservation is always a move');
    const faulty = plant(host, faultNamed('no-parent-floor-vcpus'));
    const other = plant(host, faultNamed('no-parent-floor-memory'));
    const refusals = [host, faulty, other, host].map((at) => decide(at, command).refusal?.rule);
    const rule = 'parent-floor-vcpus';
    expect(refusals).toEqual([rule, undefined, rule, rule]);
  });
});
