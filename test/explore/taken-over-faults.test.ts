/** What the faults of what is taken over make of single effects. */
import { describe, expect, it } from 'vitest';
import type { Command } from '../../core/host/command.js';
import type { Effect } from '../../core/host/effect.js';
import type { Host } from '../../core/host/host.js';
import { theRecord } from '../../core/host/records.js';
import { qingtianPair } from '../invariants/sound-hosts.js';
import { expectUntouched, faultNamed } from './fault-named.js';

const ENDED: Effect = { kind: 'set-parent', from: 'running', to: 'running' };

describe('moved-to-cores-of-another', () => {
  const id = 'moved-to-cores-of-another';
  const stop = (uid: number): Command => ({ kind: 'qingtian.stop', uid });

  it('moves the first that runs to the cores, and gives it the vCPUs, of one that stops', () => {
    const host = qingtianPair();
    const [one, other] = [theRecord(host.tree, 0), theRecord(host.tree, 1)];
    const made = faultNamed(id).effects([ENDED], host, stop(1));
    expect(made.map(({ kind }) => kind)).toEqual([
      ...['set-parent', 'return-core', 'drop-enclave', 'add-enclave', 'take-core'],
    ]);
    expect(made[1]).toMatchObject({ uid: 0, ...one.cores[0] });
    expect(made[2]).toMatchObject({ enclave: { uid: 0, cores: [], vcpus: one.vcpus } });
    expect(made[3]).toMatchObject({ enclave: { uid: 0, cores: [], vcpus: other.vcpus } });
    expect(made[4]).toMatchObject({ uid: 0, ...other.cores[0] });
  });

  it.each<[string, (host: Host) => void, number]>([
    ['nobody else runs', ({ tree }) => Object.assign(theRecord(tree, 0), { state: 'defined' }), 1],
    ['one that is not there stops', () => undefined, 7],
    ['it has other many cores', ({ tree }) => Object.assign(theRecord(tree, 1), { cores: [] }), 1],
  ])('moves nobody where %s', (_, change, uid) => {
    const host = qingtianPair();
    change(host);
    expectUntouched(id, [ENDED], stop(uid), host);
  });

  it('moves nobody after a stop that did nothing, or another command', () => {
    expectUntouched(id, [], stop(1), qingtianPair());
    expectUntouched(id, [ENDED], { kind: 'qingtian.crash', uid: 1 }, qingtianPair());
  });
});
