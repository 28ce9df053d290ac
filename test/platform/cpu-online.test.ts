/** CPUs that the administrator switches on a QingTian parent. */
import { describe, expect, it } from 'vitest';
import { runInPlace } from '../../core/host/step.js';
import { qingtianHost } from '../kit/hosts.js';

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
});
