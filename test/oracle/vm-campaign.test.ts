/**
 * Plain VMs against their naive twin: a hundred thousand commands a push, compared after each.
 */
import { describe, expect, it } from 'vitest';
import { judgedPush } from './campaign-of.js';

/** What the campaign must have met, or its agreement says little. */
const MET = [
  'vm.launch ok',
  'vm.terminate ok',
  'vm.crash ok',
  'parent.boot ok',
  'parent.stop ok',
  'parent.crash ok',
  'parent.terminate ok',
  'vm.launch vm-host-runs',
  'vm.launch vm-shape',
  'vm.launch vm-even-split',
  'vm.launch vm-nodes',
  'vm.launch vm-vcpus',
  'vm.launch vm-memory',
  'vm.launch vm-node-fit',
  'vm.terminate vm-unknown',
  'vm.crash vm-unknown',
  'parent.boot lifecycle',
  'parent.set-online cpu-parent-running',
  'parent.set-online cpu-present',
  'parent.set-online cpu-0-stays',
  'parent.set-online cpu-of-parent',
];

describe('oracle: plain VMs', () => {
  it('results, threads and owners equal the twin’s, 100,000 commands', () => {
    const work = judgedPush(['vm'], 100_000);
    expect(MET.filter((result) => !work.results.has(result))).toEqual([]);
  }, 600_000);
});
