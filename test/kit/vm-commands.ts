/**
 * Random commands for a host of plain VMs: launches of all shapes, ends in any order.
 *
 * Invariant: every kind of vm and parent command can be drawn, refused ones included.
 */

import type { Command } from '../../core/host/command.js';
import type { Host } from '../../core/host/host.js';
import { uidsOf } from '../../core/host/records.js';
import { type Intent, pick, rarely, unknownChoice, type Weights } from './intents.js';
import { parentCommand, switchCommand } from './parent-commands.js';

export type VmChoice = 'launch' | 'terminate' | 'crash' | 'parent' | 'switch';

export const VM_WEIGHTS: Weights<VmChoice> = {
  launch: 12,
  terminate: 9,
  crash: 2,
  parent: 1,
  switch: 1,
};

export function vmCommand(host: Host, intent: Intent<VmChoice>): Command {
  const [a, b, c, d] = intent.draws;
  if (host.tree.parent !== 'running' && !rarely(d, 4)) return { kind: 'parent.boot' };
  const uid = pick(uidsOf(host.tree), a) ?? a % 5;
  switch (intent.choice) {
    case 'launch':
      return {
        kind: 'vm.launch',
        vcpus: a % 7,
        memoryMib: 1 + (b % 900),
        nodes: 1 + (c % host.topology.nodes.length),
        ...(rarely(d, 3) ? { blind: true } : {}),
        ...(rarely(d, 4) ? { on: [d % (host.topology.nodes.length + 1)] } : {}),
      };
    case 'terminate':
      return { kind: 'vm.terminate', uid };
    case 'crash':
      return { kind: 'vm.crash', uid };
    case 'parent':
      return parentCommand(host, b);
    case 'switch':
      return switchCommand(host, a, b);
    default:
      throw unknownChoice(intent.choice, VM_WEIGHTS);
  }
}
