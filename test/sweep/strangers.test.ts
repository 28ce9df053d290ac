/** What lies in a run folder and is no sweep's: never taken away, never taken for a file of its own. */
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { merge } from '../../scenarios/cli/merge.js';
import { FINAL_NAMES } from '../../scenarios/sweep/own-names.js';
import { recordedStreams } from '../scenarios/cli/recorded-streams.js';
import { folderContent, runSweep, SMALL_SWEEP, temporaryFolder } from './small-sweep.js';

const FOLDER = temporaryFolder();
afterAll(() => rmSync(FOLDER, { recursive: true }));
/** One run. */
const ONE = SMALL_SWEEP.replace('requests: 60', 'requests: 5')
  .replace(', worst-fit, keep-1g', '')
  .replace(/ {4}heavy.*\n/, '')
  .replace('count: 6, block: 2', 'count: 1');
const FINISHED = join(FOLDER, 'finished');
let block: string;
let expected: Record<string, string>;

beforeAll(async () => {
  const { code, err } = await runSweep(FOLDER, ONE, { out: FINISHED });
  // A file of its own that it does not know as such would be told here.
  expect([code, err]).toEqual([0, '']);
  expected = folderContent(FINISHED);
  const [name, ...more] = readdirSync(join(FINISHED, 'blocks'));
  expect(more).toEqual([]);
  block = name;
});

function copied(name: string): string {
  const out = join(FOLDER, name);
  rmSync(out, { recursive: true, force: true });
  cpSync(FINISHED, out, { recursive: true });
  return out;
}
const resume = (out: string) => runSweep(FOLDER, ONE, { out, resume: true });
const merged = (...folders: readonly string[]) => {
  const streams = recordedStreams();
  const out = join(FOLDER, 'merged');
  rmSync(out, { recursive: true, force: true });
  const code = merge(folders, { out }, streams);
  return { code, err: streams.stderr(), out };
};

describe('sweep: files of others in its folder', () => {
  it('are all files but those it writes', () => {
    expect(Object.keys(expected).sort()).toEqual([...FINAL_NAMES, join('blocks', block)].sort());
  });

  // Found bug: --resume took them away.
  it('stay, and are told in one line; what a dead sweep left goes', async () => {
    const out = copied('visited');
    const theirs = {
      'blocks/README.txt': 'mine',
      'blocks/abc.json': '{}',
      '.new-mynotes': 'mine',
      '.new-7-notes.txt': 'mine',
      'notes.txt': 'mine',
    };
    const left = ['.new-7-runs.parquet', `.new-7-${block}`, `blocks/${'0'.repeat(64)}.json`];
    for (const [name, text] of Object.entries(theirs)) writeFileSync(join(out, name), text);
    for (const name of left) writeFileSync(join(out, name), 'half a tab');
    mkdirSync(join(out, 'blocks', 'notes'));
    const { code, err } = await resume(out);
    const names =
      '".new-7-notes.txt", ".new-mynotes", "notes.txt", "blocks/README.txt", "blocks/abc.json"';
    expect([code, err]).toEqual([
      0,
      `sweep: not of this sweep, left as it is in ${out}: ${names} and 1 more\n`,
    ]);
    expect(folderContent(out)).toEqual({ ...expected, ...theirs });
    expect(existsSync(join(out, 'blocks', 'notes'))).toBe(true);
  });

  it('make a folder somebody else’s, under whatever name that begins as ours do', async () => {
    const out = join(FOLDER, 'theirs');
    mkdirSync(out);
    writeFileSync(join(out, '.new-mynotes'), 'mine');
    const { code, err } = await runSweep(FOLDER, ONE, { out });
    expect([code, err]).toEqual([2, expect.stringContaining('is not a run folder of a sweep')]);
    expect(readdirSync(out)).toEqual(['.new-mynotes']);
  });
});

describe('sweep: a folder where it wants a file', () => {
  // Found bug: "internal error: EISDIR", exit code 70.
  it.each(['runs.parquet', 'summary.json', 'manifest.json', 'a block', 'blocks'])(
    '%s: named, by merge too, and nothing is changed',
    async (what) => {
      const name = what === 'a block' ? join('blocks', block) : what;
      const out = copied('odd');
      const { tables: _, ...plan } = JSON.parse(readFileSync(join(out, 'manifest.json'), 'utf8'));
      for (const state of ['finished', 'begun']) {
        // A sweep that has begun names no tables yet.
        if (state === 'begun' && what !== 'manifest.json') {
          writeFileSync(join(out, 'manifest.json'), JSON.stringify(plan));
        }
        rmSync(join(out, name), { recursive: true });
        if (what === 'blocks') writeFileSync(join(out, name), '');
        else mkdirSync(join(out, name));
        const before = folderContent(out);
        const words =
          what === 'blocks'
            ? `${join(out, name)}: cannot be written: a file stands there, not a folder`
            : `${join(out, name)}: is a folder, not a file`;
        const { code, err } = await resume(out);
        expect([code, err]).toEqual([2, expect.stringContaining(words)]);
        expect(folderContent(out)).toEqual(before);
        const put = merged(out);
        expect([put.code, existsSync(put.out)]).toEqual([2, false]);
        expect(put.err).toContain(what === 'blocks' ? '1 of 1 block is missing' : words);
      }
    },
  );
});

describe('merge: what its inputs hold', () => {
  it('a damaged block is taken from another folder that has it whole, and told', () => {
    const broken = copied('broken');
    for (const damage of ['cut', 'folder']) {
      const file = join(broken, 'blocks', block);
      rmSync(file);
      if (damage === 'cut') writeFileSync(file, 'half a bl');
      else mkdirSync(file);
      const what = damage === 'cut' ? 'is cut short' : 'is a folder, not a file';
      for (const order of [
        [broken, FINISHED],
        [FINISHED, broken],
      ]) {
        const { code, err, out } = merged(...order);
        const words = `merge: ${file}: ${what}; the block is whole in ${FINISHED}, and taken from there\n`;
        expect([code, err]).toEqual([0, words]);
        expect(folderContent(out)).toEqual(expected);
      }
      const alone = merged(broken, broken);
      expect([alone.code, alone.err]).toEqual([2, expect.stringContaining(`${file}: ${what}`)]);
      expect(alone.err).not.toContain('missing');
    }
  });

  it('nothing is written into them', () => {
    for (const inside of [join(FINISHED, 'all'), join(FINISHED, 'blocks', '..', 'far', 'all')]) {
      const streams = recordedStreams();
      expect(merge([FINISHED], { out: inside }, streams)).toBe(2);
      expect(streams.stderr()).toContain(`lies in ${FINISHED}, which is only read`);
    }
    expect(folderContent(FINISHED)).toEqual(expected);
    const beside = `${FINISHED}-all`;
    expect(merge([FINISHED], { out: beside }, recordedStreams())).toBe(0);
    expect(folderContent(beside)).toEqual(expected);
  });
});
