/** Runs side by side: a row per launch, a column per platform. */
import { describe, expect, it } from 'vitest';
import type { TimelineEntry } from '../../reports/record.js';
import { renderComparison } from '../../reports/terminal/comparison.js';
import { SAMPLE, SAMPLE_ELSEWHERE } from './sample-record.js';

const WIDE = { width: 100, unicode: false, color: false };

describe('comparison', () => {
  it('shows where the platforms part', () => {
    const text = renderComparison([SAMPLE, SAMPLE_ELSEWHERE], WIDE);
    expect(text).toMatch(/third +x QT 10 +\+\n/);
    expect(text).toMatch(/launched +2 of 4 +3 of 4\n/);
  });

  it('tells two runs on one platform apart', () => {
    const text = renderComparison([SAMPLE, SAMPLE], WIDE);
    expect(text).toMatch(/launch +qingtian@2022-10 +qingtian@2022-10 #2\n/);
    // What both were told is told once.
    expect(text).toContain(
      '  qingtian@2022-10, qingtian@2022-10 #2: a third enclave was asked for;',
    );
    expect(text.match(/remedy/g)).toHaveLength(1);
  });

  it('names runs by as much of their folders as tells them apart, with all inputs that differ', () => {
    const { scenario, host } = SAMPLE;
    const other = {
      ...SAMPLE,
      engine: { name: 'hypercarve' as const, version: '9.9.9' },
      scenario: { ...scenario, title: 'Other', options: { boundary: 'other' } },
      host: { ...host, parentType: 'm5.large' },
      timeline: SAMPLE.timeline.slice(1),
    };
    const origins = ['a/x/run', 'a/y/run'].map((folder) => ({ folder, set: [] }));
    const text = renderComparison([SAMPLE, other], { ...WIDE, width: 120 }, origins);
    expect(text).toMatch(/^Runs of 2 scenarios\n\nCompared: 2 runs\n {2}x\/run a\/x\/run \| /);
    const rows = [
      ['title', SAMPLE.scenario.title, 'Other'],
      ['option boundary', 'seed', 'other'],
      ['option strictRange', 'false', '-'],
      ['parent', 'c7e.8xlarge.1, 32 vCPUs, 32 GiB', 'm5.large, 32 vCPUs, 32 GiB'],
      ['reserved', '5 pages of 1 GiB, 512 of 2 MiB and', '-'],
      ['engine', 'hypercarve 0.1.0', 'hypercarve 9.9.9'],
    ];
    const found = text.slice(text.indexOf('They differ'), text.indexOf('Verdicts')).split('\n');
    const cells = found.map((line) => line.trim().split(/ {2,}/));
    expect(cells.slice(1, 2 + rows.length)).toEqual([
      ['x/run', 'y/run'],
      ...rows.map(([label, one, two]) => [
        label,
        expect.stringMatching(new RegExp(`^${one.slice(0, 12)}`)),
        expect.stringMatching(new RegExp(`^${two.slice(0, 12)}`)),
      ]),
    ]);
  });

  it('shows at any width what differs to its last letter, one line a run where no table fits', () => {
    const reserving = (cpus: string) => ({
      ...SAMPLE,
      timeline: SAMPLE.timeline.map((entry) =>
        entry.kind === 'reserve'
          ? { ...entry, text: `qt-enclave-env: 8 GiB in 1024 MiB pages, CPUs ${cpus}` }
          : entry,
      ),
    });
    const ends = ['2,3', '2,4', '2,5', '2,6'];
    const origins = ends.map((_, i) => ({ folder: `folder-${i}`, set: [] }));
    for (const width of [40, 80, 120, 300]) {
      const text = renderComparison(ends.map(reserving), { ...WIDE, width }, origins);
      const found = text.slice(text.indexOf('They differ'), text.indexOf('Verdicts'));
      const lines = found.split('\n');
      expect(lines.filter((line) => line.length > width)).toEqual([]);
      expect(found).not.toContain('...');
      for (const end of ends) expect(found).toContain(end);
    }
    const text = renderComparison(ends.map(reserving), { ...WIDE, width: 80 }, origins);
    expect(text).toContain(
      '  reserved\n    folder-0  qt-enclave-env: 8 GiB in 1024 MiB pages, CPUs 2,3\n    folder-1  ',
    );
  });

  it('says of runs that differ in an input which had the same result', () => {
    const names = ['granule', 'best', 'first'];
    const origins = names.map((folder, i) => ({ folder, set: [`parent.extentPolicy=${i}`] }));
    const compare = (...hashes: readonly string[]) =>
      renderComparison(
        hashes.map((resultHash) => ({ ...SAMPLE, resultHash })),
        WIDE,
        origins,
      );
    const same = 'the same result, command by command, all the same\n';
    expect(compare('a', 'a', 'a')).toContain(`  all of them: ${same}`);
    expect(compare('a', 'b', 'a')).toContain(`  granule, first: ${same}`);
    expect(compare('a', 'b', 'c')).not.toContain('same result');
  });

  it('says where the difference is in no record, and where there is none', () => {
    const origins = ['one', 'two'].map((folder) => ({ folder, set: [] }));
    const compare = (change: object) =>
      renderComparison([SAMPLE, { ...SAMPLE, ...change }], WIDE, origins);
    expect(compare({ runId: '0' })).toContain('the scenario itself, in something no record names');
    expect(compare({ runId: '0' })).toContain('all of them: the same result');
    expect(compare({ resultHash: '0' })).toContain('the same in input, not in result');
    expect(compare({})).toContain('the same in input and result');
  });

  it('a launch that one run lacks is a dash, and a name used again is numbered', () => {
    const again = { ...SAMPLE, timeline: [...SAMPLE.timeline, ...SAMPLE.timeline.slice(1, 2)] };
    expect(renderComparison([SAMPLE, again], WIDE)).toMatch(/signer \(2\) +- +\+ 2 GiB, node 1\n/);
  });

  it('counts, of many rows, those that are the same everywhere', () => {
    const launches = (last: boolean): TimelineEntry[] =>
      Array.from({ length: 50 }, (_, i) => ({
        at: i,
        kind: 'launch',
        name: `web${i}`,
        text: 'web',
        ok: i < 49 || last,
      }));
    const text = renderComparison(
      [true, false].map((last) => ({ ...SAMPLE, timeline: launches(last) })),
      WIDE,
    );
    expect(text).toContain('Launches: 50');
    expect(text).toMatch(/web49 +\+ +x failed\n/);
    expect(text).toContain('... 49 the same on all');
    expect(text).not.toContain('web48');
  });

  it('gives many numbered launches of one name one row with its counts', () => {
    const launches: TimelineEntry[] = Array.from({ length: 50 }, (_, i) => ({
      at: i,
      kind: 'launch',
      name: `churn-${i + 1}`,
      text: 'churn',
      ok: i % 5 !== 0,
    }));
    const text = renderComparison([{ ...SAMPLE, timeline: launches }], WIDE);
    expect(text).toContain('Launches: 50');
    expect(text).toMatch(/churn-1 \.\.\. 50 +40 \+ +10 x\n/);
  });
});
