/** What a level is called, and where it is kept what it sets. */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { readAxes } from '../../scenarios/sweep/axes.js';
import { runSweep, SMALL_SWEEP, temporaryFolder } from './small-sweep.js';

const FOLDER = temporaryFolder();
afterAll(() => rmSync(FOLDER, { recursive: true }));

const labels = (policy: readonly unknown[]) =>
  readAxes({ policy: [...policy] }).axes[0].levels.map(({ label }) => label);

describe('the levels of an axis', () => {
  // Found bug: `policy=#2`, and nothing said what #2 was.
  it('a module is called by its file where no other level is', () => {
    const [one, two] = [{ module: 'my/one.mjs' }, { module: 'two.mjs' }];
    expect(labels(['first-fit', one, two])).toEqual(['first-fit', 'one.mjs', 'two.mjs']);
    const other = { module: 'yours/one.mjs' };
    expect(labels([one, other, two])).toEqual(['#1', '#2', 'two.mjs']);
    expect(labels(['one.mjs', one])).toEqual(['one.mjs', '#2']);
  });

  it('other mappings and lists have their place for a name', () => {
    expect(labels([{ kind: 'refuse' }, [1], { module: 'a.mjs', more: 1 }, { module: 5 }])).toEqual([
      ...['#1', '#2', '#3', '#4'],
    ]);
  });

  it('what each sets stands in the manifest, and a module is compared with by its file', async () => {
    mkdirSync(join(FOLDER, 'my'));
    const none = 'export default { name: "none", propose: () => undefined };';
    writeFileSync(join(FOLDER, 'my', 'none.mjs'), none);
    const axes = `axes:
  policy: [first-fit, {module: my/none.mjs}]
  onRefusal: [{kind: refuse}, {kind: retry, every: 1m, times: 2}]
  load:
    light: {workload.arrivals.every: 12s, workload.crashes: 3}
seeds: {count: 1}
compare: {policy: none.mjs}
`;
    const { code, err, out } = await runSweep(FOLDER, SMALL_SWEEP.replace(/axes:[\s\S]*/, axes));
    expect(code, err).toBe(0);
    const manifest = JSON.parse(readFileSync(join(out, 'manifest.json'), 'utf8'));
    expect(manifest.axes.policy).toEqual(['first-fit', 'none.mjs']);
    expect(manifest.settings).toEqual({
      policy: [{ policy: 'first-fit' }, { policy: { module: 'my/none.mjs' } }],
      onRefusal: [
        { onRefusal: { kind: 'refuse' } },
        { onRefusal: { kind: 'retry', every: '1m', times: 2 } },
      ],
      load: [{ 'workload.arrivals.every': '12s', 'workload.crashes': 3 }],
    });
    const { baseline } = JSON.parse(readFileSync(join(out, 'summary.json'), 'utf8'));
    expect(baseline).toBe('policy=none.mjs, onRefusal=#1, load=light');
  });
});
