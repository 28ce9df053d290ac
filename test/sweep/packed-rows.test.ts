/** Rows of a sweep packed into little memory, and tables written from them a row group at a time. */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { expect, it } from 'vitest';
import { PackedBlock, PackedRows, RuleNames } from '../../reports/sweep/packed-rows.js';
import { parquetBytes } from '../../reports/sweep/parquet.js';
import type { RunRow } from '../../reports/sweep/run-row.js';
import { writeFolderAtomically } from '../../scenarios/schema/folder.js';
import { gatherBlocks } from '../../scenarios/sweep/gather.js';
import { readFolder } from '../../scenarios/sweep/sweep-folder.js';
import { scaledRuns } from '../seed.js';
import { folderContent, runSweep, SMALL_SWEEP, temporaryFolder } from './small-sweep.js';

const count = fc.nat({ max: Number.MAX_SAFE_INTEGER });
const hash = fc.stringMatching(/^[0-9a-f]{64}$/);
const counts = fc.dictionary(fc.constantFrom('fleet-vcpus', 'fleet-memory', 'QT 10', 'é'), count, {
  noNullPrototype: true,
});
const row: fc.Arbitrary<RunRow> = fc.record({
  ...{ variant: count, replication: count, seed: count, runId: hash, resultHash: hash },
  ...{ asked: count, accepted: count, acceptedLate: count, refused: count, expired: count },
  ...{ lost: count, peakRunning: count, peakVcpus: count, peakMemoryMib: count },
  ...{ strandedVcpus: count, strandedMib: count, lastMs: count, violations: count },
  ...{ refusedBy: counts, refusedProposals: counts, refusedReservations: counts },
  ...{ groupsKept: count, groupsNotKept: count, eventsAfterEnd: count, tooLarge: count },
});

it('what is read is what was packed, field by field', () => {
  fc.assert(
    fc.property(fc.array(fc.array(row, { maxLength: 4 }), { maxLength: 4 }), (blocks) => {
      const rules = new RuleNames();
      const packed = new PackedRows();
      for (const rows of blocks) packed.push(new PackedBlock(rows, rules));
      const wanted = blocks.flat();
      expect(packed.length).toBe(wanted.length);
      const read = [...packed].map((view) =>
        Object.fromEntries(Object.keys(wanted[0]).map((key) => [key, view[key as keyof RunRow]])),
      );
      expect(read).toEqual(wanted);
    }),
    { numRuns: scaledRuns(50) },
  );
});

it('a hash that is none is not packed, since it would be read as another', () => {
  const [one] = fc.sample(row, { numRuns: 1, seed: 1 });
  const pack = (wrong: Partial<RunRow>) => () =>
    new PackedBlock([{ ...one, ...wrong }], new RuleNames());
  expect(pack({})).not.toThrow();
  expect(pack({ runId: 'f00d' })).toThrow('runId is no hash: f00d');
  expect(pack({ resultHash: 'G'.repeat(64) })).toThrow('resultHash is no hash');
});

it('a table of more than one row group, written by group, is the one written whole', () => {
  const rows = Array.from({ length: 100_001 }, (_, i) => i);
  const columns = [
    { name: 'n', type: 'INT64', of: (n: number) => n },
    {
      name: 'part',
      type: 'STRING',
      of: (n: number) => (n % 7 === 0 ? null : `${n % 7}`),
      nullable: true,
    },
  ] as const;
  const whole = parquetWriteBuffer({
    columnData: [
      { name: 'n', type: 'INT64', nullable: false, data: rows.map(BigInt) },
      { name: 'part', type: 'STRING', nullable: true, data: rows.map(columns[1].of) },
    ],
    rowGroupSize: 100_000,
    createdBy: 'hypercarve 9.9.9',
  });
  const written = parquetBytes<number>(columns, rows.values(), '9.9.9');
  expect(Buffer.compare(written, new Uint8Array(whole))).toBe(0);
  const none = parquetWriteBuffer({
    columnData: [{ name: 'n', type: 'INT64', nullable: false, data: [] }],
    createdBy: 'hypercarve 9.9.9',
  });
  expect(
    Buffer.compare(parquetBytes<number>([columns[0]], [], '9.9.9'), new Uint8Array(none)),
  ).toBe(0);
});

it('a merge holds no block: each is read again as it is written, and one that changed is told', async () => {
  const folder = temporaryFolder();
  const { out } = await runSweep(folder, SMALL_SWEEP);
  const opened = readFolder(out);
  if ('message' in opened) throw new Error(opened.message);
  const gathered = gatherBlocks([opened]);
  if ('problems' in gathered) throw new Error(JSON.stringify(gathered.problems));
  const { blocks } = gathered;
  const [path] = Object.keys(blocks);
  const file = join(out, path);
  const text = readFileSync(file, 'utf8');
  expect(blocks[path]()).toBe(text);
  writeFileSync(file, text.replace(/\d/g, '7'));
  const before = folderContent(folder);
  const problem = writeFolderAtomically(
    join(folder, 'm'),
    { ...blocks, 'manifest.json': '' },
    'manifest.json',
  );
  expect(problem?.message).toBe(
    `cannot be written: ${file} does not match its content hash; it was whole a moment before`,
  );
  rmSync(file);
  expect(blocks[path]).toThrow('is not there any more; it was whole a moment before');
  writeFileSync(file, before[join('out', path)], 'latin1');
  expect(folderContent(folder)).toEqual(before);
  rmSync(folder, { recursive: true });
});
