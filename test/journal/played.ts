/** Campaigns played on their host, with the journal of what came of each command. */
import fc from 'fast-check';
import { runInPlace } from '../../core/host/step.js';
import { type JournalEntry, journalEntry, journalLine } from '../../core/journal/journal.js';
import type { Campaign } from '../kit/campaigns.js';

export const HEADER = { runId: 'ab'.repeat(32) };

/** A host and the journal of what it was given. */
export function played(
  { host: build, resolve }: Campaign,
  list: Parameters<Campaign['resolve']>[1][],
) {
  const host = build();
  const entries: JournalEntry[] = [];
  for (const intent of list) {
    const command = resolve(host, intent);
    entries.push(journalEntry(command, runInPlace(host, command)));
  }
  return { host, entries };
}

export function sample(campaign: Campaign, length: number) {
  return played(campaign, fc.sample(campaign.intents(length), { numRuns: 20 }).at(-1) ?? []);
}

export const lines = (entries: readonly JournalEntry[]) => entries.map(journalLine);
