/**
 * A scope as a model for the search: the project's own decide, apply and undo on one live host.
 *
 * Nothing here knows a rule. Invariant: a new state is asked every invariant, and each move to a
 * known one whether the move itself was legal and lost no CPU, which is all that a known state leaves open.
 * Trade-off: the live host is changed in place and taken back by inverses; that these are exact is
 * shown elsewhere, and a search that meets an inexact one gives other counts than the pinned ones.
 */
import { apply, type Beforehand, beforehand, undoTree } from '../host/apply.js';
import type { Command, CommandKind } from '../host/command.js';
import type { Decision } from '../host/decision.js';
import type { Effect } from '../host/effect.js';
import type { Host } from '../host/host.js';
import { decide } from '../host/step.js';
import { type Before, noteBefore } from '../invariants/before.js';
import { checkInvariants, sceneOf } from '../invariants/check.js';
import type { Scene, Violation } from '../invariants/invariant.js';
import { lifecycleLegal } from '../invariants/lifecycle-legal.js';
import { lostPins } from '../invariants/page-pins.js';
import { REACHED } from '../invariants/reached.js';
import { strandedCpus } from '../invariants/stranded-cpus.js';
import { createHostKeys, type HostKeys } from './host-keys.js';
import {
  ABSENT,
  type Breach,
  MOVED,
  type Model,
  REFUSED,
  type Thrown,
  type Tried,
} from './model.js';
import { createMoveNotes, type MoveNotes } from './move-notes.js';
import { type Scope, uidAt } from './scope.js';
import { createSymmetries } from './symmetries.js';
import { throwIn } from './throws.js';
import { linesOf } from './view.js';

export interface HostModel extends Model {
  /** The live host. */
  readonly host: Host;
  readonly keys: HostKeys;
  readonly notes: MoveNotes;
  /** Kinds of all commands that were asked for so far. */
  readonly tried: ReadonlySet<CommandKind>;
  /** The decision of the last `take`. */
  readonly decision: () => Decision | undefined;
  /**
   * What a move does here, looked at through another face of the live host; undefined = there is no
   * such move. Nothing is applied; `take` is this and the effects.
   */
  decide(move: number, face?: Host): Decision | undefined;
  /** What a move throws in the state of a key, or its audit; undefined = nothing. */
  thrownBy(key: Int32Array, move: number): Breach | undefined;
  thrown(key: Int32Array): Thrown | undefined;
}

export interface ModelChoice {
  /** Keys are the canonical ones of their orbits. */
  readonly reduced?: boolean;
  /** Another host than the scope's, such as one with a planted fault. */
  readonly host?: Host;
}

/** The model of a scope. */
export function createHostModel(scope: Scope, choice: ModelChoice = {}): HostModel {
  return new ScopeModel(scope, choice.host ?? scope.build(), choice.reduced === true);
}

class ScopeModel implements HostModel {
  readonly host: Host;
  readonly keys: HostKeys;
  readonly notes: MoveNotes;
  readonly tried = new Set<CommandKind>();
  readonly words: number;
  readonly moves: number;
  readonly sometimes: readonly string[];
  private readonly scope: Scope;
  private readonly reduced: boolean;
  private readonly symmetries: ReturnType<typeof createSymmetries>;
  private readonly lines: ReturnType<typeof linesOf>[];
  private readonly saved: Int32Array[][];
  private readonly here: Int32Array;
  private last: Decision | undefined = undefined;
  /** For the way back over the last move. */
  private beforehand: Beforehand = { dirtyRuns: 0, online: undefined };
  private before: Before | undefined = undefined;
  private lastMove = 0;

  constructor(scope: Scope, host: Host, reduced: boolean) {
    this.scope = scope;
    this.host = host;
    this.reduced = reduced;
    this.keys = createHostKeys(host, scope.places);
    this.symmetries = createSymmetries(this.keys, host.hypervisor.firstSlot, scope.symmetry);
    this.sometimes = REACHED.flatMap(({ id }) => (scope.beyond?.includes(id) ? [] : [id]));
    this.words = this.keys.layout.words;
    this.moves = scope.moves.length;
    this.notes = createMoveNotes(scope.moves.length, host);
    this.here = new Int32Array(this.words);
    this.lines = host.memory.map(linesOf);
    this.saved = this.lines.map((node) => node.map(({ cells }) => cells.slice()));
  }

  decision(): Decision | undefined {
    return this.last;
  }

  begin(key: Int32Array): void {
    this.keys.encode(key);
    if (this.reduced) this.symmetries.canonize(key);
    this.load(key);
  }

  load(key: Int32Array): void {
    this.keys.load(key);
    this.here.set(key);
    this.before = noteBefore(this.host);
    this.lines.forEach((node, i) => {
      node.forEach(({ cells }, j) => {
        this.saved[i][j].set(cells);
      });
    });
  }

  take(move: number): Tried {
    const decision = this.decide(move);
    if (decision === undefined) return ABSENT;
    if (decision.effects.length === 0) return REFUSED;
    this.beforehand = beforehand(this.host.tree, decision.effects);
    apply(this.host, decision.effects);
    return MOVED;
  }

  decide(move: number, face: Host = this.host): Decision | undefined {
    const command = this.commandOf(move, face);
    if (command === undefined) return undefined;
    this.notes.check(move, command);
    this.tried.add(command.kind);
    this.last = decide(face, command);
    return this.last;
  }

  private commandOf(move: number, face: Host): Command | undefined {
    const { host } = this;
    const { fills, command: commandIn } = this.scope.moves[move];
    this.lastMove = move;
    if (fills !== undefined) {
      if (uidAt(face, fills) !== undefined) return undefined;
      host.tree.counters.nextSlot = host.hypervisor.firstSlot + fills;
    }
    return commandIn(face);
  }

  encode(key: Int32Array): void {
    this.keys.encode(key, this.here, this.last?.effects ?? []);
    if (this.reduced) this.symmetries.canonize(key);
  }

  judge(isNew: boolean, reached: Set<string>): Breach | undefined {
    const { host } = this;
    const before = this.beforeMove();
    if (reached.size < REACHED.length) {
      const scene = sceneOf(host, before);
      for (const one of REACHED) if (one.reached(scene)) reached.add(one.id);
    }
    const violations = isNew ? checkInvariants(host, before) : ofMove(sceneOf(host, before));
    return breachOf(violations.filter(({ onPaper }) => !(onPaper && this.scope.onPaper)));
  }

  private beforeMove(): Before | undefined {
    const { before, notes, lastMove } = this;
    if (before === undefined) return before;
    const mover = notes.mover(notes.moverNumberOf(lastMove));
    return { ...before, ...notes.note(notes.numberOf(lastMove)), mover };
  }

  thrown(key: Int32Array): Thrown | undefined {
    this.loadAnew(key);
    const breach = throwIn('audit', 'this state', () => this.judge(true, new Set()));
    if (breach !== undefined) return { move: undefined, breach };
    for (let move = 0; move < this.moves; move++) {
      const thrown = this.thrownBy(key, move);
      if (thrown !== undefined) return { move, breach: thrown };
    }
    return undefined;
  }

  thrownBy(key: Int32Array, move: number): Breach | undefined {
    this.loadAnew(key);
    const { host } = this;
    const command = this.commandOf(move, host);
    if (command === undefined) return undefined;
    const { kind } = command;
    let effects: readonly Effect[] = [];
    const breach =
      throwIn('decide', kind, () => {
        ({ effects } = decide(host, command));
      }) ??
      throwIn('apply', kind, () => apply(host, effects)) ??
      (effects.length === 0
        ? undefined
        : throwIn('audit', `what ${kind} did`, () => this.judge(true, new Set())));
    this.loadAnew(key);
    return breach;
  }

  /** Loads a state into a host that a throw may have left half changed. */
  private loadAnew(key: Int32Array): void {
    this.keys.forgetAll();
    this.load(key);
  }

  takeBack(): void {
    const effects = this.last?.effects ?? [];
    undoTree(this.host.tree, effects, this.beforehand);
    for (const effect of effects) this.restoreLines(effect);
  }

  orbit(key: Int32Array): number {
    return this.reduced ? this.symmetries.orbit(key) : 1;
  }

  /** The stores as they were loaded, where an effect names one. */
  private restoreLines(effect: Effect): void {
    if (!('node' in effect)) return;
    const { node } = effect;
    for (const [i, line] of this.lines[node].entries()) line.load(this.saved[node][i]);
  }
}

/** Breaches that a move into a known state can be. */
function ofMove(scene: Scene): readonly Violation[] {
  return [...(lifecycleLegal.check(scene) ?? []), ...strandedCpus(scene), ...lostPins(scene)];
}

/** What no named quirk of the real platform explains. */
function breachOf(violations: readonly Violation[]): Breach | undefined {
  const bare = violations.filter(({ quirk }) => quirk === undefined);
  if (bare.length === 0) return undefined;
  const properties = [...new Set(bare.map(({ invariant }) => invariant))];
  return { properties, message: bare[0].message };
}
