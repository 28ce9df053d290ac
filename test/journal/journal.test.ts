/** One command as a line, the hash over a journal, the id of a run, and a replay that differs. */
import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { Command } from '../../core/host/command.js';
import { runInPlace } from '../../core/host/step.js';
import { canonicalJson, decodeCommand, encodeCommand } from '../../core/journal/codec.js';
import {
  type JournalEntry,
  journalEntry,
  replay,
  resultHash,
  runId,
} from '../../core/journal/journal.js';
import { vmHost } from '../kit/hosts.js';

const sha = (text: string) => createHash('sha256').update(text).digest('hex');

/** What these commands do to a small host of VMs. */
function played(...commands: readonly Command[]): JournalEntry[] {
  const host = vmHost();
  return commands.map((command) => journalEntry(command, runInPlace(host, command)));
}

const LAUNCH: Command = { kind: 'vm.launch', vcpus: 2, memoryMib: 512, nodes: 1 };

describe('a command as text', () => {
  it('is read back, whatever order its fields were written in', () => {
    const start: Command = { kind: 'nitro.start', slot: 1, cid: 2n ** 33n, flags: 0n };
    const text = '{"cid":"8589934592n","flags":"0n","kind":"nitro.start","slot":1}';
    expect(encodeCommand(start)).toBe(text);
    expect(decodeCommand(text)).toEqual(start);
    expect(
      decodeCommand('{"slot":1,"flags":"0n","kind":"nitro.start","cid":"8589934592n"}'),
    ).toEqual(start);
  });

  it('text that is no JSON and JSON that is no command are told apart, with what is wrong', () => {
    expect(() => decodeCommand('{')).toThrow(SyntaxError);
    const two = '{"kind":"nitro.start","slot":-1,"cid":"x","flags":"0n"}';
    expect(() => decodeCommand(two)).toThrow(TypeError);
    expect(() => decodeCommand(two)).toThrow(
      /^no command: slot should be .*; cid should be .*: \{"kind"/,
    );
    const deep = `{"kind":${'['.repeat(50_000)}${']'.repeat(50_000)}}`;
    expect(() => decodeCommand(deep)).toThrow('no command: kind should be a text: {"kind":[[');
    const long = `{"kind":"nitro.start","note":"${'y'.repeat(200)}"}`;
    expect(() => decodeCommand(long)).toThrow(new RegExp(`: ${long.slice(0, 80)}$`));
  });
});

describe('a journal', () => {
  it('an entry says what was done, what came of it, and which rule refused', () => {
    const [launched, refused] = played(LAUNCH, { ...LAUNCH, vcpus: 99 });
    expect(launched.command).toEqual(LAUNCH);
    expect(launched.facts.uid).toBe(0);
    expect('refused' in launched).toBe(false);
    expect(refused.refused).toBe('vm-vcpus');
  });

  it('its hash is SHA-256 over its lines', () => {
    const entries = played(LAUNCH, { kind: 'parent.stop' });
    const lines = entries.map((entry) => `${canonicalJson(entry)}\n`);
    expect(resultHash(entries)).toBe(sha(lines.join('')));
    expect(resultHash([])).toBe(sha(''));
  });

  it('a run id is SHA-256 over the inputs, whatever their order', () => {
    expect(runId({ seed: 1, engine: 'x' })).toBe(sha('{"engine":"x","seed":1}'));
  });

  it('a replay meets every outcome, or names the first that came out differently', () => {
    const entries = played(LAUNCH, { ...LAUNCH, vcpus: 8 }, { kind: 'vm.terminate', uid: 0 });
    const host = vmHost();
    expect(replay(host, entries)).toBeUndefined();
    expect(host.tree.records.map(({ uid }) => uid)).toEqual([1]);
    const smaller = replay(vmHost({ coresPerNode: 3 }), entries);
    expect(smaller).toMatchObject({ position: 1, expected: entries[1] });
    expect(smaller?.got).toMatchObject({ command: entries[1].command, refused: 'vm-node-fit' });
  });
});
