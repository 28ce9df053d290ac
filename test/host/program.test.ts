/** Programs of steps: what they are told, in which turn, and which host they end on. */

import { describe, expect, it } from 'vitest';
import type { CommandOf } from '../../core/host/command.js';
import type { Host } from '../../core/host/host.js';
import { interleave, type Program, runProgram, withHost } from '../../core/host/program.js';
import { uidsOf } from '../../core/host/records.js';
import { runInPlace, step } from '../../core/host/step.js';
import { vmHost } from '../kit/hosts.js';

const launchOf = (vcpus: number): CommandOf<'vm.launch'> => ({
  kind: 'vm.launch',
  vcpus,
  memoryMib: 2,
  nodes: 1,
});

/** Launches a VM of each size and says which uids it was told, and how many VMs it then saw. */
function* launching(...sizes: readonly number[]): Program<readonly (readonly number[])[]> {
  const seen: (readonly number[])[] = [];
  for (const vcpus of sizes) {
    const { decision, host } = yield launchOf(vcpus);
    seen.push([decision.facts.uid ?? -1, host.tree.records.length]);
  }
  return seen;
}

describe('programs', () => {
  it('run to their end on a live host, each step told what it did', () => {
    const host = vmHost();
    const told = runProgram(host, launching(1, 2));
    expect(told).toEqual([
      [0, 1],
      [1, 2],
    ]);
    expect(uidsOf(host.tree)).toEqual([1, 0]);
  });

  it('that take no step end at once', () => {
    const never = () => {
      throw new Error('nothing to run');
    };
    expect(runProgram(vmHost(), launching(), never)).toEqual([]);
    expect(interleave(vmHost(), [launching(), launching()], never)).toEqual([[], []]);
    expect(interleave(vmHost(), [], never)).toEqual([]);
  });

  it('take turns, one step each, the shorter one not held up and not run on', () => {
    const host = vmHost();
    const order: number[] = [];
    const run = (live: Host, command: Parameters<typeof runInPlace>[1]) => {
      if (command.kind === 'vm.launch') order.push(command.vcpus);
      return runInPlace(live, command);
    };
    const told = interleave(host, [launching(1, 2, 3), launching(4)], run);
    expect(order).toEqual([1, 4, 2, 3]);
    expect(told).toEqual([
      [
        [0, 1],
        [2, 3],
        [3, 4],
      ],
      [[1, 2]],
    ]);
  });

  it('end on the host after their last command, or on the one they began with', () => {
    const host = vmHost();
    let now = host;
    const run = (_: Host, command: Parameters<typeof step>[1]) => {
      const stepped = step(now, command);
      now = stepped.host;
      return stepped.decision;
    };
    expect(runProgram(host, withHost(host, launching()), run).host).toBe(host);
    const program = withHost(host, launching(1, 1));
    let turn = program.next();
    while (!turn.done) turn = program.next({ decision: run(host, turn.value), host: now });
    expect(turn.value.result.length).toBe(2);
    expect(turn.value.host).toBe(now);
    expect(uidsOf(turn.value.host.tree)).toEqual([1, 0]);
  });
});
