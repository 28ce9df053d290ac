/** What README says of journals and snapshots as text, by the library's own exports. */
import { expect, it } from 'vitest';
import {
  describeHost,
  findProfile,
  journalEntry,
  readJournal,
  readSnapshot,
  regularTopology,
  replay,
  step,
  writeJournal,
  writeSnapshot,
} from '../../core/index.js';

function freshHost() {
  const profile = findProfile('qingtian');
  if (profile === undefined) throw new Error('no profile');
  const topology = regularTopology({
    cores: 8,
    threadsPerCore: 2,
    nodes: 1,
    architecture: 'x86_64',
  });
  const described = describeHost({ profile, topology, memoryMib: [32_768] });
  if ('problems' in described) throw new Error(JSON.stringify(described.problems));
  return described.host;
}

it('a run is kept as text, read back and replayed; changed text is named, cut text gives what is sound', () => {
  const conf = { hugepageSizeMib: 1024, memoryMib: 4096, cpuCount: 4 };
  const command = { kind: 'qingtian.reserve', conf } as const;
  const { host, decision } = step(freshHost(), command);
  const entries = [journalEntry(command, decision)];
  const text = writeJournal({ runId: 'r' }, entries);

  const read = readJournal(text);
  if (!read.ok) throw new Error(JSON.stringify(read.problems));
  expect(replay(freshHost(), read.entries)).toBeUndefined();
  expect(readJournal(text.replace('4096', '4097'))).toMatchObject({
    ok: false,
    problems: [{ line: 2 }],
  });
  const cut = text.split('\n').slice(0, 2).join('\n');
  expect(readJournal(`${cut}\n`)).toMatchObject({ ok: true, complete: false, entries });

  const snapshot = writeSnapshot(host, entries.length);
  const again = readSnapshot(freshHost(), snapshot);
  if (!again.ok) throw new Error(JSON.stringify(again));
  expect(writeSnapshot(again.host, entries.length)).toBe(snapshot);
  expect(readSnapshot(freshHost(), snapshot.replace('"', "'")).ok).toBe(false);
});
