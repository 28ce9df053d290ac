/**
 * Journals whose check digits are right and whose content is not: what a careful forger, or a run of
 * another version, could hand in. Each is refused by name and line.
 */
import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { type JournalEntry, journalLine } from '../../core/journal/journal.js';
import {
  type JournalHeader,
  journalWriter,
  readJournal,
  writeJournal,
} from '../../core/journal/stored.js';

/** Lines as the format describes them, each with the digits of all the texts so far. */
function chained(...texts: readonly string[]): string {
  const hash = createHash('sha256');
  const lines = texts.map((text) => {
    hash.update(`${text}\n`);
    return `${hash.copy().digest('hex').slice(0, 8)} ${text}\n`;
  });
  return lines.join('');
}

const HEAD = '{"format":"hypercarve-journal","runId":"ab","version":1}';
const STOP: JournalEntry = { command: { kind: 'parent.stop' }, facts: {} };
const ENTRY = '{"command":{"kind":"parent.stop"},"facts":{}}';

/** The last line over these entries. */
function last(count: number, ...entries: readonly string[]): string {
  const hash = createHash('sha256');
  for (const entry of entries) hash.update(`${entry}\n`);
  return `{"entries":${count},"resultHash":"${hash.digest('hex')}"}`;
}

function problemOf(text: string) {
  const reading = readJournal(text);
  if (reading.ok) throw new Error('the text was accepted');
  expect(reading.problems).toHaveLength(1);
  return { ...reading.problems[0], sound: reading.sound.length };
}

describe('lines of a journal', () => {
  it('are what the format says: head, entries, the count and the hash of all', () => {
    const writer = journalWriter({ runId: 'ab' });
    const text = writer.head + writer.entry(STOP) + writer.end();
    expect(text).toBe(chained(HEAD, ENTRY, last(1, ENTRY)));
    expect(journalLine({ ...STOP, refused: 'some-rule' })).toBe(
      '{"command":{"kind":"parent.stop"},"facts":{},"refused":"some-rule"}',
    );
    expect(readJournal(text)).toStrictEqual({
      ok: true,
      complete: true,
      header: { runId: 'ab' },
      entries: [STOP],
    });
  });

  it.each([
    ['no JSON', 'hello', 'this is no hypercarve-journal'],
    ['null', 'null', 'this is no hypercarve-journal'],
    ['a text', '"hypercarve-journal"', 'this is no hypercarve-journal'],
    ['a list', '[]', 'this is no hypercarve-journal'],
    ['another format', HEAD.replace('journal', 'diary'), 'this is no hypercarve-journal'],
    ['another version', HEAD.replace(':1', ':2'), 'version 2 is not known'],
    ['no run id', HEAD.replace('runId', 'run'), 'the run id is missing'],
    ['an empty run id', HEAD.replace('"ab"', '""'), 'the run id is missing'],
    ['a run id that is no text', HEAD.replace('"ab"', '7'), 'the run id is missing'],
  ])('a head that is %s', (_, head, message) => {
    expect(problemOf(chained(head, ENTRY))).toEqual({ line: 1, message, sound: 0 });
  });

  // Found bug: it was written, and no reader took it.
  it.each<[string, unknown, string]>([
    ['no header', undefined, 'should be a mapping of runId'],
    ['a header without run id', {}, 'runId should be a text that names the run'],
    ['a run id that is no text', { runId: 7 }, 'runId should be a text that names the run'],
    ['an empty run id', { runId: '' }, 'runId should be a text that names the run'],
    ['a misspelt field', { runid: 'ab' }, 'runid is no field here; there are: runId (did you'],
  ])('%s is not written', (_, header, message) => {
    const given = header as JournalHeader;
    const wanted = `the header of a journal: ${message}`;
    for (const write of [() => journalWriter(given), () => writeJournal(given, [])]) {
      expect(write).toThrow(wanted);
    }
  });

  it('what is no text is told as such', () => {
    const told = readJournal({ head: HEAD } as unknown as string);
    const message = 'a journal is a text, as writeJournal gives it, not a mapping';
    expect(told).toEqual({ ok: false, problems: [{ line: 0, message }], sound: [] });
  });

  it.each([
    ['no JSON', 'hello'],
    ['null', 'null'],
    ['a number', '5'],
    ['a list', '[]'],
    ['an entry without its command', '{"facts":{}}'],
    ['an entry without its facts', '{"command":{"kind":"parent.stop"}}'],
    ['a list for a command', '{"command":[],"facts":{}}'],
    ['null for facts', '{"command":{"kind":"parent.stop"},"facts":null}'],
    ['a list for facts', '{"command":{"kind":"parent.stop"},"facts":[]}'],
    ['a number for the rule that refused', ENTRY.replace('}}', '},"refused":5}')],
    ['a command that is none', ENTRY.replace('parent.stop', 'parent.fly')],
    ['an entry with more than it has', ENTRY.replace('}}', '},"more":1}')],
    ['fields in another order', '{"facts":{},"command":{"kind":"parent.stop"}}'],
    ['spaces', ENTRY.replace(',', ', ')],
  ])('a line that is %s', (_, line) => {
    const message = 'the line is no journal entry';
    expect(problemOf(chained(HEAD, ENTRY, line))).toEqual({ line: 3, message, sound: 1 });
  });

  it.each([
    ['facts', '{"command":{"kind":"parent.stop"},"facts":{"events":DEEP}}'],
    ['a kind', '{"command":{"kind":DEEP},"facts":{}}'],
    ['a field', '{"command":{"kind":"vm.terminate","uid":DEEP},"facts":{}}'],
    ['a rule', '{"command":{"kind":"parent.stop"},"facts":{},"refused":DEEP}'],
    ['a line', 'DEEP'],
  ])('found bug: %s nested too deep to be written threw', (_, line) => {
    const text = line.replace('DEEP', '['.repeat(50_000) + ']'.repeat(50_000));
    expect(problemOf(chained(HEAD, text))).toMatchObject({ line: 2, sound: 0 });
  });

  it.each([
    ['count', last(2, ENTRY)],
    ['hash', last(1)],
  ])('a last line with a wrong %s', (_, line) => {
    const message = 'the count or the result hash is wrong';
    expect(problemOf(chained(HEAD, ENTRY, line))).toEqual({ line: 3, message, sound: 1 });
  });

  it.each([
    ['a line', chained(HEAD, last(0), ENTRY)],
    ['a piece of a line', `${chained(HEAD, last(0))}1`],
  ])('%s after the last one', (_, text) => {
    const message = 'there is text after the last line';
    expect(problemOf(text)).toEqual({ line: 3, message, sound: 0 });
  });

  it('a line that is cut off, one whose digits are wrong, and no line at all', () => {
    const text = chained(HEAD, ENTRY);
    const cut = { line: 2, message: 'the line is cut off', sound: 0 };
    expect(problemOf(text.slice(0, -1))).toEqual(cut);
    const wrong = { line: 2, message: 'the line does not match its check digits', sound: 0 };
    expect(problemOf(text.replace('stop', 'boot'))).toEqual(wrong);
    expect(problemOf('')).toEqual({ line: 0, message: 'the journal is empty', sound: 0 });
  });
});
