/** What a running enclave keeps while others come and go, and whose console may be open. */
import { describe, expect, it } from 'vitest';
import type { Host } from '../../core/host/host.js';
import { theRecord } from '../../core/host/records.js';
import { noteBefore } from '../../core/invariants/before.js';
import { checkInvariants } from '../../core/invariants/check.js';
import { looksSound } from '../../core/invariants/looks-sound.js';
import { must, qingtianPair, vmPair } from './sound-hosts.js';

function said(host: Host, change: () => void): string[] {
  const before = noteBefore(host);
  change();
  return checkInvariants(host, before)
    .filter(({ invariant }) => invariant === 'lifecycle-legal')
    .map(({ message }) => message);
}

describe('a running enclave', () => {
  it('keeps the very extents it had, though others are as large', () => {
    const host = vmPair();
    const [first, second] = [theRecord(host.tree, 0), theRecord(host.tree, 1)];
    const messages = said(host, () => {
      [first.extents, second.extents] = [second.extents, first.extents];
    });
    expect(messages).toEqual([
      expect.stringMatching(/^running enclave 0 has other extents than it had: /),
      expect.stringMatching(/^running enclave 1 has other extents than it had: /),
    ]);
  });

  it('is compared with what it had then: a note shares no list with the host', () => {
    const host = qingtianPair();
    const one = theRecord(host.tree, 0);
    const [cpu] = one.vcpus;
    const messages = said(host, () => {
      one.vcpus[0] = one.vcpus[1];
      one.vcpus[1] = cpu;
      one.donated.reverse();
    });
    expect(messages.map((text) => text.split(' than')[0])).toEqual([
      ...['running enclave 0 has other vcpus', 'running enclave 0 has other ranges'],
    ]);
  });
});

describe('a console', () => {
  it('is open in debug mode only, whichever state the enclave is in', () => {
    const host = qingtianPair();
    const one = theRecord(host.tree, 0);
    const told = () => [looksSound(host), said(host, () => undefined).length];
    one.console = 1;
    expect(told()).toEqual([false, 1]);
    one.debug = 1;
    expect(told()).toEqual([true, 0]);
    one.console = 0;
    expect(told()).toEqual([true, 0]);
  });

  it('of one in debug mode opens and closes, and nothing is broken', () => {
    const host = qingtianPair();
    theRecord(host.tree, 1).debug = 1;
    must(host, { kind: 'qingtian.console-open', uid: 1 });
    expect(checkInvariants(host)).toEqual([]);
    must(host, { kind: 'qingtian.console-close', uid: 1 });
    expect(checkInvariants(host)).toEqual([]);
  });
});
