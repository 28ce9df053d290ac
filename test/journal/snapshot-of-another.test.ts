/** Snapshots that are whole and right, and not for this host or not of this format. */
import { createHash } from 'node:crypto';
import { bytesToHex } from '@noble/hashes/utils.js';
import { describe, expect, it } from 'vitest';
import { describeHost } from '../../core/host/describe.js';
import type { Host } from '../../core/host/host.js';
import { runInPlace } from '../../core/host/step.js';
import { readSnapshot, writeSnapshot } from '../../core/journal/stored-snapshot.js';
import { FREE_FRAMES } from '../../core/memory/extent-layout.js';
import { qingtianHost, type SmallHost } from '../kit/hosts.js';

function signed(json: string): string {
  return `${createHash('sha256').update(json).digest('hex')} ${json}\n`;
}

/** 384 MiB a node, unless told otherwise. */
const small = (shape: SmallHost = {}) => qingtianHost({ memoryMibPerNode: 384, ...shape });

const storesOf = ({ memory }: Host) => memory.map(({ base }) => bytesToHex(base.snapshot()));

/** Each differs from the small host in one thing. */
const OTHERS: readonly (readonly [string, SmallHost])[] = [
  ['other nodes', { nodes: 1 }],
  ['more cores', { coresPerNode: 8 }],
  ['other siblings', { numbering: 'adjacent' }],
  ['less memory', { memoryMibPerNode: 128 }],
  ['other page sizes', { pageSizesKib: [2048] }],
  ['another option', { options: { maxEnclaves: 'none' } }],
  ['another hypervisor', { hypervisor: { firstCid: 9 } }],
  ['days of uptime', { uptimeDays: 30 }],
];

describe('a snapshot of another host', () => {
  it.each(OTHERS)('%s: refused, and nothing is written', (_, shape) => {
    const host = small();
    const other = small(shape);
    for (const [from, to] of [
      [host, other],
      [other, host],
    ]) {
      const before = storesOf(to);
      const problem = 'the snapshot is of a host of another description';
      expect(readSnapshot(to, writeSnapshot(from, 0))).toEqual({ ok: false, problem });
      expect(storesOf(to).join()).toBe(before.join());
    }
  });

  it('the same memory, lying on other nodes', () => {
    const uneven = (...memoryMib: readonly number[]) => {
      const { topology, parent, profile } = small();
      const described = describeHost({ profile, topology, memoryMib });
      if ('problems' in described) throw new Error(described.problems[0].message);
      return { ...described.host, parent };
    };
    const problem = 'the snapshot is of a host of another description';
    const text = writeSnapshot(uneven(256, 512), 0);
    expect(readSnapshot(uneven(512, 256), text)).toEqual({ ok: false, problem });
    expect(readSnapshot(uneven(256, 512), text).ok).toBe(true);
  });

  it('a text with one digit changed, in its digest or behind it', () => {
    const text = writeSnapshot(small(), 0);
    const problem = 'the snapshot does not match its digest';
    for (const at of [3, text.lastIndexOf('0')]) {
      const digit = text[at] === '0' ? '1' : '0';
      const changed = text.slice(0, at) + digit + text.slice(at + 1);
      expect(readSnapshot(small(), changed)).toEqual({ ok: false, problem });
    }
  });

  it('what commands have changed is no other description', () => {
    const host = small();
    const conf = { hugepageSizeMib: 2, memoryMib: 64, cpuCount: 2 };
    expect(runInPlace(host, { kind: 'qingtian.reserve', conf }).refusal).toBeUndefined();
    const reading = readSnapshot(small(), writeSnapshot(host, 1));
    expect(reading).toMatchObject({ ok: true, entries: 1, host: { tree: host.tree } });
  });

  it.each(['null', '5', '"text"', '[]', '{}', '{"format":"hypercarve-snapshot@2"}'])(
    'a text with a right digest that is no snapshot: %s',
    (json) => {
      const problem = 'this is no hypercarve-snapshot@3';
      expect(readSnapshot(small(), signed(json))).toEqual({ ok: false, problem });
    },
  );

  it('carries its format by name, for whoever finds the file', () => {
    expect(JSON.parse(writeSnapshot(small(), 7).slice(65))).toMatchObject({
      format: 'hypercarve-snapshot@3',
      profile: 'qingtian@2022-10',
      entries: 7,
    });
  });

  it('a store that was wrong before it was stored is named by the store’s own check', () => {
    const host = small();
    const [node] = host.memory;
    const bytes = node.base.snapshot();
    bytes[4 * FREE_FRAMES] ^= 1;
    node.base.restore(bytes);
    const reading = readSnapshot(small(), writeSnapshot(host, 0));
    expect(reading).toEqual({ ok: false, problem: node.verifyIndex()[0] });
    expect(reading).toMatchObject({ problem: expect.stringContaining('free') });
  });
});
