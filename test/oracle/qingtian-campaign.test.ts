/**
 * QingTian against its naive twin: half a million commands a push, compared after each.
 */
import { describe, expect, it } from 'vitest';
import { judgedPush } from './campaign-of.js';

/** What the campaign must have met, or its agreement says little. */
const MET = [
  'qingtian.reserve ok',
  'qingtian.heartbeat ok',
  'qingtian.stop ok',
  'qingtian.crash ok',
  'parent.stop ok',
  'parent.terminate ok',
  'qingtian.define pool-cpus',
  'qingtian.define pool-pages',
  'qingtian.define image-ratio',
  'qingtian.define vcpu-even',
  'qingtian.define vcpu-node-max',
  'qingtian.define enclave-count',
  'qingtian.define cid-free',
  'qingtian.launch ok',
  'qingtian.launch pool-cpus',
  'qingtian.launch pool-pages',
  'qingtian.launch enclave-count',
  'qingtian.launch cid-free',
  'qingtian.map step-map',
  'qingtian.add-cpu step-add-cpu',
  'qingtian.heartbeat step-heartbeat',
  'qingtian.reserve pool-one-node',
  'qingtian.reserve pool-whole-cores',
  'qingtian.reserve pool-memory-free',
  'qingtian.reserve pool-contiguity',
  'qingtian.console-open console-single',
  'qingtian.reserve cpu-list-known',
  'qingtian.reserve parent-floor-vcpus',
  'parent.set-online ok',
  'parent.set-online cpu-parent-running',
  'parent.set-online cpu-present',
  'parent.set-online cpu-0-stays',
  'parent.set-online cpu-of-parent',
  'parent.set-online cpu-parent-floor',
];

describe('oracle: QingTian', () => {
  it('Q01 Q23 Q26 Q28 holds: results, counters and owners equal the twin’s, 500,000 commands', () => {
    const work = judgedPush(['qingtian']);
    expect(MET.filter((result) => !work.results.has(result))).toEqual([]);
  }, 600_000);
});
