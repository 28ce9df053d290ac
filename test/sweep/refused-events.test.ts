/** An event that a parent refuses is no proposal: told apart by a fleet's result, kept by a warm-up. */
import { describe, expect, it } from 'vitest';
import type { RunRow } from '../../reports/sweep/run-row.js';
import { decodeBlock } from '../../scenarios/sweep/block.js';
import { loadSweep } from '../../scenarios/sweep/load-sweep.js';
import { planOf, taskAt } from '../../scenarios/sweep/plan.js';
import { runTask } from '../../scenarios/sweep/run-task.js';
import { SMALL_SWEEP } from './small-sweep.js';

/** Parent 1 is told to boot while it runs, before the warm-up ends and long after. */
const EVENTS = `  parentEvents:
    - {at: 5s, parent: 1, what: boot}
    - {at: 400s, parent: 1, what: boot}
axes:`;

async function firstRow(text: string): Promise<RunRow> {
  const ready = await loadSweep(text.replace('axes:', EVENTS), 'sweep.yaml');
  if ('problems' in ready) throw new Error(JSON.stringify(ready.problems));
  const plan = planOf(ready);
  const { id, variant, replications } = taskAt(plan, 0);
  const { name: variantName, fleetText, contents } = ready.variants[variant];
  const { engine, build, warmup } = plan;
  const order = { id, variant, variantName, fleetText, contents, replications, warmup };
  const ran = await runTask({ ...order, engine, build, fleetFile: 'sweep.yaml' });
  if (ran === undefined || !('block' in ran)) throw new Error(JSON.stringify(ran));
  const rows = decodeBlock(id, ran.block);
  if (typeof rows === 'string') throw new Error(rows);
  return rows[0];
}

describe('sweep: events that a parent refuses', () => {
  // Found bug: the run of the warm-up alone meets them too, so they were taken away, all of them.
  it('are counted in the whole run, with a warm-up as without', async () => {
    const all = await firstRow(SMALL_SWEEP);
    const late = await firstRow(`${SMALL_SWEEP}warmup: {requests: 20}\n`);
    expect(late.asked).toBe(all.asked - 20);
    expect(all.refusedProposals).toEqual({ lifecycle: 2 });
    expect(late.refusedProposals).toEqual(all.refusedProposals);
  });
});
