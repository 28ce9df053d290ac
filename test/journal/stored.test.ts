/**
 * Stored journals and snapshots: what was written is read back; every damaged byte is named.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findScope } from '../../core/explore/scopes.js';
import { runInPlace } from '../../core/host/step.js';
import { type JournalEntry, journalEntry, journalLine } from '../../core/journal/journal.js';
import { journalWriter, readJournal, writeJournal } from '../../core/journal/stored.js';
import { readSnapshot, writeSnapshot } from '../../core/journal/stored-snapshot.js';
import { CAMPAIGNS, type Campaign, NITRO_CAMPAIGN, QINGTIAN_CAMPAIGN } from '../kit/campaigns.js';
import { scaledRuns } from '../seed.js';

const HEADER = { runId: 'ab'.repeat(32) };

/** A host and the journal of what it was given. */
function played({ host: build, resolve }: Campaign, list: Parameters<Campaign['resolve']>[1][]) {
  const host = build();
  const entries: JournalEntry[] = [];
  for (const intent of list) {
    const command = resolve(host, intent);
    entries.push(journalEntry(command, runInPlace(host, command)));
  }
  return { host, entries };
}

function sample(campaign: Campaign, length: number) {
  return played(campaign, fc.sample(campaign.intents(length), { numRuns: 20 }).at(-1) ?? []);
}

const lines = (entries: readonly JournalEntry[]) => entries.map(journalLine);

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

describe('stored journal', () => {
  it.each(CAMPAIGNS)('$name: what was written is read back, bigints included', (campaign) => {
    fc.assert(
      fc.property(campaign.intents(60), (list) => {
        const { entries } = played(campaign, list);
        const reading = readJournal(writeJournal(HEADER, entries));
        expect(reading).toMatchObject({ ok: true, complete: true, header: HEADER });
        expect(lines(reading.ok ? reading.entries : [])).toEqual(lines(entries));
        expect(reading.ok ? reading.entries.map(({ command }) => command) : []).toEqual(
          entries.map(({ command }) => JSON.parse(JSON.stringify(command, keepBig), backBig)),
        );
      }),
      { numRuns: scaledRuns(20) },
    );
  });

  it('every bit of every byte flipped once is detected, with the line that is wrong', () => {
    const { entries } = sample(QINGTIAN_CAMPAIGN, 6);
    const text = writeJournal(HEADER, entries);
    let flips = 0;
    for (const { at, text: bad } of damaged(text)) {
      const reading = readJournal(bad);
      if (reading.ok) expect.fail(`bit flip in byte ${at} was accepted`);
      const line = text.slice(0, at).split('\n').length;
      // A flipped line end is noticed on the line it ended or the one it joined.
      expect(Math.abs(reading.problems[0].line - line)).toBeLessThanOrEqual(1);
      expect(lines(reading.sound)).toEqual(lines(entries.slice(0, reading.sound.length)));
      flips++;
    }
    expect(flips).toBe(text.length * 8);
  });

  it('lines that are missing, doubled or swapped are detected', () => {
    const { entries } = sample(NITRO_CAMPAIGN, 12);
    const all = writeJournal(HEADER, entries).split('\n').slice(0, -1);
    for (let i = 0; i < all.length - 1; i++) {
      const missing = all.filter((_, j) => j !== i);
      const doubled = all.flatMap((line, j) => (j === i ? [line, line] : [line]));
      const swapped = all.map((line, j) => (j === i ? all[i + 1] : j === i + 1 ? all[i] : line));
      for (const bad of [missing, doubled, swapped]) {
        expect(readJournal(`${bad.join('\n')}\n`).ok).toBe(false);
      }
    }
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

  it('another format, version or content is named', () => {
    const first = journalWriter(HEADER).head;
    expect(readJournal(first)).toMatchObject({ ok: true, complete: false, entries: [] });
    expect(readJournal('')).toMatchObject({ ok: false, problems: [{ line: 0 }] });
    expect(readJournal('hello\n')).toMatchObject({ ok: false, problems: [{ line: 1 }] });
  });
});

describe('stored snapshot', () => {
  it.each(CAMPAIGNS)('$name: a host read back decides as the one that was stored', (campaign) => {
    fc.assert(
      fc.property(campaign.intents(40), campaign.intents(40), (first, then) => {
        const { host, entries } = played(campaign, first);
        const reading = readSnapshot(campaign.host(), writeSnapshot(host, entries.length));
        if (!reading.ok) throw new Error(reading.problem);
        expect(reading.entries).toBe(entries.length);
        for (const intent of then) {
          const command = campaign.resolve(host, intent);
          expect(runInPlace(reading.host, command)).toEqual(runInPlace(host, command));
        }
        expect(reading.host.tree).toEqual(host.tree);
      }),
      { numRuns: scaledRuns(15) },
    );
  });

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
      expect(reading).toEqual({ ok: false, problem: 'the snapshot does not match its digest' });
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
      expect(reading.problem).toBe('the snapshot does not match its digest');
      flips++;
    }
    expect(flips).toBe(text.length * 8);
    expect(fresh.tree).toEqual(scope.build().tree);
  });

  it('a snapshot of another platform is refused', () => {
    const text = writeSnapshot(QINGTIAN_CAMPAIGN.host(), 0);
    const reading = readSnapshot(NITRO_CAMPAIGN.host(), text);
    expect(reading).toEqual({ ok: false, problem: 'the snapshot is of qingtian@2022-10' });
  });
});

function keepBig(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? `${value}n` : value;
}

function backBig(key: string, value: unknown): unknown {
  return key !== 'text' && typeof value === 'string' && /^-?\d+n$/.test(value)
    ? BigInt(value.slice(0, -1))
    : value;
}
