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

/** A text of one line whose check digits are right. */
function signed(json: string): string {
  return `${createHash('sha256').update(`${json}\n`).digest('hex').slice(0, 8)} ${json}\n`;
}

/** 384 MiB a node, unless told otherwise. */
const small = (shape: SmallHost = {}) => qingtianHost({ memoryMibPerNode: 384, ...shape });

const storesOf = ({ memory }: Host) => memory.map(({ base }) => bytesToHex(base.snapshot()));

/** Each differs from the small host in one thing, or in what follows from it, too. */
const OTHERS: readonly (readonly [string, SmallHost, string])[] = [
  ['other nodes', { nodes: 1 }, 'parent, topology, memory, uptime'],
  ['more cores', { coresPerNode: 8 }, 'topology'],
  ['other siblings', { numbering: 'adjacent' }, 'topology'],
  ['less memory', { memoryMibPerNode: 128 }, 'parent, memory'],
  ['other page sizes', { pageSizesKib: [2048] }, 'topology'],
  ['another option', { options: { maxEnclaves: 'none' } }, 'options'],
  ['another hypervisor', { hypervisor: { firstCid: 9 } }, 'hypervisor'],
  ['days of uptime', { uptimeDays: 30 }, 'uptime'],
];

const OTHER = 'the snapshot is of a host of another description';

describe('a snapshot of another host', () => {
  it.each(OTHERS)('%s: refused, what differs is named, nothing is written', (_, shape, what) => {
    const host = small();
    const other = small(shape);
    for (const [from, to] of [
      [host, other],
      [other, host],
    ]) {
      const before = storesOf(to);
      const problem = `${OTHER}: ${what}`;
      expect(readSnapshot(to, writeSnapshot(from, 0))).toEqual({ ok: false, problem, line: 1 });
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
    const problem = `${OTHER}: memory`;
    const text = writeSnapshot(uneven(256, 512), 0);
    expect(readSnapshot(uneven(512, 256), text)).toEqual({ ok: false, problem, line: 1 });
    expect(readSnapshot(uneven(256, 512), text).ok).toBe(true);
  });

  it('a text with one digit changed, in its digits or behind them', () => {
    const text = writeSnapshot(small(), 0);
    const problem = 'the line does not match its check digits';
    for (const [at, line] of [
      [3, 1],
      [text.indexOf('"tree"') + 2, 2],
      [text.lastIndexOf('"digest"') + 12, text.split('\n').length - 1],
    ]) {
      const digit = text[at] === '0' ? '1' : '0';
      const changed = text.slice(0, at) + digit + text.slice(at + 1);
      expect(readSnapshot(small(), changed)).toEqual({ ok: false, problem, line });
    }
  });

  it('a text that is cut off, empty or goes on, with the line', () => {
    const text = writeSnapshot(small(), 0);
    const lines = text.split('\n').length - 1;
    const at = (bad: string) => {
      const reading = readSnapshot(small(), bad);
      return reading.ok ? 'ok' : [reading.line, reading.problem];
    };
    expect(at('')).toEqual([0, 'the snapshot is empty']);
    expect(at(text.slice(0, 20))).toEqual([1, 'the snapshot is cut off']);
    expect(at(text.slice(0, text.indexOf('\n') + 1))).toEqual([2, 'the snapshot is cut off']);
    expect(at(text.slice(0, -1))).toEqual([lines, 'the snapshot is cut off']);
    for (const more of ['more', 'more\n', text]) {
      expect(at(text + more)).toEqual([lines + 1, 'there is text after the last line']);
    }
  });

  // Found bug: a TypeError that named a variable of ours.
  it('what is no text and what is no host is told as such', () => {
    const host = small();
    const text = writeSnapshot(host, 0);
    const told = (fresh: unknown, given?: unknown) => readSnapshot(fresh as Host, given as string);
    const noText = 'a snapshot is a text, as writeSnapshot gives it, not ';
    expect(told(host)).toEqual({ ok: false, problem: `${noText}undefined`, line: 0 });
    expect(told(host, new Uint8Array(3))).toMatchObject({ problem: `${noText}a mapping` });
    expect(told(text, host)).toMatchObject({
      problem: 'a host is asked for, the `host` of what describeHost gives, not a text',
      line: 0,
    });
    expect(() => writeSnapshot({ host } as unknown as Host, 0)).toThrow(
      /describeHost.*not all of it/,
    );
    expect(() => writeSnapshot(host, -1)).toThrow('entries: a whole number from 0');
    expect(() => writeSnapshot(host, 0.5)).toThrow('entries: a whole number from 0');
  });

  it('what commands have changed is no other description', () => {
    const host = small();
    const conf = { hugepageSizeMib: 2, memoryMib: 64, cpuCount: 2 };
    expect(runInPlace(host, { kind: 'qingtian.reserve', conf }).refusal).toBeUndefined();
    const reading = readSnapshot(small(), writeSnapshot(host, 1));
    expect(reading).toMatchObject({ ok: true, entries: 1, host: { tree: host.tree } });
  });

  it.each([
    ['null', 'the line does not match its check digits'],
    ['[]', 'the line does not match its check digits'],
    ['{}', 'this is no hypercarve-snapshot'],
    ['{"format":"hypercarve-journal"}', 'this is no hypercarve-snapshot'],
    ['{"format":"hypercarve-snapshot","version":3}', 'version 3 is not known, 4 is'],
  ])('a text with right digits that is no snapshot: %s', (json, problem) => {
    expect(readSnapshot(small(), signed(json))).toEqual({ ok: false, problem, line: 1 });
  });

  it('carries its format by name, for whoever finds the file', () => {
    const [head] = writeSnapshot(small(), 7).split('\n');
    expect(JSON.parse(head.slice(9))).toMatchObject({
      format: 'hypercarve-snapshot',
      version: 4,
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
    expect(reading).toEqual({ ok: false, problem: node.verifyIndex()[0], line: 3 });
    expect(reading).toMatchObject({ problem: expect.stringContaining('free') });
  });
});
