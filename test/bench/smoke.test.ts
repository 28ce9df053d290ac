/** The bench runs: a tiny race, the hot path, the trace command; in seconds, on tiny inputs. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { keptRun, lastLike } from '../../bench/history.js';
import { chartsSvg } from '../../bench/line-chart.js';
import { buildNative } from '../../bench/native-build.js';
import { hotPathText, raceText, targetsText } from '../../bench/print.js';
import { quantile, spreadOf } from '../../bench/statistics.js';
import { nativeSteps } from '../../bench/steps.js';
import { runBench, SIZES } from '../../bench/suite.js';
import { isMet, targetsOf } from '../../bench/targets.js';
import { traceCommand } from '../../bench/trace-command.js';
import { ALIGNED, encodeTrace, prefixOf, traceOf } from '../../bench/trace-file.js';
import { workload } from '../../bench/workloads.js';

const folder = mkdtempSync(join(tmpdir(), 'hypercarve-smoke-'));
afterAll(() => rmSync(folder, { recursive: true }));

const hasCompiler = 'program' in buildNative('granule-aware');

function traceFile(name: string, cut = 0): string {
  const file = join(folder, name);
  const bytes = encodeTrace(prefixOf(traceOf(workload('c16g', 3, 2000)), 2000));
  writeFileSync(file, bytes.subarray(0, bytes.length - cut));
  return file;
}

describe('bench', () => {
  it('the smoke size measures, judges and prints', { timeout: 600_000 }, async () => {
    const run = await runBench(SIZES.smoke, { progress: () => undefined, raced: () => undefined });
    const [race] = run.races;
    const ours = race.entries.find(({ name }) => name === 'granule-aware');
    expect(ours?.quality).toMatchObject({ valid: true, falseRefusals: 0 });
    expect(ours?.sameChoices).toBe(hasCompiler ? true : undefined);
    expect(raceText(race)).toContain('granule-aware');
    expect(hotPathText(run.hotPath)).toContain('under Immer');
    const targets = targetsOf(run);
    expect(targetsText(targets)).toContain('not measured');
    expect(targetsText(targets)).toMatch(/snapshot at 24 TiB, ns .*a bare copy \d+/);
    const machine = { node: 'v20', cpu: 'any', cpus: 2, load: 0, platform: 'linux x64' };
    const kept = keptRun(run, targets, machine, '2024-01-01');
    expect(Object.keys(kept.ratios)).toEqual(hasCompiler ? ['a90 granule-aware'] : []);
    expect(lastLike(kept, [])).toBe(undefined);
  });

  it('the twin’s instructions are counted', { timeout: 180_000 }, () => {
    const steps = nativeSteps(traceFile('steps.bin'), 1000, 1050, 'best-fit');
    const canStep = hasCompiler && process.platform === 'linux' && process.arch === 'x64';
    expect(steps?.name).toBe(canStep ? 'native best-fit' : undefined);
    if (steps === undefined) return;
    expect(steps.instructions).toBeGreaterThan(steps.jumps);
    expect(steps.jumps).toBeGreaterThan(steps.checks);
    expect(steps.distinct).toBeGreaterThan(100);
  });

  it('a target without its measurement is never met', () => {
    for (const target of targetsOf({ races: [], hotPath: [] })) expect(isMet(target)).toBe(false);
  });
});

describe('bench:trace', () => {
  it('answers one JSON object with the documented keys', { timeout: 180_000 }, async () => {
    const { exitCode, out, err } = await traceCommand([traceFile('good.bin'), '--json']);
    expect({ exitCode, err }).toEqual({ exitCode: 0, err: '' });
    const result: unknown = JSON.parse(out);
    expect(result).toMatchObject({
      policy: 'granule-aware',
      operations: 2000,
      nsPerOp: { median: expect.any(Number), minimum: expect.any(Number) },
      floorNs: expect.any(Number),
      acceptedRequests: expect.any(Number),
      acceptedVolume: expect.any(Number),
      probesServed: null,
      unusable1G: expect.any(Number),
      bytes: expect.any(Number),
      valid: true,
      nativeSameChoices: hasCompiler ? true : null,
      nativeNote: hasCompiler ? null : expect.stringMatching(/^no C compiler/),
    });
  });

  it.each(['first-fit', 'buddy'])(
    'says that there is no native twin of %s',
    {
      timeout: 180_000,
    },
    async (policy) => {
      const args = [traceFile(`${policy}.bin`), '--policy', policy, '--json'];
      const { exitCode, out, err } = await traceCommand(args);
      const { nativeNsPerOp, nativeNote } = JSON.parse(out);
      expect({ exitCode, err, nativeNsPerOp, nativeNote }).toEqual({
        exitCode: 0,
        err: '',
        nativeNsPerOp: null,
        nativeNote: `no native twin of ${policy}`,
      });
    },
  );

  it('says why there is no native time where there is no compiler', {
    timeout: 180_000,
  }, async () => {
    vi.stubEnv('CC', 'no-such-compiler');
    const { exitCode, out, err } = await traceCommand([traceFile('alone.bin'), '--json']);
    vi.unstubAllEnvs();
    expect([exitCode, JSON.parse(out).nativeNsPerOp]).toEqual([0, null]);
    expect(JSON.parse(out).nativeNote).toMatch(
      /^no C compiler \(no-such-compiler\): granule-aware/,
    );
    expect(err).toMatch(
      /^bench:trace: no C compiler \(no-such-compiler\).*: nativeNsPerOp is null\n$/,
    );
  });

  it('--help says how it is called', async () => {
    const { exitCode, out, err } = await traceCommand(['--help']);
    expect({ exitCode, err }).toEqual({ exitCode: 0, err: '' });
    expect(out).toMatch(/^npm run bench:trace -- FILE.bin/);
  });

  it('a request of more than the node is refused by ours and the twin', {
    timeout: 180_000,
  }, async () => {
    const file = join(folder, 'large.bin');
    const sizes = [600, 3 * 1024, 2 ** 31 - 1, 424, 1];
    const words = sizes.flatMap((size, slot) => [slot | (size > 500 ? ALIGNED : 0), size]);
    const trace = { frames: 1024, operations: 5, slots: 5, words: Int32Array.from(words) };
    writeFileSync(file, encodeTrace(trace));
    for (const policy of ['granule-aware', 'best-fit']) {
      const { exitCode, out } = await traceCommand([file, '--policy', policy]);
      expect(exitCode).toBe(0);
      expect(JSON.parse(out)).toMatchObject({
        acceptedRequests: 2 / 5,
        falseRefusals: 0,
        valid: true,
        nativeSameChoices: hasCompiler ? true : null,
        counts: { acceptedFrames: 1024, probesBacked: 0 },
      });
    }
  });

  it.each<[what: string, args: () => string[], says: RegExp]>([
    ['a folder', () => [folder], /: this is a folder$/m],
    [
      'a path through a file',
      () => [join(traceFile('file.bin'), 'a.bin')],
      /what should be a folder/,
    ],
    [
      'a policy without a name',
      () => ['a.bin', '--policy'],
      /option '--policy <value>' argument missing\nnpm run/,
    ],
    ['no file', () => [], /which trace/],
    [
      'a missing file',
      () => [join(folder, 'none.bin')],
      /none.bin: there is no such file or folder/,
    ],
    ['a truncated file', () => [traceFile('cut.bin', 4)], /truncated/],
    ['an unknown policy', () => [traceFile('a.bin'), '--policy', 'worst'], /no policy "worst"/],
    ['an unknown option', () => ['--fast'], /^bench:trace: unknown option '--fast'\nnpm run/],
    ['two files', () => ['a.bin', 'b.bin'], /one trace file at a time/],
    [
      'an unknown workload',
      () => ['a.bin', '--write', 'a99'],
      /no workload "a99"; known: a70, a90/,
    ],
    [
      'a seed in words',
      () => ['a.bin', '--write', 'a90', '--seed', 'one'],
      /seed one: a whole number/,
    ],
    [
      'no operations',
      () => ['a.bin', '--write', 'a90', '--operations', '0'],
      /0 operations: a whole/,
    ],
    ['nowhere to write', () => ['--write', 'a90'], /which trace/],
    [
      'a folder that is not there',
      () => [join(folder, 'no', 'a.bin'), '--write', 'c16g'],
      /a.bin: there is no such file or folder/,
    ],
    ['two files to write', () => ['a.bin', 'b.bin', '--write', 'a90'], /one trace file at a time/],
    [
      'an option beside',
      () => ['a.bin', '--write', 'a90', '--json'],
      /--json says nothing beside --write/,
    ],
    ['a seed of nothing', () => ['a.bin', '--seed', '3'], /--seed says nothing without --write/],
  ])('%s exits with 2 and says why', async (_, args, says) => {
    const { exitCode, out, err } = await traceCommand(args());
    expect({ exitCode, out }).toEqual({ exitCode: 2, out: '' });
    expect(err).toMatch(says);
  });
});

describe('bench: a trace written', () => {
  it('is what the bench replays, the same bytes for the same seed', async () => {
    const file = join(folder, 'written.bin');
    const args = [file, '--write', 'a90', '--seed', '7', '--operations', '500'];
    expect(await traceCommand(args)).toEqual({
      exitCode: 0,
      out: `${file}: a90, seed 7, 500 operations\n`,
      err: '',
    });
    expect(readFileSync(file)).toEqual(Buffer.from(encodeTrace(traceOf(workload('a90', 7, 500)))));
    expect(readdirSync(folder).filter((name) => name.includes('half'))).toEqual([]);
  });
});

describe('bench: statistics and plots', () => {
  it('quantiles are nearest ranks', () => {
    expect(quantile([1, 2, 3, 4], 0.5)).toBe(2);
    expect(quantile([1, 2, 3, 4], 1)).toBe(4);
    expect(spreadOf([4, 1, 3, 2])).toEqual({ minimum: 1, median: 2, p99: 4, p999: 4, spread: 1 });
    expect(() => quantile([], 0.5)).toThrow(/nothing/);
  });

  it('a chart is one SVG with a path per line, its text escaped', () => {
    const points = [
      { x: 10, y: 1 },
      { x: 1000, y: 30 },
    ];
    const chart = {
      title: 'a < b',
      xLabel: 'x',
      yLabel: 'y',
      logX: true,
      tick: String,
      lines: [{ label: 'one', points }],
    };
    const svg = chartsSvg([chart]);
    expect(svg).toMatch(/^<svg [\s\S]*<\/svg>\n$/);
    expect(svg).toContain('a &lt; b');
    expect(svg.match(/<circle /g)).toHaveLength(2);
  });
});
