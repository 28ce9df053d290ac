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

/** So few CPUs a reservation may leave; the parent's floor is near. */
const FEW = 4;

/**
 * An administrator switches a CPU: one time in three one that the parent runs on, else any. Of few that
 * run, every second switch takes one offline, or a parent would hardly ever come down to its floor.
 */
export function switchCommand({ topology, tree }: Host, which: number, to: number): ParentCommand {
  const running = topology.coreOf.flatMap((_, cpu) => (tree.online[cpu] === 1 ? [cpu] : []));
  if (running.length <= FEW && rarely(to, 2)) {
    const beside0 = pick(running.slice(1), which) ?? 0;
    return { kind: 'parent.set-online', cpu: beside0, online: false };
  }
  const whichever = which % (topology.nrCpuIds + 1);
  const cpu = rarely(to, 3) ? (pick(running, which) ?? whichever) : whichever;
  return { kind: 'parent.set-online', cpu, online: !rarely(to >> 2, 2) };
}
