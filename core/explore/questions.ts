/**
 * What a search asks about each state that a move leads to: the invariants and the reached states.
 *
 * Invariant: the one question about moves stands first and is asked of every move; those about
 * states alone are asked of new states. Trade-off: a question says only yes or no; the words of a
 * breach are asked for once it is found.
 */
import { INVARIANTS } from '../invariants/check.js';
import type { Always, Scene } from '../invariants/invariant.js';
import { lifecycleLegal } from '../invariants/lifecycle-legal.js';
import { REACHED } from '../invariants/reached.js';

export type Question = (scene: Scene) => boolean;

const ABOUT_STATES = INVARIANTS.filter((one) => one !== lifecycleLegal);

/** The move was illegal, then: each other invariant is broken, then: each `sometimes` is reached. */
export const QUESTIONS: readonly Question[] = [
  brokenBare(lifecycleLegal),
  ...ABOUT_STATES.map(brokenBare),
  ...REACHED.map(({ reached }) => reached),
];

/** The last question about a new state. */
export const LAST_OF_STATES = ABOUT_STATES.length;

/** Broken in a way that no named quirk explains. */
function brokenBare({ check }: Always): Question {
  return (scene) => (check(scene) ?? []).some(({ quirk }) => quirk === undefined);
}
