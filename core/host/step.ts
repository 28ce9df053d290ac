/**
 * Taking a step: decide, then apply, in the two ways a host is run.
 *
 * `step` returns a new host and leaves the old one as it was (Immer for the tree, forks of the stores
 * a step touches): time travel, what-if, the playground. `runInPlace` changes the host it is given:
 * the engine and, with `undo`, the explorer. Both ask the same `decide` and call the same `apply`; a
 * property test holds them equal. A live host may be stepped, too: Immer freezes what it is given, and
 * what a step does not touch it shares, so it is given a copy, and later work in place is seen by no step.
 */
import { enablePatches, freeze, type Patch, produceWithPatches as produce } from 'immer';
import type { StoreMark } from '../memory/extent-store.js';
import { apply, type Beforehand, beforehand, undoTree } from './apply.js';
import { requireAsked } from './asked.js';
import type { Command, CommandOf } from './command.js';
import { copyTree } from './copy-tree.js';
import type { Decision } from './decision.js';
import type { Effect } from './effect.js';
import type { Host } from './host.js';
import type { HostTree } from './tree.js';
import { refusedCommand } from './unknown-command.js';

/** Immer with its patches, in a form that a bundle which never calls `step` can leave out. */
const produceWithPatches = /* @__PURE__ */ withPatches();

function withPatches(): typeof produce {
  enablePatches();
  return produce;
}

type Decide<C extends Command> = (host: Host, command: CommandOf<C['kind']>) => Decision;

/** What the command does to this host; only reads. Throws where either is not of its type. */
export function decide<C extends Command>(host: Host, command: C): Decision {
  try {
    const { steps } = host.profile;
    const { kind } = command;
    // Only its own: `toString` is no command, though every object has one.
    const rule = (Object.hasOwn(steps, kind) ? steps[kind] : undefined) as Decide<C> | undefined;
    if (rule === undefined) return refusedCommand(host, command);
    return rule(host, command as unknown as CommandOf<C['kind']>);
  } catch (error) {
    // Looked at only now: an engine asks millions of times.
    requireAsked(host, command);
    throw error;
  }
}

export interface Stepped {
  readonly host: Host;
  readonly decision: Decision;
  readonly patches: readonly Patch[];
  readonly inversePatches: readonly Patch[];
}

/**
 * A new host after the command, frozen; the given one stays valid and unchanged, and where it is live it
 * may be changed in place afterwards. A host of `step` that refuses without effect is given back itself.
 * Throws for a command with a field that is missing, that nobody reads, or of another type.
 */
export function step(given: Host, command: Command): Stepped {
  requireAsked(given, command);
  const live = isLive(given);
  // Decided on the copy, too: effects name records as they are, and those of a live host change.
  const host = live ? { ...given, tree: freeze(copyTree(given.tree), true) } : given;
  const decision = decide(host, command);
  const { effects } = decision;
  if (effects.length === 0 && !live) return { host, decision, patches: [], inversePatches: [] };
  const touched = touchedNodes(effects);
  const memory = host.memory.map((node, i) => (live || touched.has(i) ? node.fork() : node));
  const [tree, patches, inversePatches] = produceWithPatches(host.tree, (draft) => {
    apply({ tree: draft, memory }, effects);
  });
  return { host: { ...host, tree, memory }, decision, patches, inversePatches };
}

/**
 * Decides and applies on the live host. Throws on a host that `step` returned: it is shared and
 * frozen, so go on with `step`.
 */
export function runInPlace(host: Host, command: Command): Decision {
  const decision = decide(host, command);
  requireLive(host);
  apply(host, decision.effects);
  if (decision.effects.length > 0 && newest.has(host.tree)) newest.set(host.tree, NOT_UNDOABLE);
  return decision;
}

/** As `runInPlace`, by the profile's steps with whole effects where it has them for a command. */
export function runWhole<C extends Command>(host: Host, command: C): Decision {
  const { wholes } = host.profile;
  const whole = wholes === undefined ? undefined : (wholes[command.kind] as Decide<C> | undefined);
  return runBy(whole ?? decide, host, command);
}

/** The same by a step that the caller has looked up, which an engine does by a fixed name. */
export function runBy<C extends Command>(rule: Decide<C>, host: Host, command: C): Decision {
  const decision = rule(host, command as unknown as CommandOf<C['kind']>);
  apply(host, decision.effects);
  return decision;
}

/** What `undo` needs to take a host back over one decision. */
export interface UndoMark {
  readonly effects: readonly Effect[];
  readonly before: Beforehand;
  readonly stores: readonly (readonly [node: number, mark: readonly StoreMark[]])[];
  /** No other mark has it; later ones have greater ones. */
  readonly number: number;
  /** Number of the host's newest mark before; 0 = none. */
  readonly under: number;
}

/**
 * Number of the newest mark of a host that is not undone. Numbers alone, so that a mark that its owner
 * forgets is kept by nobody; an engine or explorer that takes steps of its own pays nothing.
 */
const newest = new WeakMap<HostTree, number>();
const NOT_UNDOABLE = Number.POSITIVE_INFINITY;
let marks = 0;

/** Like `runInPlace`'s apply, remembering the way back; throws where `runInPlace` does. */
export function applyUndoable(host: Host, effects: readonly Effect[]): UndoMark {
  requireLive(host);
  const stores = [...touchedNodes(effects)].map(
    (node) => [node, host.memory[node].mark()] as const,
  );
  const before = beforehand(host.tree, effects);
  apply(host, effects);
  const number = ++marks;
  const under = newest.get(host.tree) ?? 0;
  newest.set(host.tree, number);
  return { effects, before, stores, number, under };
}

/**
 * Takes the host back to the moment before `applyUndoable`. Marks are undone last first, each once:
 * throws, and changes nothing, for any other than the newest.
 */
export function undo(host: Host, mark: UndoMark): void {
  const now = newest.get(host.tree) ?? 0;
  if (now !== mark.number) throw new Error(whyNotNewest(now, mark.number));
  newest.set(host.tree, mark.under);
  undoTree(host.tree, mark.effects, mark.before);
  for (const [node, marks] of mark.stores) host.memory[node].rollback(marks);
}

function whyNotNewest(now: number, asked: number): string {
  const what = 'undo takes the newest mark of its host, last first';
  if (now < asked) return `${what}: this one was undone already, or is of another host`;
  if (now < NOT_UNDOABLE) return `${what}: a newer one comes first, or this one was undone already`;
  return `${what}: since this one runInPlace has changed the host, which no mark takes back`;
}

/** Before anything is written: a write that fails half way would leave stores and tree apart. */
function requireLive(host: Host): void {
  if (!isLive(host)) {
    throw new Error('this host came from step and is frozen: take further steps with step');
  }
}

/** Whether it is changed in place: `step` freezes no part of it, and every part of what it returns. */
function isLive({ tree }: Host): boolean {
  return !Object.isFrozen(tree);
}

function touchedNodes(effects: readonly Effect[]): Set<number> {
  const nodes = new Set<number>();
  for (const effect of effects) {
    if ('node' in effect) nodes.add(effect.node);
    else if (effect.kind === 'admit') for (const { node } of effect.claims) nodes.add(node);
    else if (effect.kind === 'dismiss')
      for (const { node } of effect.enclave.extents) nodes.add(node);
  }
  return nodes;
}
