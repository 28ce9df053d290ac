/**
 * Random commands to the parent itself. Invariant: a parent that is down is mostly booted, so that a
 * run goes on; `terminate`, after which nothing goes on, is rare. CPUs are switched one by one, now and
 * then one that is not there.
 */
import type { ParentCommand } from '../../core/host/command.js';
import type { Host } from '../../core/host/host.js';
import { pick, rarely } from './intents.js';

const KINDS = ['parent.stop', 'parent.crash', 'parent.boot'] as const;

export function parentCommand({ tree }: Host, draw: number): ParentCommand {
  if (rarely(draw, 16)) return { kind: 'parent.terminate' };
  return { kind: tree.parent === 'running' ? KINDS[draw % KINDS.length] : 'parent.boot' };
}

/** An administrator switches a CPU: one time in three one that the parent runs on, else any. */
export function switchCommand({ topology, tree }: Host, which: number, to: number): ParentCommand {
  const running = topology.coreOf.flatMap((_, cpu) => (tree.online[cpu] === 1 ? [cpu] : []));
  const whichever = which % (topology.nrCpuIds + 1);
  const cpu = rarely(to, 3) ? (pick(running, which) ?? whichever) : whichever;
  return { kind: 'parent.set-online', cpu, online: !rarely(to >> 2, 2) };
}
