/** CPUs that the administrator switches on a QingTian parent. */
import { describe, expect, it } from 'vitest';
import { describeHost } from '../../core/host/describe.js';
import { runInPlace } from '../../core/host/step.js';
import { CPU_ONLINE_RULES } from '../../core/platform/cpu-online.js';
import { qingtianProfile } from '../../core/platform/qingtian/profile.js';
import { regularTopology } from '../../core/topology/regular.js';
import { qingtianPair } from '../invariants/sound-hosts.js';
import { qingtianHost, vmHost } from '../kit/hosts.js';
import { uneven } from '../placement/uneven-host.js';

const offline = (cpu: number) => ({ kind: 'parent.set-online', cpu, online: false }) as const;

describe('CPUs of the parent', () => {
  it('Q10 holds: an offline CPU is not taken for the pool, and comes back', () => {
    const host = qingtianHost();
    expect(runInPlace(host, offline(1)).refusal).toBeUndefined();
    expect(host.tree.online[1]).toBe(0);
    runInPlace(host, { kind: 'parent.set-online', cpu: 1, online: true });
    expect(host.tree.online[1]).toBe(1);
  });

  it.each([
    [0, 'cpu-0-stays'],
    [99, 'cpu-present'],
  ])('Q10 refused: CPU %i by %s', (cpu, rule) => {
    expect(runInPlace(qingtianHost(), offline(cpu)).refusal?.rule).toBe(rule);
  });

  it('Q28 refused: a CPU of the pool belongs to the reservation', () => {
    const host = qingtianHost();
    const conf = { hugepageSizeMib: 2, memoryMib: 256, cpuCount: 2 };
    expect(runInPlace(host, { kind: 'qingtian.reserve', conf }).refusal).toBeUndefined();
    const [[cpu]] = host.tree.pool.avail;
    expect(runInPlace(host, offline(cpu)).refusal?.rule).toBe('cpu-of-parent');
  });

  it('Q28 refused: a CPU of an enclave is nobody’s to switch either; its siblings go by name', () => {
    const host = qingtianPair();
    const { cpus } = host.tree.records[0].cores[0];
    expect(runInPlace(host, offline(cpus[1])).refusal).toEqual({
      layer: 'parent',
      codes: [],
      rule: 'cpu-of-parent',
      message: `CPU ${cpus[1]} is in the pool`,
      // Four cores are reserved, two of them are enclaves’.
      numbers: { cpu: cpus[1], pool: '1-4,9-12' },
      remedy: 'Stop the reservation service first, or choose a CPU that the parent runs on.',
    });
    expect(runInPlace(host, offline(5)).refusal).toBeUndefined();
  });

  it('a refusal names the CPU and changes nothing', () => {
    const host = qingtianHost();
    const none = runInPlace(host, offline(99));
    expect(none).toMatchObject({ effects: [], refusal: { numbers: { cpu: 99 }, codes: [] } });
    expect(none.refusal?.message).toBe('there is no CPU 99');
    const zero = runInPlace(host, { ...offline(0), online: true });
    expect(zero.refusal).toMatchObject({ rule: 'cpu-0-stays', numbers: { cpu: 0 } });
  });

  it('an id between those of CPUs is no CPU', () => {
    expect(runInPlace(uneven(), offline(5)).refusal?.rule).toBe('cpu-present');
  });

  it('a CPU of core 0 other than CPU 0 can go; asking again changes nothing', () => {
    const host = qingtianHost();
    expect(host.topology.coreOf[8]).toBe(0);
    expect(runInPlace(host, offline(8)).effects).toEqual([{ kind: 'set-online', cpu: 8, to: 0 }]);
    expect(runInPlace(host, offline(8))).toEqual({ effects: [], facts: {} });
    const back = runInPlace(host, { ...offline(8), online: true });
    expect(back.effects).toEqual([{ kind: 'set-online', cpu: 8, to: 1 }]);
  });

  it('found bug: the administrator left the parent fewer vCPUs than its floor', () => {
    const host = qingtianHost({ nodes: 1, coresPerNode: 3 });
    const conf = { hugepageSizeMib: 2, memoryMib: 256, cpuCount: 4 };
    expect(runInPlace(host, { kind: 'qingtian.reserve', conf }).refusal).toBeUndefined();
    expect(runInPlace(host, offline(3))).toMatchObject({
      effects: [],
      refusal: {
        rule: 'cpu-parent-floor',
        message: '1 vCPU would be left to the parent',
        numbers: { vcpusLeft: 1, minVcpus: 2 },
      },
    });
    // What is online already is not brought online again, and two are enough.
    expect(runInPlace(host, { ...offline(3), online: true })).toEqual({ effects: [], facts: {} });
    runInPlace(host, { kind: 'qingtian.unreserve' });
    for (const cpu of [1, 2, 4, 5]) expect(runInPlace(host, offline(cpu)).effects.length).toBe(1);
    expect(runInPlace(host, offline(5))).toEqual({ effects: [], facts: {} });
    expect(runInPlace(host, offline(3)).refusal?.rule).toBe('cpu-parent-floor');
  });

  it('the floor is the one that the host’s options say', () => {
    const described = describeHost({
      profile: qingtianProfile(),
      topology: regularTopology({ cores: 2, threadsPerCore: 2, nodes: 1, architecture: 'x86_64' }),
      memoryMib: [2048],
      options: { parentVcpus: 3 },
    });
    if ('problems' in described) throw new Error(JSON.stringify(described.problems));
    expect(runInPlace(described.host, offline(1)).refusal).toBeUndefined();
    expect(runInPlace(described.host, offline(2)).refusal?.numbers).toEqual({
      vcpusLeft: 2,
      minVcpus: 3,
    });
  });

  it.each([
    ['parent.stop', 'stopped'],
    ['parent.terminate', 'terminated'],
  ] as const)('found bug: CPUs were switched after %s', (kind, state) => {
    const host = qingtianHost();
    runInPlace(host, { kind });
    for (const online of [false, true]) {
      expect(runInPlace(host, { ...offline(1), online })).toMatchObject({
        effects: [],
        refusal: {
          rule: 'cpu-parent-running',
          message: `the parent VM is ${state}`,
          numbers: { state },
        },
      });
    }
  });

  it('plain VMs name no floor; what they run on is theirs all the same', () => {
    const host = vmHost();
    const floor = CPU_ONLINE_RULES.find(({ id }) => id === 'cpu-parent-floor');
    expect(floor?.check({ host, cpu: 1, online: false })).toEqual({
      verdict: 'not-applicable',
      reason: 'the platform names no such number',
    });
    expect(runInPlace(host, offline(1)).refusal?.rule).toBe('cpu-of-parent');
  });

  it('each row says where it is checked and who refuses', () => {
    const rows = CPU_ONLINE_RULES.map(({ id, checkedAt, layer, codes, requirements }) => {
      return [id, checkedAt, layer, codes, requirements];
    });
    expect(rows).toEqual(
      ['cpu-parent-running', 'cpu-present', 'cpu-0-stays', 'cpu-of-parent', 'cpu-parent-floor'].map(
        (id) => [id, 'parent', 'parent', [], []],
      ),
    );
  });

  it('one goes offline with nobody to have it by that command alone, and only that one', () => {
    const { offlineCause } = qingtianHost().profile.guarantees ?? {};
    expect(offlineCause?.(offline(5))).toEqual({ kind: 'switched-off', cpu: 5 });
    expect(offlineCause?.({ ...offline(5), online: true })).toBeUndefined();
    expect(offlineCause?.({ kind: 'parent.stop' })).toBeUndefined();
  });
});
