/** `report`: what `run --report` wrote is shown again, and nothing else is. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { report } from '../../../scenarios/cli/report.js';
import { run } from '../../../scenarios/cli/run.js';
import { recordedStreams } from './recorded-streams.js';

const FOLDER = mkdtempSync(join(tmpdir(), 'hypercarve-report-'));
afterAll(() => rmSync(FOLDER, { recursive: true }));
const library = (name: string): string =>
  fileURLToPath(new URL(`../../../scenarios/library/${name}`, import.meta.url));
const one = join(FOLDER, 'one');
const both = join(FOLDER, 'both');
let shown = '';

beforeAll(async () => {
  const streams = recordedStreams();
  await run(library('odd-vcpus.yaml'), { report: one }, streams);
  shown = streams.stdout();
  const platform = 'qingtian,nitro';
  await run(library('flagship.yaml'), { report: both, platform }, recordedStreams());
});

function reported(folders: readonly string[], options = {}) {
  const streams = recordedStreams();
  const code = report(folders, options, streams);
  return { code, out: streams.stdout(), err: streams.stderr() };
}

describe('report', () => {
  it('shows a run as it was shown, and its record', () => {
    expect(reported([one])).toEqual({ code: 0, out: shown, err: '' });
    const { out } = reported([one], { json: true });
    expect(JSON.parse(out)).toEqual(JSON.parse(readFileSync(join(one, 'record.json'), 'utf8')));
  });

  it('puts the platforms of one folder, or several folders, side by side', () => {
    const { code, out } = reported([both]);
    expect(code).toBe(0);
    expect(out).toContain('nitro@cli-1.5.0');
    expect(out).toContain('qingtian@');
    expect(JSON.parse(reported([one, both], { json: true }).out)).toHaveLength(3);
  });

  it('a folder that holds another run is kept unless it is said so; the same run again is harmless', async () => {
    const kept = join(FOLDER, 'kept');
    const again = async (options: object) => {
      const streams = recordedStreams();
      const file = library('odd-vcpus.yaml');
      return {
        code: await run(file, { report: kept, ...options }, streams),
        err: streams.stderr(),
      };
    };
    const read = () => readFileSync(join(kept, 'record.json'), 'utf8');
    expect((await again({})).code).toBe(0);
    const first = read();
    expect((await again({})).code).toBe(0);
    expect(await again({ seed: '7' })).toEqual({
      code: 2,
      err: expect.stringMatching(
        /kept: holds another run, ".*" on qingtian@2022-10; not overwritten \(name another folder, or add --replace\)\n$/,
      ),
    });
    expect(read()).toBe(first);
    expect((await again({ seed: '7', replace: true })).code).toBe(0);
    // Found bug: by its run id alone another build's result was taken for the same.
    const file = join(kept, 'manifest.json');
    const text = readFileSync(file, 'utf8');
    writeFileSync(file, text.replace(/"resultHash": "./, '"resultHash": "x'));
    const other = await again({ seed: '7' });
    expect([other.code, other.err]).toEqual([
      2,
      expect.stringContaining('holds another result of this very run'),
    ]);
    expect((await again({ seed: '7', replace: true })).code).toBe(0);
    expect(readFileSync(file, 'utf8')).toBe(text);
    expect(read()).not.toBe(first);
    // One that cannot be read is not known to be the same.
    writeFileSync(join(kept, 'manifest.json'), '{');
    expect((await again({ seed: '7' })).err).toContain('holds another run; not overwritten');
  });

  it('says which folders stand side by side and in what their runs differ', async () => {
    const seeded = join(FOLDER, 'seeded');
    const streams = recordedStreams();
    const set = ['reservation.cpuCount=2'];
    await run(library('odd-vcpus.yaml'), { report: seeded, seed: '7', set }, streams);
    expect(streams.stderr()).toBe(
      `run: wrote manifest.json, record.json, summary.txt to ${seeded}\n`,
    );
    const { out } = reported([one, seeded]);
    expect(out).toContain('Compared: 2 runs\n  one    ');
    expect(out).toMatch(/\nThey differ\n +one +seeded\n {2}--set +- +reservation.cpuCount=2\n/);
    expect(out).toMatch(/\n {2}seed +1 +7\n/);
    expect(out).not.toMatch(/\n {2}(file|platform|text of the file) /);
    expect(reported([one, one]).out).toContain('in nothing: they are the same in input and result');
  });

  it('runs just made are compared without folders', async () => {
    const streams = recordedStreams();
    await run(library('odd-vcpus.yaml'), { platform: 'qingtian,nitro' }, streams);
    expect(streams.stdout()).not.toContain('Compared:');
    // No folder was written; what does not apply on a platform that the file is not for is noted.
    expect(streams.stderr()).toMatch(/^(run: note: .* on nitro[: ].*\n)+$/);
  });

  it('names what is no run folder, of another version, or damaged; shows nothing', () => {
    const bad = (folder: string, message: string) => {
      const { code, out, err } = reported([one, folder]);
      expect([code, out]).toEqual([2, '']);
      expect(err).toContain(message);
    };
    bad(join(FOLDER, 'none'), 'there is no such folder');
    bad(library('fleets'), 'is not a run folder');
    bad(library('odd-vcpus.yaml'), 'is not a run folder');
    const record = join(one, 'record.json');
    const text = readFileSync(record, 'utf8');
    writeFileSync(record, text.replace('"seed": 1', '"seed": 2'));
    bad(one, 'is damaged');
    writeFileSync(record, text);
    const manifest = join(one, 'manifest.json');
    writeFileSync(manifest, readFileSync(manifest, 'utf8').replace('ion": 1', 'ion": 9'));
    bad(one, 'is not a run folder of version 1');
  });
});
