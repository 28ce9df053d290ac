/**
 * Random commands to the parent itself. Invariant: a parent that is down is mostly booted, so that a
 * run goes on; `terminate`, after which nothing goes on, is rare.
 */
import type { ParentCommand } from '../../core/host/command.js';
import type { Host } from '../../core/host/host.js';
import { rarely } from './intents.js';

const KINDS = ['parent.stop', 'parent.crash', 'parent.boot'] as const;

export function parentCommand({ tree }: Host, draw: number): ParentCommand {
  if (rarely(draw, 16)) return { kind: 'parent.terminate' };
  return { kind: tree.parent === 'running' ? KINDS[draw % KINDS.length] : 'parent.boot' };
}
