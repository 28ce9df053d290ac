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
