/**
 * Stored journals and snapshots: what was written is read back. Every byte damaged once:
 * stored-damage.test.ts; sound lines of another content: lines.test.ts.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { runInPlace } from '../../core/host/step.js';
import type { JournalEntry } from '../../core/journal/journal.js';
import { journalWriter, readJournal, writeJournal } from '../../core/journal/stored.js';
import { readSnapshot, writeSnapshot } from '../../core/journal/stored-snapshot.js';
import { CAMPAIGNS, NITRO_CAMPAIGN, QINGTIAN_CAMPAIGN } from '../kit/campaigns.js';
import { scaledRuns } from '../seed.js';
import { HEADER, lines, played, sample } from './played.js';

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

  it('what no reader would take is thrown back as it is written, with its place', () => {
    const { entries } = sample(NITRO_CAMPAIGN, 3);
    const [sound] = entries;
    const written = (entry: unknown) => () => writeJournal(HEADER, [sound, entry as JournalEntry]);
    expect(written(sound)).not.toThrow();
    expect(written({ kind: 'parent.stop' })).toThrow(
      'entries[1] of a journal: this is a command alone, without what came of it; journalEntry(',
    );
    for (const [entry, message] of [
      [undefined, 'an entry is a mapping of command and facts, not undefined'],
      [[], 'an entry is a mapping of command and facts, not a list'],
      [{ command: sound.command }, 'facts should be a mapping, not undefined'],
      [{ ...sound, refused: 5 }, 'refused should be the id of a rule, not a number'],
      [{ facts: {} }, 'command: a command is a mapping with a kind'],
      [{ ...sound, kind: 'nitro.poll', facts: 3 }, 'facts should be a mapping, not a number'],
      [
        { command: { kind: 'nitro.poll', slot: -1, enclave: 2 }, facts: {} },
        'command: enclave is no field here; there are: slot; slot should be a whole number from 0',
      ],
      [{ command: { kind: 'nitro.pol' }, facts: {} }, 'command: kind there is no command'],
      [{ command: { kind: 'nitro.poll', slot: -1 }, facts: {} }, 'command: slot should be a whole'],
    ] as const) {
      expect(written(entry)).toThrow(TypeError);
      expect(written(entry)).toThrow(`entries[1] of a journal: ${message}`);
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

  it('a snapshot of another platform is refused', () => {
    const text = writeSnapshot(QINGTIAN_CAMPAIGN.host(), 0);
    const reading = readSnapshot(NITRO_CAMPAIGN.host(), text);
    expect(reading).toEqual({ ok: false, problem: 'the snapshot is of qingtian@2022-10', line: 1 });
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
