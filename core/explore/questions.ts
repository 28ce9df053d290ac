/**
 * What a search asks about each state that a move leads to: the invariants and the reached states.
 *
 * A question is what is looked at together. Legal moves are asked of the parent and of each enclave
 * by itself; invariants that look at the same frames are one question, since they share the list of
 * frames held. Invariant: every invariant is in exactly one question about states, the legality of
 * moves in those about moves, which are asked of every move. Trade-off: a question says only yes or
 * no; which invariant it was, and the words of the breach, are asked for once there is one.
 */
import { alignedContiguous } from '../invariants/aligned-contiguous.js';
import { INVARIANTS } from '../invariants/check.js';
import { frameOneOwner } from '../invariants/frame-one-owner.js';
import type { Always, Scene, Violation } from '../invariants/invariant.js';
import {
  illegalEnclave,
  illegalParentMove,
  lifecycleLegal,
} from '../invariants/lifecycle-legal.js';
import { noLeak } from '../invariants/no-leak.js';
import { numaLocal } from '../invariants/numa-local.js';
import { platformCaps } from '../invariants/platform-caps.js';
import { REACHED } from '../invariants/reached.js';

export type Question = (scene: Scene) => boolean;

export interface Questions {
  /** Asked of every move. */
  readonly ofMoves: readonly Question[];
  /** Asked of new states. */
  readonly ofStates: readonly Question[];
  /** Of new states, until it was yes once: the `sometimes` properties, in their order. */
  readonly ofReached: readonly Question[];
}

/** Invariants that are asked together, since they look at nearly the same. */
const TOGETHER: readonly (readonly Always[])[] = [
  [frameOneOwner, alignedContiguous, noLeak],
  [numaLocal, platformCaps],
];

export function createQuestions(firstSlot: number, places: number): Questions {
  const grouped = new Set(TOGETHER.flat());
  const alone = INVARIANTS.filter((one) => one !== lifecycleLegal && !grouped.has(one));
  return {
    ofMoves: [
      (scene) => isBare(illegalParentMove(scene)),
      ...Array.from({ length: places }, (_, place): Question => {
        return (scene) => isBare(illegalEnclave(scene, firstSlot + place));
      }),
    ],
    ofStates: [...TOGETHER, ...alone.map((one) => [one])].map(
      (group): Question =>
        (scene) =>
          group.some(({ check }) => isBare(check(scene) ?? [])),
    ),
    ofReached: REACHED.map(({ reached }) => reached),
  };
}

/** Broken in a way that no named quirk explains. */
function isBare(violations: readonly Violation[]): boolean {
  return violations.some(({ quirk }) => quirk === undefined);
}
