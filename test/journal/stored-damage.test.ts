/** Stored journals and snapshots with every byte damaged once: each damage is named. */
import { describe, expect, it } from 'vitest';
import { findScope } from '../../core/explore/scopes.js';
import { runInPlace } from '../../core/host/step.js';
import { readJournal, writeJournal } from '../../core/journal/stored.js';
import { readSnapshot, writeSnapshot } from '../../core/journal/stored-snapshot.js';
import { QINGTIAN_CAMPAIGN } from '../kit/campaigns.js';
import { HEADER, lines, sample } from './played.js';

/** The text with every bit of every byte flipped once, as a reader decodes it. */
function* damaged(text: string): Generator<{ readonly at: number; readonly text: string }> {
  const bytes = new TextEncoder().encode(text);
  for (let at = 0; at < bytes.length; at++) {
    for (let bit = 0; bit < 8; bit++) {
      bytes[at] ^= 1 << bit;
      yield { at, text: new TextDecoder().decode(bytes) };
      bytes[at] ^= 1 << bit;
    }
  }
}

/** The line of a byte; a flipped line end is noticed there or on the line it joined. */
function lineAt(text: string, at: number): number {
  return text.slice(0, at).split('\n').length;
}

describe('a damaged journal', () => {
  it('every bit of every byte flipped once is detected, with the line that is wrong', () => {
    const { entries } = sample(QINGTIAN_CAMPAIGN, 6);
    const text = writeJournal(HEADER, entries);
    let flips = 0;
    for (const { at, text: bad } of damaged(text)) {
      const reading = readJournal(bad);
      if (reading.ok) expect.fail(`bit flip in byte ${at} was accepted`);
      expect(Math.abs(reading.problems[0].line - lineAt(text, at))).toBeLessThanOrEqual(1);
      expect(lines(reading.sound)).toEqual(lines(entries.slice(0, reading.sound.length)));
      flips++;
    }
    expect(flips).toBe(text.length * 8);
  });

  it('a text cut off anywhere is never complete, and its sound entries are a prefix', () => {
    const { entries } = sample(QINGTIAN_CAMPAIGN, 12);
    const text = writeJournal(HEADER, entries);
    for (let length = 0; length < text.length; length++) {
      const reading = readJournal(text.slice(0, length));
      if (reading.ok) expect(reading.complete).toBe(false);
      const kept = reading.ok ? reading.entries : reading.sound;
      expect(lines(kept)).toEqual(lines(entries.slice(0, kept.length)));
    }
  });
});

describe('a damaged snapshot', () => {
  it('each byte flipped once is detected, and nothing is written on the host', () => {
    const { host } = sample(QINGTIAN_CAMPAIGN, 12);
    const text = writeSnapshot(host, 12);
    const fresh = QINGTIAN_CAMPAIGN.host();
    const before = fresh.memory.map((node) => node.snapshot());
    const bytes = new TextEncoder().encode(text);
    // The stores are mostly zeros: all of the head, then every 97th byte.
    for (let at = 0; at < bytes.length; at += at < 2_000 ? 1 : 97) {
      bytes[at] ^= 1;
      const reading = readSnapshot(fresh, new TextDecoder().decode(bytes));
      if (reading.ok) expect.fail(`a flip in byte ${at} was accepted`);
      expect(Math.abs(reading.line - lineAt(text, at))).toBeLessThanOrEqual(1);
      bytes[at] ^= 1;
    }
    expect(fresh.memory.map((node) => node.snapshot())).toEqual(before);
  });

  it('every bit of every byte of a small snapshot flipped once is detected', () => {
    const scope = findScope('qingtian-2x4x2x2');
    if (scope === undefined) throw new Error('the small scope is gone');
    const host = scope.build();
    for (const kind of ['qingtian.reserve', 'qingtian.define'] as const) {
      const move = scope.moves.find((one) => one.command(host)?.kind === kind);
      const command = move?.command(host);
      if (command === undefined) throw new Error(`no ${kind}`);
      runInPlace(host, command);
    }
    const text = writeSnapshot(host, 2);
    expect(readSnapshot(scope.build(), text).ok).toBe(true);
    const fresh = scope.build();
    let flips = 0;
    for (const { at, text: bad } of damaged(text)) {
      const reading = readSnapshot(fresh, bad);
      if (reading.ok) expect.fail(`bit flip in byte ${at} was accepted`);
      expect(reading.problem).toMatch(/check digits|cut off/);
      expect(Math.abs(reading.line - lineAt(text, at))).toBeLessThanOrEqual(1);
      flips++;
    }
    expect(flips).toBe(text.length * 8);
    for (let length = 0; length < text.length; length++) {
      const reading = readSnapshot(fresh, text.slice(0, length));
      expect(reading).toMatchObject({ ok: false, line: length === 0 ? 0 : expect.any(Number) });
    }
    expect(fresh.tree).toEqual(scope.build().tree);
  });
});
