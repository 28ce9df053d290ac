/**
 * Scopes in which CPUs come and go: an administrator switches those of a QingTian parent, and the kernel
 * keeps some of a Nitro pool write. What they try, and that each row about a switch refuses something,
 * and is missed where an invariant reads what it keeps out.
 */
import { describe, expect, it } from 'vitest';
import { plant } from '../../core/explore/planted-faults.js';
import { createRememberingModel } from '../../core/explore/remembering-model.js';
import { search } from '../../core/explore/search.js';
import type { Command } from '../../core/host/command.js';
import { CPU_ONLINE_RULES } from '../../core/platform/cpu-online.js';
import { faultNamed } from './fault-named.js';
import { wholeScope } from './tiny-scopes.js';

const scope = wholeScope('qingtian-switched');

describe('an administrator who switches CPUs of a QingTian parent', () => {
  it('is refused by each row about that, in some state', () => {
    const model = createRememberingModel(scope, { reduced: true });
    search(model);
    const rows = CPU_ONLINE_RULES.map(({ id }) => id);
    expect(rows.filter((id) => !model.refusedBy.has(id))).toEqual([]);
  });

  it.each([
    ['cpu-of-parent', 'thread-one-owner'],
    ['cpu-parent-floor', 'parent-floor'],
  ])('Q10 Q28 holds: without %s %s is broken', (rule, broken) => {
    const host = plant(scope.build(), { ...faultNamed('no-cid-free'), without: [rule] });
    const { found } = search(createRememberingModel(scope, { reduced: true, host }));
    expect(found?.breach.properties).toContain(broken);
  });
});

describe('scopes in which CPUs come and go', () => {
  it('CPUs that are switched are named, and so are calls that the kernel refuses', () => {
    const labelled = (name: string, kind: string) =>
      wholeScope(name).moves.flatMap(({ label }) =>
        label.startsWith(kind) ? [label.slice(kind.length + 1)] : [],
      );
    expect(labelled('qingtian-switched', 'parent.set-online')).toEqual([
      ...['CPU 1 online', 'CPU 1 offline', 'CPU 3 online', 'CPU 3 offline'],
      ...['CPU 4 online', 'CPU 4 offline', 'against cpu-0-stays', 'against cpu-present'],
    ]);
    const switched = commandsOf('qingtian-switched').flatMap((one) =>
      one.kind === 'parent.set-online' ? [[one.cpu, one.online]] : [],
    );
    expect(switched).toEqual([
      ...[1, 3, 4].flatMap((cpu) => [true, false].map((online) => [cpu, online])),
      ...[0, 6].map((cpu) => [cpu, false]),
    ]);
    expect(labelled('nitro-roll-backs', 'nitro.write-pool')).toEqual(
      expect.arrayContaining([
        'whose first CPU stays online',
        '"2-3,6-7", call 4 of CPU_OFFLINE refused',
        '"2-3,6-7", call 2 of CPU_OFFLINE and call 8 of CPU_ONLINE refused',
      ]),
    );
  });

  it('a scope in which lists disagree names what is switched, and whose each call is', () => {
    const labels = (name: string) => wholeScope(name).moves.map(({ label }) => label);
    const page = ['nitro.write-hugepages', 'nitro.map-page', 'nitro.touch'];
    const ofPlace = (place: number) => [
      'nitro.create-vm',
      ...['add-vcpu', 'set-memory', 'start', 'close'].map((what) => `${what} of enclave ${place}`),
    ];
    expect(labels('nitro-switched')).toEqual([
      ...['nitro.write-pool "1-2,4-5"', 'nitro.write-pool "1,4"'],
      ...[0, 1, 3, 4].flatMap((cpu) =>
        ['on', 'off'].map((way) => `nitro.hotplug CPU ${cpu} ${way}line`),
      ),
      ...['nitro.hotplug against cpu-present', ...page, 'nitro.unmap'],
      ...[...ofPlace(0), ...ofPlace(1), 'parent.stop', 'parent.boot'],
    ]);
    expect(labels('nitro-unbound')).toEqual([
      ...['nitro.write-pool "2,6"', 'nitro.write-pool "1,5"', 'nitro.hotplug against cpu-present'],
      ...['nitro.unbind', 'nitro.bind', ...page, ...ofPlace(0), 'parent.stop', 'parent.boot'],
    ]);
  });

  it('a pool write is rolled back at each call, and each CPU may stay offline, then or before', () => {
    const told = commandsOf('nitro-roll-backs').flatMap((one) => {
      if (one.kind !== 'nitro.write-pool' || one.answers === undefined) return [];
      const { CPU_OFFLINE: stays, CPU_ONLINE: returns } = one.answers;
      return [`${one.text} ${stays?.nth ?? '-'} ${returns?.nth ?? '-'}`];
    });
    const all = ['-', 1, 2, 3, 4, 5, 6, 7, 8].flatMap((returns) =>
      ['-', 2, 3, 4].map((stays) => `2-3,6-7 ${stays} ${returns}`),
    );
    const tried = [...all.filter((one) => !one.endsWith('- -')), '2-3,6-7 1 -'];
    expect(told.sort()).toEqual(tried.sort());
  });
});

/** Commands of a fresh host. */
function commandsOf(name: string): Command[] {
  const { moves, build } = wholeScope(name);
  const host = build();
  return moves.flatMap(({ command }) => command(host) ?? []);
}
