/** The rows of plain VMs: what each refusal says, in full, and what the profile says of itself. */
import { describe, expect, it } from 'vitest';
import type { CommandOf } from '../../core/host/command.js';
import { runInPlace, runWhole } from '../../core/host/step.js';
import { vmProfile } from '../../core/platform/vm/profile.js';
import { must } from '../invariants/sound-hosts.js';
import { type SmallHost, vmHost } from '../kit/hosts.js';

type Launch = CommandOf<'vm.launch'>;

/** Two nodes of 4 threads and 100 MiB, frames of 2 MiB. */
const SMALL: SmallHost = { coresPerNode: 2, memoryMibPerNode: 100 };
const ONE: Launch = { kind: 'vm.launch', vcpus: 1, memoryMib: 2, nodes: 1 };

/** What runs before; the launch; rule, layer, numbers and message of its refusal. */
type Refused = readonly [
  string,
  Partial<Launch>,
  string,
  Readonly<Record<string, number | string>>,
  string,
  (readonly Partial<Launch>[])?,
];

const REFUSED: readonly Refused[] = [
  [
    'vm-shape',
    { vcpus: 0 },
    'input',
    { vcpus: 0, memoryMib: 2, nodes: 1 },
    '0 vCPUs, 2 MiB on 1 node',
  ],
  [
    'vm-shape',
    { memoryMib: 0.5 },
    'input',
    { vcpus: 1, memoryMib: 0.5, nodes: 1 },
    '1 vCPU, 0.5 MiB on 1 node',
  ],
  [
    'vm-shape',
    { nodes: -1 },
    'input',
    { vcpus: 1, memoryMib: 2, nodes: -1 },
    '1 vCPU, 2 MiB on -1 nodes',
  ],
  [
    'vm-even-split',
    { vcpus: 3, nodes: 2 },
    'input',
    { vcpus: 3, nodes: 2 },
    '3 vCPUs cannot be split evenly over 2 nodes',
  ],
  [
    'vm-nodes',
    { on: [7] },
    'input',
    { on: '7', installed: 2 },
    'nodes 7 are not different nodes of the host',
  ],
  [
    'vm-nodes',
    { vcpus: 2, nodes: 2, on: [0, 0] },
    'input',
    { on: '0, 0', installed: 2 },
    'nodes 0, 0 are not different nodes of the host',
  ],
  [
    'vm-nodes',
    { vcpus: 2, nodes: 2, on: [0, 7] },
    'input',
    { on: '0, 7', installed: 2 },
    'nodes 0, 7 are not different nodes of the host',
  ],
  [
    'vm-nodes',
    { vcpus: 2, nodes: 2, on: [1] },
    'input',
    { nodes: 2, allowed: 1 },
    '2 nodes wanted of 1',
  ],
  ['vm-vcpus', { vcpus: 9 }, 'hypervisor', { vcpus: 9, free: 8 }, '9 vCPUs wanted, 8 free'],
  [
    'vm-vcpus',
    { vcpus: 5, on: [1] },
    'hypervisor',
    { vcpus: 5, free: 4 },
    '5 vCPUs wanted, 4 free',
  ],
  [
    'vm-memory',
    { memoryMib: 201 },
    'hypervisor',
    { memoryMib: 201, freeMib: 200 },
    '201 MiB wanted, 200 free',
  ],
  [
    'vm-node-fit',
    { vcpus: 3 },
    'hypervisor',
    { vcpus: 3, memoryMib: 2, nodes: 1, freeThreads: '1, 2', freeMib: '98, 98' },
    'no node fits: free threads 1, 2, free MiB 98, 98',
    [
      { vcpus: 3, on: [0] },
      { vcpus: 2, on: [1] },
    ],
  ],
  [
    'vm-node-fit',
    { vcpus: 4, memoryMib: 8, nodes: 2 },
    'hypervisor',
    { vcpus: 4, memoryMib: 8, nodes: 2, freeThreads: '1, 4', freeMib: '98, 100' },
    'no 2 nodes fit together: free threads 1, 4, free MiB 98, 100',
    [{ vcpus: 3, on: [0] }],
  ],
];

describe('vm: refusals', () => {
  for (const [rule, request, layer, numbers, message, before = []] of REFUSED) {
    it(`${rule}: ${JSON.stringify(request)}`, () => {
      const host = vmHost(SMALL);
      for (const earlier of before) must(host, { ...ONE, ...earlier });
      const { effects, facts, refusal } = runInPlace(host, { ...ONE, ...request });
      expect(refusal).toMatchObject({ rule, layer, numbers, message, codes: [] });
      expect(effects).toEqual([]);
      expect(facts).toEqual({ events: [{ name: 'enclave.rejected' }] });
    });
  }

  it('a host that is down, and a VM that is not there', () => {
    const host = vmHost(SMALL);
    must(host, { kind: 'parent.stop' });
    expect(runInPlace(host, ONE).refusal).toMatchObject({
      rule: 'vm-host-runs',
      layer: 'parent',
      numbers: { parent: 'stopped' },
      message: 'the host is stopped',
    });
    for (const kind of ['vm.terminate', 'vm.crash'] as const) {
      expect(runInPlace(host, { kind, uid: 7 })).toMatchObject({
        effects: [],
        facts: {},
        refusal: {
          rule: 'vm-unknown',
          layer: 'input',
          codes: [],
          numbers: { uid: 7 },
          message: 'there is no VM 7',
        },
      });
    }
  });

  it('a diagnosis of a launch on a host that is down: it has no thread to give', () => {
    const host = vmHost(SMALL);
    must(host, { kind: 'parent.stop' });
    const verdicts = host.profile.diagnose(host, ONE) ?? [];
    const refusing = verdicts.flatMap(({ rule, outcome }) =>
      outcome.verdict === 'refuse' ? [[rule, outcome.message]] : [],
    );
    expect(refusing).toEqual([
      ['vm-host-runs', 'the host is stopped'],
      ['vm-vcpus', '1 vCPUs wanted, 0 free'],
      ['vm-node-fit', 'no node fits: free threads 0, 0, free MiB 100, 100'],
    ]);
  });

  it('rows ask in this order, at the start, and no published document stands behind them', () => {
    expect(vmProfile().rules.map(({ id, layer }) => [id, layer])).toEqual([
      ['vm-host-runs', 'parent'],
      ['vm-shape', 'input'],
      ['vm-even-split', 'input'],
      ['vm-nodes', 'input'],
      ['vm-vcpus', 'hypervisor'],
      ['vm-memory', 'hypervisor'],
      ['vm-node-fit', 'hypervisor'],
      ['vm-unknown', 'input'],
    ]);
    for (const { checkedAt, requirements, codes } of vmProfile().rules) {
      expect([checkedAt, requirements, codes]).toEqual(['start', [], []]);
    }
  });
});

describe('vm: found bugs', () => {
  it.each([
    { on: [7] },
    { on: [7], blind: true },
    { on: [0, 7], vcpus: 6, memoryMib: 150, nodes: 2 },
    { on: [0, 7], vcpus: 6, memoryMib: 150, blind: true },
  ])('a diagnosis of a launch on a node that is not there threw: %j', (request) => {
    const host = vmHost(SMALL);
    const verdicts = host.profile.diagnose(host, { ...ONE, ...request }) ?? [];
    const refusing = verdicts.filter(({ outcome }) => outcome.verdict === 'refuse');
    expect(refusing.map(({ rule }) => rule)).toEqual([
      'vm-nodes',
      'vm-vcpus',
      'vm-memory',
      'vm-node-fit',
    ]);
  });
});

describe('vm: what the profile says of itself', () => {
  const host = vmHost(SMALL);
  const profile = vmProfile();

  it('its name, its defaults, its options', () => {
    expect(profile).toMatchObject({ platform: 'vm', id: 'vm@1', memoryFromParent: true });
    expect(profile.parentDefaults).toEqual({ region: 'any' });
    expect(profile.resolveOptions({})).toEqual({ options: {} });
    expect(profile.resolveOptions({ a: 1, b: true })).toEqual({
      problems: ['vm has no option "a"', 'vm has no option "b"'],
    });
  });

  it('no fact follows from rules, and only a launch can be diagnosed', () => {
    expect(profile.derivedFacts(host)).toHaveProperty('notApplicable');
    expect(profile.diagnose(host, { kind: 'vm.terminate', uid: 0 })).toBeUndefined();
    expect(profile.diagnose(host, ONE)?.map(({ rule }) => rule)).toHaveLength(7);
  });

  it('it promises neither whole cores nor one node nor a cap, but all that was asked for', () => {
    expect(profile.guarantees).toMatchObject({
      surface: 'vmInstance',
      numaLocal: false,
      wholeCores: false,
      reservedCids: [],
      countsReserved: false,
    });
    expect(profile.guarantees?.caps(host)).toEqual({});
  });

  it('a launch and an end say what happened, whole or spelled out', () => {
    for (const run of [runInPlace, runWhole]) {
      const fresh = vmHost(SMALL);
      expect(run(fresh, ONE).facts).toEqual({
        uid: 0,
        events: [{ name: 'enclave.running', uid: 0 }],
      });
      expect(run(fresh, { kind: 'vm.terminate', uid: 0 }).facts).toEqual({
        uid: 0,
        events: [{ name: 'enclave.terminated', uid: 0 }],
      });
      run(fresh, ONE);
      expect(run(fresh, { kind: 'vm.crash', uid: 1 }).facts).toEqual({
        uid: 1,
        events: [{ name: 'enclave.crashed', uid: 1 }],
      });
    }
  });

  it('an administrator may not take a CPU that VMs run on offline', () => {
    const command = { kind: 'parent.set-online', cpu: 1, online: false } as const;
    expect(runInPlace(vmHost(SMALL), command).refusal?.rule).toBe('cpu-of-parent');
  });
});
