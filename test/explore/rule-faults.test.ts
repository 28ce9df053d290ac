/**
 * Planted faults by which a rule is left out: where each is met, by which shortest path, and what is
 * found broken there; and rows that stand one behind the other, of which a single one is not missed.
 */
import { describe, expect, it } from 'vitest';
import { type PlantedFault, plant } from '../../core/explore/planted-faults.js';
import { createRememberingModel } from '../../core/explore/remembering-model.js';
import { RULE_FAULTS } from '../../core/explore/rule-faults.js';
import { search } from '../../core/explore/search.js';
import { testFault } from '../../core/explore/self-test.js';
import { faultNamed } from './fault-named.js';
import { wholeScope } from './tiny-scopes.js';

type Found = readonly [id: string, rules: string, broken: string, path: readonly string[]];

const MET: readonly Found[] = [
  ['no-cpu-list-without-0', 'cpu-list-without-0', 'whole-cores', ['reserve', 'launch']],
  ['no-cpu-list-known', 'cpu-list-known', 'thread-one-owner', ['reserve']],
  ['no-parent-floor-vcpus', 'parent-floor-vcpus', 'parent-floor', ['reserve']],
  ['no-parent-floor-memory', 'parent-floor-memory', 'parent-floor', ['reserve']],
  ['no-enclave-count', 'enclave-count', 'platform-caps', ['reserve', 'define', 'define']],
  ['no-cid-range', 'cid-range', 'cid-unique', ['reserve', 'define']],
  ['no-vcpu-even', 'vcpu-even', 'platform-caps', ['reserve', 'launch']],
  ['no-memory-max', 'memory-max', 'platform-caps', ['reserve', 'launch']],
  ['no-memory-multiple', 'memory-multiple,memory-max', 'platform-caps', ['reserve', 'launch']],
  ['no-image-ratio', 'image-ratio', 'platform-caps', ['reserve', 'launch']],
  ['no-cid-free', 'cid-free', 'cid-unique', ['reserve', 'define', 'define']],
  ['no-pool-full-cores', 'nitro.pool-full-cores', 'thread-one-owner', ['write-pool']],
  [
    'no-pool-not-cpu0',
    'nitro.pool-not-cpu0,nitro.pool-not-cpu0-sibling',
    'whole-cores',
    ['write-pool', 'create-vm', 'add-vcpu'],
  ],
  [
    'no-start-has-memory',
    'nitro.start-has-memory,nitro.start-min-memory',
    'platform-caps',
    ['write-pool', 'create-vm', 'add-vcpu', 'add-vcpu', 'start'],
  ],
  [
    'no-hypervisor-slots',
    'nitro.hypervisor-slots',
    'platform-caps',
    ['write-pool', ...Array.from({ length: 5 }, () => 'create-vm')],
  ],
  [
    'no-hypervisor-cpu-donated',
    'nitro.hypervisor-cpu-donated',
    'thread-one-owner,whole-cores',
    ['write-pool', 'create-vm', 'add-vcpu', 'hotplug'],
  ],
  [
    'no-hypervisor-core-free',
    'nitro.hypervisor-core-free',
    'whole-cores',
    ['write-pool', 'hotplug', 'create-vm', 'add-vcpu'],
  ],
  [
    'no-hypervisor-vcpu-offline',
    'nitro.hypervisor-vcpu-offline,nitro.hypervisor-core-free',
    'thread-one-owner,whole-cores',
    ['write-pool', 'hotplug', 'create-vm', 'add-vcpu'],
  ],
  ['no-vm-shape', 'vm-shape', 'platform-caps', ['launch']],
  ['no-vm-even-split', 'vm-even-split', 'platform-caps', ['launch']],
  ['no-vm-node-fit', 'vm-node-fit', 'platform-caps', ['launch']],
];

describe('a rule left out', () => {
  it('has an id of its own, a sentence, and is pinned here', () => {
    expect(RULE_FAULTS.map(({ id }) => id)).toEqual(MET.map(([id]) => id));
    for (const { id, sentence } of RULE_FAULTS) {
      expect(id).toMatch(/^no(-[a-z0-9]+)+$/);
      expect(sentence).toMatch(/^[A-Z].* .*\.$/);
    }
  });

  it.each(MET)('%s, without %s: %s', (id, rules, broken, path) => {
    const fault = faultNamed(id);
    const { properties, trail, noticed, scope } = testFault(fault);
    expect([fault.without?.join(), fault.scope]).toEqual([rules, scope]);
    expect(properties.join()).toBe(broken);
    expect(trail?.commands.map(({ kind }) => kind.replace(/^(qingtian|nitro|vm)\./, ''))).toEqual(
      path,
    );
    expect(noticed).toBe(true);
    expect(fault.effects([], wholeScope(scope).build(), { kind: 'parent.stop' })).toEqual([]);
  });

  it.each(['nitro.pool-not-cpu0', 'nitro.pool-not-cpu0-sibling'])(
    '%s alone is not missed at once: the other one refuses the same',
    (rule) => {
      const fault: PlantedFault = { ...faultNamed('no-pool-not-cpu0'), without: [rule] };
      const scope = wholeScope('nitro-refusals');
      const model = createRememberingModel(scope, { host: plant(scope.build(), fault) });
      expect(search(model, { maxStates: 150 }).found).toBeUndefined();
    },
  );
});
