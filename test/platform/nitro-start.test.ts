/** START, exit events, close: each check at its boundary, and the traps of §9 about an ending. */

import { describe, expect, it } from 'vitest';
import { describeHost } from '../../core/host/describe.js';
import type { Host } from '../../core/host/host.js';
import { theRecord, uidsOf } from '../../core/host/records.js';
import { runInPlace } from '../../core/host/step.js';
import { nitroProfile } from '../../core/platform/nitro/profile.js';
import { give, launch, readyHost, run, touchedPages } from './nitro-host.js';

const STOPPED = 65535;
const U32_MAX = 2n ** 32n - 1n;

function start(host: Host, slot: number, cid = 0n, flags = 0n) {
  return run(host, { kind: 'nitro.start', slot, cid, flags });
}

/** An enclave with `pages` pages and one whole core, not started. */
function equipped(pages: number, host = readyHost(100)) {
  const { slot = -1 } = run(host, { kind: 'nitro.create-vm', task: 1 });
  for (const address of touchedPages(host, 1, pages)) give(host, slot, 1, address);
  for (const cpu of [0, 0]) run(host, { kind: 'nitro.add-vcpu', slot, task: 1, cpu });
  return { host, slot };
}

describe('START', () => {
  it('N11 refused: flags above 1 before the CID, the CID before the state', () => {
    const { host, slot } = equipped(0);
    expect(start(host, slot, 1n, 2n).rc).toBe(-274);
    expect(start(host, slot, 1n).rc).toBe(-275);
    expect(start(host, slot).rc).toBe(-266);
    const running = launch(host, 1);
    expect([start(host, running, 1n, 2n), start(host, running, 3n)].map(({ rc }) => rc)).toEqual([
      -274, -275,
    ]);
    expect(start(host, running).codes).toEqual(['NE 270']);
  });

  it.each([
    [1n, -275],
    [2n, -275],
    [3n, -275],
    [4n, 4],
    [U32_MAX - 1n, Number(U32_MAX - 1n)],
    [U32_MAX, -275],
    [U32_MAX + 1n, -275],
    [0n, 16],
  ])('N11 holds: CID %s', (cid, expected) => {
    const { host, slot } = equipped(32);
    const answer = start(host, slot, cid);
    expect(answer.cid ?? answer.rc).toBe(expected);
  });

  it('N11 refused: 62 MiB are below the minimum, 64 MiB are not', () => {
    const low = equipped(31);
    expect(start(low.host, low.slot).rc).toBe(-268);
    const enough = equipped(32);
    expect(start(enough.host, enough.slot, 0n, 1n)).toMatchObject({ rc: 0, cid: 16 });
    expect(theRecord(enough.host.tree, enough.slot)).toMatchObject({ state: 'RUNNING', debug: 1 });
  });

  it('trap 10: one page of 1 GiB is enough memory', () => {
    const host = readyHost(0);
    run(host, { kind: 'nitro.write-hugepages', node: 0, pageKib: 1048576, text: '1' });
    const { slot = -1 } = run(host, { kind: 'nitro.create-vm', task: 1 });
    const { address = 0 } = run(host, { kind: 'nitro.map-page', task: 1, pageKib: 1048576 });
    run(host, { kind: 'nitro.touch', address, localNode: 0 });
    const region = { slot, task: 1, flags: 0n, address: BigInt(address), bytes: 2n ** 30n };
    expect(run(host, { kind: 'nitro.set-memory', ...region }).rc).toBe(0);
    for (const cpu of [0, 0]) run(host, { kind: 'nitro.add-vcpu', slot, task: 1, cpu });
    expect(start(host, slot).rc).toBe(0);
  });

  it('quirk done-though-efault: the enclave runs although the CID was not reported', () => {
    const { host, slot } = equipped(32);
    const answer = run(host, { kind: 'nitro.start', slot, cid: 0n, flags: 0n, fault: 'out' });
    expect(answer.rc).toBe(-14);
    expect(theRecord(host.tree, slot)).toMatchObject({ state: 'RUNNING', cid: 16 });
  });

  it('a refused START uses up no automatic CID and may be retried', () => {
    const { host, slot } = equipped(32);
    const answers = { ENCLAVE_START: { nth: 1, errno: 12 } };
    expect(run(host, { kind: 'nitro.start', slot, cid: 0n, flags: 0n, answers }).rc).toBe(-12);
    expect(start(host, slot).cid).toBe(16);
  });
});

describe('N08: the life of a slot', () => {
  it('N08 holds: INIT → RUNNING → STOPPED → gone', () => {
    const host = readyHost(64);
    const slot = launch(host, 1);
    expect(run(host, { kind: 'nitro.exit-event', slot, state: STOPPED }).requests).toEqual([
      ['INFO', slot],
    ]);
    expect(theRecord(host.tree, slot)).toMatchObject({ state: 'STOPPED', event: 1 });
    expect(run(host, { kind: 'nitro.poll', slot }).poll).toBe(16);
    const closed = run(host, { kind: 'nitro.close', slot });
    expect(closed).toMatchObject({ rc: 0, release: 0, requests: [['FREE', slot]] });
    expect(uidsOf(host.tree)).toEqual([]);
  });

  it('N08 refused: outside INIT nothing can be added or started (NE 270)', () => {
    const host = readyHost(64);
    const slot = launch(host, 1);
    const info = { kind: 'nitro.image-load-info', slot, flags: 9n } as const;
    expect(run(host, { kind: 'nitro.add-vcpu', slot, task: 2, cpu: 0 }).rc).toBe(-270);
    expect(run(host, info).rc).toBe(-270);
    expect(give(host, slot, 2, 1).rc).toBe(-270);
  });

  it('trap 7: a crashed enclave keeps cores and pages until its file closes', () => {
    const host = readyHost(64);
    const slot = launch(host, 1);
    run(host, { kind: 'nitro.exit-event', slot, state: STOPPED });
    expect(host.tree.pool.avail[0]).toEqual([]);
    expect(host.tree.counters.pinned).toBe(32);
    run(host, { kind: 'nitro.close', slot });
    expect(host.tree.pool.avail[0]).toEqual([1, 5]);
    expect(host.tree.counters.pinned).toBe(0);
  });

  it('quirk slot-info-zeroed: a failed SLOT_INFO turns RUNNING into INIT, which close skips STOP for', () => {
    const host = readyHost(64, { hypervisor: { kind: 'permissive' } });
    const slot = launch(host, 1);
    const answers = { SLOT_INFO: { nth: 1, errno: 5 } };
    run(host, { kind: 'nitro.exit-event', slot, state: 2, answers });
    expect(theRecord(host.tree, slot)).toMatchObject({ state: 'INIT', event: 1 });
    expect(start(host, slot).rc).toBe(0);
  });

  it('slot-info-zeroed: the hypervisor knows better and refuses whatever would change it', () => {
    const host = readyHost(64);
    const slot = launch(host, 1);
    const answers = { SLOT_INFO: { nth: 1, errno: 5 } };
    run(host, { kind: 'nitro.exit-event', slot, state: 2, answers });
    const before = { ...theRecord(host.tree, slot) };
    const refused = { rc: -114, rule: 'nitro.hypervisor-slot-started' };
    expect(start(host, slot)).toMatchObject(refused);
    expect(run(host, { kind: 'nitro.add-vcpu', slot, task: 1, cpu: 0 })).toMatchObject(refused);
    expect(give(host, slot, 1, touchedPages(host, 1, 1)[0])).toMatchObject(refused);
    const { vcpus, memoryBytes, cid } = before;
    expect(theRecord(host.tree, slot)).toMatchObject({ vcpus, memoryBytes, cid });
    expect(run(host, { kind: 'nitro.close', slot })).toMatchObject({ release: 0 });
    expect(uidsOf(host.tree)).toEqual([]);
  });

  it('after a time-out the reply before it is believed', () => {
    const host = readyHost(128);
    const [older, newer] = [launch(host, 1), launch(host, 2)];
    const answers = { SLOT_INFO: { nth: 2, errno: 110 } };
    run(host, { kind: 'nitro.exit-event', slot: newer, state: STOPPED, answers });
    expect(theRecord(host.tree, newer).state).toBe('STOPPED');
    expect(theRecord(host.tree, older).state).toBe('STOPPED');
  });

  it('quirk zombie-slot: a failed release keeps everything and blocks the pool for ever', () => {
    const host = readyHost(64);
    const slot = launch(host, 1);
    const answers = { SLOT_FREE: { nth: 1, errno: 16 } };
    expect(run(host, { kind: 'nitro.close', slot, answers })).toMatchObject({
      rc: 0,
      release: -16,
    });
    expect(theRecord(host.tree, slot)).toMatchObject({ fd: -1, state: 'RUNNING' });
    expect(run(host, { kind: 'nitro.close', slot }).rc).toBe(-9);
    expect(run(host, { kind: 'nitro.write-pool', text: '' }).rc).toBe(-1);
    run(host, { kind: 'nitro.unbind' });
    expect(run(host, { kind: 'nitro.write-pool', text: '' }).rc).toBe(-22);
  });

  it('the parent takes all with it: zombies, pages, cores', () => {
    const host = readyHost(64);
    const slot = launch(host, 1);
    run(host, { kind: 'nitro.close', slot, answers: { SLOT_FREE: { nth: 1, errno: 16 } } });
    launch(host, 2);
    run(host, { kind: 'parent.crash' });
    expect(host.tree).toMatchObject({ parent: 'stopped', records: [], mappings: [] });
    expect(host.tree.online).toEqual([1, 1, 1, 1, 1, 1, 1, 1]);
    expect(host.memory[0].base.freeFrames).toBe(2048);
    expect(run(host, { kind: 'nitro.create-vm', task: 0 }).rule).toBe('nitro.parent-running');
  });
});

describe('diagnosis', () => {
  it('names every row that fails, not only the first', () => {
    const host = readyHost(0);
    const { slot = -1 } = run(host, { kind: 'nitro.create-vm', task: 1 });
    const command = { kind: 'nitro.start', slot, cid: 1n, flags: 7n } as const;
    const failing = nitroProfile()
      .diagnose(host, command)
      ?.filter(({ outcome }) => outcome.verdict === 'refuse')
      .map(({ rule }) => rule);
    expect(failing).toEqual([
      'nitro.start-flags',
      'nitro.start-cid',
      'nitro.start-has-memory',
      'nitro.start-min-memory',
      'nitro.start-has-vcpu',
    ]);
  });
});

describe('the parent type', () => {
  const hostOfType = (type: string) => {
    const described = describeHost({ profile: nitroProfile(), type });
    if ('problems' in described) throw new Error(JSON.stringify(described.problems));
    return described.host;
  };

  it('Q13 refused: bare metal and unsupported types have no enclave device', () => {
    for (const type of ['m5.metal', 't3.2xlarge']) {
      const write = runInPlace(hostOfType(type), { kind: 'nitro.write-pool', text: '\n' });
      expect(write.refusal?.rule).toBe('nitro.parent-type');
    }
  });

  it('Q13 holds: a supported type gets its pool, an explicit topology is not judged', () => {
    const write = runInPlace(hostOfType('m5.2xlarge'), { kind: 'nitro.write-pool', text: '1,5' });
    expect(write.refusal).toBeUndefined();
    const verdicts = readyHost(0).profile.diagnose(readyHost(0), {
      kind: 'nitro.create-vm',
      task: 1,
    });
    const verdict = verdicts?.find(({ rule }) => rule === 'nitro.parent-type');
    expect(verdict?.outcome.verdict).toBe('not-applicable');
  });
});
